package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.process.ProcessRuntime;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;

/** Health {@code otp}: one child for each application, as they are when health is asked for. */
final class OtpHealthContributor implements CompositeHealthContributor {

  private final ApplicationController applications;
  private final SupervisorTrees trees;
  private final MissedHeartbeats heartbeats;

  OtpHealthContributor(
      ProcessRuntime runtime, ApplicationController applications, MissedHeartbeats heartbeats) {
    this.applications = applications;
    this.heartbeats = heartbeats;
    this.trees = new SupervisorTrees(runtime, null);
  }

  @Override
  public @Nullable HealthContributor getContributor(String name) {
    return stream()
        .filter(entry -> entry.name().equals(name))
        .map(HealthContributors.Entry::contributor)
        .findAny()
        .orElse(null);
  }

  @Override
  public Stream<HealthContributors.Entry> stream() {
    return applications.applications().stream()
        .filter(application -> application.type() != null) // others include the rest
        .map(
            status ->
                new HealthContributors.Entry(
                    status.name(),
                    new ApplicationHealth(status.name(), applications, trees, heartbeats)));
  }
}
