package io.otp.event;

import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A handler without {@code handleInfo} was shown something that is no event; nothing came of it.
 *
 * @param pid the manager
 * @param module the handler's class
 * @param info what it was shown
 */
public record UnhandledInfoReport(Pid pid, String module, Info info) implements Report {

  @Override
  public Level level() {
    return Level.WARNING;
  }

  @Override
  public String label() {
    return "gen_event,no_handle_info";
  }

  @Override
  public String toString() {
    return "Event handler "
        + module
        + " of "
        + pid
        + " has no handleInfo and passed over "
        + info
        + ". Override handleInfo, or do not send it.";
  }
}
