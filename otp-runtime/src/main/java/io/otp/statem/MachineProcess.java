package io.otp.statem;

import io.otp.process.Call;
import io.otp.process.CallTrace;
import io.otp.process.CallbackModule;
import io.otp.process.CrashReport;
import io.otp.process.Deadline;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.Ref;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SystemEvent;
import io.otp.process.SystemMessage;
import io.otp.process.TimerExpired;
import io.otp.server.GenProcess;
import io.otp.server.Init;
import io.otp.server.StartResult;
import io.otp.server.TerminateReport;
import io.otp.statem.Engine.Event;
import io.otp.statem.Engine.Step;
import io.otp.statem.StateMachine.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The loop of {@code gen_statem}: hands events to callbacks and does what the {@link Engine} makes
 * of their answers. One instance per process, all of it used by the thread that runs the process,
 * except {@code outcome}, which the starter reads after the process has answered it or ended: that
 * answer is the happens-before edge.
 */
final class MachineProcess extends GenProcess {

  /** A message to itself: the starter was answered, now comes what {@code init} asked for. */
  private record Begin(List<Action> actions) {}

  /** What the timers of the engine bring. */
  private record Expired(long number) {}

  private final MachineCode code;
  private final Object args;
  private final @Nullable String name;

  /** From {@code init} on. */
  private @Nullable Engine<MachineCode> engine;

  /** Between {@code init} and the answer to the starter, if there is more to do after that. */
  private @Nullable Begin begin;

  private @Nullable StartResult outcome;
  private @Nullable Map<Long, Ref> timers;

  /** What is told of the event that is handled, {@code null} if nobody debugs this process. */
  private @Nullable MachineDebug debug;

  MachineProcess(MachineCode code, Object args, @Nullable String name) {
    this.code = code;
    this.args = args;
    this.name = name;
  }

  /** Of a process that has initialised itself: what is to be done with {@link #entered}. */
  MachineProcess(MachineCode code, Initial<Object, Object> initial) {
    this(code, initial, null);
    engine = new Engine<>(code, MachineCode::of, initial.state(), initial.data());
    begin = new Begin(initial.actions());
  }

  /** What a process that has initialised itself handles first. */
  Object entered() {
    Begin first = Objects.requireNonNull(begin);
    begin = null;
    return first;
  }

  @Override
  protected CallbackModule module() {
    Engine<MachineCode> e = engine;
    return e == null ? code.module : e.module().module;
  }

  @Override
  protected @Nullable StartResult outcome() {
    return outcome;
  }

  @Override
  protected void outcome(StartResult outcome) {
    this.outcome = outcome;
  }

  private Engine<MachineCode> engine() {
    return Objects.requireNonNull(engine, "before init");
  }

  private StateMachine<Object, Object, Object, Object> callbacks(Self<Object> self) {
    return traced(engine().module().callbacks, self);
  }

  private static StateMachine<Object, Object, Object, Object> traced(
      StateMachine<Object, Object, Object, Object> callbacks, Self<Object> self) {
    CallTrace trace = callTrace(self);
    return trace == null ? callbacks : new TracedMachine(callbacks, trace);
  }

  // --- init

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    ExitReason taken = register(name, self);
    if (taken != null) {
      return taken;
    }
    if (code.options.trapExits()) {
      self.trapExits(true);
    }
    try {
      Initial<Object, Object> initial = traced(code.callbacks, self).init(args, self);
      return initial == null
          ? failedInInit(BadTransition.noInitial(code), self)
          : begin(initial, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Init stop) {
      return stoppedInInit(stop, self);
    } catch (Throwable t) {
      return failedInInit(ExitReason.of(t), self);
    }
  }

  private @Nullable ExitReason begin(Initial<Object, Object> initial, Self<Object> self) {
    self.runtime().checkState(initial.state());
    self.runtime().checkState(initial.data());
    engine = new Engine<>(code, MachineCode::of, initial.state(), initial.data());
    if (code.entersStates() || !initial.actions().isEmpty()) {
      begin = new Begin(initial.actions());
    }
    return null;
  }

