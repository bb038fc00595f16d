package io.otp.supervisor;

import java.util.ArrayDeque;

/**
 * How often a supervisor has restarted lately.
 *
 * <p>As in OTP, time is cut to whole seconds before it is compared, and a restart exactly {@code
 * period} seconds ago still counts. So the real window is between {@code period} and just under
 * {@code period} + 1 s, depending on where in a second it begins.
 *
 * <p>Restarts of the same second are kept as one count: at most {@code period} + 1 entries, and at
 * most {@code intensity} + 1.
 *
 * @see <a href="https://www.erlang.org/doc/system/sup_princ.html#maximum-restart-intensity">OTP
 *     Design Principles, Maximum Restart Intensity</a>
 */
final class RestartWindow {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final class Second {
    final long second;
    int restarts;

    Second(long second) {
      this.second = second;
    }
  }

  private final ArrayDeque<Second> seconds = new ArrayDeque<>(1);
  private int intensity;
  private long period;
  private int restarts;

  RestartWindow(int intensity, long periodSeconds) {
    this.intensity = intensity;
    this.period = periodSeconds;
  }

  /** Changes the limits; the restarts so far stay. */
  void limit(int intensity, long periodSeconds) {
    this.intensity = intensity;
    this.period = periodSeconds;
  }

  /**
   * Counts one restart.
   *
   * @param now monotonic clock in nanoseconds, may be negative
   * @return whether it is allowed; {@code false}: the supervisor gives up
   */
  boolean add(long now) {
    long second = Math.floorDiv(now, NANOS_PER_SECOND);
    forget(second);
    Second last = seconds.peekLast();
    if (last == null || last.second != second) {
      last = new Second(second);
      seconds.addLast(last);
    }
    last.restarts++;
    restarts++;
    return restarts <= intensity;
  }

  /** How many restarts count at {@code now}. */
  int restarts(long now) {
    forget(Math.floorDiv(now, NANOS_PER_SECOND));
    return restarts;
  }

  private void forget(long second) {
    while (!seconds.isEmpty() && seconds.getFirst().second < second - period) {
      restarts -= seconds.removeFirst().restarts;
    }
  }
}
