package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.DrainListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * The first to be stopped: asks the owners of open connections to let go, before the web server
 * waits for them.
 */
final class DrainLifecycle implements SmartLifecycle {

  /** Above the web server's graceful shutdown. */
  static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

  private static final Logger LOG = LoggerFactory.getLogger(DrainLifecycle.class);

  /** A listener and what it promised. */
  private record Drain(DrainListener listener, CompletableFuture<?> done) {}

  private final ObjectProvider<DrainListener> listeners;
  private final Duration timeout;
  private volatile boolean running;

  DrainLifecycle(ObjectProvider<DrainListener> listeners, Duration timeout) {
    this.listeners = listeners;
    this.timeout = timeout;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    List<Drain> drains = listeners.orderedStream().map(DrainLifecycle::begin).toList();
    try {
      CompletableFuture.allOf(drains.stream().map(Drain::done).toArray(CompletableFuture[]::new))
          .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException _) {
      drains.forEach(this::report);
    }
  }

  /** One that fails must not keep the others from being asked. */
  private static Drain begin(DrainListener listener) {
    try {
      return new Drain(listener, listener.drain().toCompletableFuture());
    } catch (RuntimeException e) {
      return new Drain(listener, CompletableFuture.failedFuture(e));
    }
  }

  private void report(Drain drain) {
    String who = drain.listener().getClass().getName();
    if (!drain.done().isDone()) {
      LOG.warn(
          "{} has not let go of its connections within the {} ms of otp.shutdown.drain-timeout",
          who,
          timeout.toMillis());
    } else if (drain.done().isCompletedExceptionally()) {
      LOG.warn(
          "{} could not let go of its connections",
          who,
          drain.done().handle((_, error) -> error).join());
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
