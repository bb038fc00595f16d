package io.otp.process;

/** What happens to a message or state that cannot be shown immutable. */
public enum ImmutabilityMode {
  /**
   * The send, or the callback that returned the state, throws {@link MutableMessageException}. The
   * default.
   */
  REFUSE,
  /** It is accepted and logged, once per class. */
  WARN,
  /** It is accepted; nothing is looked at. */
  OFF
}
