package io.otp.process;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The system's clock; but when a thread reads it and finds its time over, something happens before
 * it hears so. So what races with a timeout comes after the clock was read, each time.
 */
final class LastMomentClock implements RuntimeClock {

  private final RuntimeClock system = RuntimeClock.system();
  private final Duration time;
  private final Runnable action;
  private volatile @Nullable Thread watched;

  // used by the watched thread
  private boolean begun;
  private long begin;

  /**
   * @param time how long the thread waits, from the first time it reads the clock
   * @param action run once
   */
  LastMomentClock(Duration time, Runnable action) {
    this.time = time;
    this.action = action;
  }

  /** From now on it is the current thread. */
  void watch() {
    watched = Thread.currentThread();
  }

  @Override
  public long nanoTime() {
    long now = system.nanoTime();
    if (Thread.currentThread() == watched) {
      if (!begun) {
        begun = true;
        begin = now;
      }
      if (now - begin >= time.toNanos()) {
        watched = null;
        action.run();
      }
    }
    return now;
  }

  @Override
  public Instant instant() {
    return system.instant();
  }
}
