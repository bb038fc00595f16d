package io.otp.process;

/**
 * An exit signal, as a process that traps exits receives it: <code>{'EXIT', From, Reason}</code>.
 *
 * @param from the process that ended, or that sent the signal
 * @param reason why
 */
public record Exit(Pid from, ExitReason reason) implements Info {}
