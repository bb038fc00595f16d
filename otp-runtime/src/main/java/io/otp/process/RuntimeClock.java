package io.otp.process;

import java.time.Instant;

/**
 * The time of a runtime; replaced in tests.
 *
 * {@snippet :
 * long deadline = clock.nanoTime() + Duration.ofSeconds(5).toNanos();
 * }
 *
 * <p>A clock must be safe for use by any thread and must not throw.
 *
 * @see <a href="https://www.erlang.org/doc/apps/erts/time_correction.html">Time and time correction
 *     in Erlang</a>
 */
public interface RuntimeClock {

  /**
   * Returns the monotonic time in nanoseconds since an arbitrary origin: Erlang's {@code
   * monotonic_time}. It never goes back, and a change of the wall clock does not move it. As with
   * {@link System#nanoTime()}, compare two values by the sign of their difference.
   */
  long nanoTime();

  /** Returns the wall clock's time. It is for reports only: no timer depends on it. */
  Instant instant();

  /**
   * Calls {@code action} whenever the time of a clock that does not run by itself has been moved,
   * on the thread that moved it and after {@link #nanoTime()} returns the new time. Several actions
   * may be registered; they are never removed, but do nothing once their timers are closed.
   *
   * @return {@code false}, without keeping {@code action}, if this clock runs by itself as {@link
   *     #system()} does, which is the default
   */
  default boolean onAdvance(Runnable action) {
    return false;
  }

  /** Returns the clock of this machine. */
  static RuntimeClock system() {
    record SystemClock() implements RuntimeClock {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public Instant instant() {
        return Instant.now();
      }
    }
    return new SystemClock();
  }
}
