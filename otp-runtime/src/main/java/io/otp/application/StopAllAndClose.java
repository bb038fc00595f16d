package io.otp.application;

import io.otp.process.CallException;
import io.otp.process.ProcessRuntime;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a node that nobody embeds: all applications are stopped, and the runtime closed. */
final class StopAllAndClose implements NodeEnd {

  private static final Logger LOG = LoggerFactory.getLogger(ApplicationController.class);

  private static final Duration LAST_STOP = Duration.ofSeconds(30);

  private final ApplicationController applications;

  StopAllAndClose(ApplicationController applications) {
    this.applications = applications;
  }

  @Override
  public void end(Cause cause) {
    ProcessRuntime runtime = applications.runtime();
    LOG.error(
        "Runtime '{}' ends: application '{}' {} with {}",
        runtime.name(),
        cause.application(),
        cause.atStart() ? "did not start" : "ended",
        cause.reason());
    try {
      applications.stopAll(LAST_STOP);
    } catch (CallException e) {
      LOG.warn("The applications were not stopped: {}", e.getMessage());
    }
    runtime.close();
  }
}
