package io.otp.process;

/**
 * What reaches a behaviour besides its own calls and casts: signals, timers and plain messages. A
 * process with its own receive loop finds {@link Exit}, {@link Down} and {@link TimerExpired} in
 * its mailbox as they are, and plain messages unwrapped.
 *
 * {@snippet :
 * public Next<State> handleInfo(Info info, State state, Self<Message> self) {
 *   return switch (info) {
 *     case Down(var ref, _, _) when ref.equals(state.monitor()) -> noreply(state.withoutPeer());
 *     default -> GenServer.super.handleInfo(info, state, self);
 *   };
 * }
 * }
 */
public sealed interface Info
    permits Exit, Down, TimerExpired, Info.Timeout, Info.Message, Response {

  /**
   * No message arrived within the timeout that the last callback asked for: Erlang's {@code
   * timeout}.
   */
  record Timeout() implements Info {}

  /**
   * A message that is neither a call nor a cast of the behaviour.
   *
   * @param value the message
   */
  record Message(Object value) implements Info {}
}
