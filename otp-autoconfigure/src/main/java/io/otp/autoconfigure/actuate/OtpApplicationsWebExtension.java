package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.EndpointRefusal.respond;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link OtpApplicationsEndpoint} on the web: refusals become responses with a status and a text.
 */
@EndpointWebExtension(endpoint = OtpApplicationsEndpoint.class)
public final class OtpApplicationsWebExtension {

  private final OtpApplicationsEndpoint endpoint;

  OtpApplicationsWebExtension(OtpApplicationsEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** See {@link OtpApplicationsEndpoint#application}. */
  @ReadOperation
  public WebEndpointResponse<Object> application(@Selector String name) {
    return respond(() -> endpoint.application(name));
  }
}
