package io.otp.process;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The bound of one process's mailbox at work. The count is exact: a sender takes a place before it pushes, the consumer gives it
 * back when it polls.
 *
 * <p>Invariants: B1 at most {@code limit} messages that are no signals and come from no timer are in the mailbox. B2 a request that is refused or dropped
 * is answered at once. B3 under {@link Overload#DROP_OLDEST} every use of the consumer's own queue holds this object's lock, so
 * that a sender may take the oldest message out of it.
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

  /** How often a sender took the oldest message out; a selective receive starts again when it changed. Guarded by this. */
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

  /** Takes a place whether there is room or not: timers are never refused. */
  void takeAnyway() {
    taken.incrementAndGet();
  }

  /** The consumer took a message out. */
  void release() {
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

  /** Decides on a message for {@code receiver} by the policy. {@code sender} is the current seat, if any. */
  Verdict admit(Process receiver, Mailbox.Node node, @Nullable Seat sender) {
    if (take()) {
      return Verdict.ADMITTED;
    }
    Verdict verdict =
        switch (spec.policy()) {
          case BLOCK -> waitForRoom(receiver, sender);
          case REJECT -> Verdict.REFUSED;
          case DROP_NEWEST -> Verdict.DROPPED;
          case DROP_OLDEST -> {
            dropOldest(receiver);
            yield Verdict.ADMITTED;
          }
          case KILL -> {
            receiver.runtime.overloaded(receiver, spec);
            receiver.terminate(ExitReason.KILLED);
            yield Verdict.DROPPED;
          }
        };
    if (verdict != Verdict.ADMITTED) {
      refused.increment();
      if (node instanceof Request request) {
        request.fail(new ExitReason.Other(new MailboxFull(spec.limit(), spec.policy())));
      }
    }
    return verdict;
  }

  /** B1 holds: the place of the message that goes is the place of the one that comes. */
  private void dropOldest(Process receiver) {
    Mailbox.Node dropped;
    synchronized (this) {
      dropped = receiver.removeOldest();
      if (dropped == null) {
        taken.incrementAndGet(); // the consumer was quicker, there is room
        return;
      }
      dropsOldest++;
    }
    refused.increment();
    if (dropped instanceof Request request) {
      request.fail(new ExitReason.Other(new MailboxFull(spec.limit(), spec.policy())));
    }
  }

  private Verdict waitForRoom(Process receiver, @Nullable Seat sender) {
    Process self = sender == null ? null : sender.process();
    if (self == receiver) {
      return Verdict.REFUSED; // it would wait for itself
    }
    long deadline = System.nanoTime() + spec.timeout().toNanos();
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
