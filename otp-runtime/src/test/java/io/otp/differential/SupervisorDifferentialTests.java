package io.otp.differential;

import static io.otp.TestRuntime.await;
import static io.otp.differential.Trace.LIMIT;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.KILLED;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.NO_PROCESS;
import static io.otp.process.ExitReason.SHUTDOWN;
import static io.otp.server.Next.stop;
import static io.otp.supervisor.AutoShutdown.ALL_SIGNIFICANT;
import static io.otp.supervisor.AutoShutdown.ANY_SIGNIFICANT;
import static io.otp.supervisor.AutoShutdown.NEVER;
import static io.otp.supervisor.Restart.PERMANENT;
import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.Strategy.ONE_FOR_ALL;
import static io.otp.supervisor.Strategy.ONE_FOR_ONE;
import static io.otp.supervisor.Strategy.REST_FOR_ONE;
import static io.otp.supervisor.Strategy.SIMPLE_ONE_FOR_ONE;

import io.otp.Rule;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.CrashReport;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Report;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.server.TerminateReport;
import io.otp.supervisor.AutoShutdown;
import io.otp.supervisor.ChildCounts;
import io.otp.supervisor.ChildInfo;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.ChildStatus;
import io.otp.supervisor.FailedToStartChild;
import io.otp.supervisor.InvalidSpecException;
import io.otp.supervisor.ProgressReport;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.StartChildResult;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorReport;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Supervisors as Erlang's: {@code diff_supervisor.erl}. */
class SupervisorDifferentialTests extends DifferentialTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final ExitReason NOPE = ExitReason.other("nope");
  private static final ExitReason SHUTDOWN_X = new ExitReason.ShutdownWith("x");
  private static final Duration SHORT = Duration.ofMillis(20);

  @TestFactory
  @Rule({
    "2.54", "5.02", "5.03", "5.04", "5.05", "5.06", "5.10", "5.11", "5.12", "5.14", "5.20", "5.21",
    "5.22", "5.23", "5.24", "5.25", "5.30", "5.31", "5.32", "5.33", "5.40", "5.41", "5.42", "5.43",
    "5.50", "5.51", "5.52", "5.53", "5.54", "5.60", "5.61", "5.62", "5.63", "5.70", "5.71", "5.72",
    "5.80", "5.81", "5.82", "5.90", "5.91", "5.92", "5.95"
  })
  Stream<DynamicTest> supervisorsDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "supervisor";
  }

  private interface Body {
    void run(Tree tree) throws Exception;
  }

  private void scenario(String name, Body body) {
    scenario(
        name,
        (self, trace) -> {
          self.trapExits(true);
          var tree = new Tree(self, trace);
          self.runtime().addReportHandler(tree::report);
          body.run(tree);
        });
  }

  // --- children

  private record Die(ExitReason reason) {}

  /** What runs when a child is started. */
  private interface Kind {
    StartResult run(Tree tree, String id, Self<Object> supervisor) throws Exception;
  }

  /** What a process that traps exits does when it is told to stop. */
  private interface Told {
    void told(Tree tree, Self<Object> self, String id, ExitReason reason);
  }

  private static Kind raw(Told told) {
    return (tree, id, sup) -> tree.spawn(sup, id, true, false, told);
  }

  private static Kind ends(ExitReason reason) {
    return raw(
        (tree, _, id, _) -> {
          tree.trace.ev(tuple("stop", id));
          throw new ProcessExit(reason);
        });
  }

  private static final Kind POLITE =
      raw(
          (tree, _, id, reason) -> {
            tree.trace.ev(tuple("stop", id));
            throw new ProcessExit(reason);
          });

  private static final Kind QUIET =
      raw(
          (_, _, _, reason) -> {
            throw new ProcessExit(reason);
          });

  /** Takes another child with it when it is told to stop. */
  private static final Kind KILLER =
      raw(
          (tree, self, id, reason) -> {
            tree.trace.ev(tuple("stop", id));
            Pid victim = tree.victim;
            if (victim != null) {
              tree.victim = null;
              self.send(victim, new Die(ExitReason.other("bang")));
              Trace.ended(self, victim);
            }
            throw new ProcessExit(reason);
          });

  private static final Kind STUBBORN =
      raw((tree, _, id, reason) -> tree.trace.ev(tuple("told", id, reason)));

  private static final Kind QUIET_STUBBORN = raw((_, _, _, _) -> {});

  private static final Kind PLAIN =
      (tree, id, sup) -> tree.spawn(sup, id, false, false, (_, _, _, _) -> {});

  private static final Kind UNLINKED =
      (tree, id, sup) -> tree.spawn(sup, id, true, true, (_, _, _, _) -> {});

  private static final Kind SERVER = (tree, id, sup) -> tree.server(sup, "server", id);

  private static final Kind TRAPPING = (tree, id, sup) -> tree.server(sup, "trapping", id);

  private static Kind named(String name) {
    return (tree, _, sup) -> tree.server(sup, "server", name);
  }

  private static Kind stopsInInit(ExitReason reason) {
    return (tree, _, sup) ->
        GenServers.startLink(sup, new Server(tree.trace), reason, StartOptions.NONE);
  }

  private static Kind sup(SupervisorSpec spec) {
    return (_, _, sup) -> Supervisor.startLink(sup, spec);
  }

  private sealed interface Message {}

  private record Crash() implements Message, Cast<Message> {}

  private record Stop(ExitReason reason) implements Message, Call<Message, String> {}

  private record Server(Trace trace) implements ArgsGenServer<Object, Message, String> {

    @Override
    public String init(Object args, Self<Message> self) {
      if (args instanceof ExitReason reason) {
        throw Init.stop(reason);
      }
      self.trapExits(args.equals("trapping"));
      return "s";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return switch (message) {
        case Crash _ -> throw new IllegalStateException("boom");
        case Stop stop -> stop(stop.reason(), stop, "ok", state);
      };
    }

    @Override
    public void terminate(ExitReason reason, String state, Self<Message> self) {
      trace.ev(tuple("terminate", reason));
    }
  }

  // --- what scenarios do

  private static final class Tree {

    final Self<Object> self;
    final Trace trace;

    /** Goes on with a child whose start is planned to wait. */
    final CountDownLatch go = new CountDownLatch(1);

    /** How the next starts of a child go, one word each; the one word of {@link #always} stays. */
    private final Map<String, List<String>> plans = new ConcurrentHashMap<>();

    private final Map<String, String> always = new ConcurrentHashMap<>();
    private volatile boolean silent;

    /** Whom {@link #KILLER} takes with it. */
    volatile @Nullable Pid victim;

    Tree(Self<Object> self, Trace trace) {
      this.self = self;
      this.trace = trace;
    }

    void silence() {
      silent = true;
    }

    void report(Report report) {
      if (silent) {
        return;
      }
      switch (report) {
        case ProgressReport r -> trace.ev(tuple("progress", r.started().id()));
        case SupervisorReport r when r.nbChildren() > 0 ->
            trace.ev(tuple(r.kind().text(), r.offender().id(), r(r.reason()), r.nbChildren()));
        case SupervisorReport r ->
            trace.ev(tuple(r.kind().text(), r.offender().id(), r(r.reason())));
        case CrashReport r when r.registeredName() != null ->
            trace.ev(tuple("crash", r.registeredName()));
        case TerminateReport r when r.name() != null ->
            trace.ev(tuple("server_terminate", r.name()));
        default -> {}
      }
    }

    // children

    ChildSpec c(String id) {
      return c(id, POLITE);
    }

    ChildSpec c(String id, Restart restart) {
      return c(id).withRestart(restart);
    }

    ChildSpec c(String id, Kind kind) {
      return ChildSpec.of(id, sup -> start(id, kind, sup));
    }

    ChildSpec significant(String id, Restart restart) {
      return c(id, restart).withSignificant(true);
    }

    void plan(String id, String... words) {
      plans.put(id, List.of(words));
    }

    void always(String id, String word) {
      always.put(id, word);
    }

    boolean isPlanned(String id) {
      return plans.containsKey(id);
    }

    private String planned(String id) {
      List<String> words = plans.remove(id);
      if (words == null) {
        return always.getOrDefault(id, "ok");
      }
      if (words.size() > 1) {
        plans.put(id, words.subList(1, words.size()));
      }
      return words.getFirst();
    }

    StartResult start(String id, Kind kind, Self<Object> sup) throws Exception {
      switch (planned(id)) {
        case "ok" -> {
          trace.ev(tuple("start", id));
          return kind.run(this, id, sup);
        }
        case "info" -> {
          trace.ev(tuple("start", id));
          return new StartResult.Started(pidOf(kind.run(this, id, sup)), "info");
        }
        case "fail" -> {
          trace.ev(tuple("start", id, "fails"));
          return new StartResult.Failed(NOPE);
        }
        case "silent" -> {
          return new StartResult.Failed(NOPE);
        }
        case "exit" -> {
          trace.ev(tuple("start", id, "exits"));
          throw new ProcessExit(NOPE);
        }
        case "error" -> {
          trace.ev(tuple("start", id, "raises"));
          throw new IllegalStateException("nope");
        }
        case "ignore" -> {
          trace.ev(tuple("start", id, "ignored"));
          return new StartResult.Ignored();
        }
        case "wait" -> {
          trace.ev(tuple("start", id, "waits"));
          go.await();
          return kind.run(this, id, sup);
        }
        case String word -> throw new AssertionError(word);
      }
    }

    StartResult spawn(Self<Object> sup, String id, boolean traps, boolean unlinked, Told told)
        throws InterruptedException {
      Pid parent = sup.pid();
      var up = new CountDownLatch(1);
      Pid pid =
          sup.spawnLink(
              child -> {
                child.trapExits(traps);
                if (unlinked) {
                  child.unlink(parent);
                }
                up.countDown();
                while (true) {
                  switch (child.receive()) {
                    case Die(var reason) -> throw new ProcessExit(reason);
                    case Exit(_, var reason) -> told.told(this, child, id, reason);
                    case Object other -> throw new AssertionError(other);
                  }
                }
              });
      up.await();
      return new StartResult.Started(pid, null);
    }

    StartResult server(Self<Object> sup, Object args, String name) {
      return GenServers.startLink(sup, new Server(trace), args, StartOptions.named(name));
    }

    ServerRef<Message> server(String name) {
      return ServerRef.of(self.runtime(), name);
    }

    // supervisors

    /** With so many restarts that it does not give up. */
    SupervisorSpec spec(String name, Strategy strategy, ChildSpec... children) {
      return SupervisorSpec.of(name, strategy, children).withIntensity(100, Duration.ofSeconds(60));
    }

    SupervisorSpec spec(Strategy strategy, ChildSpec... children) {
      return spec("top", strategy, children);
    }

    Pid top(Strategy strategy, ChildSpec... children) {
      return top(spec(strategy, children));
    }

    Pid top(SupervisorSpec spec) {
      return pidOf(Supervisor.startLink(self, spec));
    }

    Pid simple(Kind kind, UnaryOperator<ChildSpec> options) {
      return top(simpleSpec(kind, options));
    }

    SupervisorSpec simpleSpec(Kind kind, UnaryOperator<ChildSpec> options) {
      return spec(
          SIMPLE_ONE_FOR_ONE,
          options.apply(ChildSpec.<String>template("w", (id, sup) -> start(id, kind, sup))));
    }

    Pid simpleChild(String id) {
      return pidOf(sup().startChildWith(id));
    }

    void startSimpleChild(String id) {
      trace.ev(a(sup().startChildWith(id)));
    }

    Supervisor sup() {
      return sup("top");
    }

    Supervisor sup(String name) {
      return Supervisor.of(self.runtime(), name);
    }

    Object whereis(String name) {
      Optional<Pid> pid = self.runtime().whereis(name);
      return pid.isPresent() ? pid.get() : "undefined";
    }

    boolean isAlive(Pid pid) {
      return self.runtime().isAlive(pid);
    }

    void stop() {
      stop("top");
    }

    void stop(String name) {
      Pid pid = sup(name).whereis().orElseThrow();
      self.exit(pid, SHUTDOWN);
      toldEnd(pid);
    }

    void survives(Pid pid) {
      trace.ev("survives");
      self.exit(pid, SHUTDOWN);
    }

    void toldEnd(Pid pid) {
      Exit exit =
          self.receive(
                  LIMIT,
                  m -> m instanceof Exit e && e.from() == pid ? Receive.take(e) : Receive.skip())
              .orElseThrow(() -> new AssertionError("still alive: " + pid));
      trace.ev(tuple("ended", r(exit.reason())));
    }

    // children at work

    List<ChildInfo> children() {
      return children("top");
    }

    List<ChildInfo> children(String name) {
      try {
        return sup(name).whichChildren();
      } catch (ProcessExit e) {
        return List.of();
      }
    }

    void show() {
      trace.ev(
          sup().whichChildren().stream()
              .map(
                  child ->
                      (Object)
                          tuple(
                              child.id() == null ? "undefined" : child.id(),
                              child.status().name().toLowerCase(Locale.ROOT)))
              .toList());
    }

    void counts() {
      ChildCounts c = sup().countChildren();
      trace.ev(List.of(c.specs(), c.active(), c.supervisors(), c.workers()));
    }

    Optional<ChildInfo> child(String name, String id) {
      return sup(name).whichChildren().stream().filter(c -> id.equals(c.id())).findFirst();
    }

    Pid pid(String id) {
      return pid("top", id);
    }

    Pid pid(String name, String id) {
      Pid pid = child(name, id).orElseThrow().pid();
      if (pid == null) {
        throw new AssertionError(id + " does not run");
      }
      return pid;
    }

    /** The child ends by itself; waits until its supervisor has done what it does about that. */
    void die(String id, ExitReason reason) {
      endWith(pid(id), reason);
    }

    void endWith(Pid pid, ExitReason reason) {
      ended(pid, reason);
      await(
          "the supervisor has done what it does",
          () ->
              children().stream()
                  .noneMatch(
                      child -> child.pid() == pid || child.status() == ChildStatus.RESTARTING));
    }

    void ended(Pid pid, ExitReason reason) {
      if (reason.equals(KILLED)) {
        self.exit(pid, KILL);
      } else {
        self.send(pid, new Die(reason));
      }
      Trace.ended(self, pid);
    }

    ExitReason reasonOf(Ref monitor) {
      return self.receive(
              LIMIT,
              m ->
                  m instanceof Down down && down.ref() == monitor
                      ? Receive.take(down.reason())
                      : Receive.skip())
          .orElseThrow();
    }

    // calls

    void startChild(ChildSpec child) {
      trace.ev(a(sup().startChild(child)));
    }

    void terminateChild(String id) {
      trace.ev(a(sup().terminateChild(id)));
    }

    void terminateChild(Pid pid) {
      trace.ev(a(sup().terminateChild(pid)));
    }

    void restartChild(String id) {
      trace.ev(a(sup().restartChild(id)));
    }

    void deleteChild(String id) {
      trace.ev(a(sup().deleteChild(id)));
    }

    /** Starts a child whose start waits for {@link #go}; the answer comes as a message. */
    void startChildThatWaits(ChildSpec child) {
      plan(child.id(), "wait");
      Pid me = self.pid();
      self.spawn(other -> other.send(me, a(sup().startChild(child))));
      await("it is being started", () -> !isPlanned(child.id()));
    }
  }

  private static Pid pidOf(StartResult result) {
    if (result instanceof StartResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError("not started: " + result);
  }

  private static Pid pidOf(StartChildResult result) {
    if (result instanceof StartChildResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError("not started: " + result);
  }

  private static Object r(ExitReason reason) {
    return reason instanceof ExitReason.ShutdownWith(FailedToStartChild(var id, var why))
        ? tuple("shutdown", tuple("failed_to_start_child", id, why))
        : reason;
  }

  private static Object a(StartResult result) {
    return switch (result) {
      case StartResult.Started _ -> "ok";
      case StartResult.Ignored _ -> "ignored";
      case StartResult.AlreadyStarted _ -> "already_started";
      case StartResult.Failed(var reason) -> tuple("error", r(reason));
    };
  }

  private static Object a(StartChildResult result) {
    return switch (result) {
      case StartChildResult.Started(_, var info) -> info == null ? "ok" : tuple("ok", info);
      case StartChildResult.Ignored _ -> "ignored";
      case StartChildResult.AlreadyStarted _ -> "already_started";
      case StartChildResult.Failed(var reason) -> tuple("error", r(reason));
      case StartChildResult.Refused(var error) ->
          tuple("error", error.name().toLowerCase(Locale.ROOT));
      case StartChildResult.Invalid(var error) -> tuple("error", error.error());
    };
  }

  private static Object a(Optional<? extends Enum<?>> error) {
    return error.isEmpty() ? "ok" : tuple("error", error.get().name().toLowerCase(Locale.ROOT));
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static List<ExitReason> reasons() {
    return List.of(NORMAL, SHUTDOWN, SHUTDOWN_X, KILLED, NO_PROCESS, BOOM);
  }

  @Override
  void scenarios() {
    starting();
    restarting();
    givingUp();
    failingToRestart();
    shuttingDown();
    calling();
    simple();
    significant();
    reportsAndTheRest();
  }

  // --- start

  private void starting() {
    scenario(
        "start_and_stop",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"), t.c("b"), t.c("c"));
          t.show();
          t.stop();
          t.top(t.spec("empty", REST_FOR_ONE));
          t.stop("empty");
          t.trace.ev(t.whereis("top"));
        });
    scenario(
        "start_ignored",
        t -> {
          t.plan("i", "ignore");
          t.plan("t", "ignore");
          t.top(ONE_FOR_ONE, t.c("i"), t.c("t", TEMPORARY), t.c("z"));
          t.show();
          t.counts();
          t.restartChild("i");
          t.show();
          t.stop();
        });
    scenario(
        "start_fails",
        t -> {
          for (String how : List.of("fail", "exit", "error")) {
            t.plan("k", how);
            t.trace.ev(
                a(
                    Supervisor.startLink(
                        t.self, t.spec(ONE_FOR_ALL, t.c("a"), t.c("b"), t.c("k"), t.c("z")))));
            t.trace.ev(t.whereis("top"));
          }
        });
    scenario(
        "start_fails_in_server",
        t -> {
          for (ExitReason reason : List.of(NOPE, NORMAL, SHUTDOWN)) {
            t.trace.ev(
                a(
                    Supervisor.startLink(
                        t.self, t.spec(ONE_FOR_ONE, t.c("a"), t.c("k", stopsInInit(reason))))));
          }
        });
    scenario("bad_specs", SupervisorDifferentialTests::badSpecs);
  }

  private interface Making {
    void run();
  }

  private static Object refused(Making making) {
    try {
      making.run();
      return "ok";
    } catch (InvalidSpecException e) {
      return e.error().error();
    }
  }

  /** Here they are refused where they are made, or in the start of the supervisor. */
  private static void badSpecs(Tree t) {
    t.silence();
    List<Making> bad =
        List.of(
            () -> t.spec(ONE_FOR_ONE, t.c("a"), t.c("b"), t.c("a")),
            () -> t.c("a").withShutdown(Duration.ofMillis(-1)),
            () -> t.spec(ONE_FOR_ONE, t.c("a")).withIntensity(-1, Duration.ofSeconds(5)),
            () -> t.spec(ONE_FOR_ONE, t.c("a")).withIntensity(1, Duration.ZERO));
    bad.forEach(making -> t.trace.ev(refused(making)));
    for (SupervisorSpec spec :
        List.of(
            t.spec(ONE_FOR_ONE, t.c("a"), t.significant("b", TRANSIENT)),
            t.spec(ONE_FOR_ONE, t.significant("a", PERMANENT)).withAutoShutdown(ANY_SIGNIFICANT))) {
      t.trace.ev(
          Supervisor.startLink(t.self, spec) instanceof StartResult.Failed
              ? refused(() -> SupervisorSpec.check(spec.children(), spec.autoShutdown()))
              : "started");
    }
    var checked = new ArrayList<Object>();
    for (AutoShutdown auto : List.of(NEVER, ANY_SIGNIFICANT, ALL_SIGNIFICANT)) {
      for (ChildSpec child :
          List.of(
              t.c("a"),
              t.significant("a", PERMANENT),
              t.significant("a", TRANSIENT),
              t.significant("a", TEMPORARY))) {
        checked.add(refused(() -> SupervisorSpec.check(List.of(child), auto)));
      }
    }
    t.trace.ev(checked);
  }

  // --- restarts

  private void restarting() {
    scenario(
        "restart_by_type_and_reason",
        t -> {
          for (Restart restart : List.of(PERMANENT, TRANSIENT, TEMPORARY)) {
            for (ExitReason reason : reasons()) {
              t.trace.ev(tuple(text(restart), reason));
              t.top(ONE_FOR_ONE, t.c("x", QUIET).withRestart(restart));
              t.die("x", reason);
              t.show();
              t.stop();
            }
          }
        });
    for (Strategy strategy : List.of(ONE_FOR_ONE, ONE_FOR_ALL, REST_FOR_ONE)) {
      scenario(
          "strategy_" + text(strategy),
          t -> {
            t.top(strategy, t.c("a"), t.c("b"), t.c("c"));
            for (String id : List.of("a", "b", "c")) {
              t.trace.ev(tuple("ends", id));
              t.die(id, BOOM);
            }
            t.show();
            t.stop();
          });
    }
    scenario(
        "started_later_is_last",
        t -> {
          t.top(REST_FOR_ONE, t.c("a"), t.c("b"));
          t.startChild(t.c("c"));
          t.die("b", BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "temporary_sibling",
        t -> {
          for (Strategy strategy : List.of(ONE_FOR_ALL, REST_FOR_ONE)) {
            t.top(strategy, t.c("a"), t.c("t", TEMPORARY), t.c("z"));
            t.die("a", BOOM);
            t.show();
            t.stop();
          }
        });
    scenario(
        "group_starts_what_had_ended",
        t -> {
          t.top(
              ONE_FOR_ALL, t.c("a"), t.c("t", TEMPORARY), t.c("tr", TRANSIENT), t.c("x"), t.c("z"));
          t.die("tr", NORMAL);
          t.terminateChild("x");
          t.show();
          t.die("a", BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "rest_for_one_leaves_earlier",
        t -> {
          t.top(REST_FOR_ONE, t.c("tr", TRANSIENT), t.c("a"), t.c("tr2", TRANSIENT), t.c("z"));
          t.die("tr", NORMAL);
          t.die("tr2", SHUTDOWN);
          t.die("a", BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "temporary_concerns_nobody",
        t -> {
          for (Strategy strategy : List.of(ONE_FOR_ONE, ONE_FOR_ALL, REST_FOR_ONE)) {
            t.top(strategy, t.c("a"), t.c("t", TEMPORARY), t.c("z"));
            t.die("t", BOOM);
            t.show();
            t.stop();
          }
        });
    scenario(
        "ignored_restart",
        t -> {
          t.top(ONE_FOR_ALL, t.c("a"), t.c("b"));
          t.plan("a", "ignore");
          t.die("b", BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "another_ends_meanwhile",
        t -> {
          t.top(ONE_FOR_ALL, t.c("a"), t.c("b"), t.c("c"), t.c("z", KILLER));
          t.victim = t.pid("c");
          t.die("a", BOOM);
          t.show();
          t.stop();
        });
  }

  // --- giving up

  private void givingUp() {
    scenario(
        "intensity_zero",
        t -> {
          Pid top =
              t.top(
                  t.spec(ONE_FOR_ONE, t.c("a"), t.c("f"), t.c("z"), t.c("t", TEMPORARY))
                      .withIntensity(0, Duration.ofSeconds(60)));
          t.die("t", BOOM);
          t.die("f", BOOM);
          t.toldEnd(top);
        });
    scenario(
        "intensity_two",
        t -> {
          Pid top =
              t.top(
                  t.spec(ONE_FOR_ONE, t.c("a"), t.c("b")).withIntensity(2, Duration.ofSeconds(60)));
          t.die("a", BOOM);
          t.die("b", NORMAL);
          t.die("a", KILLED);
          t.toldEnd(top);
        });
    scenario(
        "group_counts_once",
        t -> {
          for (Strategy strategy : List.of(ONE_FOR_ALL, REST_FOR_ONE)) {
            Pid top =
                t.top(
                    t.spec(strategy, t.c("a"), t.c("b"), t.c("c"))
                        .withIntensity(1, Duration.ofSeconds(60)));
            t.die("a", BOOM);
            t.die("b", BOOM);
            t.toldEnd(top);
          }
        });
    scenario(
        "ends_that_do_not_count",
        t -> {
          t.top(
              t.spec(ONE_FOR_ONE, t.c("tr", TRANSIENT), t.c("t", TEMPORARY), t.c("a"))
                  .withIntensity(0, Duration.ofSeconds(60)));
          t.die("tr", NORMAL);
          t.die("t", BOOM);
          t.terminateChild("a");
          t.restartChild("a");
          t.show();
          t.stop();
        });
    scenario(
        "window_in_whole_seconds",
        t -> {
          SupervisorSpec spec =
              t.spec(ONE_FOR_ONE, t.c("a", QUIET)).withIntensity(1, Duration.ofSeconds(1));
          Pid top = t.top(spec);
          long first = nextSecond(t);
          at(t, first);
          t.die("a", BOOM);
          at(t, first + 1200);
          t.die("a", BOOM);
          t.toldEnd(top);
          t.top(spec);
          long second = nextSecond(t);
          at(t, second + 500);
          t.die("a", BOOM);
          at(t, second + 2200);
          t.die("a", BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "sub_supervisor_gives_up",
        t -> {
          SupervisorSpec inner =
              t.spec("sub", ONE_FOR_ONE, t.c("a")).withIntensity(0, Duration.ofSeconds(60));
          for (Restart restart : List.of(PERMANENT, TRANSIENT)) {
            t.top(ONE_FOR_ONE, t.c("s", sup(inner)).asSupervisor().withRestart(restart), t.c("b"));
            Pid before = t.pid("s");
            t.ended(t.pid("sub", "a"), BOOM);
            await("it has ended", () -> t.child("top", "s").orElseThrow().pid() != before);
            t.show();
            t.stop();
          }
        });
  }

  private static long millis(Tree t) {
    return Math.floorDiv(t.self.runtime().clock().nanoTime(), 1_000_000L);
  }

  private static long nextSecond(Tree t) {
    return (Math.floorDiv(millis(t), 1000L) + 1) * 1000;
  }

  private static void at(Tree t, long millis) {
    await("the time has come", () -> millis(t) >= millis);
  }

  // --- restarts that fail

  private void failingToRestart() {
    scenario(
        "restart_fails_twice",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"), t.c("f"), t.c("z"));
          t.plan("f", "fail", "exit");
          t.die("f", BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "restart_fails_for_ever",
        t -> {
          Pid top =
              t.top(
                  t.spec(ONE_FOR_ONE, t.c("a"), t.c("f"), t.c("z"))
                      .withIntensity(3, Duration.ofSeconds(60)));
          t.always("f", "fail");
          t.die("f", BOOM);
          t.toldEnd(top);
        });
    scenario(
        "restarting_child",
        t -> {
          t.silence();
          t.top(
              t.spec(ONE_FOR_ONE, t.c("a"), t.c("f"))
                  .withIntensity(1_000_000, Duration.ofSeconds(1)));
          t.always("f", "silent");
          t.ended(t.pid("f"), BOOM);
          await(
              "it is restarting",
              () -> t.child("top", "f").orElseThrow().status() == ChildStatus.RESTARTING);
          t.show();
          t.restartChild("f");
          t.deleteChild("f");
          t.startChild(t.c("f"));
          t.terminateChild("f");
          t.show();
          t.terminateChild("f");
          t.deleteChild("f");
          t.show();
          t.stop();
        });
    scenario(
        "group_restart_fails",
        t -> {
          for (Strategy strategy : List.of(ONE_FOR_ALL, REST_FOR_ONE)) {
            for (String id : strategy == ONE_FOR_ALL ? List.of("z", "b") : List.of("b", "f")) {
              t.trace.ev(tuple("ends", id));
              t.top(strategy, t.c("a"), t.c("b"), t.c("f"), t.c("z"));
              t.plan("f", "fail", "fail");
              t.die(id, BOOM);
              t.show();
              t.stop();
            }
          }
        });
  }

  // --- shutdown

  private void shuttingDown() {
    scenario(
        "shutdown_times",
        t -> {
          t.top(
              ONE_FOR_ONE,
              t.c("a", STUBBORN).withShutdown(SHORT),
              t.c("b", QUIET_STUBBORN).withShutdown(Duration.ZERO),
              t.c("c", STUBBORN).withShutdown(Shutdown.BRUTAL_KILL),
              t.c("d").withShutdown(Shutdown.INFINITY),
              t.c("e", PLAIN),
              t.c("f").withShutdown(Shutdown.BRUTAL_KILL));
          for (String id : List.of("a", "c", "d", "e", "f")) {
            Ref monitor = t.self.monitor(t.pid(id));
            t.terminateChild(id);
            t.trace.ev(tuple(id, t.reasonOf(monitor)));
          }
          t.show();
          t.stop();
        });
    scenario(
        "unlinked_child",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"), t.c("u", UNLINKED).withShutdown(SHORT));
          Pid pid = t.pid("u");
          t.terminateChild("u");
          t.trace.ev(t.isAlive(pid));
          t.show();
          t.stop();
        });
    scenario(
        "stopped_otherwise_than_told",
        t -> {
          for (Restart restart : List.of(PERMANENT, TRANSIENT, TEMPORARY)) {
            for (ExitReason reason : List.of(NORMAL, SHUTDOWN_X, KILLED, BOOM)) {
              t.trace.ev(tuple(text(restart), reason));
              t.top(ONE_FOR_ONE, t.c("a", ends(reason)).withRestart(restart));
              t.stop();
            }
          }
        });
    scenario(
        "supervisor_killed",
        t -> {
          Pid top =
              t.top(
                  ONE_FOR_ONE,
                  t.c("plain", PLAIN),
                  t.c("raw", QUIET_STUBBORN),
                  t.c("srv", TRAPPING));
          Pid plain = t.pid("plain");
          Pid raw = t.pid("raw");
          Pid server = t.pid("srv");
          Ref monitor = t.self.monitor(plain);
          t.self.exit(top, KILL);
          ExitReason reason = t.reasonOf(monitor);
          Trace.ended(t.self, server);
          t.trace.ev(reason);
          t.toldEnd(top);
          t.trace.ev(t.isAlive(raw));
          t.ended(raw, KILLED);
        });
    scenario("ends_of_the_supervisor", SupervisorDifferentialTests::endsOfTheSupervisor);
    scenario(
        "stray_messages",
        t -> {
          Pid top = t.top(ONE_FOR_ONE, t.c("a"));
          t.self.send(top, "junk");
          t.counts();
          t.stop();
        });
    scenario(
        "unknown_call",
        t -> {
          Pid top = t.top(ONE_FOR_ONE, t.c("a"), t.c("b"));
          ServerRef<Object> ref = ServerRef.of(t.self.runtime(), "top");
          t.trace.ev(Trace.errorOf(() -> ref.call(new What())));
          t.toldEnd(top);
        });
  }

  private record What() implements Call<Object, String> {}

  private static void endsOfTheSupervisor(Tree t) {
    for (ExitReason reason : List.of(SHUTDOWN, SHUTDOWN_X, BOOM)) {
      Pid top = t.top(ONE_FOR_ONE, t.c("a"), t.c("b"));
      t.self.spawn(stranger -> stranger.exit(top, BOOM));
      t.show();
      t.self.exit(top, reason);
      t.toldEnd(top);
    }
    SupervisorSpec spec = t.spec(ONE_FOR_ONE, t.c("a"), t.c("b"));
    Pid me = t.self.pid();
    Pid parent =
        t.self.spawn(
            p -> {
              p.send(me, pidOf(Supervisor.startLink(p, spec)));
              p.receive();
            });
    Ref monitor = t.self.monitor((Pid) next(t.self));
    t.self.send(parent, "go");
    t.trace.ev(t.reasonOf(monitor));
  }

  // --- calls

  private void calling() {
    scenario(
        "child_calls",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"));
          t.startChild(t.c("b"));
          t.startChild(t.c("b"));
          t.terminateChild("b");
          t.startChild(t.c("b"));
          t.restartChild("b");
          t.restartChild("b");
          t.deleteChild("b");
          t.terminateChild("b");
          t.terminateChild("b");
          t.deleteChild("b");
          t.deleteChild("b");
          t.restartChild("b");
          t.terminateChild("b");
          t.show();
          t.stop();
        });
    scenario(
        "start_child_answers",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"));
          t.plan("b", "info");
          t.startChild(t.c("b"));
          t.plan("i", "ignore");
          t.startChild(t.c("i"));
          t.startChild(t.c("i"));
          t.plan("f", "fail", "exit");
          t.startChild(t.c("f"));
          t.startChild(t.c("f"));
          t.startChild(t.c("s", stopsInInit(NOPE)));
          t.startChild(t.c("srv", SERVER));
          t.trace.ev(
              t.sup().startChild(t.c("again", named("srv")))
                      instanceof
                      StartChildResult.Failed(
                          ExitReason.Other(StartResult.AlreadyStarted(var holder)))
                  && holder == t.whereis("srv"));
          t.show();
          t.stop();
        });
    scenario(
        "temporary_child_calls",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"));
          t.plan("i", "ignore");
          t.startChild(t.c("i", TEMPORARY));
          t.startChild(t.c("t", TEMPORARY));
          t.show();
          t.terminateChild("t");
          t.terminateChild("t");
          t.restartChild("t");
          t.show();
          t.stop();
        });
    scenario(
        "restart_child_answers",
        t -> {
          t.top(ONE_FOR_ALL, t.c("a"), t.c("b"));
          t.terminateChild("a");
          t.plan("a", "fail", "ignore", "info");
          t.restartChild("a");
          t.restartChild("a");
          t.restartChild("a");
          t.terminateChild("a");
          t.restartChild("a");
          t.show();
          t.stop();
        });
    scenario(
        "questions",
        t -> {
          SupervisorSpec sub = t.spec("sub", ONE_FOR_ONE);
          t.top(ONE_FOR_ONE, t.c("a"), t.c("s", sup(sub)).asSupervisor());
          t.startChild(t.c("b", TRANSIENT));
          t.die("b", NORMAL);
          t.show();
          t.counts();
          for (String id : List.of("a", "s")) {
            ChildSpec spec = t.sup().childSpec(id).orElseThrow();
            t.trace.ev(
                List.of(
                    spec.id(),
                    text(spec.restart()),
                    spec.shutdown() instanceof Shutdown.After(var time)
                        ? time.toMillis()
                        : spec.shutdown().toString(),
                    text(spec.type()),
                    spec.significant()));
          }
          t.trace.ev(t.sup().childSpec("q").isEmpty() ? tuple("error", "not_found") : "found");
          t.terminateChild("q");
          t.stop();
        });
  }

  // --- simple_one_for_one

  private void simple() {
    scenario(
        "simple",
        t -> {
          t.simple(QUIET, spec -> spec);
          t.counts();
          t.startSimpleChild("a");
          t.plan("b", "info");
          t.startSimpleChild("b");
          t.plan("i", "ignore");
          t.startSimpleChild("i");
          t.plan("f", "fail", "exit");
          t.startSimpleChild("f");
          t.startSimpleChild("f");
          t.show();
          t.counts();
          t.restartChild("w");
          t.deleteChild("w");
          t.terminateChild("w");
          t.trace.ev(t.sup().childSpec("w").orElseThrow().id());
          t.stop();
        });
    scenario(
        "simple_by_pid",
        t -> {
          t.simple(POLITE, spec -> spec);
          Pid a = t.simpleChild("a");
          t.simpleChild("b");
          t.terminateChild(a);
          t.terminateChild(a);
          t.terminateChild(t.self.pid());
          t.counts();
          t.stop();
        });
    scenario(
        "simple_restarts",
        t -> {
          for (Restart restart : List.of(PERMANENT, TRANSIENT, TEMPORARY)) {
            for (ExitReason reason : List.of(NORMAL, SHUTDOWN_X, KILLED, BOOM)) {
              t.trace.ev(tuple(text(restart), reason));
              t.simple(QUIET, spec -> spec.withRestart(restart));
              t.endWith(t.simpleChild("a"), reason);
              t.counts();
              t.stop();
            }
          }
        });
    scenario(
        "simple_restart_fails",
        t -> {
          t.simple(QUIET, spec -> spec);
          Pid a = t.simpleChild("a");
          t.plan("a", "fail", "fail");
          t.endWith(a, BOOM);
          t.show();
          t.stop();
        });
    scenario(
        "simple_gives_up",
        t -> {
          Pid top =
              t.top(t.simpleSpec(QUIET, spec -> spec).withIntensity(1, Duration.ofSeconds(60)));
          Pid a = t.simpleChild("a");
          Pid b = t.simpleChild("b");
          t.simpleChild("c");
          t.endWith(a, BOOM);
          t.endWith(b, BOOM);
          t.toldEnd(top);
        });
    scenario(
        "simple_stops",
        t -> {
          t.simple(ends(BOOM), spec -> spec.withRestart(TEMPORARY));
          t.simpleChild("a");
          t.stop();
          for (Shutdown shutdown : List.of(new Shutdown.After(SHORT), Shutdown.BRUTAL_KILL)) {
            t.simple(QUIET_STUBBORN, spec -> spec.withRestart(TEMPORARY).withShutdown(shutdown));
            for (int i = 0; i < 3; i++) {
              t.simpleChild("x");
            }
            t.stop();
          }
        });
  }

  // --- significant children

  private void significant() {
    scenario(
        "any_significant",
        t -> {
          for (Restart restart : List.of(TRANSIENT, TEMPORARY)) {
            for (ExitReason reason : List.of(NORMAL, SHUTDOWN, SHUTDOWN_X, BOOM)) {
              t.trace.ev(tuple(text(restart), reason));
              ChildSpec a = t.c("a", QUIET).withRestart(restart).withSignificant(true);
              Pid top =
                  t.top(
                      t.spec(ONE_FOR_ONE, t.c("x"), a, t.c("y")).withAutoShutdown(ANY_SIGNIFICANT));
              t.die("a", reason);
              if (t.isAlive(top)) {
                t.survives(top);
              }
              t.toldEnd(top);
            }
          }
        });
    scenario(
        "all_significant",
        t -> {
          Pid top =
              t.top(
                  t.spec(
                          ONE_FOR_ONE,
                          t.c("x"),
                          t.significant("a", TRANSIENT),
                          t.significant("b", TEMPORARY),
                          t.c("y", TRANSIENT))
                      .withAutoShutdown(ALL_SIGNIFICANT));
          t.die("y", NORMAL);
          t.die("a", NORMAL);
          t.show();
          t.die("b", BOOM);
          t.toldEnd(top);
        });
    scenario(
        "significant_not_by_itself",
        t -> {
          for (AutoShutdown auto : List.of(ANY_SIGNIFICANT, ALL_SIGNIFICANT)) {
            t.top(
                t.spec(
                        ONE_FOR_ALL,
                        t.c("x"),
                        t.significant("a", TRANSIENT),
                        t.significant("t", TEMPORARY))
                    .withAutoShutdown(auto));
            t.die("x", BOOM);
            t.show();
            t.terminateChild("a");
            t.show();
            t.stop();
          }
        });
    scenario(
        "significant_sub_supervisor",
        t -> {
          SupervisorSpec sub =
              t.spec("sub", ONE_FOR_ONE, t.significant("w", TRANSIENT))
                  .withAutoShutdown(ANY_SIGNIFICANT);
          for (boolean significant : List.of(true, false)) {
            ChildSpec child =
                t.c("s", sup(sub))
                    .asSupervisor()
                    .withRestart(TRANSIENT)
                    .withSignificant(significant);
            Pid top = t.top(t.spec(ONE_FOR_ONE, child, t.c("b")).withAutoShutdown(ANY_SIGNIFICANT));
            Pid s = t.pid("s");
            t.ended(t.pid("sub", "w"), NORMAL);
            Trace.ended(t.self, s);
            await(
                "it is known to have ended",
                () -> t.children().stream().noneMatch(c -> c.pid() == s));
            if (t.isAlive(top)) {
              t.survives(top);
            }
            t.toldEnd(top);
          }
        });
  }

  // --- reports and the rest

  private void reportsAndTheRest() {
    scenario(
        "crashing_server",
        t -> {
          t.top(ONE_FOR_ONE, t.c("srv", SERVER));
          Pid before = t.pid("srv");
          t.server("srv").cast(new Crash());
          await("another one runs", () -> t.child("top", "srv").orElseThrow().pid() != before);
          t.show();
          t.server("srv").call(new Stop(NORMAL));
          await("a third one runs", () -> t.child("top", "srv").orElseThrow().restarts() == 2);
          t.show();
          t.stop();
        });
    scenario(
        "slow_start",
        t -> {
          t.top(ONE_FOR_ONE, t.c("a"));
          t.startChildThatWaits(t.c("w"));
          t.trace.ev(Trace.errorOf(() -> t.sup().describe(1, SHORT)));
          t.go.countDown();
          t.trace.ev(next(t.self));
          t.show();
          t.stop();
        });
    scenario(
        "changed_code",
        t -> {
          Pid top = t.top(ONE_FOR_ONE, t.c("a"), t.c("b"), t.c("c"), t.c("d"));
          Pid a = t.pid("a");
          change(t, top, t.spec(ONE_FOR_ALL, t.c("n"), t.c("d"), t.c("a", TEMPORARY), t.c("m")));
          t.trace.ev(t.pid("a") == a);
          t.show();
          t.restartChild("m");
          change(t, top, t.spec(ONE_FOR_ONE, t.significant("a", TRANSIENT)));
          t.die("b", BOOM);
          t.show();
          t.stop();
        });
  }

  private static void change(Tree t, Pid top, SupervisorSpec spec) {
    Sys.suspend(top);
    try {
      Sys.changeCode(top, "1", spec);
      t.trace.ev("ok");
    } catch (SysException e) {
      t.trace.ev("error");
    }
    Sys.resume(top);
  }
}
