package io.otp.statem;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Report;
import io.otp.server.TerminateReport;
import io.otp.statem.StateMachine.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A state machine ended with a reason that is neither {@code normal} nor {@code shutdown}. States,
 * data, events and reason are as {@code formatStatus} shows them.
 *
 * @param pid the machine
 * @param name its registered name, {@code null} if it has none
 * @param queue the events that were not handled, that in progress first
 * @param postponed the events that waited for another state, oldest first
 * @param modules the callback modules, that in use first
 * @param callbackMode {@code handle_event_function} or {@code state_functions}
 * @param stateEnter whether it has state enter calls
 * @param state its state
 * @param data its data
 * @param timeouts the timers that ran
 * @param reason why
 * @param client who sent the event in progress, {@code null} unless that was a call of a process
 */
public record MachineTerminateReport(
    Pid pid,
    @Nullable String name,
    List<Status.Event> queue,
    List<Status.Event> postponed,
    List<String> modules,
    String callbackMode,
    boolean stateEnter,
    @Nullable Object state,
    @Nullable Object data,
    List<Status.Event> timeouts,
    ExitReason reason,
    TerminateReport.@Nullable Client client)
    implements Report {

  /** Copies the lists. */
  public MachineTerminateReport {
    queue = List.copyOf(queue);
    postponed = List.copyOf(postponed);
    modules = List.copyOf(modules);
    timeouts = List.copyOf(timeouts);
  }

  /** The callback module in use. */
  public String module() {
    return modules.getFirst();
  }

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "gen_statem,terminate";
  }

  @Override
  public String toString() {
    return "State machine "
        + module()
        + (name == null ? "" : " '" + name + "'")
        + " "
        + pid
        + " terminating, reason: "
        + reason
        + "; state "
        + Report.text(state)
        + "; data "
        + Report.text(data)
        + "; queue "
        + Report.text(queue)
        + (client == null ? "" : ", the first from " + client)
        + "; postponed "
        + Report.text(postponed)
        + "; timeouts "
        + Report.text(timeouts)
        + (modules.size() == 1 ? "" : "; modules " + modules);
  }
}
