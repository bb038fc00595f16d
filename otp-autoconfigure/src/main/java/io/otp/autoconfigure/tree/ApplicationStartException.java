package io.otp.autoconfigure.tree;

import io.otp.process.ExitReason;

/** An application's supervision tree did not start; those started before it have been stopped. */
public final class ApplicationStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String application;
  private final transient ExitReason reason;

  ApplicationStartException(String application, ExitReason reason) {
    super("Application '" + application + "' did not start: " + reason);
    this.application = application;
    this.reason = reason;
  }

  /** The application. */
  public String application() {
    return application;
  }

  /** Why, as its top supervisor ended. */
  public ExitReason reason() {
    return reason;
  }
}
