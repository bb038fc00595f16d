package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationInfo;
import io.otp.autoconfigure.context.SupervisorContexts;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** Endpoint {@code otpapplications}: the applications of the node and what they do. */
@Endpoint(id = "otpapplications", defaultAccess = Access.READ_ONLY)
public final class OtpApplicationsEndpoint {

  private final ApplicationController controller;
  private final @Nullable SupervisorContexts contexts;

  OtpApplicationsEndpoint(ApplicationController controller, @Nullable SupervisorContexts contexts) {
    this.controller = controller;
    this.contexts = contexts;
  }

  /** All that are loaded: those that run first, in start order. */
  @ReadOperation
  public ApplicationDescriptor.Applications applications() {
    return new ApplicationDescriptor.Applications(
        controller.applications().stream().map(this::describe).toList());
  }

  /**
   * One of them.
   *
   * @param name its name
   */
  @ReadOperation
  public ApplicationDescriptor application(@Selector String name) {
    return controller
        .info(name)
        .map(this::describe)
        .orElseThrow(
            () ->
                new EndpointRefusal(
                    EndpointRefusal.NOT_FOUND,
                    "There is no application "
                        + name
                        + "; GET otpapplications lists those that are loaded"));
  }

  private ApplicationDescriptor describe(ApplicationInfo info) {
    return ApplicationDescriptor.of(
        info,
        contexts == null || info.supervisor() == null
            ? null
            : contexts.contextOf(info.supervisor()));
  }
}
