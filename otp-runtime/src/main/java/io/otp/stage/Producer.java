package io.otp.stage;

import io.otp.process.Self;

/**
 * Produces events when they are asked for.
 *
 * {@snippet :
 * final class Numbers implements Producer<Integer, Integer, Integer> {
 *   public Integer init(Integer first, Self<?> self) {
 *     return first;
 *   }
 *
 *   public Emit<Integer, Integer> handleDemand(long demand, Integer next, Self<?> self) {
 *     int end = next + (int) demand;
 *     return Emit.of(IntStream.range(next, end).boxed().toList(), end);
 *   }
 * }
 * }
 *
 * @param <A> its start arguments, immutable
 * @param <O> its events, immutable
 * @param <S> its state
 */
public non-sealed interface Producer<A, O, S> extends Stage<A, Void, O, S> {

  /**
   * So many more events were asked for. One that has fewer now remembers the rest and emits it
   * later, from {@link #handleInfo}; one that emits more has the rest buffered.
   *
   * @param demand 1 or more; not yet answered demand is not in it
   */
  @Override
  Emit<O, S> handleDemand(long demand, S state, Self<?> self) throws Exception;
}
