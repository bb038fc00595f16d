package io.otp.autoconfigure.tree;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the applications when all singletons exist and before the web server takes requests; stops
 * them after it has stopped. Can be stopped and started again within one context.
 */
final class ApplicationLifecycle implements SmartLifecycle {

  /** Below the web server's two phases, so started before and stopped after it. */
  static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

  private final ApplicationController controller;
  private final Supplier<List<ApplicationController.Application>> applications;
  private final Duration timeout;
  private volatile boolean running;

  ApplicationLifecycle(
      ApplicationController controller,
      Supplier<List<ApplicationController.Application>> applications,
      Duration timeout) {
    this.controller = controller;
    this.applications = applications;
    this.timeout = timeout;
  }

  @Override
  public void start() {
    controller.start(applications.get(), timeout);
    running = true;
  }

  @Override
  public void stop() {
    controller.stop(timeout);
    running = false;
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
