package io.otp.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timeout of a behaviour that waits for its next message: {@code receive … after}. Owned by the
 * process's runner, but for {@code expire}, which only posts what the runner then judges by its
 * number.
 *
 * <p>A message that arrives only raises the number; the timer in the wheel stays and is moved by
 * the next {@code restart}, which for a later deadline is a field write.
 */
final class IdleTimer extends TimerWheel.Timer {

  /**
   * The timer has expired.
   *
   * @param number which wait it was
   */
  record Expired(IdleTimer timer, long number) {}

  private static final Mailbox.Node TIMEOUT =
      new Mailbox.Node(new Info.Timeout(), Mailbox.Node.SIGNAL);

  private final Process process;
  private @Nullable Duration timeout;
  private boolean zero;

  /** When the wait that is going on is over; written before {@code armed}. */
  private long deadline;

  /** The wait that is going on; 0 while there is none. */
  private volatile long armed;

  private long numbers;

  IdleTimer(Process process) {
    this.process = process;
  }

  /** What a behaviour is told. */
  static Mailbox.Node timeout() {
    return TIMEOUT;
  }

  void restart(@Nullable Duration after) {
    timeout = after;
    zero = after != null && after.isZero();
    if (after == null || zero) {
      armed = 0;
      process.runtime.timers().cancel(this);
    } else {
      deadline = process.runtime.deadline(after);
      armed = ++numbers;
      process.runtime.timers().schedule(this, deadline);
    }
  }

  /** A message has arrived: the wait is over. The callback that handles it may start the next. */
  void invalidate() {
    timeout = null;
    zero = false;
    armed = 0;
  }

  /** The process has ended; any thread. */
  void end() {
    armed = 0;
    process.runtime.timers().cancel(this);
  }

  /** A system message has been handled: the same wait begins anew. */
  void again() {
    if (timeout != null) {
      restart(timeout);
    }
  }

  boolean isCurrent(Expired expired) {
    if (expired.number != armed || armed == 0) {
      return false;
    }
    invalidate();
    return true;
  }

  /** Whether a timeout of zero is due. */
  boolean isZero() {
    return zero;
  }

  /** Whether a timeout of zero is due; then it is taken. */
  boolean takeZero() {
    boolean due = zero;
    if (due) {
      invalidate();
    }
    return due;
  }

  @Override
  protected void expire() {
    long number = armed;
    // This may be the expiry of an earlier wait that met a later one just being armed: that one
    // comes in its own time.
    if (number != 0 && process.runtime.nanoTime() - deadline >= 0) {
      process.deliverSignal(new Expired(this, number));
    }
  }
}
