package io.otp.autoconfigure.context;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;

/**
 * A scheduler that is nothing else: Spring's own are executors too, and {@code @Async} would take
 * the only executor of its context instead of that of the root.
 */
final class ContextScheduler implements TaskScheduler, DisposableBean {

  private final TaskScheduler scheduler;
  private final Runnable shutdown;

  ContextScheduler(TaskScheduler scheduler, Runnable shutdown) {
    this.scheduler = scheduler;
    this.shutdown = shutdown;
  }

  @Override
  public void destroy() {
    shutdown.run();
  }

  @Override
  public Clock getClock() {
    return scheduler.getClock();
  }

  @Override
  public @Nullable ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
    return scheduler.schedule(task, trigger);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
    return scheduler.schedule(task, startTime);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant start, Duration period) {
    return scheduler.scheduleAtFixedRate(task, start, period);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
    return scheduler.scheduleAtFixedRate(task, period);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant start, Duration delay) {
    return scheduler.scheduleWithFixedDelay(task, start, delay);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
    return scheduler.scheduleWithFixedDelay(task, delay);
  }
}
