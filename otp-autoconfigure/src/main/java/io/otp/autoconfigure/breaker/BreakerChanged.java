package io.otp.autoconfigure.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;

/**
 * What a process that has subscribed to a breaker is sent, as an {@link
 * io.otp.process.Info.Message}.
 *
 * @param breaker which one
 * @param from the state before
 * @param to the state now
 */
public record BreakerChanged(String breaker, CircuitBreaker.State from, CircuitBreaker.State to) {}
