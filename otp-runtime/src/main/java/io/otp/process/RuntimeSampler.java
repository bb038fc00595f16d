package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * Gets measurements of a few of the things a runtime does, for meters; see {@link
 * ProcessRuntime.Builder#sampler}. Called on the threads of processes, between two callbacks: be
 * quick, do not block, do not use the runtime. What it throws is logged and otherwise ignored.
 */
public interface RuntimeSampler {

  /**
   * A callback has returned.
   *
   * @param of whose callback
   * @param waiting how many messages waited behind the one it handled
   * @param nanos how long it took, waiting included
   */
  void callback(BehaviourCounters of, int waiting, long nanos);

  /**
   * A message has got from its sender to its callback.
   *
   * @param nanos how long it was on its way
   */
  void mailbox(BehaviourCounters of, long nanos);

  /**
   * A call has got its reply.
   *
   * @param to the server that was called
   * @param nanos how long the caller waited
   */
  void call(BehaviourCounters to, long nanos);

  /**
   * A call got no reply; told of every one.
   *
   * @param to the server that was called, {@code null} if there was none
   * @param reason why, as the caller was told: {@link ExitReason#TIMEOUT} and so on
   */
  void callFailed(@Nullable BehaviourCounters to, ExitReason reason);
}
