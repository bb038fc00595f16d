package io.otp.task;

import io.otp.process.RuntimeClock;
import java.time.Duration;

/** A moment until which is waited, by the runtime's clock. */
final class TaskDeadline {

  private static final Duration CENTURY = Duration.ofDays(36_500);

  private final RuntimeClock clock;
  private final boolean never;
  private final long at;

  TaskDeadline(RuntimeClock clock, Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A timeout of " + timeout + " is not allowed, it must not be negative");
    }
    this.clock = clock;
    this.never = timeout.compareTo(CENTURY) > 0;
    this.at = never ? 0 : clock.nanoTime() + timeout.toNanos();
  }

  Duration left() {
    return never ? Task.INFINITY : Duration.ofNanos(Math.max(0, at - clock.nanoTime()));
  }

  boolean isOver() {
    return !never && clock.nanoTime() - at >= 0;
  }
}
