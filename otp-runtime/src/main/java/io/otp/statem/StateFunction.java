package io.otp.statem;

import io.otp.process.Info;
import io.otp.process.Self;
import io.otp.server.GenProcess;

/**
 * A state that handles its own events: OTP's callback mode {@code state_functions}, where each
 * state is a function. The machine is a {@link StateFunctions}.
 *
 * {@snippet :
 * sealed interface Door extends StateFunction<Door, Event, Integer> {}
 *
 * record Open() implements Door {
 *   public Transition<Door, Integer> handle(Event event, Integer opened, Self<Event> self) {
 *     return switch (event) {
 *       case Close _ -> nextState(new Closed(), opened);
 *       case Push _ -> keepStateAndData();
 *     };
 *   }
 * }
 * }
 *
 * @param <S> the machine's states: the sealed interface that extends this one
 * @param <E> the machine's events
 * @param <D> the machine's data
 */
public interface StateFunction<S extends StateFunction<S, E, D>, E, D> {

  /** Handles an event in this state; see {@link StateMachine#handle}. */
  Transition<S, D> handle(E event, D data, Self<E> self) throws Exception;

  /**
   * Handles everything else in this state; see {@link StateMachine#handleInfo}. The default logs a
   * warning and drops it.
   */
  default Transition<S, D> handleInfo(Info info, D data, Self<E> self) throws Exception {
    self.runtime().report(new UnhandledInfoReport(self.pid(), GenProcess.nameOf(this), info));
    return Transition.keepStateAndData();
  }

  /** This state was entered; see {@link StateMachine#enter}. The default does nothing. */
  default Transition.Stay<S, D> enter(S from, D data, Self<E> self) throws Exception {
    return Transition.keepStateAndData();
  }
}
