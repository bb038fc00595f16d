package io.otp.statem;

import io.otp.process.From;
import io.otp.process.Pid;
import io.otp.process.Request;
import io.otp.process.SystemEvent;
import io.otp.server.GenProcess;
import io.otp.statem.Actions.ChangeModule;
import io.otp.statem.Actions.SetTimeout;
import io.otp.statem.Actions.Setting;
import io.otp.statem.Engine.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a machine that is debugged tells of one event, in OTP's order: what its actions do, then
 * that the event was consumed or postponed, then the timers.
 */
final class MachineDebug {

  private final Event event;
  private final Object before;
  private final Consumer<SystemEvent> told;
  private final List<SetTimeout> timeouts = new ArrayList<>();
  private boolean postponed;

  /**
   * @param before the state in which the event is handled
   */
  MachineDebug(Event event, Object before, Consumer<SystemEvent> told) {
    this.event = event;
    this.before = before;
    this.told = told;
  }

  static SystemEvent in(Event event, Object state) {
    Pid from = event.from() instanceof Request request ? request.caller() : null;
    return new SystemEvent.In(event.shown().type(), event.content(), from, state);
  }

  /** A callback returned {@code actions}; the state will be {@code next}. */
  void actions(List<? extends Action> actions, Object next) {
    for (Action action : actions) {
      switch (action) {
        case Reply reply -> told.accept(new SystemEvent.Out(reply.reply(), caller(reply), null));
        case Actions.NextEvent(var content) ->
            told.accept(
                content == event.content()
                    ? in(event, next)
                    : new SystemEvent.In("internal", content, null, next));
        case ChangeModule(_, var module) ->
            told.accept(
                new SystemEvent.Module(module == null ? "pop" : GenProcess.nameOf(module), next));
        case Actions.Postpone(var postpone) -> postponed = postpone;
        case SetTimeout timeout -> timeouts.add(timeout);
        case Actions.Hibernate _ -> {}
      }
    }
  }

  private @Nullable Pid caller(Reply reply) {
    return switch (reply.to()) {
      case From<?> from -> from.pid();
      default -> event.from() instanceof Request request ? request.caller() : null;
    };
  }

  /** The transition is complete. */
  void complete(Object state) {
    String kind = event.shown().type();
    told.accept(
        postponed
            ? new SystemEvent.Postpone(kind, event.content(), before, state)
            : new SystemEvent.Consume(kind, event.content(), before, state));
    for (int i = 0; i < timeouts.size(); i++) {
      SetTimeout timeout = timeouts.get(i);
      if (timeouts.subList(i + 1, timeouts.size()).stream()
          .noneMatch(later -> later.timer().equals(timeout.timer()))) {
        started(timeout, state);
      }
    }
  }

  private void started(SetTimeout timeout, Object state) {
    switch (timeout.setting()) {
      case Setting.After(var time, var what) -> {
        if (!Engine.isNever(time)) {
          told.accept(new SystemEvent.StartTimer(timeout.timer().toString(), time, what, state));
        }
      }
      case Setting.At(var time, var what) ->
          told.accept(new SystemEvent.StartTimer(timeout.timer().toString(), time, what, state));
      case Setting.Update _, Setting.Cancel _ -> {}
    }
  }
}
