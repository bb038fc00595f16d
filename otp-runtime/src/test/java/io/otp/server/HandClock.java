package io.otp.server;

import io.otp.process.RuntimeClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is moved. */
public final class HandClock implements RuntimeClock {

  private final AtomicLong nanos = new AtomicLong();
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();

  public void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
    actions.forEach(Runnable::run);
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(nanos.get());
  }

  @Override
  public boolean onAdvance(Runnable action) {
    return actions.add(action);
  }
}
