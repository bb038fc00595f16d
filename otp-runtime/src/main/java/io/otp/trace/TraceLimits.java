package io.otp.trace;

import java.time.Duration;

/**
 * When a session ends by itself. There is no session without limits.
 *
 * @param max most events, 1 to {@value #MOST}
 * @param perSecond most events in a second, 1 to {@value #MOST}; with one more the session ends
 * @param time how long it runs, 1 ms to 1 hour; by the machine's clock, not the runtime's
 */
public record TraceLimits(int max, int perSecond, Duration time) {

  /** Most events that a session may be asked for. */
  public static final int MOST = 100_000;

  /** Longest time that a session may be asked for. */
  public static final Duration LONGEST = Duration.ofHours(1);

  /** 1,000 events, 1,000 per second, one minute. */
  public static final TraceLimits DEFAULT = new TraceLimits(1_000, 1_000, Duration.ofMinutes(1));

  /** Checks them. */
  public TraceLimits {
    check("max", max);
    check("perSecond", perSecond);
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "A trace of " + time + " is not allowed, it must be 1 ms to " + LONGEST.toHours() + " h");
    }
  }

  private static void check(String limit, int value) {
    if (value < 1 || value > MOST) {
      throw new IllegalArgumentException(
          "A trace with the limit "
              + limit
              + "="
              + value
              + " is not allowed, it must be 1 to "
              + MOST);
    }
  }

  /** With another count. */
  public TraceLimits withMax(int events) {
    return new TraceLimits(events, perSecond, time);
  }

  /** With another rate. */
  public TraceLimits withPerSecond(int events) {
    return new TraceLimits(max, events, time);
  }

  /** With another time. */
  public TraceLimits withTime(Duration longest) {
    return new TraceLimits(max, perSecond, longest);
  }
}
