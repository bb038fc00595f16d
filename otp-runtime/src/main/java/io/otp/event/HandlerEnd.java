package io.otp.event;

import io.otp.process.ExitReason;

/** What came of the end of a handler that was deleted or swapped. */
public sealed interface HandlerEnd {

  /**
   * It is gone.
   *
   * @param value what its {@code terminate} returned
   */
  record Result(Object value) implements HandlerEnd {}

  /**
   * It is gone, and its {@code terminate} threw: <code>{'EXIT', Reason}</code>.
   *
   * @param reason what
   */
  record Crashed(ExitReason reason) implements HandlerEnd {}

  /**
   * There is no such handler: <code>{error, module_not_found}</code>, and {@code error} for who
   * takes its place.
   */
  record NotFound() implements HandlerEnd {}
}
