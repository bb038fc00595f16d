package io.otp.event;

import io.otp.process.Pid;
import io.otp.process.Report;
import org.jspecify.annotations.Nullable;

/**
 * A handler failed and was removed; its manager goes on.
 *
 * @param pid the manager
 * @param name the manager's registered name, {@code null} if it has none
 * @param handler the handler
 * @param lastMessage the event, query or info it failed with, as {@code formatStatus} shows it;
 *     {@code null} if it failed while it took the place of another
 * @param state its state, as {@code formatStatus} shows it
 * @param reason how it failed, as {@code formatStatus} shows it
 */
public record HandlerReport(
    Pid pid,
    @Nullable String name,
    HandlerId<?> handler,
    @Nullable Object lastMessage,
    @Nullable Object state,
    HandlerFailure reason)
    implements Report {

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "gen_event,terminate";
  }

  @Override
  public String toString() {
    return "Event handler "
        + Report.text(handler)
        + " of "
        + (name == null ? "" : "'" + name + "' ")
        + pid
        + " failed and was removed, reason: "
        + Report.text(reason)
        + "; last message "
        + Report.text(lastMessage)
        + "; state "
        + Report.text(state);
  }
}
