package io.otp.process;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Self#receive} of a process: asks the clauses about each message in turn, oldest first,
 * and waits for more when all were skipped. Runs on the process's own thread, which is the consumer
 * of the mailbox; skipped messages stay there, in order.
 */
final class SelectiveReceive<T> {

  private final Process process;
  private final Seat seat;
  private final @Nullable Bound bound;
  private final long deadline;
  private final Function<Object, Receive<T>> clauses;

  SelectiveReceive(
      Process process, Seat seat, long deadline, Function<Object, Receive<T>> clauses) {
    if (seat.inClause) {
      throw new IllegalStateException(
          "receive was called by a clause of another receive of "
              + process
              + ". A clause only decides: take what you need, and act on it after the receive has"
              + " returned.");
    }
    this.process = process;
    this.seat = seat;
    this.bound = process.bound();
    this.deadline = deadline;
    this.clauses = clauses;
  }

  /** What a clause took, {@code null} after the deadline. */
  @Nullable T run() {
    Bound b = bound;
    return b != null && b.locksConsumer() ? scanLocked(b) : scan();
  }

  private @Nullable T scan() {
    Mailbox.Node before = null;
    Mailbox.Node node = process.first;
    for (boolean last = false; ; ) {
      if (node == null) {
        if (last) {
          return null;
        }
        // What has come since is looked at once more, and no longer, however much comes.
        last = process.isOver(deadline);
        node = process.refill();
        if (node == null) {
          if (!process.awaitMessage(seat, deadline)) {
            return null;
          }
          last = false;
          continue;
        }
      }
      int flushes = seat.flushes;
      Receive<T> verdict = ask(node);
      boolean there = true;
      if (flushes != seat.flushes) {
        // The clause flushed a DOWN: maybe the node before this one, or this one.
        before = null;
        Mailbox.Node n = process.first;
        while (n != null && n != node) {
          before = n;
          n = n.next;
        }
        there = n == node;
      }
      if (!verdict.skips()) {
        if (there) {
          process.unlink(before, node);
        }
        if (bound != null) {
          bound.release(node);
        }
        taken(node);
        return verdict.value;
      }
      if (there) {
        before = node;
        node = node.next;
      } else {
        before = null;
        node = process.first;
      }
    }
  }

  /**
   * As {@link #scan}, where senders take out the oldest message: after that it begins again (B3).
   */
  private @Nullable T scanLocked(Bound b) {
    Mailbox.Node before;
    Mailbox.Node node;
    int drops;
    int flushes;
    for (boolean last = false; ; ) {
      synchronized (b) {
        before = null;
        node = process.first;
        drops = b.dropsOldest;
        flushes = seat.flushes;
      }
      while (true) {
        if (node == null) {
          if (last) {
            return null;
          }
          last = process.isOver(deadline);
          boolean again;
          synchronized (b) {
            again = drops != b.dropsOldest;
            node = again ? null : process.refill();
          }
          if (again) {
            break;
          }
          if (node == null) {
            if (!process.awaitMessage(seat, deadline)) {
              return null;
            }
            last = false;
            continue;
          }
        }
        Receive<T> verdict = ask(node);
        synchronized (b) {
          if (drops != b.dropsOldest || flushes != seat.flushes) {
            break;
          }
          if (verdict.skips()) {
            before = node;
            node = node.next;
            continue;
          }
          process.unlink(before, node);
          b.release(node);
        }
        taken(node);
        return verdict.value;
      }
    }
  }

  private void taken(Mailbox.Node node) {
    Process.receipt(node);
    process.handled++;
    Tracing tracing = process.runtime.tracing;
    if (tracing != null) {
      tracing.received(process, node);
    }
  }

  private Receive<T> ask(Mailbox.Node node) {
    if (node.message == Process.WAKE || node instanceof Request) {
      return Receive.skip();
    }
    process.runtime.instruments().verify(node.message, Carried.of(node));
    seat.inClause = true;
    seat.enterUserCode();
    try {
      return clauses.apply(node.message);
    } finally {
      seat.leaveUserCode();
      seat.inClause = false;
      process.killedCheck();
    }
  }
}
