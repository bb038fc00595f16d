package io.otp.event;

import io.otp.process.ExitReason;

/** What came of adding a handler, or of putting one in the place of another. */
public sealed interface AddResult {

  /** It is there. */
  record Added() implements AddResult {}

  /**
   * Its {@code init} threw {@link Refuse}: OTP's return of anything but {@code ok}.
   *
   * @param value what it had to say
   */
  record Refused(Object value) implements AddResult {}

  /**
   * Its {@code init} threw: <code>{'EXIT', Reason}</code>.
   *
   * @param reason what
   */
  record Failed(ExitReason reason) implements AddResult {}

  /** It was to be added only if there is none of its id, and there is one. */
  record AlreadyThere() implements AddResult {}
}
