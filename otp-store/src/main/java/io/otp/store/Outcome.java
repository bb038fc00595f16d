package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;

/**
 * What became of a transaction.
 *
 * @param <T> what its function returns
 */
public sealed interface Outcome<T> {

  /**
   * All it wrote is there: <code>{atomic, Value}</code>.
   *
   * @param value what its function returned
   */
  record Atomic<T>(T value) implements Outcome<T> {}

  /**
   * Nothing it wrote is there: <code>{aborted, Reason}</code>.
   *
   * @param reason what it was aborted with, or what its function threw
   */
  record Aborted<T>(ExitReason reason) implements Outcome<T> {}

  /**
   * The value, or the end of this process: {@code mnesia:activity}.
   *
   * @throws ProcessExit with this outcome as its reason if the transaction was aborted
   */
  default T orExit() {
    return switch (this) {
      case Atomic<T>(T value) -> value;
      case Aborted<T> aborted -> throw new ProcessExit(ExitReason.other(aborted));
    };
  }
}
