package io.otp.statem;

import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A machine got something it has no {@code handleInfo} for; it was dropped.
 *
 * @param pid the machine
 * @param module its callback module, or the state that handles its own events
 * @param info what it got
 */
public record UnhandledInfoReport(Pid pid, String module, Info info) implements Report {

  @Override
  public Level level() {
    return Level.WARNING;
  }

  @Override
  public String label() {
    return "gen_statem,no_handle_info";
  }

  @Override
  public String toString() {
    return "State machine "
        + module
        + " "
        + pid
        + " has no handleInfo and dropped "
        + info
        + ". Override handleInfo, or do not send it.";
  }
}
