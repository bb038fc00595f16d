package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * Carries what belongs to a piece of work and not to a process (a trace, the logging context) from
 * whoever sends a message into the callback that handles it. A runtime has none unless it is built
 * with one, see {@link ProcessRuntime.Builder#messageContext}; then messages have nothing to carry
 * it in.
 *
 * <p>Messages, calls and casts carry it, and the start of a server does to its {@code init};
 * signals, timers (else a process that sets its next timer in the callback of the last would work
 * for one trace for ever) and the messages that a process receives in a loop of its own do not.
 * What these methods throw is logged and otherwise ignored.
 */
public interface MessageContext {

  /**
   * What goes with a message that the current thread is about to send.
   *
   * @return {@code null} for nothing; then the callback is not surrounded either
   */
  @Nullable Object capture();

  /**
   * The current thread is about to send a call.
   *
   * @param to whom, as text
   * @return {@code null} if calls are not followed: then {@link #capture} decides what goes with it
   */
  @Nullable CallInProgress call(String to, Object message);

  /** A call from before it is sent until its outcome is known. */
  interface CallInProgress {

    /** What goes with the call to its callback, {@code null} for nothing. */
    @Nullable Object captured();

    /**
     * The call has ended. On any thread.
     *
     * @param failure why there was no reply, {@code null} if there was one
     */
    void ended(@Nullable ExitReason failure);
  }

  /**
   * A callback is about to handle a message on the current thread.
   *
   * @param captured what went with the message
   * @param pid the process
   * @param of the behaviour it runs and its application
   * @return closed on the same thread when the callback has returned
   */
  CallbackScope callback(Object captured, Pid pid, BehaviourCounters of, Object message);

  /** The time in which a callback runs. */
  @FunctionalInterface
  interface CallbackScope {

    /**
     * The callback has returned.
     *
     * @param exit the reason the process ends with, {@code null} if it goes on
     */
    void close(@Nullable ExitReason exit);
  }
}
