package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.otp.process.ProcessSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list of processes.
 *
 * @param processes a page of them, or those at the top
 * @param next the cursor of the next page, {@code null} if there is none
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ProcessesDescriptor(List<ProcessDescriptor> processes, @Nullable String next) {

  static ProcessesDescriptor of(List<ProcessSummary> processes, @Nullable String next) {
    return new ProcessesDescriptor(processes.stream().map(ProcessDescriptor::of).toList(), next);
  }
}
