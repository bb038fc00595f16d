package io.otp.differential;

import static io.otp.differential.Trace.LIMIT;
import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.SHUTDOWN;
import static io.otp.statem.Transition.cancelEventTimeout;
import static io.otp.statem.Transition.cancelStateTimeout;
import static io.otp.statem.Transition.cancelTimeout;
import static io.otp.statem.Transition.changeCallbackModule;
import static io.otp.statem.Transition.eventTimeout;
import static io.otp.statem.Transition.keepStateAndData;
import static io.otp.statem.Transition.nextEvent;
import static io.otp.statem.Transition.nextState;
import static io.otp.statem.Transition.popCallbackModule;
import static io.otp.statem.Transition.postpone;
import static io.otp.statem.Transition.pushCallbackModule;
import static io.otp.statem.Transition.repeatState;
import static io.otp.statem.Transition.reply;
import static io.otp.statem.Transition.stateTimeout;
import static io.otp.statem.Transition.stop;
import static io.otp.statem.Transition.stopAndReply;
import static io.otp.statem.Transition.timeout;
import static io.otp.statem.Transition.updateEventTimeout;
import static io.otp.statem.Transition.updateStateTimeout;
import static io.otp.statem.Transition.updateTimeout;

import io.otp.Rule;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Deadline;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Init;
import io.otp.server.RequestId.Answer;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.server.StopException;
import io.otp.statem.Action;
import io.otp.statem.BadTransition;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateData;
import io.otp.statem.StateMachine;
import io.otp.statem.StateMachines;
import io.otp.statem.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** State machines as Erlang's: {@code diff_statem.erl}. */
class StatemDifferentialTests extends DifferentialTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final ExitReason BYE = ExitReason.other("bye");
  private static final Duration ZERO = Duration.ZERO;
  private static final Duration LONG = Duration.ofSeconds(100);
  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  @TestFactory
  @Rule({
    "3.02", "3.03", "3.04", "3.10", "3.11", "3.12", "3.13", "3.14", "3.20", "3.21", "3.22", "3.23",
    "3.30", "3.31", "3.32", "3.33", "3.34", "3.35", "3.36", "3.37", "3.39", "3.40", "3.41", "3.43",
    "3.44", "3.45", "3.47"
  })
  Stream<DynamicTest> machinesDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "statem";
  }

  // --- the machine

  private sealed interface Event {}

  private interface Step {
    Transition<Object, Object> run(Object state, Object data, Self<Event> self) throws Exception;
  }

  private interface Handler {
    Transition<Object, Object> run(Ask ask, Object state, Object data) throws Exception;
  }

  private interface Start {
    Initial<Object, Object> init(Self<Event> self) throws Exception;
  }

  @Immutable
  private record Do(Step step) implements Event, Cast<Event> {}

  /** Does a step and answers {@code ok} first. */
  @Immutable
  private record DoNow(List<Action> actions, @Nullable Object next, @Nullable Step before)
      implements Event, Call<Event, Object> {}

  @Immutable
  private record Ask(Handler handler) implements Event, Call<Event, Object> {}

  private record Get() implements Event, Call<Event, Object> {}

  private record Ignore() implements Event, Call<Event, Object> {}

  /** Handled in state b and no other. */
  private record Later(Object what) implements Event, Cast<Event> {}

  private record Say(Object what) implements Event, Cast<Event> {}

  /** The machine's own: inserted or a timeout. */
  private record Own(Object what) implements Event {}

  /** Data: code for the state enter call. */
  @Immutable
  private record Hook(Enter enter) {}

  private interface Enter {
    Transition.Stay<Object, Object> run(Object state, Self<Event> self);
  }

  private static class Machine implements StateMachine<Start, Event, Object, Object> {

    final Trace trace;

    Machine(Trace trace) {
      this.trace = trace;
    }

    @Override
    public Initial<Object, Object> init(Start start, Self<Event> self) throws Exception {
      return start.init(self);
    }

    @Override
    public Transition.Stay<Object, Object> enter(
        Object from, Object state, Object data, Self<Event> self) {
      trace.ev(tuple("enter", from, state));
      return data instanceof Hook(var enter) ? enter.run(state, self) : keepStateAndData();
    }

    @Override
    public Transition<Object, Object> handle(On<Object, Event> on, Object data, Self<Event> self)
        throws Exception {
      Object state = on.state();
      return switch (on.event()) {
        case Do(var step) -> step.run(state, data, self);
        case DoNow now -> now(now, state, data, self);
        case Ask ask -> ask.handler().run(ask, state, data);
        case Get get -> keepStateAndData(reply(get, tuple(state, data)));
        case Ignore _ -> keepStateAndData();
        case Later(var what) -> {
          if (!state.equals("b")) {
            trace.ev(tuple("postponed", what, state));
            yield keepStateAndData(postpone());
          }
          trace.ev(tuple("handled", what));
          yield keepStateAndData();
        }
        case Say(var what) -> told(what, state);
        case Own(var what) -> told(what, state);
      };
    }

    private static Transition<Object, Object> now(
        DoNow now, Object state, Object data, Self<Event> self) throws Exception {
      if (now.before() != null) {
        now.before().run(state, data, self);
      }
      var actions = new ArrayList<Action>(List.of(reply(now, "ok")));
      actions.addAll(now.actions());
      Action[] all = actions.toArray(Action[]::new);
      return now.next() == null ? keepStateAndData(all) : nextState(now.next(), data, all);
    }

    private Transition<Object, Object> told(Object what, Object state) {
      trace.ev(tuple(what, state));
      return keepStateAndData();
    }

    @Override
    public Transition<Object, Object> handleInfo(
        Info info, Object state, Object data, Self<Event> self) {
      Object shown =
          switch (info) {
            case Exit(_, var reason) -> tuple("EXIT", reason);
            case Info.Message(var value) -> value;
            default -> info;
          };
      trace.ev(tuple("info", shown, state));
      return keepStateAndData();
    }

    @Override
    public void terminate(ExitReason reason, Object state, Object data, Self<Event> self) {
      trace.ev(tuple("terminate", r(reason), state, data instanceof Hook ? "hook" : data));
    }

    @Override
    public StateData<Object, Object> codeChange(
        String oldVersion, Object state, Object data, @Nullable Object extra, Self<Event> self) {
      if ("fail".equals(extra)) {
        trace.ev(tuple("code_change", state, data));
        throw new IllegalStateException("fail");
      }
      trace.ev(tuple("code_change", oldVersion, state, data));
      return new StateData<>(String.valueOf(extra), tuple("changed", data));
    }
  }

  /** {@code diff_statem_other}. */
  private static final class Other extends Machine {

    Other(Trace trace) {
      super(trace);
    }

    @Override
    public Transition.Stay<Object, Object> enter(
        Object from, Object state, Object data, Self<Event> self) {
      trace.ev(tuple("other_enter", from, state));
      return keepStateAndData();
    }

    @Override
    public Transition<Object, Object> handle(On<Object, Event> on, Object data, Self<Event> self)
        throws Exception {
      if (on.event() instanceof Say(var what)) {
        trace.ev(tuple("other", what, on.state()));
        return keepStateAndData();
      }
      return super.handle(on, data, self);
    }

    @Override
    public void terminate(ExitReason reason, Object state, Object data, Self<Event> self) {
      trace.ev(tuple("other_terminate", reason, state));
    }
  }

  private static Object r(ExitReason reason) {
    return switch (reason) {
      case ExitReason.Other(BadTransition bad) when bad.tag().startsWith("bad_return") ->
          "bad_return";
      case ExitReason.Other(BadTransition _) -> "bad_action";
      default -> reason;
    };
  }

  private static ServerRef<Event> start(Self<?> self, Trace trace, Object state, Object data) {
    return start(self, trace, s -> Initial.of(state, data));
  }

  private static ServerRef<Event> start(Self<?> self, Trace trace, Start start) {
    return ref(
        self, pidOf(StateMachines.start(self, new Machine(trace), start, StartOptions.NONE)));
  }

  private static ServerRef<Event> ref(Self<?> self, Pid pid) {
    return ServerRef.of(self.runtime(), pid);
  }

  private static Pid pidOf(StartResult result) {
    if (result instanceof StartResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError("not started: " + result);
  }

  private static Pid pidOf(ServerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  private static Object started(GenServers.Monitored monitored) {
    Object result = started(monitored.result());
    return monitored.monitor() != null ? "monitored" : result;
  }

  private static Object started(StartResult result) {
    return switch (result) {
      case StartResult.Started(var pid, _) -> {
        Sys.getState(pid);
        yield "ok";
      }
      case StartResult.Ignored _ -> "ignore";
      case StartResult.AlreadyStarted _ -> "already_started";
      case StartResult.Failed(var reason) -> tuple("error", r(reason));
    };
  }

  private static Object c(Supplier<Object> action) {
    try {
      return action.get();
    } catch (CallException e) {
      return tuple("exit", tuple("call", r(e.cause())));
    } catch (StopException e) {
      return tuple("exit", r(e.reason()));
    }
  }

  private static Object ask(ServerRef<Event> ref, Handler handler) {
    return c(() -> ref.call(new Ask(handler)));
  }

  private static Object keep(ServerRef<Event> ref, Action... actions) {
    return ref.call(new DoNow(List.of(actions), null, null));
  }

  private static Object go(ServerRef<Event> ref, Object state, Action... actions) {
    return ref.call(new DoNow(List.of(actions), state, null));
  }

  private static void sync(Trace trace, ServerRef<Event> ref) {
    trace.ev(ref.call(new Get()));
  }

  private static void wait(Self<?> self, long ms) {
    self.sleep(Duration.ofMillis(ms));
  }

  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
  }

  private static Own own(Object what) {
    return new Own(what);
  }

  /** Runs {@code what} in another process, which sends here what comes of it. */
  private static void aside(Self<Object> self, Supplier<Object> what) {
    Pid me = self.pid();
    self.spawn(other -> other.send(me, what.get()));
  }

  /** Another process's call is postponed; what comes of it is sent here. */
  private static void waiting(Self<Object> self, ServerRef<Event> machine) {
    Pid me = self.pid();
    Handler postponed =
        (ask, s, d) -> {
          self.runtime().send(me, "postponed");
          return keepStateAndData(postpone());
        };
    aside(self, () -> tuple("caller", ask(machine, postponed)));
    next(self);
  }

  private static Object down(Self<Object> self, Ref monitor) {
    return self.<Object>receive(
            LIMIT,
            m ->
                m instanceof Down d && d.ref() == monitor
                    ? Receive.take(d.reason())
                    : Receive.skip())
        .orElseThrow();
  }

  @Override
  void scenarios() {
    starting();
    entering();
    queueing();
    timing();
    ending();
    changing();
    signals();
    clients();
  }

  // --- start

  private static List<Start> inits() {
    return List.of(
        self -> Initial.of("a", "d"),
        self -> {
          throw Init.ignore();
        },
        self -> {
          throw Init.stop(BOOM);
        },
        self -> {
          throw Init.stop(NORMAL);
        },
        self -> {
          throw Init.stop(SHUTDOWN);
        },
        self -> {
          throw new ProcessExit(BOOM);
        });
  }

  private void starting() {
    scenario(
        "init_results",
        (self, trace) -> {
          for (Start init : inits()) {
            trace.ev(
                started(StateMachines.start(self, new Machine(trace), init, StartOptions.NONE)));
          }
          for (Start init : inits()) {
            trace.ev(
                started(
                    StateMachines.startMonitor(self, new Machine(trace), init, StartOptions.NONE)));
          }
          trace.ev(flush(self));
        });
    scenario(
        "init_results_linked",
        (self, trace) -> {
          self.trapExits(true);
          for (Start init : inits()) {
            trace.ev(
                started(
                    StateMachines.startLink(self, new Machine(trace), init, StartOptions.NONE)));
          }
        });
    scenario(
        "init_enters_and_inserts",
        (self, trace) -> {
          ServerRef<Event> machine =
              start(
                  self,
                  trace,
                  s -> {
                    s.send(s.pid(), new Say("message"));
                    return Initial.of(
                        "a",
                        "d",
                        nextEvent(own("one")),
                        nextEvent(own("two")),
                        stateTimeout(ZERO, own("zero")));
                  });
          sync(trace, machine);
        });
  }

  // --- states

  private static Hook inB(Supplier<Transition.Stay<Object, Object>> then) {
    return new Hook((state, self) -> state.equals("b") ? then.get() : keepStateAndData());
  }

  private void entering() {
    scenario(
        "equal_state",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          m.cast(new Later(1));
          keep(m, stateTimeout(ms(100), own("timeout")));
          go(m, "a");
          wait(self, 300);
          sync(trace, m);
        });
    scenario(
        "repeated_state",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          m.cast(new Later(1));
          keep(m, stateTimeout(ms(100), own("timeout")));
          ask(m, (ask, s, d) -> repeatState(d, reply(ask, "ok")));
          wait(self, 300);
          sync(trace, m);
        });
    scenario(
        "enter_before_events",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          go(m, "b", nextEvent(own("in")));
          sync(trace, m);
        });
    scenario(
        "reply_before_enter",
        (self, trace) -> {
          Pid me = self.pid();
          var hook =
              new Hook(
                  (state, machine) -> {
                    if (state.equals("b")) {
                      machine.send(me, "entering");
                      machine.receive(
                          LIMIT,
                          message -> message.equals("go") ? Receive.take(message) : Receive.skip());
                    }
                    return keepStateAndData();
                  });
          ServerRef<Event> m = start(self, trace, "a", hook);
          Object reply = go(m, "b");
          next(self);
          trace.ev(reply);
          m.send("go");
          trace.ev(ask(m, (ask, s, d) -> keepStateAndData(reply(ask, s))));
        });
    scenario(
        "enter_repeats",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", inB(() -> repeatState("d")));
          go(m, "b");
          sync(trace, m);
        });
    scenario(
        "enter_stops",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", inB(() -> stop(BYE, "e")));
          Ref monitor = self.monitor(pidOf(m));
          m.cast(new Do((s, d, machine) -> nextState("b", d, nextEvent(own("never")))));
          trace.ev(down(self, monitor));
        });
    scenario(
        "enter_crashes",
        (self, trace) -> {
          ServerRef<Event> m =
              start(
                  self,
                  trace,
                  "a",
                  inB(
                      () -> {
                        throw new IllegalStateException("crash");
                      }));
          trace.ev(ask(m, (ask, s, d) -> nextState("b", d)));
        });
  }

  // --- events

  private void queueing() {
    scenario(
        "queue_order",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          m.cast(new Later(1));
          m.cast(new Later(2));
          m.cast(
              new Do(
                  (s, d, machine) -> {
                    machine.send(machine.pid(), new Say("message"));
                    return nextState(
                        "b",
                        d,
                        stateTimeout(ZERO, own("zero")),
                        nextEvent(own("in1")),
                        nextEvent(new Say("in2")));
                  }));
          wait(self, 20);
          sync(trace, m);
        });
    scenario(
        "postponed_again",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          for (int i = 1; i <= 3; i++) {
            m.cast(new Later(i));
          }
          go(m, "c");
          go(m, "b");
          sync(trace, m);
        });
    scenario(
        "postponed_twice",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          for (int i = 1; i <= 3; i++) {
            int x = i;
            m.cast(
                new Do(
                    (s, d, machine) -> {
                      if (s.equals("a")) {
                        return keepStateAndData(postpone());
                      }
                      trace.ev(tuple(x, s));
                      return s.equals("b") ? nextState("c", d) : keepStateAndData();
                    }));
          }
          go(m, "b");
          sync(trace, m);
        });
    scenario(
        "postponed_and_changed",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          m.cast(
              new Do(
                  (s, d, machine) -> {
                    if (s.equals("a")) {
                      trace.ev("first");
                      return nextState("b", d, postpone(), nextEvent(own("in")));
                    }
                    trace.ev(tuple("again", s));
                    return keepStateAndData();
                  }));
          sync(trace, m);
        });
    scenario(
        "postponed_call_at_stop",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          waiting(self, m);
          trace.ev(ask(m, (ask, s, d) -> stop(BYE)));
          trace.ev(next(self));
        });
    scenario(
        "inserted_call",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          trace.ev(
              ask(
                  m,
                  (ask, s, d) -> {
                    if (s.equals("a")) {
                      return nextState("b", d, nextEvent(ask));
                    }
                    trace.ev(tuple("handled", 1));
                    return keepStateAndData(reply(ask, tuple(s, 1)));
                  }));
          Pid me = self.pid();
          aside(
              self,
              () ->
                  ask(
                      m,
                      (ask, s, d) -> {
                        if (s.equals("b") && d.equals("d")) {
                          self.runtime().send(me, "inserting");
                          return nextState("c", "seen", nextEvent(ask));
                        }
                        if (s.equals("c")) {
                          trace.ev(tuple("postponed", 2, s));
                          return keepStateAndData(postpone());
                        }
                        trace.ev(tuple("handled", 2));
                        return keepStateAndData(reply(ask, tuple(s, 2)));
                      }));
          next(self);
          go(m, "b");
          trace.ev(next(self));
        });
  }

  // --- timeouts

  private void timing() {
    scenario(
        "state_timeout",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, stateTimeout(ms(100), own("timeout")));
          wait(self, 300);
          keep(m, stateTimeout(ms(100), own("timeout")));
          go(m, "b");
          wait(self, 300);
          sync(trace, m);
        });
    scenario(
        "state_timeout_kept",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          go(m, "b", stateTimeout(ms(30), own("timeout")));
          wait(self, 120);
          sync(trace, m);
        });
    scenario(
        "event_timeout",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, eventTimeout(ms(100), own("idle")));
          wait(self, 300);
          keep(m, eventTimeout(ms(100), own("idle")));
          m.cast(new Say("other"));
          wait(self, 300);
          keep(m, eventTimeout(ms(100), own("idle")));
          Sys.getState(pidOf(m));
          wait(self, 300);
          keep(m, eventTimeout(ms(100), own("idle")), timeout("x", ms(5), own("x")));
          wait(self, 300);
          sync(trace, m);
        });
    scenario(
        "zero_timeouts",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(
              m,
              stateTimeout(ZERO, own("s")),
              timeout("x", ZERO, own("x")),
              nextEvent(own("in")),
              timeout("y", ZERO, own("y")));
          sync(trace, m);
          keep(m, eventTimeout(ZERO, own("idle")));
          sync(trace, m);
          keep(m, eventTimeout(ZERO, own("idle")), nextEvent(own("in")));
          sync(trace, m);
          keep(m, stateTimeout(ZERO, own("s")), eventTimeout(ZERO, own("idle")));
          sync(trace, m);
          keep(
              m,
              stateTimeout(ZERO, own("s")),
              nextEvent(new Do((s, d, machine) -> nextState("b", d))));
          sync(trace, m);
        });
    scenario(
        "zero_timeouts_set_again",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          for (Action change :
              List.of(
                  stateTimeout(ZERO, own("new")),
                  updateStateTimeout(own("new")),
                  cancelStateTimeout())) {
            keep(
                m,
                stateTimeout(ZERO, own("old")),
                timeout("x", ZERO, own("x")),
                nextEvent(new Do((s, d, machine) -> keepStateAndData(change))));
          }
          sync(trace, m);
        });
    scenario(
        "zero_beats_mailbox",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          Step say =
              (s, d, machine) -> {
                machine.send(machine.pid(), new Say("message"));
                return keepStateAndData();
              };
          m.call(new DoNow(List.of(eventTimeout(ZERO, own("idle"))), null, say));
          m.call(
              new DoNow(
                  List.of(stateTimeout(ZERO, own("s")), timeout("x", ZERO, own("x"))), null, say));
          sync(trace, m);
        });
    scenario(
        "generic_timeouts",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(
              m,
              timeout("x", ms(100), own("x")),
              timeout("y", ms(180), own("y")),
              timeout("z", INFINITY, own("z")));
          go(m, "b");
          wait(self, 400);
          sync(trace, m);
        });
    scenario(
        "timer_set_again",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, timeout("x", ms(100), own("old")), stateTimeout(ms(100), own("old")));
          keep(m, timeout("x", ms(150), own("new")), stateTimeout(INFINITY, own("never")));
          wait(self, 400);
          sync(trace, m);
        });
    scenario(
        "timer_updated",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, timeout("x", ms(150), own("old")));
          keep(m, updateTimeout("x", own("new")));
          sync(trace, m);
          wait(self, 400);
          sync(trace, m);
        });
    scenario(
        "update_of_none",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, updateTimeout("x", own("x")), updateStateTimeout(own("s")));
          keep(m, eventTimeout(LONG, own("idle")));
          keep(m, updateEventTimeout(own("updated")));
          sync(trace, m);
        });
    scenario(
        "update_of_changed_state",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, stateTimeout(LONG, own("old")));
          go(m, "b", updateStateTimeout(own("new")));
          sync(trace, m);
        });
    scenario(
        "cancelled",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, timeout("x", ms(100), own("x")), stateTimeout(ms(100), own("s")));
          keep(
              m,
              cancelTimeout("x"),
              cancelStateTimeout(),
              cancelTimeout("none"),
              cancelEventTimeout());
          wait(self, 300);
          sync(trace, m);
        });
    scenario(
        "stale_timer",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          for (Transition<Object, Object> then :
              List.<Transition<Object, Object>>of(
                  keepStateAndData(cancelTimeout("x"), cancelStateTimeout()),
                  keepStateAndData(timeout("x", LONG, own("new")), stateTimeout(LONG, own("new"))),
                  nextState("c", "d", cancelTimeout("x")))) {
            Step busy =
                (s, d, machine) -> {
                  machine.sleep(ms(40));
                  return then;
                };
            keep(
                m,
                timeout("x", ms(1), own("stale")),
                stateTimeout(ms(1), own("stale")),
                eventTimeout(ms(1), own("stale")),
                nextEvent(new Do(busy)));
            wait(self, 20);
          }
          sync(trace, m);
        });
    scenario(
        "absolute_time",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, timeout("x", Deadline.in(ms(40), self.runtime()), own("x")));
          wait(self, 150);
          keep(m, timeout("x", Deadline.in(ZERO, self.runtime()), own("past")));
          wait(self, 50);
          sync(trace, m);
        });
    scenario(
        "last_setting_counts",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(
              m,
              stateTimeout(ZERO, own("s1")),
              timeout("x", ZERO, own("x")),
              stateTimeout(ZERO, own("s2")));
          keep(m, stateTimeout(ms(150), own("old")));
          keep(m, cancelStateTimeout(), updateStateTimeout(own("new")));
          wait(self, 400);
          keep(m, stateTimeout(LONG, own("a")), updateStateTimeout(own("b")));
          sync(trace, m);
        });
    scenario(
        "suspended_timer",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, timeout("x", ms(100), own("x")));
          Sys.suspend(pidOf(m));
          m.cast(new Say("message"));
          wait(self, 300);
          trace.ev("suspended");
          Sys.resume(pidOf(m));
          sync(trace, m);
        });
  }

  // --- ends

  private void ending() {
    scenario(
        "stop_results",
        (self, trace) -> {
          for (Transition<Object, Object> end :
              List.<Transition<Object, Object>>of(
                  stop(BYE),
                  stop(BYE, "e"),
                  stop(NORMAL),
                  stop(SHUTDOWN),
                  stop(new ExitReason.ShutdownWith("x")))) {
            ServerRef<Event> m = start(self, trace, "a", "d");
            trace.ev(ask(m, (ask, s, d) -> end));
            m.whereis().ifPresent(pid -> ended(self, pid));
          }
        });
    scenario(
        "stop_and_reply",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          Handler end = (ask, s, d) -> stopAndReply(BYE, "e", reply(ask, "last"));
          Ref first = self.monitor(pidOf(m));
          Object answer = ask(m, end);
          down(self, first);
          trace.ev(answer);
          ServerRef<Event> other = start(self, trace, "a", "d");
          waiting(self, other);
          Ref second = self.monitor(pidOf(other));
          answer = ask(other, end);
          down(self, second);
          trace.ev(answer);
          trace.ev(next(self));
        });
    scenario(
        "crash_has_old_state",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          ask(m, (ask, s, d) -> nextState("b", "e", reply(ask, "ok")));
          trace.ev(
              ask(
                  m,
                  (ask, s, d) -> {
                    throw new IllegalStateException("crash");
                  }));
          ServerRef<Event> other = start(self, trace, "a", "d");
          trace.ev(
              ask(
                  other,
                  (ask, s, d) -> {
                    throw new ProcessExit(BOOM);
                  }));
        });
    scenario(
        "bad_returns",
        (self, trace) -> trace.ev(ask(start(self, trace, "a", "d"), (ask, s, d) -> null)));
  }

  // --- from outside

  private void changing() {
    scenario(
        "replaced_state",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          keep(m, stateTimeout(ms(150), own("timeout")));
          trace.ev(both(Sys.replaceState(pidOf(m), old -> new StateData<>("b", "e"))));
          trace.ev(both(Sys.getState(pidOf(m))));
          wait(self, 400);
          sync(trace, m);
        });
    scenario(
        "changed_code",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          trace.ev(changed(m, "c"));
          Sys.suspend(pidOf(m));
          trace.ev(changed(m, "fail"));
          trace.ev(both(Sys.getState(pidOf(m))));
          trace.ev(changed(m, "c"));
          trace.ev(both(Sys.getState(pidOf(m))));
          Sys.resume(pidOf(m));
          sync(trace, m);
        });
    scenario(
        "modules",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          go(m, "b", pushCallbackModule(new Other(trace)));
          m.cast(new Say("one"));
          m.cast(new Do((s, d, machine) -> nextState("c", d, popCallbackModule())));
          sync(trace, m);
          go(m, "d", changeCallbackModule(new Other(trace)));
          m.cast(new Say("two"));
          StateMachines.stop(m);
        });
    scenario(
        "pop_of_one",
        (self, trace) ->
            trace.ev(
                ask(
                    start(self, trace, "a", "d"),
                    (ask, s, d) -> nextState("b", "e", popCallbackModule()))));
  }

  private static Object both(Object state) {
    StateData<?, ?> both = (StateData<?, ?>) state;
    return tuple(both.state(), both.data());
  }

  private static Object changed(ServerRef<Event> machine, Object extra) {
    try {
      Sys.changeCode(pidOf(machine), "v1", extra);
      return "ok";
    } catch (SysException e) {
      return "refused";
    }
  }

  // --- exit signals

  private static Initial<Object, Object> trapping(Self<Event> self) {
    self.trapExits(true);
    return Initial.of("a", "d");
  }

  private void signals() {
    scenario(
        "parent_exit",
        (self, trace) -> {
          Pid me = self.pid();
          for (ExitReason reason : List.of(NORMAL, SHUTDOWN, BOOM)) {
            Pid parent =
                self.spawn(
                    p -> {
                      Start trapping = StatemDifferentialTests::trapping;
                      p.send(
                          me,
                          pidOf(
                              StateMachines.startLink(
                                  p, new Machine(trace), trapping, StartOptions.NONE)));
                      p.receive();
                      throw new ProcessExit(reason);
                    });
            Pid machine = (Pid) next(self);
            self.send(parent, "go");
            ended(self, machine);
          }
        });
    scenario(
        "stranger_exit",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, StatemDifferentialTests::trapping);
          self.exit(pidOf(m), BOOM);
          self.exit(pidOf(m), NORMAL);
          sync(trace, m);
        });
    scenario(
        "untrapped_exit",
        (self, trace) -> {
          for (ExitReason signal : List.of(SHUTDOWN, KILL)) {
            ServerRef<Event> m = start(self, trace, "a", "d");
            sync(trace, m);
            Ref monitor = self.monitor(pidOf(m));
            self.exit(pidOf(m), signal);
            trace.ev(down(self, monitor));
          }
        });
  }

  // --- clients

  private void clients() {
    scenario(
        "call_failures",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          ServerRef<Event> nobody = ServerRef.of(self.runtime(), "diff_nobody");
          trace.ev(c(() -> m.call(new Ignore(), ms(20))));
          trace.ev(c(() -> m.call(new Ignore(), ms(20))));
          trace.ev(c(() -> nobody.call(new Get(), ms(20))));
          nobody.cast(new Say("x"));
          trace.ev("ok");
          StateMachines.stop(m);
          trace.ev(c(() -> m.call(new Get(), ms(1000))));
          trace.ev(flush(self));
        });
    scenario(
        "requests",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          trace.ev(answer(m.sendRequest(self, new Get()).receiveResponse(self, LIMIT)));
          trace.ev(answer(m.sendRequest(self, new Ignore()).receiveResponse(self, ms(20))));
          trace.ev(
              answer(
                  m.sendRequest(self, new Ask((ask, s, d) -> stop(BYE)))
                      .receiveResponse(self, LIMIT)));
        });
    scenario(
        "stops",
        (self, trace) -> {
          ServerRef<Event> m = start(self, trace, "a", "d");
          StateMachines.stop(m);
          trace.ev("ok");
          trace.ev(
              c(
                  () -> {
                    StateMachines.stop(m);
                    return "ok";
                  }));
          ServerRef<Event> other = start(self, trace, "a", "d");
          Sys.suspend(pidOf(other));
          StateMachines.stop(other, BYE, INFINITY);
          trace.ev("ok");
        });
  }

  private static Object answer(Optional<Answer<Object>> answer) {
    if (answer.isEmpty()) {
      return "timeout";
    }
    return switch (answer.get()) {
      case Answer.Reply<Object>(var value) -> tuple("reply", value);
      case Answer.Failed<Object>(var reason, _) -> tuple("error", reason);
    };
  }
}