  // --- events

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return run(Event.cast(message), self);
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    if (request.message() == Started.STARTED) {
      request.reply(Call.Ok.OK);
      if (begin != null) {
        handleNext(begin, self); // not now: this may be the starter's thread
        begin = null;
      }
      return null;
    }
    return run(Event.call(request.message(), request), self);
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    if (info instanceof TimerExpired(_, Expired(var number))) {
      if (timers != null) {
        timers.remove(number);
      }
      Event event = engine().expired(number);
      return event == null ? null : run(event, self);
    }
    if (info instanceof Info.Message(Begin(var actions))) {
      return goOn(perform(engine().begin(actions), null, self), self);
    }
    if (info instanceof Exit(var from, var reason) && isParent(from, self)) {
      return terminate(reason, null, self);
    }
    return run(Event.info(info), self);
  }

  private @Nullable ExitReason run(Event event, Self<Object> self) {
    if (isDebugged(self)) {
      debug(MachineDebug.in(event, engine().state()), self);
    }
    return goOn(handle(event, self), self);
  }

  /** All events that come before the next message (3.23). */
  private @Nullable ExitReason goOn(@Nullable ExitReason decided, Self<Object> self) {
    ExitReason end = decided;
    Event event = end == null ? engine().next() : null;
    if (event == null) {
      return end;
    }
    while (end == null && event != null) {
      self.checkpoint();
      handling((Request) event.from(), self);
      if (event.kind() == Engine.Kind.TIMEOUT && isDebugged(self)) {
        debug(MachineDebug.in(event, engine().state()), self);
      }
      end = handle(event, self);
      event = end == null ? engine().next() : null;
    }
    if (end == null) {
      handling(null, self);
    }
    return end;
  }

  private @Nullable ExitReason handle(Event event, Self<Object> self) {
    List<Step> steps;
    Object before = engine().state();
    try {
      Transition<Object, Object> transition = transition(event, self);
      if (transition == null) {
        String callback = event.kind() == Engine.Kind.INFO ? "handleInfo" : "handle";
        return terminate(BadTransition.noTransition(engine().module(), callback), event, self);
      }
      check(transition, self);
      debug = isDebugged(self) ? new MachineDebug(event, before, told -> debug(told, self)) : null;
      if (debug != null) {
        Object next = transition.state();
        debug.actions(transition.actions(), next == null ? before : next);
      }
      steps = engine().handled(event, transition);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), event, self);
    }
    return perform(steps, event, self);
  }

  private Transition<Object, Object> transition(Event event, Self<Object> self) throws Exception {
    Engine<MachineCode> e = engine();
    return event.content() instanceof Info info && event.kind() == Engine.Kind.INFO
        ? callbacks(self).handleInfo(info, e.state(), e.data(), self)
        : callbacks(self).handle(new On<>(e.state(), event.content()), e.data(), self);
  }

  private void check(Transition<Object, Object> transition, Self<Object> self) {
    Object state = transition.state();
    if (state != null && state != engine().state()) {
      self.runtime().checkState(state);
    }
    Object data = transition.data();
    if (data != null && data != engine().data()) {
      self.runtime().checkState(data);
    }
    for (Action action : transition.actions()) {
      if (action instanceof Reply reply) {
        self.runtime().checkMessage(reply.reply());
      }
    }
  }

  /** Does what the engine says, state enter calls too, until the transition is complete. */
  private @Nullable ExitReason perform(
      List<Step> decided, @Nullable Event event, Self<Object> self) {
    try {
      List<Step> steps = decided;
      while (true) {
        List<Step> more = null;
        for (Step step : steps) {
          switch (step) {
            case Step.Answer(var to, var reply) -> answer(to, reply);
            case Step.StartTimer(var number, var after, var at) -> start(number, after, at, self);
            case Step.StopTimer(var number) -> stop(number, self);
            case Step.Enter(var from, var state, var data) -> {
              Transition.Stay<Object, Object> stay = callbacks(self).enter(from, state, data, self);
              if (stay == null) {
                return terminate(
                    BadTransition.noTransition(engine().module(), "enter"), event, self);
              }
              check(stay, self);
              if (debug != null) {
                debug.actions(stay.actions(), state);
              }
              more = engine().entered(stay);
            }
            case Step.Stop(var reason) -> {
              return terminate(reason, event, self);
            }
          }
        }
        if (more == null) {
          if (debug != null) {
            debug.complete(engine().state());
            debug = null;
          }
          return null;
        }
        steps = more;
      }
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), event, self);
    }
  }

  @SuppressWarnings("unchecked") // reply(From<R>, R) takes nothing else
  private static void answer(Object to, Object reply) {
    if (to instanceof Request request) {
      request.reply(reply);
    } else {
      ((From<Object>) to).reply(reply);
    }
  }

  private void start(
      long number, @Nullable Duration after, @Nullable Deadline at, Self<Object> self) {
    Duration time = after != null ? after : Objects.requireNonNull(at).left();
    if (timers == null) {
      timers = new HashMap<>(4);
    }
    timers.put(number, self.startTimer(time, new Expired(number)));
  }

  private void stop(long number, Self<Object> self) {
    Ref timer = timers == null ? null : timers.remove(number);
    if (timer != null) {
      self.cancelTimer(timer);
    }
  }

  // --- end

  /** Calls {@code terminate} and reports; returns the reason to end with. */
  private ExitReason terminate(ExitReason why, @Nullable Event event, Self<Object> self) {
    if (hasEnded(self)) {
      return why;
    }
    ExitReason reason = why;
    try {
      callbacks(self).terminate(why, engine().state(), engine().data(), self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      reason = ExitReason.of(t);
    }
    if (reason.isAbnormal() && !hasEnded(self)) {
      report(reason, event, self);
    } else if (isDebugged(self)) {
      debug(new SystemEvent.Terminate(reason, engine().state()), self);
    }
    return reason;
  }

  /** Whether it was ended from outside: then there is nothing to do and to report (2.51, 13.06). */
  private void report(ExitReason reason, @Nullable Event event, Self<Object> self) {
    Status shown = formatted(reason, event);
    ExitReason shownReason = shown.reason() == null ? reason : shown.reason();
    CrashReport crash = CrashReport.of(self, shownReason);
    Pid client = event != null && event.from() instanceof Request r ? r.caller() : null;
    self.runtime()
        .report(
            new MachineTerminateReport(
                self.pid(),
                crash.registeredName(),
                shown.queue(),
                shown.postponed(),
                engine().moduleNames(),
                engine().module().mode(),
                engine().module().entersStates(),
                shown.state(),
                shown.data(),
                shown.timeouts(),
                shownReason,
                client == null ? null : TerminateReport.Client.of(client, self.runtime())));
    self.runtime().report(crash);
  }

  @SuppressWarnings("NullAway") // written by users: it may return null all the same
  private Status formatted(@Nullable ExitReason reason, @Nullable Event event) {
    Engine<MachineCode> e = engine();
    String fault;
    try {
      Status shown =
          engine()
              .module()
              .callbacks
              .formatStatus(
                  new Status(
                      e.state(), e.data(), e.queued(event), e.postponed(), e.timeouts(), reason));
      if (shown != null) {
        return shown;
      }
      fault = "returned null";
    } catch (ProcessKilledError killed) {
      throw killed;
    } catch (Throwable t) {
      fault = "threw " + t.getClass().getName();
    }
    String marker = "not shown: formatStatus of " + e.module() + " " + fault;
    return new Status(marker, marker, List.of(), List.of(), List.of(), reason);
  }

  // --- sys

  @Override
  protected @Nullable Object status() {
    return engine == null ? null : formatted(null, null);
  }

  @Override
  protected Object systemGetState() {
    return new StateData<>(engine().state(), engine().data());
  }

  @Override
  protected Object systemReplaceState(UnaryOperator<Object> change, Self<Object> self) {
    Object changed = change.apply(new StateData<>(engine().state(), engine().data()));
    if (!(changed instanceof StateData<?, ?> both)) {
      throw new IllegalArgumentException(
          "the state of a state machine is replaced by a StateData, not by " + changed);
    }
    replace(both, self);
    return changed;
  }

  private void replace(StateData<?, ?> both, Self<Object> self) {
    self.runtime().checkState(Objects.requireNonNull(both.state(), "a state cannot be null"));
    self.runtime().checkState(both.data());
    engine().replace(both.state(), both.data());
  }

  @Override
  protected void systemCodeChange(SystemMessage.ChangeCode change, Self<Object> self)
      throws Exception {
    replace(
        callbacks(self)
            .codeChange(
                change.oldVersion(), engine().state(), engine().data(), change.extra(), self),
        self);
  }

  @Override
  protected ExitReason systemTerminate(ExitReason reason, Self<Object> self) {
    return terminate(reason, null, self);
  }
}
