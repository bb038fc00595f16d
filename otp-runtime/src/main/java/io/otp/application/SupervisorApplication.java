package io.otp.application;

import io.otp.process.Self;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;

/** An application that is nothing but a supervisor. */
final class SupervisorApplication implements Application<SupervisorSpec, String> {

  static final SupervisorApplication INSTANCE = new SupervisorApplication();

  private SupervisorApplication() {}

  @Override
  public ApplicationStart<String> start(StartType type, SupervisorSpec spec, Self<Object> self) {
    return ApplicationStart.of(Supervisor.startLink(self, spec), spec.name());
  }
}
