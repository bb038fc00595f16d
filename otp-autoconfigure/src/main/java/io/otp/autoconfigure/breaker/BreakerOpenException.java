package io.otp.autoconfigure.breaker;

import java.time.Duration;

/** A breaker is open, or tries whether it may close: what was asked of it was not begun. */
public final class BreakerOpenException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String breaker;
  private final Duration retryAfter;

  BreakerOpenException(String breaker, Duration retryAfter) {
    super(
        "Breaker '"
            + breaker
            + "' is open because too much failed behind it. Come again after "
            + retryAfter.toMillis()
            + " ms, or answer that to your own caller.",
        null,
        false,
        false);
    this.breaker = breaker;
    this.retryAfter = retryAfter;
  }

  /** Which breaker. */
  public String breaker() {
    return breaker;
  }

  /** After which it may be different; a hint. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
