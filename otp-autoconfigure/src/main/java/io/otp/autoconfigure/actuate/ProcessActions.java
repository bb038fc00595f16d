package io.otp.autoconfigure.actuate;

import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Sys;
import io.otp.process.SysException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator may do to a process. Each is logged: somebody will ask why it ended. */
final class ProcessActions {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessActions.class);

  private final ProcessRuntime runtime;

  ProcessActions(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * What was done.
   *
   * @param pid to which process
   * @param action what
   * @param reason the exit reason, of exit and kill
   */
  public record Done(String pid, String action, @Nullable String reason) {}

  Done act(Pid pid, @Nullable String action, @Nullable String reason) {
    LOG.info("Actuator: {} {}{}", action, pid, reason == null ? "" : ", reason " + reason);
    return switch (action) {
      case "exit" -> exit(pid, action, exitReason(reason));
      case "kill" -> exit(pid, action, ExitReason.KILL);
      case "suspend" -> sys(pid, action, Sys::suspend);
      case "resume" -> sys(pid, action, Sys::resume);
      case null, default ->
          throw new EndpointRefusal(
              EndpointRefusal.BAD_REQUEST,
              "action=" + action + " is not allowed; it must be exit, kill, suspend or resume");
    };
  }

  private Done exit(Pid pid, String action, ExitReason reason) {
    runtime.exit(pid, reason);
    return new Done(pid.toString(), action, reason.toString());
  }

  /** As {@code exit(Pid, Reason)} in a shell: three words mean more than their text. */
  private static ExitReason exitReason(@Nullable String text) {
    return switch (text) {
      case null -> ExitReason.SHUTDOWN;
      case "", "shutdown" -> ExitReason.SHUTDOWN;
      case "normal" -> ExitReason.NORMAL;
      case "kill" -> ExitReason.KILL;
      default -> ExitReason.other(text);
    };
  }

  private Done sys(Pid pid, String action, Consumer<Pid> message) {
    boolean raw =
        runtime.summary(pid).filter(process -> process.behaviour().equals("raw")).isPresent();
    if (raw) {
      throw new EndpointRefusal(
          EndpointRefusal.CONFLICT,
          "Process "
              + pid
              + " cannot be told to "
              + action
              + ": it is a raw process, which receives for itself and obeys no system messages");
    }
    try {
      message.accept(pid);
    } catch (CallException.CallTimeoutException e) {
      throw new EndpointRefusal(
          EndpointRefusal.CONFLICT,
          "Process "
              + pid
              + " did not "
              + action
              + " within "
              + Sys.TIMEOUT.toSeconds()
              + " s: it is busy with a message. It will when it comes to it");
    } catch (CallException | SysException e) {
      throw new EndpointRefusal(EndpointRefusal.CONFLICT, String.valueOf(e.getMessage()));
    }
    return new Done(pid.toString(), action, null);
  }
}
