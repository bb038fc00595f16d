package io.otp.autoconfigure.actuate;

import java.util.function.Supplier;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/** An endpoint cannot do what it was asked; the text says what is allowed. */
final class EndpointRefusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  static final int BAD_REQUEST = WebEndpointResponse.STATUS_BAD_REQUEST;
  static final int NOT_FOUND = WebEndpointResponse.STATUS_NOT_FOUND;
  static final int CONFLICT = 409;
  static final int UNAVAILABLE = WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE;

  private final int status;

  EndpointRefusal(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  /**
   * What the web gets instead of an answer.
   *
   * @param error what was asked, and what is allowed
   */
  record Body(String error) {}

  /** What {@code operation} returns, or why it returns nothing, as a response. */
  static WebEndpointResponse<Object> respond(Supplier<?> operation) {
    try {
      return new WebEndpointResponse<>(operation.get());
    } catch (EndpointRefusal e) {
      return new WebEndpointResponse<>(new Body(String.valueOf(e.getMessage())), e.status);
    }
  }
}
