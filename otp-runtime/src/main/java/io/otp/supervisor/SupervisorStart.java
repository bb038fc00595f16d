package io.otp.supervisor;

import io.otp.process.Self;
import io.otp.server.StartResult;

/**
 * Starts a supervisor; what {@link ChildSpec#supervisor} makes, and what tools may look into.
 *
 * @param spec the supervisor
 */
public record SupervisorStart(SupervisorSpec spec) implements ChildStart {

  @Override
  public StartResult start(Self<Object> supervisor) {
    return Supervisor.startLink(supervisor, spec);
  }
}
