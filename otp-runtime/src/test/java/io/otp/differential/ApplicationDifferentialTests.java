package io.otp.differential;

import static io.otp.differential.Trace.LIMIT;
import static io.otp.differential.Trace.tuple;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.application.AllStarted;
import io.otp.application.Application;
import io.otp.application.ApplicationController;
import io.otp.application.ApplicationError;
import io.otp.application.ApplicationSpec;
import io.otp.application.ApplicationStart;
import io.otp.application.ApplicationType;
import io.otp.application.BadReturn;
import io.otp.application.ConfigChange;
import io.otp.application.StartPhase;
import io.otp.application.StartType;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Applications as Erlang's: {@code diff_application.erl}. */
class ApplicationDifferentialTests extends DifferentialTests {

  private static final ExitReason NO = ExitReason.other("no");
  private static final ExitReason X = ExitReason.other("x");

  @TestFactory
  @Rule({
    "6.02", "6.03", "6.04", "6.05", "6.06", "6.07", "6.09", "6.10", "6.11", "6.12", "6.13", "6.14",
    "6.15", "6.16", "6.40"
  })
  Stream<DynamicTest> applicationsDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "application";
  }

  /** What the start callback of an application does. */
  private interface Start {
    ApplicationStart<Object> start(String name, Self<Object> self) throws Exception;
  }

  private interface Phase {
    void run() throws Exception;
  }

  @Immutable
  private record Arg(String name, Phase phase) {}

  private interface Body {
    void run(Node node);
  }

  private void scenario(String name, Body body) {
    scenario(name, (self, trace) -> body.run(new Node(self, trace)));
  }

  // --- the application

  private record Told(Trace trace, Start start) implements Application<String, Object> {
    @Override
    public ApplicationStart<Object> start(StartType type, String name, Self<Object> self)
        throws Exception {
      trace.ev(tuple(name, "start", type));
      return start.start(name, self);
    }

    @Override
    public void startPhase(String phase, StartType type, @Nullable Object args, Self<Object> self)
        throws Exception {
      var arg = (Arg) args;
      trace.ev(tuple(arg.name(), "phase", phase, type));
      arg.phase().run();
    }

    @Override
    public Object prepStop(Object state, Self<Object> self) {
      trace.ev(tuple("prep_stop", state));
      return tuple("prepared", state);
    }

    @Override
    public void stop(Object state, Self<Object> self) {
      trace.ev(tuple("stop", state));
    }

    @Override
    public void configChange(ConfigChange change, Object state, Self<Object> self) {
      trace.ev(
          tuple(
              "config_change",
              list(change.changed()),
              list(change.added()),
              change.removed().stream().sorted().toList()));
      if (change.added().containsKey("bad")) {
        throw new ProcessExit(ExitReason.other("bad"));
      }
    }
  }

  private static List<Object> list(Map<String, Object> env) {
    return new TreeMap<>(env)
        .entrySet().stream().<Object>map(e -> tuple(e.getKey(), e.getValue())).toList();
  }

  private static final class Node {
    final Self<Object> self;
    final Trace trace;
    final ApplicationController apps;

    Node(Self<Object> self, Trace trace) {
      this.self = self;
      this.trace = trace;
      this.apps = ApplicationController.of(self.runtime());
    }

    Start tree() {
      return (name, master) -> new ApplicationStart.Started<>(top(name, master), name);
    }

    Pid top(String name, Self<Object> master) {
      var ready = new CountDownLatch(1);
      Pid pid =
          master.spawnLink(
              top -> {
                top.register(name);
                top.trapExits(true);
                ready.countDown();
                ExitReason reason =
                    top.receive(
                        message ->
                            message instanceof Exit exit
                                ? Receive.take(exit.reason())
                                : Receive.skip());
                trace.ev(tuple(name, "tree_ends", reason));
                throw new ProcessExit(reason);
              });
      TestRuntime.await(ready);
      return pid;
    }

    ApplicationSpec spec(String name, Start start) {
      return ApplicationSpec.of(name).withModule(new Told(trace, start), name);
    }

    Object load(String name) {
      return load(ApplicationSpec.of(name));
    }

    Object load(String name, Start start) {
      return load(spec(name, start));
    }

    Object load(String name, Start start, UnaryOperator<ApplicationSpec> options) {
      return load(options.apply(spec(name, start)));
    }

    Object load(ApplicationSpec spec) {
      return r(apps.load(spec));
    }

    void unload(String... names) {
      for (String name : names) {
        apps.stop(name);
        apps.unload(name);
      }
    }

    Object start(String name) {
      return r(apps.start(name));
    }

    Object stop(String name) {
      return r(apps.stop(name));
    }

    Object ensureAll(String name) {
      return switch (apps.ensureAllStarted(name, ApplicationType.TEMPORARY)) {
        case AllStarted.Started(var started) -> tuple("ok", started);
        case AllStarted.Failed(var error) ->
            tuple("error", tuple(error.application(), reason(error)));
      };
    }

    List<String> running() {
      return apps.whichApplications();
    }

    void gone(String name) {
      TestRuntime.await(name + " is gone", () -> !running().contains(name));
    }

    Object env(String name) {
      return list(apps.getAllEnv(name));
    }

    Object application(Pid pid) {
      return apps.applicationOf(pid).<Object>map(name -> tuple("ok", name)).orElse("undefined");
    }

    static Object r(Optional<ApplicationError> error) {
      return error.<Object>map(e -> tuple("error", reason(e))).orElse("ok");
    }

    static Object reason(ApplicationError error) {
      return switch (error) {
        case ApplicationError.AlreadyLoaded(var a) -> tuple("already_loaded", a);
        case ApplicationError.NotLoaded(_, var a) -> tuple("not_loaded", a);
        case ApplicationError.Running(var a) -> tuple("running", a);
        case ApplicationError.AlreadyStarted(var a) -> tuple("already_started", a);
        case ApplicationError.NotStarted(_, var a) -> tuple("not_started", a);
        case ApplicationError.StartFailed(_, _, ExitReason.Other(BadReturn _)) ->
            tuple("start_failed", "bad_return");
        case ApplicationError.StartFailed(_, _, var reason) -> tuple("start_failed", reason);
        default -> throw new AssertionError(error);
      };
    }

    void ev(Object term) {
      trace.ev(term);
    }
  }

  private static StartPhase phase(String name, String application) {
    return new StartPhase(name, new Arg(application, () -> {}));
  }

  private static Start fails(ExitReason reason) {
    return (_, _) -> new ApplicationStart.Failed<>(reason);
  }

  private static Start exits(ExitReason reason) {
    return (_, _) -> {
      throw new ProcessExit(reason);
    };
  }

  // --- scenarios

  @Override
  void scenarios() {
    scenario(
        "load_results",
        node -> {
          node.ev(node.load("a"));
          node.ev(node.load("a"));
          node.ev(Node.r(node.apps.unload("b")));
          node.ev(node.start("a"));
          node.ev(Node.r(node.apps.unload("a")));
          node.ev(node.stop("a"));
          node.ev(Node.r(node.apps.unload("a")));
          node.ev(Node.r(node.apps.unload("a")));
        });
    scenario(
        "start_results",
        node -> {
          node.ev(node.start("a"));
          node.load("a", node.tree());
          node.ev(node.stop("a"));
          node.ev(node.start("a"));
          node.ev(node.start("a"));
          node.ev(Node.r(node.apps.ensureStarted("a", ApplicationType.TEMPORARY)));
          node.ev(node.running());
          node.ev(node.stop("a"));
          node.ev(node.stop("a"));
          node.ev(Node.r(node.apps.ensureStarted("a", ApplicationType.TEMPORARY)));
          node.unload("a");
        });
    scenario(
        "start_failures",
        node -> {
          var starts = new LinkedHashMap<String, Start>();
          starts.put("refuses", fails(NO));
          starts.put("returns_other", (_, _) -> null);
          starts.put("exits", exits(X));
          starts.put("exits_normal", exits(ExitReason.NORMAL));
          starts.forEach(
              (name, start) -> {
                node.load(name, start);
                node.ev(node.start(name));
                node.ev(node.start(name));
                node.unload(name);
              });
          node.ev(node.running());
        });
    scenario(
        "library",
        node -> {
          node.load("a");
          node.ev(node.start("a"));
          node.ev(node.running());
          node.ev(node.stop("a"));
          node.ev(node.running());
        });
    scenario(
        "stopped",
        node -> {
          node.load("a", node.tree());
          node.start("a");
          node.ev(node.stop("a"));
        });
    scenario(
        "tree_ends",
        node -> {
          node.load("a", node.tree());
          node.start("a");
          node.self.exit(node.self.runtime().whereis("a").orElseThrow(), ExitReason.other("boom"));
          node.gone("a");
          node.ev(node.start("a"));
          node.unload("a");
        });
    scenario(
        "tree_ends_normally",
        node -> {
          node.load("a", node.tree());
          node.ev(Node.r(node.apps.start("a", ApplicationType.TRANSIENT)));
          node.self.exit(node.self.runtime().whereis("a").orElseThrow(), ExitReason.NORMAL);
          node.gone("a");
          node.unload("a");
        });
    scenario(
        "max_time",
        node -> {
          node.load("a", node.tree(), spec -> spec.withMaxTime(Duration.ofMillis(20)));
          node.start("a");
          node.gone("a");
          node.unload("a");
        });
    scenario(
        "phases",
        node -> {
          node.load(
              "a",
              node.tree(),
              spec ->
                  spec.withStartPhases(
                      phase("one", "a"),
                      new StartPhase("two", new Arg("a", () -> node.ev(node.running())))));
          node.ev(node.start("a"));
          node.unload("a");
        });
    scenario(
        "phase_failures",
        node -> {
          var phases = new LinkedHashMap<String, ExitReason>();
          phases.put("refuses", NO);
          phases.put("exits", X);
          phases.forEach(
              (name, reason) -> {
                node.load(
                    name,
                    (_, master) ->
                        new ApplicationStart.Started<>(master.spawnLink(Self::receive), name),
                    spec ->
                        spec.withStartPhases(
                            new StartPhase(
                                "one",
                                new Arg(
                                    name,
                                    () -> {
                                      throw new ProcessExit(reason);
                                    })),
                            phase("two", name)));
                node.ev(node.start(name));
                node.unload(name);
              });
        });
    scenario(
        "included",
        node -> {
          node.load("c", node.tree(), spec -> spec.withStartPhases(phase("two", "c")));
          node.load(
              "b",
              node.tree(),
              spec ->
                  spec.withIncludedApplications("c")
                      .withStartPhases(phase("none", "b"), phase("two", "b")));
          node.load(
              "d", node.tree(), spec -> spec.withStartPhases(phase("two", "d"), phase("one", "d")));
          node.load(
              "a",
              node.tree(),
              spec ->
                  spec.withIncludedApplications("b", "d")
                      .withStartPhases(phase("one", "a"), phase("two", "a")));
          node.ev(node.start("a"));
          node.ev(node.running());
          node.unload("a", "b", "d", "c");
        });
    scenario(
        "included_starts_too",
        node -> {
          node.load("b", node.tree());
          node.load("a", node.tree(), spec -> spec.withIncludedApplications("b"));
          node.ev(node.start("a"));
          node.ev(node.start("b"));
          node.ev(node.running());
          node.unload("a", "b");
        });
    scenario(
        "dependencies",
        node -> {
          node.load(ApplicationSpec.of("a").withApplications("b"));
          node.load("b", node.tree());
          node.ev(node.start("a"));
          node.ev(node.start("b"));
          node.ev(node.start("a"));
          node.ev(node.running());
          node.ev(node.stop("b"));
          node.ev(node.running());
          node.unload("a", "b");
        });
    scenario(
        "ensure_all",
        node -> {
          node.load(ApplicationSpec.of("a").withApplications("b", "c"));
          node.load("b", node.tree(), spec -> spec.withApplications("c"));
          node.load("c", node.tree());
          node.ev(node.ensureAll("a"));
          node.ev(node.ensureAll("a"));
          node.apps.stop("b");
          node.apps.stop("a");
          node.ev(node.ensureAll("a"));
          node.ev(node.ensureAll("nobody"));
          node.unload("a", "b", "c");
        });
    scenario(
        "ensure_rolls_back",
        node -> {
          node.load(ApplicationSpec.of("a").withApplications("b"));
          node.load("b", fails(NO), spec -> spec.withApplications("c", "d"));
          node.load("c", node.tree());
          node.load("d", node.tree());
          node.start("c");
          node.ev(node.ensureAll("a"));
          node.ev(node.running());
          node.unload("a", "b", "c", "d");
        });
    scenario(
        "optional",
        node -> {
          node.load(ApplicationSpec.of("a").withOptionalApplications("b"));
          node.ev(node.ensureAll("a"));
          node.apps.stop("a");
          node.load("b");
          node.ev(node.start("a"));
          node.apps.stop("a");
          node.ev(node.ensureAll("a"));
        });
    environments();
    members();
  }

  private void environments() {
    ApplicationSpec spec = ApplicationSpec.of("a").withEnvironment(Map.of("k", 2, "l", 2));
    scenario(
        "environment",
        node -> {
          node.apps.setEnv("a", "early", 1);
          node.apps.setEnv("a", "k", 1);
          node.load(spec);
          node.ev(node.env("a"));
          node.apps.setEnv("a", "k", 3);
          node.apps.unsetEnv("a", "l");
          node.ev(node.env("a"));
          node.ev(node.apps.getEnv("a", "nothing").orElse("undefined"));
          node.apps.unload("a");
          node.ev(node.env("a"));
          node.load(spec);
          node.ev(node.env("a"));
        });
    scenario(
        "persistent",
        node -> {
          node.load(spec);
          node.apps.setEnvPersistently("a", "k", 3);
          node.ev(node.env("a"));
          node.apps.unload("a");
          node.ev(node.env("a"));
          node.load(spec);
          node.ev(node.env("a"));
        });
    scenario(
        "changed",
        node -> {
          for (String name : List.of("a", "b", "c")) {
            node.load(name, node.tree());
            node.start(name);
          }
          node.apps.setEnv("b", "k", 1);
          node.apps.setEnv("b", "gone", 1);
          node.apps.configChange(
              List.of(Map.of("a", Map.of("bad", 1), "b", node.apps.getAllEnv("b"))), Map.of());
          node.apps.configChange(
              List.of(Map.of("a", Map.of("bad", 1), "b", Map.of("k", 2, "new", 2))), Map.of());
          node.unload("c", "b", "a");
        });
  }

  private void members() {
    scenario(
        "members",
        node -> {
          Pid caller = node.self.pid();
          node.load(
              "a",
              (name, master) -> {
                Pid left =
                    master.spawn(
                        self -> {
                          self.send(caller, self.spawn(below -> below.receive()));
                          self.receive();
                        });
                master.send(caller, left);
                return new ApplicationStart.Started<>(node.top(name, master), name);
              });
          node.start("a");
          var pids = new ArrayList<Pid>();
          pids.add(node.self.runtime().whereis("a").orElseThrow());
          pids.add((Pid) Trace.next(node.self));
          pids.add((Pid) Trace.next(node.self));
          node.ev(pids.stream().map(node::application).toList());
          node.ev(node.application(caller));
          List<Ref> refs = pids.subList(1, 3).stream().map(node.self::monitor).toList();
          node.apps.stop("a");
          node.ev(refs.stream().map(ref -> down(node.self, ref)).toList());
          node.ev(node.application(pids.get(1)));
        });
  }

  private static ExitReason down(Self<Object> self, Ref ref) {
    return self.receive(
            LIMIT,
            message ->
                message instanceof Down down && down.ref() == ref
                    ? Receive.take(down.reason())
                    : Receive.<ExitReason>skip())
        .orElseThrow(() -> new AssertionError("still alive"));
  }
}
