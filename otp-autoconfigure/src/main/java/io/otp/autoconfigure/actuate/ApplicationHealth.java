package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationInfo;
import io.otp.application.ApplicationType;
import io.otp.autoconfigure.actuate.SupervisorDescriptor.Child;
import io.otp.process.Pid;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The health of one application: UP while its top supervisor runs. A supervisor that gives up at
 * the next restart is named in the details, and so are the last children that did not answer their
 * heartbeat; it is still UP, for restarting is what it is there for.
 */
final class ApplicationHealth implements HealthIndicator {

  private static final int MAX_CHILDREN = 100;

  private final String name;
  private final ApplicationController applications;
  private final SupervisorTrees trees;
  private final MissedHeartbeats heartbeats;

  ApplicationHealth(
      String name,
      ApplicationController applications,
      SupervisorTrees trees,
      MissedHeartbeats heartbeats) {
    this.name = name;
    this.applications = applications;
    this.trees = trees;
    this.heartbeats = heartbeats;
  }

  @Override
  public Health health() {
    return applications.applications().stream()
        .filter(status -> status.name().equals(name))
        .findAny()
        .map(this::health)
        .orElseGet(() -> Health.unknown().build());
  }

  private Health health(ApplicationInfo status) {
    var health = new Health.Builder();
    ApplicationType type = status.type();
    if (type != null) {
      health.withDetail("type", type.name().toLowerCase(Locale.ROOT));
    }
    Pid pid = status.supervisor();
    if (status.running() && pid == null) {
      return health.up().build(); // a library
    }
    if (!status.running() || pid == null) {
      if (status.ended() != null) {
        health.withDetail("ended", status.ended().toString());
      }
      return health.down().build();
    }
    var findings = new Findings();
    findings.look(trees.tree(pid, MAX_CHILDREN));
    if (!findings.nearLimit.isEmpty()) {
      health.withDetail("nearRestartLimit", findings.nearLimit);
    }
    List<MissedHeartbeats.Missed> missed = heartbeats.of(name);
    if (!missed.isEmpty()) {
      health.withDetail("missedHeartbeats", missed);
    }
    if (!findings.silent.isEmpty()) {
      health.withDetail("notAnswering", findings.silent);
    }
    return health.up().build();
  }

  /** What is to be said of the supervisors of a tree. */
  private static final class Findings {
    final List<Map<String, Object>> nearLimit = new ArrayList<>();
    final List<String> silent = new ArrayList<>();

    void look(SupervisorDescriptor top) {
      look(top.name(), top.pid(), top.restartsInPeriod(), top.intensity(), top.children());
    }

    private void look(
        @Nullable String supervisor,
        @Nullable String pid,
        @Nullable Integer restarts,
        @Nullable Integer intensity,
        @Nullable List<Child> children) {
      if (supervisor == null || restarts == null || intensity == null) {
        if (pid != null) {
          silent.add(pid);
        }
        return;
      }
      if (restarts > 0 && restarts >= intensity) {
        nearLimit.add(
            Map.of("supervisor", supervisor, "restartsInPeriod", restarts, "intensity", intensity));
      }
      if (children != null) {
        children.stream()
            .filter(child -> child.type().equals("supervisor") && child.pid() != null)
            .filter(child -> child.name() != null || child.problem() != null) // a pool has neither
            .forEach(
                c -> look(c.name(), c.pid(), c.restartsInPeriod(), c.intensity(), c.children()));
      }
    }
  }
}
