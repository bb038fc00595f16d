package io.otp.process;

/**
 * A timer started with {@link Self#startTimer} has expired: <code>{timeout, Ref, Message}</code>.
 *
 * @param ref the timer
 * @param message what was given with it
 */
public record TimerExpired(Ref ref, Object message) implements Info {}
