package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/** How the start of a process went: what {@code start_link} returns. */
public sealed interface StartResult {

  /**
   * It runs, its {@code init} has returned.
   *
   * @param pid the process
   * @param info something its start function wants to say besides, else {@code null}
   */
  record Started(Pid pid, @Nullable Object info) implements StartResult {}

  /** Its {@code init} decided that it is not needed; that is no failure. */
  record Ignored() implements StartResult {}

  /**
   * It does not run, and nothing of it is left.
   *
   * @param reason why
   */
  record Failed(ExitReason reason) implements StartResult {}

  /**
   * Its name is taken; {@code init} was not called.
   *
   * @param holder the process that has the name
   */
  record AlreadyStarted(Pid holder) implements StartResult {}
}
