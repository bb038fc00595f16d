package io.otp.event;

import io.otp.process.ExitReason;
import io.otp.process.Immutable;

/** How a callback of a handler failed. */
@Immutable
public sealed interface HandlerFailure {

  /**
   * It threw: <code>{'EXIT', Reason}</code>.
   *
   * @param reason what
   */
  record Crashed(ExitReason reason) implements HandlerFailure {
    @Override
    public String toString() {
      return "{'EXIT'," + reason + "}";
    }
  }

  /**
   * It returned what it may not return. The types leave little that can go wrong: {@code null}, a
   * reply where nothing was asked, no reply where something was, and a reply to something else.
   *
   * @param returned what the callback returned, as text
   * @param callback who returned it: class and method
   * @param problem what is wrong with it
   */
  record BadReturn(String returned, String callback, String problem) implements HandlerFailure {
    @Override
    public String toString() {
      return "bad return " + returned + " from " + callback + ": " + problem;
    }
  }
}
