package io.otp.differential;

import static io.otp.differential.Trace.LIMIT;
import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;
import static io.otp.server.Next.continueWith;
import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;
import static io.otp.server.Next.stop;
import static io.otp.server.Next.timeout;

import io.otp.Rule;
import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.Cast;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.process.SystemEvent;
import io.otp.process.SystemMessage;
import io.otp.process.Tracer.Flag;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.statem.Action;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateData;
import io.otp.statem.StateMachine;
import io.otp.statem.StateMachines;
import io.otp.statem.Transition;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import io.otp.trace.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Debugging, {@code enter_loop}, special processes and tracing as Erlang's: {@code diff_sys.erl}.
 */
class SysDifferentialTests extends DifferentialTests {

  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  @TestFactory
  @Rule({"2.62", "7.01", "7.02", "7.04", "7.05", "7.07", "7.10", "8.60"})
  Stream<DynamicTest> debuggingDoesWhatErlangsDoes() {
    return compare();
  }

  @Override
  String suite() {
    return "sys";
  }

  // --- the server

  private record Ask(Object what) implements Call<Object, Object> {}

  private record Tell(Object what) implements Cast<Object> {}

  private record Server(Trace trace) implements ArgsGenServer<Object, Object, Object> {
    @Override
    public Object init(Object args, Self<Object> self) {
      return args;
    }

    @Override
    public Next<Object> handle(Object message, Object state, Self<Object> self) {
      return switch (message) {
        case Ask(Trace.Tuple(var parts)) when parts.getFirst().equals("continue") ->
            reply((Ask) message, "ok", state, continueWith(parts.get(1)));
        case Ask(var what) when what.equals("later") -> {
          self.from((Ask) message).reply("late");
          yield noreply(state);
        }
        case Ask(var what) when what.equals("stop") ->
            stop(ExitReason.NORMAL, (Ask) message, "bye", state);
        case Ask(var what) -> reply((Ask) message, tuple("re", what), state);
        case Tell(var what) when what.equals("timeout") -> noreply(state, timeout(Duration.ZERO));
        case Tell(var what) when what.equals("crash") -> throw new IllegalStateException("crash");
        case Tell(var what) -> noreply(what);
        default -> throw new AssertionError(message);
      };
    }

    @Override
    public Next<Object> handleInfo(Info info, Object state, Self<Object> self) {
      return noreply(state);
    }

    @Override
    public Next<Object> handleContinue(Object continuation, Object state, Self<Object> self) {
      return noreply(tuple(state, continuation));
    }

    @Override
    public void terminate(ExitReason reason, Object state, Self<Object> self) {
      trace.ev(tuple("terminate", reason, state));
    }
  }

  private static ServerRef<Object> start(Self<Object> self, Trace trace) {
    StartResult result = GenServers.start(self, new Server(trace), "s", StartOptions.NONE);
    return ServerRef.of(self.runtime(), ((StartResult.Started) result).pid());
  }

