package io.otp.stage;

import io.otp.process.Self;
import java.util.List;

/**
 * Consumes events, and asks for more when it has handled enough.
 *
 * @param <A> its start arguments, immutable
 * @param <I> its events, immutable
 * @param <S> its state
 */
public non-sealed interface Consumer<A, I, S> extends Stage<A, I, Void, S> {

  /**
   * Handles events in the order in which they came, at most {@code max - min} of a subscription.
   *
   * @return {@link Emit#none} or {@link Emit#stop}; a consumer emits nothing
   */
  @Override
  Emit<Void, S> handleEvents(List<I> events, S state, Self<?> self) throws Exception;
}
