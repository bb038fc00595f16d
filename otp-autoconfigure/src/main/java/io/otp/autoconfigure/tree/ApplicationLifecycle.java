package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationError;
import io.otp.application.ApplicationInfo;
import io.otp.application.ApplicationStop;
import io.otp.application.NodeEnd;
import io.otp.process.CallException;
import io.otp.process.ProcessSummary;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Loads and starts the applications when all singletons exist and before the web server takes
 * requests; stops them after it has stopped. Can be stopped and started again within one context.
 */
final class ApplicationLifecycle implements SmartLifecycle {

  /** Below the web server's two phases, so started before and stopped after it. */
  static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

  private static final Logger LOG = LoggerFactory.getLogger(ApplicationLifecycle.class);

  /** Told that an application takes the node down, before anything is stopped. */
  @FunctionalInterface
  interface GivingUp {
    void announce(NodeEnd.Cause cause);
  }

  private final ApplicationController controller;
  private final Supplier<List<Applications.Planned>> applications;
  private final ApplicationEnvironment environment;
  private final Duration timeout;
  private volatile boolean running;

  /** Being started with the context: that they fail ends the node by an exception. */
  private final Set<String> starting = ConcurrentHashMap.newKeySet();

  ApplicationLifecycle(
      ApplicationController controller,
      Supplier<List<Applications.Planned>> applications,
      ApplicationEnvironment environment,
      Duration timeout,
      GivingUp givingUp,
      NodeExit nodeExit) {
    this.controller = controller;
    this.applications = applications;
    this.environment = environment;
    this.timeout = timeout;
    controller.onNodeEnd(
        cause -> {
          if (!cause.atStart() || !starting.contains(cause.application())) {
            givingUp.announce(cause);
            nodeExit.exit(cause.application(), cause.reason());
          }
        });
  }

  /**
   * Starts them in order.
   *
   * @throws ApplicationStartException if one does not start; those before it have been stopped then
   */
  @Override
  public void start() {
    List<Applications.Planned> planned = applications.get();
    for (ApplicationInfo known : controller.applications()) {
      controller.unload(known.name());
    }
    starting.clear();
    environment.configChange();
    for (Applications.Planned application : planned) {
      controller.load(application.spec()).ifPresent(this::fail);
    }
    for (Applications.Planned application : planned) {
      if (!application.included()) {
        String name = application.spec().name();
        starting.add(name);
        controller.start(name, application.type()).ifPresent(this::fail);
        starting.remove(name);
      }
    }
    running = true;
  }

  private void fail(ApplicationError error) {
    stopAll();
    throw new ApplicationStartException(error);
  }

  @Override
  public void stop() {
    stopAll();
    running = false;
  }

  private void stopAll() {
    List<ApplicationStop> stops;
    try {
      stops = controller.stopAll(timeout);
    } catch (CallException e) { // somebody has killed the controller, and with it all masters
      LOG.warn("The applications were not stopped in order: {}", e.getMessage());
      return;
    }
    for (ApplicationStop stop : stops) {
      if (!stop.inTime()) {
        LOG.warn(
            "Application '{}' has not stopped within the {} ms that otp.shutdown.timeout gives to"
                + " all; what is left of it is killed",
            stop.application(),
            timeout.toMillis());
      }
      if (!stop.left().isEmpty()) {
        LOG.warn(
            "Application '{}' left {} processes behind, which were killed: {}",
            stop.application(),
            stop.left().size(),
            stop.left().stream().limit(10).map(ApplicationLifecycle::nameOf).toList());
      }
    }
  }

  private static String nameOf(ProcessSummary process) {
    String name = process.name() != null ? process.name() : process.label();
    return (name == null ? process.module() : name) + " " + process.pid();
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
