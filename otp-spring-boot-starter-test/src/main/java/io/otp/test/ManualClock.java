package io.otp.test;

import io.otp.process.RuntimeClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Time that stands still until a test moves it. Everything a runtime measures with it (timers,
 * timeouts of calls and receives made by processes, restart windows) follows at once, on the thread
 * that moves it.
 *
 * {@snippet :
 * clock.advance(Duration.ofMinutes(5));     // every timer due within five minutes has fired when this returns
 * }
 *
 * <p>A call made by the test's own thread, which is no process, waits real time.
 */
public final class ManualClock implements RuntimeClock {

  private static final Instant START = Instant.parse("2000-01-01T00:00:00Z");

  private final List<Runnable> actions = new CopyOnWriteArrayList<>();
  private volatile long nanos;

  /** A clock that shows an arbitrary time in the year 2000. */
  public ManualClock() {}

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public Instant instant() {
    return START.plusNanos(nanos);
  }

  @Override
  public boolean onAdvance(Runnable action) {
    actions.add(action);
    return true;
  }

  /**
   * Moves the time and fires what is due, in order. What the receivers do with it happens on their
   * own threads: wait for its effect.
   *
   * <p>It is one leap: a timer that somebody sets because of one that fired is not due before the
   * next, and an interval fires once, however many of its periods were leapt over. Move in steps
   * where each matters.
   *
   * @throws IllegalArgumentException if {@code time} is negative
   */
  public synchronized void advance(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("The time cannot go back by " + time.negated());
    }
    nanos += time.toNanos();
    actions.forEach(Runnable::run);
  }
}
