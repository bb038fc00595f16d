package io.otp.trace;

/**
 * Who gets the events of a session: on a thread of the session, one after the other, in order. It
 * may block; the session goes on meanwhile and keeps what it has to tell, which its limits bound.
 */
@FunctionalInterface
public interface TraceSink {

  /**
   * An event.
   *
   * @throws Exception the session ends with {@link TraceEnd#CONSUMER}
   */
  void event(TraceEvent event) throws Exception;

  /**
   * Nothing happened for a second. A sink that writes to somebody can find out whether that is
   * still there.
   *
   * @throws Exception the session ends with {@link TraceEnd#CONSUMER}
   */
  default void idle() throws Exception {}

  /** The session has ended; nothing comes after this. */
  default void ended(TraceEnd end) {}
}