  private static Pid pid(ServerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  private static Object call(ServerRef<Object> ref, Object what) {
    return ref.call(new Ask(what), LIMIT);
  }

  private static void calls(ServerRef<Object> ref) {
    for (int i = 1; i <= 7; i++) {
      call(ref, i);
    }
  }

  /** As {@code shown/1} of the Erlang half. */
  private static Object shown(SystemEvent event) {
    return switch (event) {
      case SystemEvent.In(var kind, var message, _, var state) ->
          state != null
              ? tuple("in", type(kind), plain(message), state)
              : kind.equals("timeout") ? tuple("in", kind) : tuple("in", kind, plain(message));
      case SystemEvent.Out(var reply, _, var state) ->
          state == null ? tuple("out", reply) : tuple("out", reply, state);
      case SystemEvent.NoReply(var state) -> tuple("noreply", state);
      case SystemEvent.Continue(var continuation) -> tuple("continue", continuation);
      case SystemEvent.Consume(var kind, var what, var state, var next) ->
          tuple("consume", type(kind), plain(what), state, next);
      case SystemEvent.Postpone(var kind, var what, var state, var next) ->
          tuple("postpone", type(kind), plain(what), state, next);
      case SystemEvent.StartTimer(var timer, _, var what, var state) ->
          tuple("start_timer", type(timer), plain(what), state);
      case SystemEvent.Module(_, var state) -> tuple("module", state);
      case SystemEvent.Terminate(var reason, var state) -> tuple("terminate", reason, state);
      case SystemEvent.Other(var what) -> what;
    };
  }

  private static Object type(String kind) {
    return kind.startsWith("{timeout,")
        ? tuple("timeout", kind.substring(9, kind.length() - 1))
        : kind;
  }

  private static Object plain(Object message) {
    return switch (message) {
      case Ask(var what) -> what;
      case Tell(var what) -> what;
      case Info.Message(var what) -> what;
      case Event event -> event.term();
      default -> message;
    };
  }

  private static void log(Pid pid, Trace trace) {
    Sys.getLog(pid).forEach(event -> trace.ev(shown(event)));
  }

  private static Object stat(Pid pid) {
    return Sys.getStatistics(pid)
        .<Object>map(s -> tuple(s.messagesIn(), s.messagesOut()))
        .orElse("none");
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    io.otp.TestRuntime.await("a condition", condition);
  }

  private static Object ok(Runnable operation) {
    operation.run();
    return "ok";
  }

  private static Object refused(Runnable operation) {
    try {
      operation.run();
      return "ok";
    } catch (SysException e) {
      return "refused";
    }
  }

  /** As {@code teller/1}: tells, with a count as its state. */
  private static void install(Self<Object> self, Pid pid, String id, int count) {
    Pid me = self.pid();
    Sys.install(
        pid,
        id,
        count,
        (n, event, of) -> {
          self.runtime().send(me, tuple(n, shown(event)));
          if (event instanceof SystemEvent.In in) {
            Object what = plain(in.message());
            if (what.equals("done")) {
              return null;
            }
            if (what.equals("crash")) {
              throw new IllegalStateException("crash");
            }
          }
          return n + 1;
        });
  }

  // --- the machine

  private sealed interface Event {
    Object term();
  }

  private record Asked(Object term) implements Event, Call<Event, Object> {}

  private record Told(Object term) implements Event, Cast<Event> {}

  private record Own(Object term) implements Event {}

  private static final class Machine implements StateMachine<Object, Event, String, Object> {
    @Override
    public Initial<String, Object> init(Object args, Self<Event> self) {
      return Initial.of("idle", args);
    }

    @Override
    public Transition.Stay<String, Object> enter(
        String from, String state, Object data, Self<Event> self) {
      return data.equals("enters") && state.equals("busy")
          ? Transition.keepStateAndData(
              Transition.stateTimeout(FOREVER, new Own("x")),
              Transition.timeout("t", Duration.ofSeconds(100), new Own("tick")))
          : Transition.keepStateAndData();
    }

    @Override
    public Transition<String, Object> handle(On<String, Event> on, Object data, Self<Event> self) {
      if (on.event() instanceof Asked asked) {
        List<Object> parts = ((Trace.Tuple) asked.term()).elements();
        return parts.getFirst().equals("keep")
            ? Transition.keepStateAndData(Transition.reply(asked, "kept"))
            : Transition.nextState((String) parts.get(1), data, Transition.reply(asked, "ok"));
      }
      if (on.event() instanceof Told(var term)) {
        return told(term, on.state(), data);
      }
      return Transition.keepStateAndData();
    }

    private Transition<String, Object> told(Object term, String state, Object data) {
      if (term.equals("later")) {
        return state.equals("idle")
            ? Transition.keepStateAndData(Transition.postpone())
            : Transition.keepStateAndData();
      }
      if (term.equals("swap")) {
        return Transition.keepStateAndData(Transition.changeCallbackModule(new Machine()));
      }
      if (term.equals("stop")) {
        return Transition.stop(ExitReason.NORMAL);
      }
      List<Object> parts = ((Trace.Tuple) term).elements();
      return switch ((String) parts.getFirst()) {
        case "go_cast" -> Transition.nextState((String) parts.get(1), data);
        case "insert" -> Transition.keepStateAndData(Transition.nextEvent(new Own(parts.get(1))));
        case "timer" -> Transition.keepStateAndData(timer(parts.get(1), parts.get(2)));
        case "cancel" -> Transition.keepStateAndData(Transition.cancelStateTimeout());
        default -> throw new AssertionError(term);
      };
    }

    private static Action timer(Object timer, Object time) {
      Duration after = time.equals("infinity") ? FOREVER : Duration.ofMillis((Integer) time);
      var fired = new Own("fired");
      return switch (timer) {
        case String name when name.equals("state_timeout") -> Transition.stateTimeout(after, fired);
        case String _ -> Transition.eventTimeout(after, fired);
        default -> Transition.timeout(((Trace.Tuple) timer).elements().get(1), after, fired);
      };
    }

    @Override
    public Transition<String, Object> handleInfo(
        Info info, String state, Object data, Self<Event> self) {
      return Transition.keepStateAndData();
    }
  }

  private static ServerRef<Event> machine(Self<Object> self, Object data) {
    StartResult result = StateMachines.start(self, new Machine(), data, StartOptions.NONE);
    Pid pid = ((StartResult.Started) result).pid();
    Sys.log(pid, 100);
    return ServerRef.of(self.runtime(), pid);
  }

  // --- the special process

  private record Tick(Pid from) {}

  private static final class Special extends Behaviour {
    private static final CallbackModule MODULE = CallbackModule.of("Special", "special");
    private final Trace trace;
    private int n;

    Special(Trace trace) {
      this.trace = trace;
    }

    @Override
    protected CallbackModule module() {
      return MODULE;
    }

    @Override
    protected @Nullable ExitReason init(Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
      if (info instanceof Info.Message(Tick(var from))) {
        if (isDebugged(self)) {
          debug(new SystemEvent.In("info", "tick", null, null), self);
        }
        self.send(from, tuple("ticked", ++n));
      }
      return null;
    }

    @Override
    protected Object systemGetState() {
      return n;
    }

    @Override
    protected Object systemReplaceState(UnaryOperator<Object> change, Self<Object> self) {
      n = (Integer) change.apply(n);
      return n;
    }

    @Override
    protected void systemCodeChange(SystemMessage.ChangeCode change, Self<Object> self) {
      if (change.extra() instanceof Integer more) {
        n += more;
      } else {
        throw new IllegalArgumentException("fail");
      }
    }

    @Override
    protected ExitReason systemTerminate(ExitReason reason, Self<Object> self) {
      trace.ev(tuple("terminated", reason, n));
      return reason;
    }
  }

  private static Pid special(Self<Object> self, Trace trace) {
    return self.spawn(new Special(trace), SpawnOptions.NONE).pid();
  }

  private static Pid tick(Self<Object> self, Pid pid) {
    self.send(pid, new Tick(self.pid()));
    return pid;
  }

  // --- tracing

  private static List<Object> traced(
      Self<Object> self, List<Flag> flags, Consumer<Self<Object>> body) {
    Pid pid =
        self.spawn(
            mine -> {
              mine.receive(m -> m.equals("go") ? Receive.take(m) : Receive.skip());
              body.accept(mine);
            });
    try (var session =
        io.otp.trace.Trace.in(self.runtime())
            .pid(pid)
            .flags(flags.toArray(Flag[]::new))
            .withText(String::valueOf, 100)
            .startFor(self.pid())) {
      self.send(pid, "go");
      ended(self, pid);
    }
    var told = new ArrayList<Object>();
    Object message;
    while (!((message = next(self)) instanceof io.otp.trace.Trace.Ended)) {
      if (message instanceof TraceEvent event) {
        told.add(shown(event));
      }
    }
    return told;
  }

  private static Object shown(TraceEvent event) {
    String kind = event.kind().name().toLowerCase(Locale.ROOT);
    return switch (event.kind()) {
      case REGISTER, UNREGISTER -> tuple(kind, String.valueOf(event.subject()));
      case RECEIVE -> tuple("received", String.valueOf(event.content()));
      case EXIT, SEND, SEND_TO_NON_EXISTING_PROCESS -> tuple(kind, String.valueOf(event.content()));
      default -> kind;
    };
  }

  @Override
  void scenarios() {
    debugging();
    machines();
    specials();
    loops();
    tracing();
  }

  private void debugging() {
    scenario(
        "nothing_is_kept",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          call(p, "a");
          t.ev(tuple("ok", Sys.getLog(pid(p))));
          t.ev(stat(pid(p)));
        });
    scenario(
        "server_log",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Sys.log(pid(p), 50);
          call(p, "a");
          p.cast(new Tell("b"));
          p.send("c");
          call(p, tuple("continue", "d"));
          call(p, "later");
          p.cast(new Tell("timeout"));
          await(
              () ->
                  Sys.getLog(pid(p)).stream()
                      .anyMatch(
                          e -> e instanceof SystemEvent.In in && in.kind().equals("timeout")));
          log(pid(p), t);
        });
    scenario(
        "log_is_bounded",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Sys.log(pid(p));
          calls(p);
          log(pid(p), t);
          ServerRef<Object> q = start(self, t);
          Sys.log(pid(q), 3);
          calls(q);
          log(pid(q), t);
        });
    scenario(
        "log_again",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Sys.log(pid(p), 3);
          Sys.log(pid(p), 8);
          calls(p);
          log(pid(p), t);
        });
    scenario(
        "log_off",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Sys.log(pid(p));
          call(p, "a");
          Sys.noLog(pid(p));
          call(p, "b");
          log(pid(p), t);
          Sys.log(pid(p));
          call(p, "c");
          log(pid(p), t);
        });
    scenario(
        "statistics",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          call(p, "a");
          Sys.statistics(pid(p), true);
          t.ev(stat(pid(p)));
          call(p, "a");
          p.cast(new Tell("b"));
          call(p, "later");
          p.send("c");
          Sys.statistics(pid(p), true);
          Sys.getState(pid(p));
          t.ev(stat(pid(p)));
          Sys.statistics(pid(p), false);
          t.ev(stat(pid(p)));
          Sys.statistics(pid(p), true);
          t.ev(stat(pid(p)));
        });
    scenario(
        "installed",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          t.ev(ok(() -> install(self, pid(p), "f", 0)));
          call(p, "a");
          p.cast(new Tell("b"));
          Sys.getState(pid(p));
          t.ev(ok(() -> Sys.remove(pid(p), "f")));
          call(p, "c");
          t.ev(ok(() -> Sys.remove(pid(p), "f")));
          t.ev(flush(self));
        });
    scenario(
        "installed_again",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          install(self, pid(p), "f", 0);
          call(p, "a");
          install(self, pid(p), "f", 100);
          install(self, pid(p), "g", 200);
          p.cast(new Tell("b"));
          Sys.getState(pid(p));
          List<Object> told = flush(self);
          told.sort(
              java.util.Comparator.comparing(
                  m -> (Integer) ((Trace.Tuple) m).elements().getFirst()));
          t.ev(told);
        });
    scenario(
        "done",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          install(self, pid(p), "f", 0);
          t.ev(call(p, "done"));
          call(p, "a");
          t.ev(flush(self));
        });
    scenario(
        "crashing",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          install(self, pid(p), "f", 0);
          t.ev(call(p, "crash"));
          t.ev(call(p, "a"));
          t.ev(flush(self));
        });
    scenario(
        "crashed_callback",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Pid pid = pid(p);
          install(self, pid, "f", 0);
          p.cast(new Tell("crash"));
          ended(self, pid);
          t.ev(flush(self));
        });
    scenario(
        "no_debug",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Sys.log(pid(p));
          Sys.statistics(pid(p), true);
          install(self, pid(p), "f", 0);
          t.ev(ok(() -> Sys.noDebug(pid(p))));
          call(p, "a");
          log(pid(p), t);
          t.ev(stat(pid(p)));
          t.ev(flush(self));
        });
    scenario(
        "suspended_log",
        (self, t) -> {
          ServerRef<Object> p = start(self, t);
          Sys.suspend(pid(p));
          Sys.log(pid(p));
          p.cast(new Tell("a"));
          log(pid(p), t);
          Sys.resume(pid(p));
          Sys.getState(pid(p));
          log(pid(p), t);
        });
    scenario(
        "supervisor_log",
        (self, t) -> {
          StartResult result =
              Supervisor.startLink(self, SupervisorSpec.of("sup", Strategy.ONE_FOR_ONE));
          Pid pid = ((StartResult.Started) result).pid();
          Sys.log(pid);
          Supervisor.of(self.runtime(), pid).whichChildren();
          t.ev(
              Sys.getLog(pid).stream()
                  .map(e -> (Object) e.getClass().getSimpleName().toLowerCase(Locale.ROOT))
                  .toList());
          self.unlink(pid);
          self.exit(pid, ExitReason.SHUTDOWN);
        });
    scenario(
        "manager_log",
        (self, t) -> {
          StartResult result = EventManager.unnamed().start(self);
          Pid pid = ((StartResult.Started) result).pid();
          EventManagerRef<Object> ref = EventManagerRef.of(self.runtime(), pid);
          Sys.log(pid);
          ref.notify("a");
          self.send(pid, "b");
          ref.syncNotify("c");
          t.ev(
              Sys.getLog(pid).stream()
                  .map(
                      e ->
                          (Object)
                              tuple(((SystemEvent.In) e).kind(), ((SystemEvent.In) e).message()))
                  .toList());
        });
  }

  private void machines() {
    scenario(
        "machine_log",
        (self, t) -> {
          ServerRef<Event> p = machine(self, "plain");
          p.call(new Asked(tuple("keep", List.of("reply"))), LIMIT);
          p.cast(new Told("later"));
          p.call(new Asked(tuple("go", "busy")), LIMIT);
          p.send("hello");
          p.cast(new Told(tuple("insert", "x")));
          p.cast(new Told("swap"));
          Sys.getState(pid(p));
          log(pid(p), t);
        });
    scenario(
        "machine_timers",
        (self, t) -> {
          ServerRef<Event> p = machine(self, "plain");
          for (Object timer : List.of("state_timeout", tuple("timeout", "name"))) {
            p.cast(new Told(tuple("timer", timer, 10)));
            await(
                () ->
                    Sys.getLog(pid(p)).stream()
                        .anyMatch(
                            e ->
                                e instanceof SystemEvent.Consume c
                                    && type(c.kind()).equals(timer)
                                    && plain(c.event()).equals("fired")));
          }
          p.cast(new Told(tuple("timer", "timeout", 0)));
          p.cast(new Told(tuple("timer", tuple("timeout", "long"), "infinity")));
          p.cast(new Told(tuple("cancel", "state_timeout")));
          Sys.getState(pid(p));
          log(pid(p), t);
        });
    scenario(
        "machine_end",
        (self, t) -> {
          ServerRef<Event> p = machine(self, "plain");
          Pid pid = pid(p);
          Sys.install(
              pid,
              "f",
              "s",
              (s, event, of) -> {
                if (event instanceof SystemEvent.Terminate) {
                  t.ev(shown(event));
                }
                return s;
              });
          p.cast(new Told("stop"));
          ended(self, pid);
        });
    scenario(
        "machine_enters",
        (self, t) -> {
          ServerRef<Event> p = machine(self, "enters");
          p.call(new Asked(tuple("go", "busy")), LIMIT);
          log(pid(p), t);
        });
  }

  private void specials() {
    scenario(
        "special_state",
        (self, t) -> {
          Pid p = special(self, t);
          tick(self, p);
          t.ev(next(self));
          t.ev(Sys.getState(p));
          t.ev(Sys.replaceState(p, n -> (Integer) n + 10));
          t.ev(
              refused(
                  () ->
                      Sys.replaceState(
                          p,
                          n -> {
                            throw new IllegalStateException("boom");
                          })));
          tick(self, p);
          t.ev(next(self));
        });
    scenario(
        "special_suspended",
        (self, t) -> {
          Pid p = special(self, t);
          Sys.suspend(p);
          tick(self, tick(self, p));
          t.ev(flush(self));
          t.ev(Sys.getState(p));
          Sys.resume(p);
          t.ev(next(self));
          t.ev(next(self));
        });
    scenario(
        "special_code",
        (self, t) -> {
          Pid p = special(self, t);
          t.ev(refused(() -> Sys.changeCode(p, "v1", 5)));
          Sys.suspend(p);
          t.ev(refused(() -> Sys.changeCode(p, "v1", "fail")));
          t.ev(refused(() -> Sys.changeCode(p, "v1", 5)));
          Sys.resume(p);
          tick(self, p);
          t.ev(next(self));
        });
    scenario(
        "special_end",
        (self, t) -> {
          Pid p = special(self, t);
          tick(self, p);
          next(self);
          t.ev(ok(() -> Sys.terminate(p, ExitReason.other("bye"), LIMIT)));
          ended(self, p);
        });
    scenario(
        "special_log",
        (self, t) -> {
          Pid p = special(self, t);
          Sys.log(p);
          Sys.statistics(p, true);
          tick(self, p);
          next(self);
          tick(self, p);
          next(self);
          t.ev(
              Sys.getLog(p).stream()
                  .map(e -> (Object) tuple("in", ((SystemEvent.In) e).message()))
                  .toList());
          t.ev(stat(p));
        });
  }

  private void loops() {
    scenario(
        "loop_entered",
        (self, t) -> {
          Pid p =
              self.spawnLink(
                  mine -> {
                    mine.receive();
                    GenServers.enterLoop(mine, new Server(t), tuple("own", "state"));
                  });
          self.send(p, "go");
          ServerRef<Object> ref = ServerRef.of(self.runtime(), p);
          t.ev(call(ref, "a"));
          ref.cast(new Tell("b"));
          t.ev(Sys.getState(p));
          t.ev(call(ref, "stop"));
          ended(self, p);
        });
    scenario(
        "loop_continues",
        (self, t) -> {
          Pid p =
              self.spawnLink(
                  mine ->
                      GenServers.enterLoop(
                          mine, new Server(t), noreply("s", continueWith("c")), null));
          t.ev(Sys.getState(p));
        });
    scenario(
        "loop_name",
        (self, t) -> {
          self.trapExits(true);
          Pid p =
              self.spawnLink(
                  mine -> {
                    mine.register("looper");
                    GenServers.enterLoop(mine, new Server(t), noreply("s"), "looper");
                  });
          await(() -> self.runtime().whereis("looper").isPresent());
          t.ev(call(ServerRef.of(self.runtime(), "looper"), "a"));
          for (String name : List.of("other", "looper")) {
            Pid q =
                self.spawnLink(
                    mine -> GenServers.enterLoop(mine, new Server(t), noreply("s"), name));
            t.ev(reasonOf(self, q));
          }
          self.unlink(p);
          self.exit(p, ExitReason.KILL);
        });
    scenario(
        "loop_parent",
        (self, t) -> {
          self.trapExits(true);
          Pid p =
              self.spawnLink(
                  mine -> {
                    mine.trapExits(true);
                    GenServers.enterLoop(mine, new Server(t), "s");
                  });
          Sys.getState(p);
          self.exit(p, ExitReason.other("why"));
          t.ev(reasonOf(self, p));
        });
    scenario(
        "loop_in_mailbox",
        (self, t) -> {
          Pid p =
              self.spawnLink(
                  mine -> {
                    mine.receive(m -> m.equals("go") ? Receive.take(m) : Receive.skip());
                    GenServers.enterLoop(mine, new Server(t), "s");
                  });
          ServerRef.<Object>of(self.runtime(), p).cast(new Tell("first"));
          self.send(p, "go");
          t.ev(Sys.getState(p));
          self.unlink(p);
          self.exit(p, ExitReason.KILL);
        });
    scenario(
        "machine_loop",
        (self, t) -> {
          Pid p =
              self.spawnLink(
                  mine ->
                      StateMachines.enterLoop(
                          mine,
                          new Machine(),
                          Initial.of(
                              "start",
                              "plain",
                              Transition.nextEvent(new Told(tuple("go_cast", "busy")))),
                          null));
          t.ev(((StateData<?, ?>) Sys.getState(p)).state());
          ServerRef.<Event>of(self.runtime(), p).call(new Asked(tuple("go", "idle")), LIMIT);
          t.ev(((StateData<?, ?>) Sys.getState(p)).state());
          self.unlink(p);
          self.exit(p, ExitReason.KILL);
        });
  }

  private static Object reasonOf(Self<Object> self, Pid pid) {
    return self.receive(
            LIMIT,
            m ->
                m instanceof Exit exit && exit.from() == pid
                    ? Receive.take(exit.reason())
                    : Receive.skip())
        .orElseThrow();
  }

  private void tracing() {
    scenario(
        "traced_life",
        (self, t) ->
            t.ev(
                traced(
                    self,
                    List.of(Flag.PROCS),
                    mine -> {
                      mine.register("traced");
                      mine.unregister();
                      mine.register("traced");
                      mine.spawn(_ -> {});
                      throw new ProcessExit(ExitReason.other("bye"));
                    })));
    scenario(
        "traced_link",
        (self, t) -> {
          Pid q = self.spawn(other -> other.receive());
          t.ev(
              traced(
                  self,
                  List.of(Flag.PROCS),
                  mine -> {
                    mine.link(q);
                    mine.link(q);
                    mine.unlink(q);
                    mine.spawnLink(other -> other.receive());
                  }));
          t.ev(
              traced(
                  self,
                  List.of(Flag.PROCS),
                  mine -> {
                    mine.trapExits(true);
                    mine.spawnLink(_ -> {});
                    mine.receive();
                  }));
          self.exit(q, ExitReason.KILL);
        });
    scenario(
        "traced_messages",
        (self, t) -> {
          Pid dead = self.spawn(_ -> {});
          ended(self, dead);
          Pid me = self.pid();
          t.ev(
              traced(
                  self,
                  List.of(Flag.SEND, Flag.RECEIVE),
                  mine -> {
                    mine.send(me, "a");
                    mine.send(dead, "b");
                    mine.send(mine.pid(), "c");
                    mine.receive();
                  }));
        });
  }
}
