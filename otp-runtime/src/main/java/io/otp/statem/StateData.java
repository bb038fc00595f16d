package io.otp.statem;

import io.otp.process.Immutable;

/**
 * A state and its data: what {@code Sys.getState} returns of a machine, what {@code
 * Sys.replaceState} changes, and what {@link StateMachine#codeChange} returns.
 *
 * @param state the state
 * @param data the data
 * @param <S> the machine's states
 * @param <D> the machine's data
 */
@Immutable
public record StateData<S, D>(S state, D data) {}
