package io.otp.autoconfigure.load;

import io.otp.load.Admission;
import java.time.Duration;
import org.springframework.http.HttpStatus;

/**
 * What the web answers to somebody who is refused.
 *
 * @param status 429 for more than the rate, 503 for overload
 * @param retryAfter the value of {@code Retry-After}: whole seconds, at least 1
 */
record Refusal(HttpStatus status, String retryAfter) {

  /** Where nothing says when to come again. */
  static final Duration SOON = Duration.ofSeconds(1);

  static Refusal of(Admission.Cause cause, Duration retryAfter) {
    return new Refusal(
        cause == Admission.Cause.RATE
            ? HttpStatus.TOO_MANY_REQUESTS
            : HttpStatus.SERVICE_UNAVAILABLE,
        seconds(retryAfter));
  }

  static Refusal overload(Duration retryAfter) {
    return of(Admission.Cause.OVERLOAD, retryAfter);
  }

  static Refusal of(Admission.Rejected rejected) {
    return of(rejected.cause(), rejected.retryAfter());
  }

  /** Rounded up: who comes too early is refused again. */
  private static String seconds(Duration time) {
    long seconds = time.getSeconds() + (time.getNano() > 0 ? 1 : 0);
    return Long.toString(Math.max(1, seconds));
  }
}
