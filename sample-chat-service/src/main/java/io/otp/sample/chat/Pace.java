package io.otp.sample.chat;

/** At most 20 a second, whichever second one looks at. Used by one thread. */
final class Pace {

  static final int PER_SECOND = 20;
  private static final long SECOND = 1_000_000_000L;

  /** When the latest were admitted, as a ring. */
  private final long[] times = new long[PER_SECOND];

  private int admitted;

  /** Whether one more may pass now; then it counts. */
  boolean admits(long nanoTime) {
    int oldest = admitted % PER_SECOND;
    if (admitted >= PER_SECOND && nanoTime - times[oldest] < SECOND) {
      return false;
    }
    times[oldest] = nanoTime;
    admitted = admitted + 1 == 2 * PER_SECOND ? PER_SECOND : admitted + 1;
    return true;
  }
}
