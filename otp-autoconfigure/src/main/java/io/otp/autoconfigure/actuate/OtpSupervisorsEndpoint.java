package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationInfo;
import io.otp.autoconfigure.context.SupervisorContexts;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** Endpoint {@code otpsupervisors}: the supervision trees. */
@Endpoint(id = "otpsupervisors", defaultAccess = Access.READ_ONLY)
public final class OtpSupervisorsEndpoint {

  private final ProcessRuntime runtime;
  private final ApplicationController applications;
  private final SupervisorTrees trees;

  OtpSupervisorsEndpoint(
      ProcessRuntime runtime,
      ApplicationController applications,
      @Nullable SupervisorContexts contexts) {
    this.runtime = runtime;
    this.applications = applications;
    this.trees = new SupervisorTrees(runtime, contexts);
  }

  /**
   * The tree of each application.
   *
   * @param limit how many children of each supervisor are listed
   */
  @ReadOperation
  public SupervisorDescriptor.Trees supervisors(@Nullable String limit) {
    List<Pid> tops =
        applications.applications().stream()
            .filter(ApplicationInfo::running)
            .map(ApplicationInfo::supervisor)
            .filter(Objects::nonNull)
            .toList();
    return new SupervisorDescriptor.Trees(trees.trees(tops, Limit.of(limit)));
  }

  /**
   * One tree.
   *
   * @param supervisor a name, or a pid without its angle brackets
   * @param limit how many children of each supervisor are listed
   */
  @ReadOperation
  public SupervisorDescriptor supervisor(@Selector String supervisor, @Nullable String limit) {
    Pid pid =
        runtime
            .whereis(supervisor)
            .or(() -> runtime.findPid(supervisor))
            .filter(this::isSupervisor)
            .orElseThrow(
                () ->
                    new EndpointRefusal(
                        EndpointRefusal.NOT_FOUND,
                        "There is no supervisor "
                            + supervisor
                            + "; use its registered name or its pid without the angle brackets"));
    return trees.tree(pid, Limit.of(limit));
  }

  private boolean isSupervisor(Pid pid) {
    return runtime
        .summary(pid)
        .filter(process -> process.behaviour().equals(SupervisorTrees.SUPERVISOR))
        .isPresent();
  }
}
