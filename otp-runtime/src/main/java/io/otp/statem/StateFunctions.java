package io.otp.statem;

import io.otp.process.Info;
import io.otp.process.Self;

/**
 * A machine whose states handle their own events: OTP's callback mode {@code state_functions}. It
 * is the same machine otherwise; leave {@code handle}, {@code handleInfo} and {@code enter} as they
 * are.
 *
 * {@snippet :
 * final class Doors implements StateFunctions<NoArgs, Event, Door, Integer> {
 *   public Initial<Door, Integer> init(NoArgs args, Self<Event> self) {
 *     return Initial.of(new Closed(), 0);
 *   }
 * }
 * }
 *
 * @param <A> its start arguments
 * @param <E> its events
 * @param <S> its states
 * @param <D> its data
 */
public interface StateFunctions<A, E, S extends StateFunction<S, E, D>, D>
    extends StateMachine<A, E, S, D> {

  @Override
  default Transition<S, D> handle(On<S, E> on, D data, Self<E> self) throws Exception {
    return on.state().handle(on.event(), data, self);
  }

  @Override
  default Transition<S, D> handleInfo(Info info, S state, D data, Self<E> self) throws Exception {
    return state.handleInfo(info, data, self);
  }

  @Override
  default Transition.Stay<S, D> enter(S from, S state, D data, Self<E> self) throws Exception {
    return state.enter(from, data, self);
  }
}
