package io.otp.supervisor;

import io.otp.process.Self;
import io.otp.server.StartResult;

/** Starts a supervisor under a supervisor. */
record SupervisorStart(SupervisorSpec spec) implements ChildStart {

  @Override
  public StartResult start(Self<Object> supervisor) {
    return Supervisor.startLink(supervisor, spec);
  }
}
