package io.otp.server;

import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A server got something it has no {@code handleInfo} for; it was dropped.
 *
 * @param pid the server
 * @param module its callback module
 * @param info what it got
 */
public record UnhandledReport(Pid pid, String module, Info info) implements Report {

  @Override
  public Level level() {
    return Level.WARNING;
  }

  @Override
  public String label() {
    return "gen_server,no_handle_info";
  }

  @Override
  public String toString() {
    return "Server "
        + module
        + " "
        + pid
        + " has no handleInfo and dropped "
        + info
        + ". Override handleInfo, or do not send it.";
  }
}
