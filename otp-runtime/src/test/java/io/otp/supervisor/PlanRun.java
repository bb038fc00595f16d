package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A supervisor's process without a process: executes the steps of a plan against starts and stops
 * that go as a test says, and writes down what happened in the words of the traces taken from
 * Erlang: {@code stop b, start a, start f failed}.
 */
final class PlanRun {

  static final Pid SUPERVISOR = TestPids.pid(1);

  private static final ExitReason NOPE = new ExitReason.Other("nope");

  final RestartPlan plan;
  final List<SupervisorReport> reports = new ArrayList<>();
  final List<ProgressReport> progress = new ArrayList<>();
  private final List<String> actions = new ArrayList<>();
  private final List<String> everything = new ArrayList<>();
  private final Map<String, Integer> failing = new HashMap<>();
  private final Map<String, Integer> ignoring = new HashMap<>();
  private final Map<String, ExitReason> stopping = new HashMap<>();
  private final Map<String, Pid> pids = new HashMap<>();
  private final Map<Pid, String> names = new HashMap<>();
  private final ArrayDeque<Step.TryAgain> mailbox = new ArrayDeque<>();
  private long now;
  private long lastPid = 1;
  private @Nullable Object answer;
  private @Nullable ExitReason exit;

  PlanRun(SupervisorSpec spec) {
    plan = RestartPlan.of(spec, SUPERVISOR);
  }

  /** A supervisor that has started its children, and whose trace is empty. */
  static PlanRun started(SupervisorSpec spec) {
    var run = new PlanRun(spec);
    run.start();
    run.forget();
    return run;
  }

  // --- how things go

  PlanRun failing(String child, int times) {
    failing.put(child, times);
    return this;
  }

  PlanRun ignoring(String child, int times) {
    ignoring.put(child, times);
    return this;
  }

  PlanRun stopping(String child, ExitReason reason) {
    stopping.put(child, reason);
    return this;
  }

  PlanRun at(double seconds) {
    now = Math.round(seconds * 1e9);
    return this;
  }

  // --- events

  PlanRun start() {
    return run(plan.start());
  }

  /** The child's process ends by itself. */
  PlanRun exit(String child, ExitReason reason) {
    return exit(pid(child), reason);
  }

  PlanRun exit(Pid pid, ExitReason reason) {
    return run(plan.onExit(pid, reason, now));
  }

  /** Handles the oldest {@code try_again_restart} in the mailbox. */
  PlanRun tryAgain() {
    return run(plan.onTryAgain(mailbox.remove(), now));
  }

  /** Handles them all. */
  PlanRun settle() {
    while (!mailbox.isEmpty() && exit == null) {
      tryAgain();
    }
    return this;
  }

  PlanRun shutDown(ExitReason reason) {
    return run(plan.shutDown(reason));
  }

  /** Makes a call and returns what it is answered. */
  @Nullable Object call(Function<RestartPlan, List<Step>> call) {
    answer = null;
    run(call.apply(plan));
    return answer;
  }

  // --- what happened

  Pid pid(String child) {
    Pid pid = pids.get(child);
    if (pid == null) {
      throw new AssertionError(child + " has never run");
    }
    return pid;
  }

  /** What was started and stopped, and the end. */
  String trace() {
    return String.join(", ", actions);
  }

  /** That, and reports. */
  String fullTrace() {
    return String.join(", ", everything);
  }

  PlanRun forget() {
    actions.clear();
    everything.clear();
    reports.clear();
    progress.clear();
    return this;
  }

  int mailbox() {
    return mailbox.size();
  }

  @Nullable ExitReason ended() {
    return exit;
  }

  /** The children, the newest first: {@code z, i:undefined, f:restarting}. */
  String children() {
    return String.join(
        ", ",
        plan.whichChildren().stream()
            .map(
                child ->
                    (child.id() == null ? "-" : child.id())
                        + (child.status() == ChildStatus.RUNNING
                            ? ""
                            : ":" + child.status().name().toLowerCase()))
            .toList());
  }

  // --- the loop

  private PlanRun run(List<Step> steps) {
    while (!steps.isEmpty()) {
      List<Step> next = List.of();
      for (Step step : steps) {
        if (!next.isEmpty()) {
          throw new AssertionError("A step follows one with a result: " + steps);
        }
        next = execute(step);
      }
      steps = next;
    }
    return this;
  }

  private List<Step> execute(Step step) {
    return switch (step) {
      case Step.Start start -> plan.onStarted(start(start));
      case Step.Terminate stop ->
          plan.onTerminated(stop.pid(), stop(stop.pid(), stop.child().shutdown()));
      case Step.TerminateAll _ -> terminateAll();
      case Step.Report(var report) -> {
        reports.add(report);
        everything.add(
            report.kind().text()
                + " "
                + report.offender().id()
                + " "
                + report.reason()
                + (report.nbChildren() == 0 ? "" : " x" + report.nbChildren()));
        yield List.of();
      }
      case Step.Progress(var report) -> {
        progress.add(report);
        everything.add("progress " + report.started().id());
        yield List.of();
      }
      case Step.TryAgain again -> {
        mailbox.add(again);
        yield List.of();
      }
      case Step.Reply(var value) -> {
        answer = value;
        yield List.of();
      }
      case Step.Exit(var reason) -> {
        exit = reason;
        did("exit " + reason);
        yield List.of();
      }
    };
  }

  private StartResult start(Step.Start start) {
    String child = start.args() == null ? start.child().id() : start.args().toString();
    if (happens(failing, child)) {
      did("start " + child + " failed");
      return new StartResult.Failed(NOPE);
    }
    if (happens(ignoring, child)) {
      did("start " + child + " ignored");
      return new StartResult.Ignored();
    }
    Pid pid = TestPids.pid(++lastPid);
    pids.put(child, pid);
    names.put(pid, child);
    did("start " + child);
    return new StartResult.Started(pid, null);
  }

  private static boolean happens(Map<String, Integer> times, String child) {
    int left = times.getOrDefault(child, 0);
    times.put(child, left - 1);
    return left > 0;
  }

  private ExitReason stop(Pid pid, Shutdown shutdown) {
    String child = names.get(pid);
    did("stop " + child);
    ExitReason otherwise =
        shutdown instanceof Shutdown.BrutalKill ? ExitReason.KILLED : ExitReason.SHUTDOWN;
    return stopping.getOrDefault(child, otherwise);
  }

  private List<Step> terminateAll() {
    Map<Pid, Shutdown> running = new HashMap<>();
    plan.forEachRunning(running::put);
    List<Step> next = List.of();
    for (Pid pid : running.keySet().stream().sorted().toList()) {
      if (!next.isEmpty()) {
        throw new AssertionError("Steps before all are down: " + next);
      }
      next = plan.onTerminated(pid, stop(pid, running.get(pid)));
    }
    return next;
  }

  private void did(String action) {
    actions.add(action);
    everything.add(action);
  }
}
