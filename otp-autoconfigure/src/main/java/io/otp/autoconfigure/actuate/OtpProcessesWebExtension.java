package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.EndpointRefusal.respond;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** {@link OtpProcessesEndpoint} on the web: refusals become responses with a status and a text. */
@EndpointWebExtension(endpoint = OtpProcessesEndpoint.class)
public final class OtpProcessesWebExtension {

  private final OtpProcessesEndpoint endpoint;
  private final ProcessesEndpointProperties properties;

  OtpProcessesWebExtension(OtpProcessesEndpoint endpoint, ProcessesEndpointProperties properties) {
    this.endpoint = endpoint;
    this.properties = properties;
  }

  /** See {@link OtpProcessesEndpoint#processes}. */
  @ReadOperation
  public WebEndpointResponse<Object> processes(
      @Nullable String name,
      @Nullable String behaviour,
      @Nullable String application,
      @Nullable String sort,
      @Nullable String limit,
      @Nullable String cursor) {
    return respond(() -> endpoint.processes(name, behaviour, application, sort, limit, cursor));
  }

  /** See {@link OtpProcessesEndpoint#process(String)}. */
  @ReadOperation
  public WebEndpointResponse<Object> process(SecurityContext security, @Selector String pid) {
    boolean withState = properties.showState().isShown(security, properties.roles());
    return respond(() -> endpoint.process(pid, withState));
  }

  /** See {@link OtpProcessesEndpoint#act}. */
  @WriteOperation
  public WebEndpointResponse<Object> act(
      @Selector String pid, @Nullable String action, @Nullable String reason) {
    return respond(() -> endpoint.act(pid, action, reason));
  }
}
