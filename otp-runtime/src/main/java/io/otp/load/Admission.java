package io.otp.load;

import io.otp.process.Immutable;
import java.time.Duration;

/** What a regulator answers. */
public sealed interface Admission {

  /**
   * Go on, and give the ticket back when done: {@link Regulator#done}.
   *
   * @param waited how long the question took: the time in the regulator's queue
   */
  record Admitted(Ticket ticket, Duration waited) implements Admission {}

  /**
   * Not now.
   *
   * @param cause what there was too much of
   * @param retryAfter after which it may be different, 0 or more; a hint
   */
  record Rejected(Cause cause, Duration retryAfter) implements Admission {}

  /** What there was too much of. */
  @Immutable
  enum Cause {
    /** More than the rate; the web's 429. */
    RATE,
    /** All places are taken, and the queue is full or its delay too long; the web's 503. */
    OVERLOAD
  }
}
