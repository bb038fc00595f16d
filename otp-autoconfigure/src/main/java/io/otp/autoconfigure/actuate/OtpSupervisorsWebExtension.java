package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.EndpointRefusal.respond;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link OtpSupervisorsEndpoint} on the web: refusals become responses with a status and a text.
 */
@EndpointWebExtension(endpoint = OtpSupervisorsEndpoint.class)
public final class OtpSupervisorsWebExtension {

  private final OtpSupervisorsEndpoint endpoint;

  OtpSupervisorsWebExtension(OtpSupervisorsEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** See {@link OtpSupervisorsEndpoint#supervisors}. */
  @ReadOperation
  public WebEndpointResponse<Object> supervisors(@Nullable String limit) {
    return respond(() -> endpoint.supervisors(limit));
  }

  /** See {@link OtpSupervisorsEndpoint#supervisor}. */
  @ReadOperation
  public WebEndpointResponse<Object> supervisor(
      @Selector String supervisor, @Nullable String limit) {
    return respond(() -> endpoint.supervisor(supervisor, limit));
  }
}
