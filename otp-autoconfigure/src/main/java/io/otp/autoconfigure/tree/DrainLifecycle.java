package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.DrainListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/** The first to be stopped: asks the owners of open connections to let go, before the web server waits for them. */
final class DrainLifecycle implements SmartLifecycle {

  /** Above the web server's graceful shutdown. */
  static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

  private static final Logger LOG = LoggerFactory.getLogger(DrainLifecycle.class);

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
    List<CompletableFuture<?>> drains =
        listeners.orderedStream().<CompletableFuture<?>>map(l -> l.drain().toCompletableFuture()).toList();
    try {
      CompletableFuture.allOf(drains.toArray(CompletableFuture[]::new))
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.warn("Open connections were not let go within {}: {}", timeout, e.toString());
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
