package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.EndpointRefusal.respond;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** {@link OtpReportsEndpoint} on the web: refusals become responses with a status and a text. */
@EndpointWebExtension(endpoint = OtpReportsEndpoint.class)
public final class OtpReportsWebExtension {

  private final OtpReportsEndpoint endpoint;

  OtpReportsWebExtension(OtpReportsEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** See {@link OtpReportsEndpoint#reports}. */
  @ReadOperation
  public WebEndpointResponse<Object> reports(@Nullable String level, @Nullable String limit) {
    return respond(() -> endpoint.reports(level, limit));
  }
}
