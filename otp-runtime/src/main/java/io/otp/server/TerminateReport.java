package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Report;
import org.jspecify.annotations.Nullable;

/**
 * A server ended with a reason that is neither {@code normal} nor {@code shutdown}.
 *
 * @param pid the server
 * @param module its callback module
 * @param name its registered name, {@code null} if it has none
 * @param lastMessage the message it handled last, as {@code formatStatus} shows it
 * @param state its state, as {@code formatStatus} shows it
 * @param reason why
 * @param client who sent the last message, if that was a call
 */
public record TerminateReport(
    Pid pid,
    String module,
    @Nullable String name,
    @Nullable Object lastMessage,
    @Nullable Object state,
    ExitReason reason,
    @Nullable Pid client)
    implements Report {

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "gen_server,terminate";
  }

  @Override
  public String toString() {
    return "Server " + module + (name == null ? "" : " '" + name + "'") + " " + pid + " terminating, reason: " + reason
        + "; last message " + lastMessage + (client == null ? "" : " from " + client) + "; state " + state;
  }
}
