package io.otp.process;

/**
 * Gets every {@link Report}, on the thread of the process that reports: be quick and do not block.
 * A handler that throws is removed, and that is logged.
 */
@FunctionalInterface
public interface ReportHandler {

  /** Handles a report. */
  void handle(Report report);
}
