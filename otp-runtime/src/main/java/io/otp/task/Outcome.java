package io.otp.task;

import io.otp.process.ExitReason;

/**
 * What came of a task: <code>{ok, Value}</code> or <code>{exit, Reason}</code>.
 *
 * @param <T> the result
 */
public sealed interface Outcome<T> {

  /**
   * It has a result.
   *
   * @param value the result
   */
  record Ok<T>(T value) implements Outcome<T> {}

  /**
   * It ended without a result.
   *
   * @param reason why; {@link ExitReason#TIMEOUT} if it was too slow and was killed for that
   */
  record Exited<T>(ExitReason reason) implements Outcome<T> {}
}
