package io.otp.event;

import io.otp.process.ExitReason;

/** Why a handler's {@code terminate} is called: the first argument of OTP's {@code terminate/2}. */
public sealed interface TerminateReason {

  /** Its callback returned {@link Handled#remove}: {@code remove_handler}. */
  record Removed() implements TerminateReason {}

  /** The manager ends: {@code stop}. */
  record Stopped() implements TerminateReason {}

  /**
   * The process that supervises it has ended, or has sent an exit signal: <code>{stop, Reason}
   * </code>.
   *
   * @param reason why
   */
  record SupervisorEnded(ExitReason reason) implements TerminateReason {}

  /**
   * A callback failed: <code>{error, Term}</code>.
   *
   * @param failure how
   */
  record Failed(HandlerFailure failure) implements TerminateReason {}

  /**
   * It is deleted or swapped: the arguments given for that.
   *
   * @param args the arguments
   */
  record Args(Object args) implements TerminateReason {}
}
