package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessInfo;
import io.otp.process.ProcessRuntime;
import io.otp.process.Report;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server ended with a reason that is neither {@code normal} nor {@code shutdown}.
 *
 * @param pid the server
 * @param module its callback module
 * @param name its registered name, {@code null} if it has none
 * @param lastMessage the message it handled last, as {@code formatStatus} shows it; {@code null} if
 *     it was told to end
 * @param state its state, as {@code formatStatus} shows it
 * @param reason why, as {@code formatStatus} shows it
 * @param client who sent the last message, {@code null} unless that was a call of a process
 */
public record TerminateReport(
    Pid pid,
    String module,
    @Nullable String name,
    @Nullable Object lastMessage,
    @Nullable Object state,
    ExitReason reason,
    @Nullable Client client)
    implements Report {

  /**
   * The process whose call a server was handling.
   *
   * @param pid the process
   * @param name its registered name, {@code null} if it has none
   * @param alive whether it was still there
   * @param stack where its code was, innermost first; empty if it was not running
   */
  public record Client(Pid pid, @Nullable String name, boolean alive, List<String> stack) {

    /** Describes a process as it is now. For those who write behaviours. */
    public static Client of(Pid pid, ProcessRuntime runtime) {
      ProcessInfo info = runtime.info(pid).orElse(null);
      return info == null
          ? new Client(pid, null, false, List.of())
          : new Client(pid, info.summary().name(), true, info.stack());
    }

    @Override
    public String toString() {
      return (name == null ? "" : "'" + name + "' ") + pid + (alive ? "" : " (dead)");
    }
  }

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
    return "Server "
        + module
        + (name == null ? "" : " '" + name + "'")
        + " "
        + pid
        + " terminating, reason: "
        + reason
        + "; last message "
        + Report.text(lastMessage)
        + (client == null ? "" : " from " + client)
        + "; state "
        + Report.text(state);
  }
}
