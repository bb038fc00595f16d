package io.otp.supervisor;

import static io.otp.supervisor.ChildStatus.RESTARTING;
import static io.otp.supervisor.ChildStatus.RUNNING;
import static io.otp.supervisor.ChildStatus.UNDEFINED;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a supervisor whose children have ids and an order: one-for-one, one-for-all,
 * rest-for-one.
 *
 * <p>Everything it does is: stop some children, last one first, then start some, first one first.
 * An operation fills these two queues, {@link #advance} asks for the next step of them, and its
 * {@link Goal} says what a start's result means and what comes at the end.
 */
final class StaticPlan extends RestartPlan {

  private static final class Child {
    ChildSpec spec;
    ChildStatus status = UNDEFINED;

    /**
     * While running, its process; while restarting, the one it had; while it is being restarted
     * alone, the same.
     */
    @Nullable Pid pid;

    int restarts;
    @Nullable ExitReason lastExit;

    Child(ChildSpec spec) {
      this.spec = spec;
    }
  }

  private sealed interface Goal {
    record Init() implements Goal {}

    /**
     * {@code aim} is the child that ended, or whose start failed; {@code oldPid} the process it
     * had.
     */
    record Restarting(Child aim, @Nullable Pid oldPid) implements Goal {}

    record StartChild() implements Goal {}

    record RestartChild() implements Goal {}

    record TerminateChild() implements Goal {}

    record ShutDown(ExitReason reason) implements Goal {}
  }

  /** In start order. */
  private LinkedHashMap<String, Child> children = new LinkedHashMap<>();

  /** Those with status running. */
  private final HashMap<Pid, Child> running = new HashMap<>();

  private final ArrayDeque<Child> stopping = new ArrayDeque<>(1);
  private final ArrayDeque<Child> starting = new ArrayDeque<>(1);

  /** The operation in progress. */
  private @Nullable Goal goal;

  StaticPlan(SupervisorSpec spec, Pid supervisor) {
    super(spec, supervisor);
    spec.children().forEach(child -> children.put(child.id(), new Child(child)));
  }

  // --- events

  @Override
  List<Step> start() {
    begin(new Goal.Init());
    starting.addAll(children.values());
    return advance(new ArrayList<>());
  }

  @Override
  List<Step> onExit(Pid pid, ExitReason reason, long now) {
    requireIdle();
    Child child = running.remove(pid);
    if (child == null) {
      return List.of();
    }
    child.lastExit = reason;
    var steps = new ArrayList<Step>();
    if (isReported(child.spec, reason)) {
      steps.add(report(SupervisorReport.Kind.CHILD_TERMINATED, reason, reported(child)));
    }
    if (child.spec.restart().restartsAfter(reason)) {
      return restart(child, steps, now);
    }
    leave(child);
    return shutsDownAfter(child.spec) ? shutDown(ExitReason.SHUTDOWN, steps) : steps;
  }

  @Override
  List<Step> onTryAgain(Step.TryAgain again, long now) {
    requireIdle();
    return again.child() instanceof String id
            && children.get(id) instanceof Child child
            && child.status == RESTARTING
        ? restart(child, new ArrayList<>(), now)
        : List.of();
  }

  private List<Step> restart(Child child, List<Step> steps, long now) {
    if (!mayRestart(now)) {
      steps.add(
          report(
              SupervisorReport.Kind.SHUTDOWN,
              SupervisorReport.REACHED_MAX_RESTART_INTENSITY,
              reported(child)));
      leave(child);
      return shutDown(ExitReason.SHUTDOWN, steps);
    }
    begin(new Goal.Restarting(child, child.pid));
    switch (spec().strategy()) {
      case ONE_FOR_ALL -> restartGroup(child, children.firstEntry().getValue());
      case REST_FOR_ONE -> restartGroup(child, child);
      default -> starting.add(child);
    }
    return advance(steps);
  }

  /** Stops and starts {@code first} and all later children. */
  private void restartGroup(Child aim, Child first) {
    aim.pid = null;
    aim.status = UNDEFINED;
    for (Child child : children.sequencedValues().reversed()) {
      stopping.add(child);
      if (child.spec.restart() != Restart.TEMPORARY) {
        starting.addFirst(child);
      }
      if (child == first) {
        return;
      }
    }
  }

  @Override
  List<Step> onStarted(StartResult result) {
    Child child = starting.remove();
    var steps = new ArrayList<Step>();
    if (result instanceof StartResult.Started(var pid, _)) {
      child.pid = pid;
      child.status = RUNNING;
      running.put(pid, child);
      steps.add(progress(child.spec, pid));
    }
    return switch (goal) {
      case Goal.Init _ -> onInitial(child, result, steps);
      case Goal.Restarting restart -> onRestarted(restart, child, result, steps);
      case Goal.StartChild _ -> onStartChild(child, result, steps);
      case Goal.RestartChild _ -> answer(result, steps);
      case null, default ->
          throw new IllegalStateException("A start was answered that was not asked for");
    };
  }

  private List<Step> onInitial(Child child, StartResult result, List<Step> steps) {
    switch (result) {
      case StartResult.Started _ -> {}
      case StartResult.Ignored _ -> leave(child);
      case StartResult.Failed _, StartResult.AlreadyStarted _ -> {
        ExitReason reason = failure(result);
        steps.add(report(SupervisorReport.Kind.START_ERROR, reason, reported(child)));
        starting.clear();
        goal = null;
        var detail = new FailedToStartChild(child.spec.id(), reason);
        return shutDown(new ExitReason.ShutdownWith(detail), steps);
      }
    }
    return advance(steps);
  }

  private List<Step> onRestarted(
      Goal.Restarting restart, Child child, StartResult result, List<Step> steps) {
    switch (result) {
      case StartResult.Started _ -> child.restarts++;
      case StartResult.Ignored _ -> leave(child);
      case StartResult.Failed _, StartResult.AlreadyStarted _ -> {
        steps.add(report(SupervisorReport.Kind.START_ERROR, failure(result), reported(child)));
        steps.add(new Step.TryAgain(child.spec.id()));
        child.status = RESTARTING;
        child.pid = child == restart.aim() ? restart.oldPid() : null;
        starting.clear();
      }
    }
    return advance(steps);
  }

  private List<Step> onStartChild(Child child, StartResult result, List<Step> steps) {
    boolean temporary = child.spec.restart() == Restart.TEMPORARY;
    if (child.status == RUNNING || result instanceof StartResult.Ignored && !temporary) {
      if (temporary) {
        child.spec = child.spec.withoutStart();
      }
      children.put(child.spec.id(), child);
    }
    return answer(result, steps);
  }

  private List<Step> answer(StartResult result, List<Step> steps) {
    steps.add(new Step.Reply(answerOf(result)));
    return advance(steps);
  }

  @Override
  List<Step> onTerminated(Pid pid, ExitReason reason) {
    Child child = stopping.remove();
    var steps = new ArrayList<Step>();
    running.remove(pid);
    child.lastExit = reason;
    if (!isExpected(child.spec, reason)) {
      steps.add(report(SupervisorReport.Kind.SHUTDOWN_ERROR, reason, reported(child)));
    }
    leave(child);
    return advance(steps);
  }

  @Override
  List<Step> shutDown(ExitReason reason) {
    return shutDown(reason, new ArrayList<>());
  }

  private List<Step> shutDown(ExitReason reason, List<Step> steps) {
    begin(new Goal.ShutDown(reason));
    stopping.addAll(children.sequencedValues().reversed());
    return advance(steps);
  }

  // --- calls

  @Override
  List<Step> startChild(ChildSpec spec) {
    requireIdle();
    Optional<SpecError> misfit = spec().misfit(spec);
    if (misfit.isPresent()) {
      return reply(new StartChildResult.Invalid(misfit.get()));
    }
    Child known = children.get(spec.id());
    if (known != null) {
      return reply(
          known.status == RUNNING && known.pid != null
              ? new StartChildResult.AlreadyStarted(known.pid)
              : new StartChildResult.Refused(ChildError.ALREADY_PRESENT));
    }
    begin(new Goal.StartChild());
    starting.add(new Child(spec));
    return advance(new ArrayList<>());
  }

  @Override
  List<Step> startChildWith(@Nullable Object args) {
    return reply(new StartChildResult.Invalid(SpecCheck.noTemplate(spec(), args)));
  }

  @Override
  List<Step> terminateChild(String id) {
    requireIdle();
    Child child = children.get(id);
    if (child == null) {
      return refuse(ChildError.NOT_FOUND);
    }
    begin(new Goal.TerminateChild());
    stopping.add(child);
    return advance(new ArrayList<>());
  }

  @Override
  List<Step> terminateChild(Pid pid, boolean alive) {
    return refuse(ChildError.NOT_FOUND);
  }

  @Override
  List<Step> restartChild(String id) {
    requireIdle();
    Child child = children.get(id);
    Optional<ChildError> error = whyNotIdle(child);
    if (child == null || error.isPresent()) {
      return reply(new StartChildResult.Refused(error.orElse(ChildError.NOT_FOUND)));
    }
    begin(new Goal.RestartChild());
    starting.add(child);
    return advance(new ArrayList<>());
  }

  @Override
  List<Step> deleteChild(String id) {
    requireIdle();
    Optional<ChildError> error = whyNotIdle(children.get(id));
    if (error.isEmpty()) {
      children.remove(id);
    }
    return reply(error);
  }

  private static Optional<ChildError> whyNotIdle(@Nullable Child child) {
    if (child == null) {
      return Optional.of(ChildError.NOT_FOUND);
    }
    return switch (child.status) {
      case RUNNING -> Optional.of(ChildError.RUNNING);
      case RESTARTING -> Optional.of(ChildError.RESTARTING);
      case UNDEFINED -> Optional.empty();
    };
  }

  // --- questions

  @Override
  List<ChildInfo> whichChildren() {
    return children.sequencedValues().reversed().stream().map(StaticPlan::infoOf).toList();
  }

  @Override
  List<ChildInfo> someChildren(int max) {
    return children.values().stream().limit(max).map(StaticPlan::infoOf).toList();
  }

  private static ChildInfo infoOf(Child child) {
    return new ChildInfo(
        child.spec.id(),
        child.status,
        child.status == RUNNING ? child.pid : null,
        child.spec.restart(),
        child.spec.type(),
        child.spec.modules(),
        child.restarts,
        child.lastExit);
  }

  @Override
  ChildCounts countChildren() {
    int supervisors = 0;
    for (Child child : children.values()) {
      supervisors += child.spec.type() == ChildType.SUPERVISOR ? 1 : 0;
    }
    return new ChildCounts(
        children.size(), running.size(), supervisors, children.size() - supervisors);
  }

  @Override
  Optional<ChildSpec> childSpec(String id) {
    return Optional.ofNullable(children.get(id)).map(child -> child.spec);
  }

  @Override
  Optional<ChildSpec> childSpec(Pid pid) {
    return Optional.empty();
  }

  @Override
  void forEachRunning(BiConsumer<Pid, Shutdown> action) {
    running.forEach((pid, child) -> action.accept(pid, child.spec.shutdown()));
  }

  @Override
  boolean isSignificantLeft() {
    return children.values().stream()
        .anyMatch(child -> child.spec.significant() && child.status != UNDEFINED);
  }

  @Override
  void replaceChildren(List<ChildSpec> specs) {
    var next = new LinkedHashMap<String, Child>();
    for (ChildSpec spec : specs) {
      Child child = children.remove(spec.id());
      if (child == null) {
        child = new Child(spec);
      }
      child.spec = spec;
      next.put(spec.id(), child);
    }
    next.putAll(children);
    children = next;
  }

  // --- the machine

  @Override
  @Nullable Object goal() {
    return goal;
  }

  private void begin(Goal next) {
    requireIdle();
    goal = next;
  }

  /** Adds the next step that has a result; if there is none the operation is done. */
  private List<Step> advance(List<Step> steps) {
    for (Child child = stopping.peek(); child != null; child = stopping.peek()) {
      if (child.status == RUNNING && child.pid != null) {
        steps.add(new Step.Terminate(child.pid, child.spec));
        return steps;
      }
      leave(stopping.remove());
    }
    Child next = starting.peek();
    if (next != null) {
      steps.add(new Step.Start(next.spec, null));
      return steps;
    }
    if (goal instanceof Goal.TerminateChild) {
      steps.add(new Step.Reply(Optional.empty()));
    } else if (goal instanceof Goal.ShutDown(var reason)) {
      steps.add(new Step.Exit(reason));
    }
    goal = null;
    return steps;
  }

  /** The child has no process; a temporary one is forgotten. */
  private void leave(Child child) {
    child.pid = null;
    child.status = UNDEFINED;
    if (child.spec.restart() == Restart.TEMPORARY) {
      children.remove(child.spec.id());
    }
  }

  private static ReportedChild reported(Child child) {
    return ReportedChild.of(child.spec, child.pid, child.status == RESTARTING);
  }
}
