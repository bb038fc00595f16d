package io.otp.autoconfigure.tree;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/**
 * An application as tools and health show it.
 *
 * @param name its name, that of its top supervisor too
 * @param type what its end means
 * @param running whether its top supervisor runs
 * @param pid the top supervisor's process, {@code null} if it never ran
 * @param ended why it ended by itself, {@code null} if it runs or was stopped
 */
public record ApplicationStatus(
    String name,
    ApplicationType type,
    boolean running,
    @Nullable Pid pid,
    @Nullable ExitReason ended) {}
