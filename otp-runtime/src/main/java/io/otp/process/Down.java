package io.otp.process;

/**
 * A monitored process has ended: <code>{'DOWN', Ref, process, Object, Reason}</code>. Delivered
 * exactly once per monitor.
 *
 * @param ref the monitor, as {@link Self#monitor(Pid)} returned it
 * @param object the {@link Pid} that was monitored, or the name ({@link String}) if it was
 *     monitored by name
 * @param reason why it ended; {@link ExitReason#NO_PROCESS} if there was no such process
 */
public record Down(Ref ref, Object object, ExitReason reason) implements Info {}
