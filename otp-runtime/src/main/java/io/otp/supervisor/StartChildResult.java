package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/** What {@code start_child} and {@code restart_child} answer. */
public sealed interface StartChildResult {

  /**
   * The child runs.
   *
   * @param pid its process
   * @param info what its start function said besides, else {@code null}
   */
  record Started(Pid pid, @Nullable Object info) implements StartChildResult {}

  /**
   * The start function did not want to run: OTP's <code>{ok, undefined}</code>. The child is kept
   * without a process, unless it is temporary or has no id.
   */
  record Ignored() implements StartChildResult {}

  /**
   * A child with this id runs already.
   *
   * @param pid its process
   */
  record AlreadyStarted(Pid pid) implements StartChildResult {}

  /**
   * The start function failed. Of {@code start_child} nothing is kept; after {@code restart_child}
   * the child is as before.
   *
   * @param reason why; an {@link ExitReason.Other} with the start result if it was {@code
   *     already_started}
   */
  record Failed(ExitReason reason) implements StartChildResult {}

  /**
   * Not possible now.
   *
   * @param error why
   */
  record Refused(ChildError error) implements StartChildResult {}

  /**
   * Not possible with this supervisor.
   *
   * @param error why
   */
  record Invalid(SpecError error) implements StartChildResult {}
}
