package io.otp.autoconfigure.trace;

/** A trace cannot be had; the text says what is allowed. */
final class TraceRefusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  static final int BAD_REQUEST = 400;
  static final int NOT_FOUND = 404;
  static final int TOO_MANY = 429;
  static final int UNAVAILABLE = 503;

  private final int status;

  TraceRefusal(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }

  TraceDescriptor.Refusal body() {
    return new TraceDescriptor.Refusal(String.valueOf(getMessage()));
  }
}
