package io.otp.sample.chat;

/** So many a second at most, whichever second one looks at. Used by one thread. */
final class Pace {

  private static final long SECOND = 1_000_000_000L;

  /** When the latest were admitted, as a ring. */
  private final long[] times;

  private int next;
  private boolean full;

  Pace(int perSecond) {
    times = new long[perSecond];
  }

  /** Whether one more may pass now; then it counts. */
  boolean admits(long nanoTime) {
    if (full && nanoTime - times[next] < SECOND) {
      return false;
    }
    times[next] = nanoTime;
    next = (next + 1) % times.length;
    full |= next == 0;
    return true;
  }
}
