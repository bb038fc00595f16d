package io.otp.stage;

import io.otp.process.ExitReason;

/** The stage that a {@link java.util.concurrent.Flow.Subscriber} was subscribed to has crashed. */
public final class StageEndedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient ExitReason reason;

  StageEndedException(ExitReason reason) {
    super("The stage that publishes ended with reason: " + reason, null, false, false);
    this.reason = reason;
  }

  /** Why it ended. */
  public ExitReason reason() {
    return reason;
  }
}
