package io.otp.statem;

import io.otp.process.ExitReason;

/**
 * Why a machine ended whose callback returned what it may not return: <code>
 * {bad_return_from_state_function, Value}</code> or <code>{bad_action_from_state_function, Action}
 * </code>, the term of an {@link ExitReason.Other}. The types leave little that can go wrong:
 * {@code null}, a reply to another call than the one that is being handled, and a pop of the only
 * callback module.
 *
 * @param tag OTP's name of the mistake
 * @param value what was returned, as text
 * @param callback who returned it
 * @param problem what is wrong with it
 */
public record BadTransition(String tag, String value, String callback, String problem) {

  static ExitReason action(Action action, Object module, String problem) {
    return new ExitReason.Other(
        new BadTransition(
            "bad_action_from_state_function",
            String.valueOf(action),
            String.valueOf(module),
            problem));
  }

  static ExitReason noTransition(Object module, String callback) {
    return new ExitReason.Other(
        new BadTransition(
            callback.equals("enter")
                ? "bad_state_enter_return_from_state_function"
                : "bad_return_from_state_function",
            "null",
            module + "." + callback,
            "it is no Transition; return keepStateAndData() to do nothing"));
  }

  static ExitReason noInitial(Object module) {
    return new ExitReason.Other(
        new BadTransition(
            "bad_return_from_init",
            "null",
            module + ".init",
            "it is no Initial; return Initial.of(state, data), or throw Init.ignore()"));
  }

  @Override
  public String toString() {
    return "{" + tag + "," + value + "} from " + callback + ": " + problem;
  }
}
