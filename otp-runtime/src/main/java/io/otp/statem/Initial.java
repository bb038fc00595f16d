package io.otp.statem;

import java.util.List;
import java.util.Objects;

/**
 * What {@link StateMachine#init} returns: the first state, its data, and what to do at once.
 *
 * {@snippet :
 * return Initial.of(new Idle(), orderId, stateTimeout(Duration.ofMinutes(5), new Expired()));
 * }
 *
 * @param state the first state
 * @param data the first data
 * @param actions done after the state enter call; the events they insert come before any message
 * @param <S> the machine's states
 * @param <D> the machine's data
 */
public record Initial<S, D>(S state, D data, List<Action> actions) {

  /**
   * Copies the actions.
   *
   * @throws IllegalArgumentException if one is to postpone: there is no event yet
   */
  public Initial {
    Objects.requireNonNull(state, "a state cannot be null");
    actions = List.copyOf(actions);
    for (Action action : actions) {
      if (action instanceof Actions.Postpone) {
        throw new IllegalArgumentException(
            "init returned postpone(), but there is no event that could be postponed. Remove it.");
      }
    }
  }

  /** Begins in {@code state} with {@code data}. */
  public static <S, D> Initial<S, D> of(S state, D data, Action... actions) {
    return new Initial<>(state, data, List.of(actions));
  }
}
