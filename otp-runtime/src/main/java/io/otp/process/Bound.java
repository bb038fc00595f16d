package io.otp.process;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The bound of one process's mailbox at work. A sender takes a place before it pushes, the consumer
 * gives it back when it has polled.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>B1 At most {@code limit} {@link Mailbox.Node#isBounded bounded} messages are in the
 *       mailbox: those that are no signals, come from no timer and are no requests of the runtime's
 *       own. The others take no place and are never taken out.
 *   <li>B2 A request that is refused or dropped is answered at once.
 *   <li>B3 Under {@link Overload#DROP_OLDEST} every use of the consumer's own queue, every push of
 *       a bounded message and the closing of the mailbox hold this object's lock, so that a sender
 *       may take the oldest message out of that queue and put its own in the place: in one step,
 *       else others would find a full mailbox with nothing in it. A sender that moved messages into
 *       the consumer's own queue pushes its own before it lets go of the lock, and so wakes a
 *       consumer that has not seen them.
 * </ul>
 */
final class Bound {

  enum Verdict {
    ADMITTED,
    REFUSED,
    DROPPED
  }

  final MailboxBound spec;
  private final AtomicInteger taken = new AtomicInteger();

  /** Messages dropped or refused so far. */
  final LongAdder refused = new LongAdder();

  /**
   * How often a sender took the oldest message out; a selective receive starts again when it
   * changed. Guarded by this.
   */
  int dropsOldest;

  Bound(MailboxBound spec) {
    this.spec = spec;
  }

  boolean locksConsumer() {
    return spec.policy() == Overload.DROP_OLDEST;
  }

  /** Whether there is room; then a place is taken. */
  private boolean take() {
    int limit = spec.limit();
    for (; ; ) {
      int n = taken.get();
      if (n >= limit) {
        return false;
      }
      if (taken.compareAndSet(n, n + 1)) {
        return true;
      }
    }
  }

  /** The consumer took {@code node} out. */
  void release(Mailbox.Node node) {
    if (!node.isBounded()) {
      return;
    }
    int n = taken.getAndDecrement();
    if (n >= spec.limit() && spec.policy() == Overload.BLOCK) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** The process has ended: senders that wait go on and find it dead. */
  synchronized void end() {
    taken.set(0);
    notifyAll();
  }

  /**
   * Decides on a message for {@code receiver} by the policy.
   *
   * @param sender the current seat, if any
   * @param patience how long the sender may wait for room, in nanoseconds, if that is less than the
   *     bound's timeout
   */
  Verdict admit(Process receiver, Mailbox.Node node, @Nullable Seat sender, long patience) {
    if (take()) {
      return Verdict.ADMITTED;
    }
    Verdict verdict =
        switch (spec.policy()) {
          case BLOCK -> waitForRoom(receiver, sender, Math.min(patience, spec.timeout().toNanos()));
          case REJECT -> Verdict.REFUSED;
          case DROP_NEWEST -> Verdict.DROPPED;
          case DROP_OLDEST -> throw new IllegalStateException("not by " + spec.policy());
          case KILL -> {
            receiver.runtime.overloaded(receiver, spec);
            if (sender != null && sender.process() != null) {
              sender
                  .leaveUserCode(); // a handler of reports may have used the runtime and come back
            }
            receiver.terminate(ExitReason.KILLED);
            yield Verdict.DROPPED;
          }
        };
    if (verdict != Verdict.ADMITTED) {
      refused.increment();
      receiver.countRefused();
      if (node instanceof Request request) {
        boolean late =
            spec.policy() == Overload.BLOCK && patience > 0 && patience < spec.timeout().toNanos();
        request.fail(
            late
                ? ExitReason.TIMEOUT
                : new ExitReason.Other(new MailboxFull(spec.limit(), spec.policy())));
      }
    }
    return verdict;
  }

  /**
   * For {@link Overload#DROP_OLDEST}: pushes {@code node} and returns what {@link Mailbox#push}
   * returned.
   */
  Mailbox.@Nullable Node pushAndDrop(Process receiver, Mailbox.Node node) {
    Mailbox.Node dropped = null;
    Mailbox.Node before;
    synchronized (this) { // B3
      if (!take()) {
        dropped = receiver.removeOldest(); // null only when it has ended
        dropsOldest++;
      }
      before = receiver.push(node);
    }
    if (dropped != null) {
      refused.increment();
      receiver.countRefused();
      if (dropped instanceof Request request) {
        request.fail(new ExitReason.Other(new MailboxFull(spec.limit(), spec.policy())));
      }
    }
    return before;
  }

  private Verdict waitForRoom(Process receiver, @Nullable Seat sender, long nanos) {
    Process self = sender == null ? null : sender.process();
    if (self == receiver) {
      return Verdict.REFUSED; // it would wait for itself
    }
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    if (sender != null) {
      sender.beforeBlock();
    }
    try {
      synchronized (this) {
        while (!take()) {
          long left = deadline - System.nanoTime();
          if (left <= 0 || receiver.exit() != null || (self != null && self.exit() != null)) {
            return receiver.exit() != null ? Verdict.ADMITTED : Verdict.REFUSED;
          }
          try {
            wait(left / 1_000_000, (int) (left % 1_000_000));
          } catch (InterruptedException e) {
            interrupted = true;
            if (self == null) {
              return Verdict.REFUSED;
            }
          }
        }
        return Verdict.ADMITTED;
      }
    } finally {
      if (sender != null) {
        sender.afterBlock();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
