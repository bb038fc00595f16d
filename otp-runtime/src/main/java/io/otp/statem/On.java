package io.otp.statem;

/**
 * An event in a state: what a transition depends on. As a record it can be taken apart by patterns,
 * and a {@code switch} over it that covers every pair of two sealed types needs no {@code default}.
 *
 * {@snippet :
 * return switch (on) {
 *   case On(Locked _, Push _)      -> keepStateAndData();
 *   case On(Locked _, Coin coin)   -> nextState(new Unlocked(), total + coin.cents());
 *   case On(Unlocked _, Push _)    -> nextState(new Locked(), total);
 *   case On(Unlocked _, Coin coin) -> keepState(total + coin.cents());
 * };
 * }
 *
 * @param state the state the machine is in
 * @param event what happened
 * @param <S> the machine's states
 * @param <E> the machine's events
 */
public record On<S, E>(S state, E event) {}
