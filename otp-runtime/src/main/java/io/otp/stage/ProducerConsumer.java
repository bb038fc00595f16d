package io.otp.stage;

import io.otp.process.Self;
import java.util.List;

/**
 * Makes other events of events. It works, and asks for more, only while it is asked itself.
 *
 * @param <A> its start arguments, immutable
 * @param <I> the events it consumes, immutable
 * @param <O> the events it produces, immutable
 * @param <S> its state
 */
public non-sealed interface ProducerConsumer<A, I, O, S> extends Stage<A, I, O, S> {

  /**
   * Handles events in the order in which they came, at most {@code max - min} of a subscription.
   */
  @Override
  Emit<O, S> handleEvents(List<I> events, S state, Self<?> self) throws Exception;
}
