package io.otp.application;

import io.otp.process.ProcessSummary;
import java.util.List;

/**
 * How the stop of an application went.
 *
 * @param application its name
 * @param inTime whether it stopped by itself within the time given; otherwise it was killed
 * @param left its processes that still lived then, which were killed
 */
public record ApplicationStop(String application, boolean inTime, List<ProcessSummary> left) {

  /** Copies the list. */
  public ApplicationStop {
    left = List.copyOf(left);
  }
}
