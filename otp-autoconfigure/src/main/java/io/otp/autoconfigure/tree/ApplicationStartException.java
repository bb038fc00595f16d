package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationError;
import io.otp.process.ExitReason;

/** An application did not start; those started before it have been stopped. */
public final class ApplicationStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient ApplicationError error;

  ApplicationStartException(ApplicationError error) {
    super(
        error instanceof ApplicationError.StartFailed(var application, _, var reason)
            ? "Application '" + application + "' did not start: " + reason
            : error.message());
    this.error = error;
  }

  /** The application. */
  public String application() {
    return error.application();
  }

  /** What went wrong. */
  public ApplicationError error() {
    return error;
  }

  /** Why, as its top supervisor ended or its code failed. */
  public ExitReason reason() {
    return error instanceof ApplicationError.StartFailed failed
        ? failed.reason()
        : ExitReason.other(error.message());
  }
}
