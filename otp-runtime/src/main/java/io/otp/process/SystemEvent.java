package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * What a behaviour tells the debug functions of its process: {@code sys:system_event()}. Messages
 * and states are the objects themselves, not copies and not texts.
 *
 * <table>
 *   <caption>Who tells what</caption>
 *   <tr><th>behaviour</th><th>events</th></tr>
 *   <tr><td>server, supervisor</td><td>{@link In}, {@link Out}, {@link NoReply}, {@link Continue}</td></tr>
 *   <tr><td>state machine</td><td>{@link In}, {@link Out}, {@link Consume}, {@link Postpone}, {@link StartTimer}, {@link Module}, {@link Terminate}</td></tr>
 *   <tr><td>event manager</td><td>{@link In}</td></tr>
 *   <tr><td>a behaviour of one's own</td><td>what it likes, see {@link Behaviour#debug}</td></tr>
 * </table>
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/sys.html#t:system_event/0">sys</a>
 */
public sealed interface SystemEvent {

  /**
   * A message is handled next.
   *
   * @param kind {@code call}, {@code cast}, {@code info}, {@code timeout}; of a state machine also
   *     {@code internal}, {@code state_timeout} and <code>{timeout,Name}</code>; of an event
   *     manager {@code notify} and {@code sync_notify}
   * @param message the message
   * @param from who called; {@code null} if it is no call or the caller is no process
   * @param state the state of a state machine, {@code null} for others
   */
  record In(String kind, Object message, @Nullable Pid from, @Nullable Object state)
      implements SystemEvent {}

  /**
   * A call was answered.
   *
   * @param reply the reply
   * @param to who called, {@code null} if that is no process
   * @param state the state of a server after the callback, {@code null} for others
   */
  record Out(Object reply, @Nullable Pid to, @Nullable Object state) implements SystemEvent {}

  /**
   * A callback of a server returned without a reply.
   *
   * @param state the state after it
   */
  record NoReply(@Nullable Object state) implements SystemEvent {}

  /**
   * A continuation was handled.
   *
   * @param continuation what was to be done
   */
  record Continue(Object continuation) implements SystemEvent {}

  /**
   * A state machine handled an event.
   *
   * @param kind as {@link In#kind}
   * @param event the event
   * @param state the state before
   * @param nextState the state after
   */
  record Consume(String kind, Object event, Object state, Object nextState)
      implements SystemEvent {}

  /**
   * A state machine postponed an event.
   *
   * @param kind as {@link In#kind}
   * @param event the event
   * @param state the state before
   * @param nextState the state after
   */
  record Postpone(String kind, Object event, Object state, Object nextState)
      implements SystemEvent {}

  /**
   * A state machine started a timer.
   *
   * @param timer which one, as {@link In#kind}
   * @param time a duration, or a point in time
   * @param event what it will bring
   * @param state the state now
   */
  record StartTimer(String timer, Object time, Object event, Object state) implements SystemEvent {}

  /**
   * A state machine changed its callback module.
   *
   * @param module the new one
   * @param state the state when it did
   */
  record Module(String module, Object state) implements SystemEvent {}

  /**
   * A state machine ends, and not with an error; that has a report.
   *
   * @param reason why
   * @param state the state
   */
  record Terminate(ExitReason reason, Object state) implements SystemEvent {}

  /**
   * Something of a behaviour of one's own.
   *
   * @param event what it calls it
   */
  record Other(Object event) implements SystemEvent {}
}
