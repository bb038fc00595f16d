package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.EndpointRefusal.respond;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** {@link OtpTablesEndpoint} on the web: refusals become responses with a status and a text. */
@EndpointWebExtension(endpoint = OtpTablesEndpoint.class)
public final class OtpTablesWebExtension {

  private final OtpTablesEndpoint endpoint;
  private final TablesEndpointProperties properties;

  OtpTablesWebExtension(OtpTablesEndpoint endpoint, TablesEndpointProperties properties) {
    this.endpoint = endpoint;
    this.properties = properties;
  }

  /** See {@link OtpTablesEndpoint#tables}. */
  @ReadOperation
  public WebEndpointResponse<Object> tables(@Nullable String kind, @Nullable String limit) {
    return respond(() -> endpoint.tables(kind, limit));
  }

  /** See {@link OtpTablesEndpoint#table}. */
  @ReadOperation
  public WebEndpointResponse<Object> table(@Selector String id) {
    return respond(() -> endpoint.table(id));
  }

  /** See {@link OtpTablesEndpoint#rows(String, String, String, String)}. */
  @ReadOperation
  public WebEndpointResponse<Object> rows(
      SecurityContext security,
      @Selector String id,
      @Selector String rows,
      @Nullable String limit,
      @Nullable String cursor) {
    boolean shown = properties.showValues().isShown(security, properties.roles());
    return respond(() -> endpoint.rows(id, rows, limit, cursor, shown));
  }
}
