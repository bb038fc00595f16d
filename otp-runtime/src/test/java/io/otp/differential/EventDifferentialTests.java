package io.otp.differential;

import static io.otp.differential.Trace.LIMIT;
import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.errorOf;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.tuple;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.SHUTDOWN;

import io.otp.Rule;
import io.otp.event.AddResult;
import io.otp.event.EventHandler;
import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.event.Handled;
import io.otp.event.HandlerEnd;
import io.otp.event.HandlerExit;
import io.otp.event.HandlerFailure;
import io.otp.event.HandlerId;
import io.otp.event.HandlerReply;
import io.otp.event.HandlerSpec;
import io.otp.event.HandlerState;
import io.otp.event.Refuse;
import io.otp.event.TerminateReason;
import io.otp.process.Call;
import io.otp.process.CallException;
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
import io.otp.server.StartResult;
import io.otp.server.StopException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Event managers as Erlang's: {@code diff_event.erl}. */
class EventDifferentialTests extends DifferentialTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final Duration SHORT = Duration.ofMillis(50);

  @TestFactory
  @Rule({
    "4.01", "4.02", "4.03", "4.04", "4.05", "4.06", "4.07", "4.08", "4.09", "4.10", "4.11", "4.12",
    "4.14", "4.15", "4.17"
  })
  Stream<DynamicTest> eventManagersDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "event";
  }

  // --- the handler

  private interface Begin {
    State init(String name) throws Exception;
  }

  private interface Step {
    @Nullable Handled<State> run(State state) throws Exception;
  }

  private interface Answer {
    @Nullable Handled<State> run(Ask query, State state) throws Exception;
  }

  @Immutable
  private record Start(String name, Begin begin) {}

  private record State(String name, Object value) {
    Handled<State> now(String changed) {
      return Handled.ok(new State(name, changed));
    }
  }

  @Immutable
  private record AtEnd(Supplier<Object> action) {}

  @Immutable
  private record Do(Step step) {}

  @Immutable
  private record Ask(Answer answer) implements Call<Handler, Object> {}

  private record Get() implements Call<Handler, Object> {}

  /** Does what it is sent, and tells what happens to it. */
  private record Handler(Trace trace) implements EventHandler<Start, Object, State> {

    @Override
    public State init(Start start, Self<Object> self) throws Exception {
      trace.ev(tuple(start.name, "init"));
      return start.begin.init(start.name);
    }

    @Override
    public State takeOver(HandlerEnd predecessor, Start start, Self<Object> self) throws Exception {
      trace.ev(
          tuple(
              start.name,
              "takes_over",
              predecessor instanceof HandlerEnd.NotFound ? "error" : terminated(predecessor)));
      return start.begin.init(start.name);
    }

    @Override
    public Handled<State> handleEvent(Object event, State state, Self<Object> self)
        throws Exception {
      if (event instanceof Do(var step)) {
        return step.run(state);
      }
      trace.ev(tuple(state.name, "event", event));
      return Handled.ok(state);
    }

    @Override
    public Handled<State> handleCall(Call<?, ?> query, State state, Self<Object> self)
        throws Exception {
      return switch (query) {
        case Ask ask -> ask.answer.run(ask, state);
        case Get get -> Handled.reply(get, state.value, state);
        default -> throw new AssertionError(query);
      };
    }

    @Override
    public Handled<State> handleInfo(Info info, State state, Self<Object> self) throws Exception {
      if (info instanceof Info.Message(Do(var step))) {
        return step.run(state);
      }
      trace.ev(
          tuple(
              state.name,
              "info",
              switch (info) {
                case Info.Message(var value) -> value;
                case Exit(_, var reason) -> tuple("EXIT", reason);
                default -> throw new AssertionError(info);
              }));
      return Handled.ok(state);
    }

    @Override
    public Object terminate(TerminateReason reason, State state, Self<Object> self) {
      trace.ev(
          tuple(
              state.name,
              "terminate",
              switch (reason) {
                case TerminateReason.Removed _ -> "remove_handler";
                case TerminateReason.Stopped _ -> "stop";
                case TerminateReason.SupervisorEnded(var why) -> tuple("stop", why);
                case TerminateReason.Failed(var failure) -> tuple("error", shown(failure));
                case TerminateReason.Args(var args) -> args;
              }));
      return state.value instanceof AtEnd(var action)
          ? action.get()
          : tuple(state.name, "was_here");
    }

    @Override
    public State codeChange(
        String oldVersion, State state, @Nullable Object extra, Self<Object> self) {
      trace.ev(tuple(state.name, "code_change", oldVersion));
      if (state.name.equals(extra)) {
        throw new IllegalStateException("refused");
      }
      return new State(state.name, String.valueOf(extra));
    }
  }

  private static Object shown(HandlerFailure failure) {
    return failure instanceof HandlerFailure.Crashed(var reason)
        ? tuple("EXIT", reason)
        : "bad_return";
  }

  private static Object terminated(HandlerEnd end) {
    return switch (end) {
      case HandlerEnd.Result(var value) -> value;
      case HandlerEnd.Crashed(var reason) -> tuple("EXIT", reason);
      case HandlerEnd.NotFound _ -> tuple("error", "module_not_found");
    };
  }

  // --- what is done to it

  private static HandlerId<Handler> id(String name) {
    return HandlerId.of(Handler.class, name);
  }

  /** A manager, and what the Erlang half has functions for. */
  private record Manager(EventManagerRef<Object> ref, Trace trace) {

    static Manager start(Self<Object> self, Trace trace) {
      return of(EventManager.unnamed().start(self), self, trace);
    }

    static Manager startLink(Self<Object> self, Trace trace) {
      return of(EventManager.unnamed().startLink(self), self, trace);
    }

    static Manager of(StartResult result, Self<Object> self, Trace trace) {
      return new Manager(EventManagerRef.of(self.runtime(), pidOf(result)), trace);
    }

    Pid pid() {
      return ref.whereis().orElseThrow();
    }

    HandlerSpec<Object> spec(String name, Begin begin) {
      return HandlerSpec.of(new Handler(trace), new Start(name, begin)).withId(name);
    }

    HandlerSpec<Object> spec(String name) {
      return spec(name, fresh());
    }

    Object add(String name) {
      return result(ref.addHandler(spec(name)));
    }

    Object add(String name, Begin begin) {
      return result(ref.addHandler(spec(name, begin)));
    }

    Object addSupervised(Self<Object> self, String name) {
      return result(ref.addSupervisedHandler(self, spec(name)));
    }

    Object swap(String old, String next) {
      return swap(old, next, fresh());
    }

    Object swap(String old, String next, Begin begin) {
      return result(ref.swapHandler(id(old), "args", spec(next, begin)));
    }

    Object delete(String name) {
      return terminated(ref.deleteHandler(id(name), "args"));
    }

    void sync(Object event) {
      ref.syncNotify(event, LIMIT);
    }

    Object call(String name, Call<Handler, Object> query) {
      return switch (ref.call(id(name), query, LIMIT)) {
        case HandlerReply.Reply(var value) -> value;
        case HandlerReply.NotFound<Object> _ -> "not_found";
        case HandlerReply.Failed(var failure) -> tuple("error", shown(failure));
      };
    }

    void which() {
      trace.ev(ref.whichHandlers().stream().map(handler -> (Object) handler.id()).toList());
    }
  }

  private static Pid pidOf(StartResult result) {
    if (result instanceof StartResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError(result);
  }

  private static Object result(AddResult result) {
    return switch (result) {
      case AddResult.Added _ -> "ok";
      case AddResult.Refused(var value) -> value;
      case AddResult.Failed(var reason) -> tuple("EXIT", reason);
      case AddResult.AlreadyThere _ -> throw new AssertionError();
    };
  }

  private static Begin fresh() {
    return name -> new State(name, "new");
  }

  private static Begin failsAtEnd() {
    return name ->
        new State(
            name,
            new AtEnd(
                () -> {
                  throw new ProcessExit(BOOM);
                }));
  }

  private static <T> T exit(ExitReason reason) {
    throw new ProcessExit(reason);
  }

  private static <T> T error() {
    throw new IllegalStateException("boom");
  }

  private static Do only(String name, Step step) {
    return new Do(state -> state.name.equals(name) ? step.run(state) : Handled.ok(state));
  }

  private static Object caught(Supplier<Object> operation) {
    try {
      return operation.get();
    } catch (CallException e) {
      return tuple("exit", e.cause());
    } catch (StopException e) {
      return tuple("exit", e.reason());
    } catch (IllegalArgumentException e) {
      return "badarg";
    }
  }

  private static Object caught(Runnable operation) {
    return caught(
        () -> {
          operation.run();
          return "ok";
        });
  }

  /** What a supervisor is told; of an exit only the reason where {@code manager} is given. */
  private static List<Object> told(Self<Object> self, @Nullable Pid manager) {
    return flush(self).stream()
        .map(
            message ->
                switch (message) {
                  case HandlerExit(_, var handler, var cause) ->
                      tuple("gen_event_exit", handler.id(), shown(cause));
                  case Exit(var from, var reason) when from.equals(manager) -> reason;
                  default -> message;
                })
        .toList();
  }

  private static Object shown(HandlerExit.Cause cause) {
    return switch (cause) {
      case HandlerExit.Normal _ -> "normal";
      case HandlerExit.Shutdown _ -> "shutdown";
      case HandlerExit.Swapped(var next, var supervisor) ->
          tuple("swapped", next.id(), supervisor == null ? "false" : supervisor);
      case HandlerExit.Failed(var failure) -> shown(failure);
    };
  }

  private static Down awaitDown(Self<Object> self, Ref ref) {
    return self.receive(
            LIMIT,
            message ->
                message instanceof Down down && down.ref().equals(ref)
                    ? Receive.take(down)
                    : Receive.skip())
        .orElseThrow();
  }

  // --- scenarios

  @Override
  void scenarios() {
    scenario("start_results", EventDifferentialTests::startResults);
    scenario("order", EventDifferentialTests::order);
    scenario("same_id_twice", EventDifferentialTests::sameIdTwice);
    scenario("add_results", EventDifferentialTests::addResults);
    scenario("event_results", EventDifferentialTests::eventResults);
    scenario("event_swap", EventDifferentialTests::eventSwap);
    scenario("failures", EventDifferentialTests::failures);
    scenario("failure_in_terminate", EventDifferentialTests::failureInTerminate);
    scenario("call_results", EventDifferentialTests::callResults);
    scenario("call_errors", EventDifferentialTests::callErrors);
    scenario("delete_results", EventDifferentialTests::deleteResults);
    scenario("swap_results", EventDifferentialTests::swapResults);
    scenario("supervised_exits", EventDifferentialTests::supervisedExits);
    scenario("supervised_swaps", EventDifferentialTests::supervisedSwaps);
    scenario("supervisor_ends", EventDifferentialTests::supervisorEnds);
    scenario("supervisor_signal", EventDifferentialTests::supervisorSignal);
    scenario("manager_killed", EventDifferentialTests::managerKilled);
    scenario("manager_stopped", EventDifferentialTests::managerStopped);
    scenario("infos", EventDifferentialTests::infos);
    scenario("parent_exit", EventDifferentialTests::parentExit);
    scenario("parent_supervises", EventDifferentialTests::parentSupervises);
    scenario("notify_errors", EventDifferentialTests::notifyErrors);
    scenario("notify_order", EventDifferentialTests::notifyOrder);
    scenario("stop_results", EventDifferentialTests::stopResults);
    scenario("states", EventDifferentialTests::states);
    scenario("changed_code", EventDifferentialTests::changedCode);
    scenario("suspended", EventDifferentialTests::suspended);
  }

  private static void startResults(Self<Object> self, Trace trace) {
    EventManager<Object> named = EventManager.named("diff_event_m");
    Manager first = Manager.of(named.start(self), self, trace);
    var taken = new StartResult.AlreadyStarted(first.pid());
    trace.ev(named.start(self).equals(taken) ? "already_started" : "no");
    trace.ev(named.startLink(self).equals(taken) ? "already_started" : "no");
    first.ref.stop();
    trace.ev(self.runtime().whereis("diff_event_m").<Object>map(p -> p).orElse("undefined"));
    var monitored = EventManager.unnamed().startMonitor(self);
    Manager.of(monitored.result(), self, trace).ref.stop();
    trace.ev(awaitDown(self, monitored.monitor()).reason());
    self.trapExits(true);
    Manager.startLink(self, trace).ref.stop();
    trace.ev(told(self, null));
  }

  private static void order(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c").forEach(name -> trace.ev(m.add(name)));
    m.which();
    m.sync("tea");
    trace.ev(
        m.call("b", new Ask((q, state) -> Handled.reply(q, "yes", new State("b", "changed")))));
    m.sync(only("a", state -> state.now("changed")));
    m.which();
    trace.ev(
        String.valueOf(
            Sys.getState(m.pid())
                .equals(
                    List.of(
                        new HandlerState(id("c"), new State("c", "new")),
                        new HandlerState(id("b"), new State("b", "changed")),
                        new HandlerState(id("a"), new State("a", "changed"))))));
  }

  private static void sameIdTwice(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    trace.ev(result(m.ref.addHandler(m.spec("old").withId("x"))));
    trace.ev(result(m.ref.addHandler(m.spec("new").withId("x"))));
    m.which();
    m.sync("tea");
    trace.ev(m.delete("x"));
    m.sync("tea");
    trace.ev(m.delete("x"));
    trace.ev(m.delete("x"));
  }

  private static void addResults(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    trace.ev(m.add("a"));
    trace.ev(m.add("b"));
    trace.ev(
        m.add(
            "c",
            name -> {
              throw Refuse.with("refused");
            }));
    trace.ev(m.add("d", name -> exit(BOOM)));
    trace.ev(m.add("e", name -> error()));
    m.which();
  }

  private static void eventResults(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c").forEach(m::add);
    m.sync(only("a", state -> state.now("changed").hibernate()));
    trace.ev(m.call("a", new Get()));
    m.sync(
        new Do(
            state -> {
              if (state.name.equals("b")) {
                return Handled.remove();
              }
              trace.ev("visited");
              return Handled.ok(state);
            }));
    m.which();
    m.sync("tea");
  }

  private static void eventSwap(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c").forEach(m::add);
    m.sync(only("b", state -> Handled.swap("args", new State("b", "last"), m.spec("d"))));
    m.which();
    m.sync("tea");
    m.ref.send(only("c", state -> Handled.swap("args", new State("c", "last"), m.spec("e"))));
    m.which();
  }

  private static void failures(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c", "d").forEach(m::add);
    m.sync(
        new Do(
            state ->
                switch (state.name) {
                  case "c" -> exit(BOOM);
                  case "b" -> error();
                  case "a" -> null;
                  default -> Handled.ok(state);
                }));
    m.which();
    m.ref.send(new Do(state -> exit(BOOM)));
    m.which();
    trace.ev(String.valueOf(self.runtime().isAlive(m.pid())));
  }

  private static void failureInTerminate(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    m.add("a", failsAtEnd());
    m.add("b");
    m.sync(only("a", state -> Handled.remove()));
    m.which();
    m.add("a", failsAtEnd());
    trace.ev(m.swap("a", "c"));
    m.which();
  }

  private static void callResults(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c", "d", "e", "f").forEach(m::add);
    trace.ev(m.call("a", new Get()));
    trace.ev(m.call("a", new Ask((q, state) -> Handled.reply(q, "reply", state).hibernate())));
    trace.ev(m.call("none", new Get()));
    trace.ev(m.call("b", new Ask((q, state) -> exit(BOOM))));
    trace.ev(m.call("c", new Ask((q, state) -> error())));
    trace.ev(m.call("d", new Ask((q, state) -> Handled.ok(state))));
    trace.ev(m.call("e", new Ask((q, state) -> Handled.removeAndReply(q, "bye"))));
    trace.ev(
        m.call(
            "f",
            new Ask(
                (q, state) ->
                    Handled.swapAndReply(q, "bye", "args", new State("f", "last"), m.spec("g")))));
    m.which();
  }

  private static void callErrors(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    Pid pid = m.pid();
    m.add("a");
    var go = new CountDownLatch(1);
    var slow =
        new Ask(
            (q, state) -> {
              go.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
              return Handled.reply(q, "late", state);
            });
    trace.ev(caught(() -> m.ref.call(id("a"), slow, SHORT)));
    go.countDown();
    trace.ev(m.call("a", new Get()));
    trace.ev(flush(self));
    m.ref.stop();
    EventManagerRef<Object> gone = EventManagerRef.of(self.runtime(), pid);
    trace.ev(caught(() -> gone.call(id("a"), new Get())));
    trace.ev(caught(() -> gone.whichHandlers()));
    trace.ev(caught(() -> gone.addHandler(m.spec("a"))));
  }

  private static void deleteResults(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    m.add("a");
    trace.ev(m.delete("a"));
    trace.ev(m.delete("a"));
    m.add("b", failsAtEnd());
    trace.ev(m.delete("b"));
    m.which();
  }

  private static void swapResults(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c").forEach(m::add);
    trace.ev(m.swap("a", "d"));
    m.which();
    trace.ev(m.swap("none", "e"));
    trace.ev(
        m.swap(
            "b",
            "f",
            name -> {
              throw Refuse.with("refused");
            }));
    trace.ev(m.swap("c", "f", name -> exit(BOOM)));
    m.which();
  }

  private static void supervisedExits(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c", "d").forEach(name -> trace.ev(m.addSupervised(self, name)));
    m.delete("a");
    m.sync(only("b", state -> Handled.remove()));
    m.sync(only("c", state -> exit(BOOM)));
    m.sync(only("d", state -> null));
    trace.ev(told(self, null));
    m.which();
  }

  private static void supervisedSwaps(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    trace.ev(self.pid());
    m.addSupervised(self, "a");
    m.swap("a", "b");
    trace.ev(told(self, null));
    m.delete("b");
    trace.ev(told(self, null));
    m.add("c");
    trace.ev(result(m.ref.swapSupervisedHandler(self, id("c"), "args", m.spec("d"))));
    trace.ev(told(self, null));
    m.sync(only("d", state -> Handled.swap("args", new State("d", "last"), m.spec("e"))));
    trace.ev(told(self, null));
    m.delete("e");
    trace.ev(told(self, null));
  }

  private static void supervisorEnds(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    m.add("a");
    for (ExitReason reason : List.of(NORMAL, SHUTDOWN, BOOM)) {
      ended(
          self,
          self.spawn(
              me -> {
                m.addSupervised(me, "b");
                m.addSupervised(me, "c");
                exit(reason);
              }));
      m.which();
    }
  }

  private static void supervisorSignal(Self<Object> self, Trace trace) {
    self.trapExits(true);
    Manager m = Manager.start(self, trace);
    Pid pid = m.pid();
    m.add("a");
    m.addSupervised(self, "b");
    self.exit(pid, BOOM);
    m.which();
    trace.ev(told(self, pid));
    self.exit(pid, NORMAL);
    m.which();
    self.exit(pid, KILL);
    trace.ev(told(self, pid));
  }

  private static void managerKilled(Self<Object> self, Trace trace) {
    self.trapExits(true);
    Manager m = Manager.start(self, trace);
    Pid pid = m.pid();
    m.addSupervised(self, "a");
    self.exit(pid, KILL);
    trace.ev(told(self, pid));
  }

  private static void managerStopped(Self<Object> self, Trace trace) {
    self.trapExits(true);
    Manager m = Manager.start(self, trace);
    m.addSupervised(self, "a");
    m.ref.stop(BOOM, LIMIT);
    trace.ev(told(self, null));
  }

  private static void infos(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    Pid pid = m.pid();
    m.add("a");
    m.add("b");
    m.ref.send("hello");
    ended(
        self,
        self.spawn(
            me -> {
              me.link(pid);
              exit(BOOM);
            }));
    ended(self, self.spawn(me -> me.link(pid)));
    m.ref.send(only("b", state -> Handled.remove()));
    m.which();
  }

  private static void parentExit(Self<Object> self, Trace trace) {
    for (ExitReason reason : List.of(SHUTDOWN, BOOM, KILL)) {
      Pid parent =
          self.spawn(
              me -> {
                Manager m = Manager.startLink(me, trace);
                m.add("a");
                me.send(self.pid(), m.pid());
                me.receive();
              });
      Pid manager = (Pid) Trace.next(self);
      Ref ref = self.monitor(manager);
      self.exit(parent, reason);
      trace.ev(awaitDown(self, ref).reason());
    }
  }

  private static void parentSupervises(Self<Object> self, Trace trace) {
    self.trapExits(true);
    Manager m = Manager.startLink(self, trace);
    Pid pid = m.pid();
    m.addSupervised(self, "a");
    m.ref.stop();
    trace.ev(told(self, pid));
  }

  private static void notifyErrors(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    m.ref.stop();
    EventManagerRef<Object> nobody = EventManagerRef.of(self.runtime(), "nobody");
    trace.ev(errorOf(() -> m.ref.notify("tea")));
    trace.ev(errorOf(() -> nobody.notify("tea")));
    trace.ev(caught(() -> m.ref.syncNotify("tea")));
    trace.ev(caught(() -> nobody.syncNotify("tea")));
  }

  private static void notifyOrder(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    m.add("a");
    m.ref.notify("one");
    m.ref.send("two");
    m.ref.notify("three");
    trace.ev(m.call("a", new Get()));
    m.ref.notify("four");
    m.ref.syncNotify("five");
    trace.ev("done");
  }

  private static void stopResults(Self<Object> self, Trace trace) {
    for (ExitReason reason : List.of(NORMAL, SHUTDOWN, BOOM)) {
      Manager m = Manager.start(self, trace);
      m.add("a");
      Ref ref = self.monitor(m.pid());
      trace.ev(caught(() -> m.ref.stop(reason, LIMIT)));
      trace.ev(awaitDown(self, ref).reason());
    }
    Manager m = Manager.start(self, trace);
    m.ref.stop();
    trace.ev(caught(() -> m.ref.stop()));
  }

  private static List<Object> statesOf(Manager m) {
    return ((List<?>) Sys.getState(m.pid()))
        .stream()
            .map(s -> (State) ((HandlerState) s).state())
            .<Object>map(s -> tuple(s.name, s.value))
            .toList();
  }

  private static void states(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    List.of("a", "b", "c").forEach(m::add);
    trace.ev(statesOf(m));
    Sys.replaceState(
        m.pid(),
        s -> {
          HandlerState state = (HandlerState) s;
          return switch ((String) state.id().id()) {
            case "a" -> state.withState(new State("a", "replaced"));
            case "b" -> exit(BOOM);
            default -> new HandlerState(id("other"), state.state());
          };
        });
    trace.ev(statesOf(m));
    m.which();
  }

  private static Object changed(Manager m, String module, Object extra) {
    try {
      Sys.changeCode(m.pid(), module, "v1", extra);
      return "ok";
    } catch (SysException e) {
      return "refused";
    }
  }

  private static void changedCode(Self<Object> self, Trace trace) {
    Manager m = Manager.start(self, trace);
    m.add("a");
    m.add("b");
    String module = Handler.class.getName();
    trace.ev(changed(m, module, "x"));
    Sys.suspend(m.pid());
    trace.ev(changed(m, module, "x"));
    trace.ev(changed(m, "another_module", "x"));
    trace.ev(changed(m, module, "a"));
    Sys.resume(m.pid());
    trace.ev(m.call("a", new Get()));
    trace.ev(m.call("b", new Get()));
  }

  private static void suspended(Self<Object> self, Trace trace) {
    self.trapExits(true);
    Manager m = Manager.startLink(self, trace);
    Pid pid = m.pid();
    m.add("a");
    Sys.suspend(pid);
    m.ref.notify("one");
    m.ref.notify("two");
    trace.ev(caught(() -> m.ref.call(id("a"), new Get(), SHORT)));
    Sys.resume(pid);
    m.sync("three");
    Sys.suspend(pid);
    m.ref.notify("lost");
    m.ref.stop();
    trace.ev(told(self, pid));
  }
}
