package io.otp.load;

import java.time.Duration;

/** A regulator did not admit what {@link Regulator#run} was to run; it was not begun. */
public final class RejectedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String regulator;
  private final Admission.Cause reason;
  private final Duration retryAfter;

  RejectedException(String regulator, Admission.Rejected rejected) {
    super(
        "Regulator '"
            + regulator
            + "' refused: "
            + (rejected.cause() == Admission.Cause.RATE
                ? "more than its rate"
                : "all its places are taken and waiting takes too long")
            + ". Come again after "
            + rejected.retryAfter().toMillis()
            + " ms, or answer that to your own caller.",
        null,
        false,
        false);
    this.regulator = regulator;
    this.reason = rejected.cause();
    this.retryAfter = rejected.retryAfter();
  }

  /** Which regulator. */
  public String regulator() {
    return regulator;
  }

  /** What there was too much of. */
  public Admission.Cause reason() {
    return reason;
  }

  /** After which it may be different; a hint. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
