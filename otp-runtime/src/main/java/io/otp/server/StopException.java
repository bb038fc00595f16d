package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;

/**
 * A server was not stopped as asked. A process that does not catch this ends with its {@link
 * #reason()}: {@code noproc}, {@code timeout}, or the reason the server ended with.
 */
public final class StopException extends ProcessExit {

  private static final long serialVersionUID = 1L;

  StopException(ExitReason reason, String message) {
    super(reason, message);
  }
}
