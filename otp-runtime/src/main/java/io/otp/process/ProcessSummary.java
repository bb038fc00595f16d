package io.otp.process;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line in a list of processes; reading it stops and locks nothing, so the figures are of slightly
 * different moments.
 *
 * @param pid the process
 * @param name its registered name
 * @param label its label
 * @param module its callback module, {@code raw} for a process with its own thread
 * @param behaviour the OTP behaviour of that module, {@code raw} as well
 * @param application the application it belongs to
 * @param status what it is doing
 * @param mailbox how many messages wait; exit signals and the like are not counted
 * @param handled how many messages it has handled: our substitute for Erlang's reductions
 * @param links how many links it has
 * @param monitors how many monitors it has on others
 * @param startedAt when it was started, to a tenth of a second
 */
public record ProcessSummary(
    Pid pid,
    @Nullable String name,
    @Nullable String label,
    String module,
    String behaviour,
    @Nullable String application,
    ProcessStatus status,
    int mailbox,
    long handled,
    int links,
    int monitors,
    Instant startedAt) {}
