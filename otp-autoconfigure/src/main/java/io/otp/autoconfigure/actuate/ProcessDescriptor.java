package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.otp.process.ProcessSummary;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A process in a list.
 *
 * @param pid its address; in a URL without the angle brackets
 * @param name its registered name
 * @param label its label
 * @param behaviour its callback module, {@code raw} for a process with a thread of its own
 * @param application its application
 * @param status running, runnable, waiting, suspended or exiting
 * @param mailbox how many messages wait
 * @param reductions how many messages it has handled: there is no better equivalent on a JVM
 * @param links how many links it has
 * @param monitors how many monitors it has on others
 * @param startedAt when it was started
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ProcessDescriptor(
    String pid,
    @Nullable String name,
    @Nullable String label,
    String behaviour,
    @Nullable String application,
    String status,
    int mailbox,
    long reductions,
    int links,
    int monitors,
    Instant startedAt) {

  static ProcessDescriptor of(ProcessSummary process) {
    return new ProcessDescriptor(
        process.pid().toString(),
        process.name(),
        process.label(),
        process.module(),
        process.application(),
        process.status().name().toLowerCase(Locale.ROOT),
        process.mailbox(),
        process.handled(),
        process.links(),
        process.monitors(),
        process.startedAt());
  }
}
