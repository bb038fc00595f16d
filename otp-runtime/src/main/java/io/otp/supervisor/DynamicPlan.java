package io.otp.supervisor;

import static io.otp.supervisor.DynamicChildren.NOTHING;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a simple-one-for-one supervisor: any number of children, known by pid, each operation
 * independent of their number.
 *
 * <p>What {@link DynamicChildren} keeps of a child: {@link DynamicChildren#NOTHING} if it will not
 * be started again; else its start arguments ({@link #NO_ARGS} for {@code null}); where each child
 * brings its own spec, that. A {@link Restarted} is wrapped around it once it was restarted.
 */
final class DynamicPlan extends RestartPlan {

  private static final Object NO_ARGS = new Object();

  /** What is kept of a child that was restarted, or is waiting for the next attempt at it. */
  private record Restarted(Object kept, int restarts, ExitReason lastExit, boolean restarting) {}

  private sealed interface Goal {
    record StartChild(ChildSpec child, Object kept) implements Goal {}

    record Restarting(Pid oldPid, Restarted child) implements Goal {}

    record TerminateChild(Pid pid) implements Goal {}

    /** {@code failures} counts those that ended otherwise than told. */
    record ShutDown(ExitReason reason, Map<Failure, Integer> failures) implements Goal {}
  }

  private record Failure(ChildSpec child, ExitReason reason) {}

  private final DynamicChildren children = new DynamicChildren();
  private final boolean ownSpecs;
  private ChildSpec template;
  private int restarting;

  /** Significant children, where each has its own spec. */
  private int significant;

  private @Nullable Goal goal;

  DynamicPlan(SupervisorSpec spec, Pid supervisor) {
    super(spec, supervisor);
    template = spec.children().getFirst();
    ownSpecs = spec.ownSpecs();
  }

  // --- events

  @Override
  List<Step> start() {
    return List.of();
  }

  @Override
  List<Step> onExit(Pid pid, ExitReason reason, long now) {
    requireIdle();
    Object kept = children.get(pid);
    if (kept == null || isRestarting(kept)) {
      return List.of();
    }
    ChildSpec child = specOf(kept);
    var steps = new ArrayList<Step>(2);
    if (isReported(child, reason)) {
      steps.add(
          report(
              SupervisorReport.Kind.CHILD_TERMINATED, reason, ReportedChild.of(child, pid, false)));
    }
    if (child.restart().restartsAfter(reason)) {
      Restarted before =
          kept instanceof Restarted known ? known : new Restarted(kept, 0, reason, false);
      return restart(
          pid, new Restarted(before.kept(), before.restarts(), reason, false), steps, now);
    }
    remove(pid);
    return shutsDownAfter(child) ? shutDown(ExitReason.SHUTDOWN, steps) : steps;
  }

  @Override
  List<Step> onTryAgain(Step.TryAgain again, long now) {
    requireIdle();
    return again.child() instanceof Pid pid
            && children.get(pid) instanceof Restarted child
            && child.restarting()
        ? restart(pid, child, new ArrayList<>(2), now)
        : List.of();
  }

  private List<Step> restart(Pid oldPid, Restarted child, List<Step> steps, long now) {
    ChildSpec spec = specOf(child);
    if (!mayRestart(now)) {
      steps.add(
          report(
              SupervisorReport.Kind.SHUTDOWN,
              SupervisorReport.REACHED_MAX_RESTART_INTENSITY,
              ReportedChild.of(spec, oldPid, child.restarting())));
      remove(oldPid);
      return shutDown(ExitReason.SHUTDOWN, steps);
    }
    goal = new Goal.Restarting(oldPid, child);
    steps.add(new Step.Start(spec, argsOf(child.kept())));
    return steps;
  }

  @Override
  List<Step> onStarted(StartResult result) {
    Goal done = goal;
    goal = null;
    return switch (done) {
      case Goal.StartChild(var child, var kept) -> {
        if (result instanceof StartResult.Started(var pid, _)) {
          add(pid, kept);
        }
        yield reply(answerOf(result));
      }
      case Goal.Restarting(var oldPid, var child) -> onRestarted(oldPid, child, result);
      case null, default ->
          throw new IllegalStateException("A start was answered that was not asked for");
    };
  }

  private List<Step> onRestarted(Pid oldPid, Restarted child, StartResult result) {
    remove(oldPid);
    return switch (result) {
      case StartResult.Started(var pid, _) -> {
        add(pid, new Restarted(child.kept(), child.restarts() + 1, child.lastExit(), false));
        yield List.of();
      }
      case StartResult.Ignored _ -> List.of();
      case StartResult.Failed _, StartResult.AlreadyStarted _ -> {
        add(oldPid, new Restarted(child.kept(), child.restarts(), child.lastExit(), true));
        yield List.of(
            report(
                SupervisorReport.Kind.START_ERROR,
                failure(result),
                ReportedChild.of(specOf(child), oldPid, child.restarting())),
            new Step.TryAgain(oldPid));
      }
    };
  }

  @Override
  List<Step> onTerminated(Pid pid, ExitReason reason) {
    ChildSpec child = specOf(remove(pid));
    return switch (goal) {
      case Goal.TerminateChild _ -> {
        goal = null;
        yield isExpected(child, reason)
            ? reply(Optional.empty())
            : List.of(
                report(
                    SupervisorReport.Kind.SHUTDOWN_ERROR,
                    reason,
                    ReportedChild.of(child, pid, false)),
                new Step.Reply(Optional.empty()));
      }
      case Goal.ShutDown down -> {
        if (!isExpected(child, reason)) {
          down.failures().merge(new Failure(child, reason), 1, Integer::sum);
        }
        yield children.size() > restarting ? List.of() : exit(down, new ArrayList<>());
      }
      case null, default ->
          throw new IllegalStateException("A stop was answered that was not asked for");
    };
  }

  @Override
  List<Step> shutDown(ExitReason reason) {
    return shutDown(reason, new ArrayList<>());
  }

  private List<Step> shutDown(ExitReason reason, List<Step> steps) {
    requireIdle();
    var down = new Goal.ShutDown(reason, new LinkedHashMap<>());
    if (children.size() == restarting) {
      return exit(down, steps);
    }
    goal = down;
    steps.add(new Step.TerminateAll());
    return steps;
  }

  private List<Step> exit(Goal.ShutDown down, List<Step> steps) {
    goal = null;
    down.failures()
        .forEach(
            (failure, count) ->
                steps.add(
                    report(
                        SupervisorReport.Kind.SHUTDOWN_ERROR,
                        failure.reason(),
                        ReportedChild.of(failure.child(), null, false),
                        count)));
    steps.add(new Step.Exit(down.reason()));
    return steps;
  }

  // --- calls

  @Override
  List<Step> startChild(ChildSpec spec) {
    if (!ownSpecs) {
      return reply(new StartChildResult.Refused(ChildError.SIMPLE_ONE_FOR_ONE));
    }
    Optional<SpecError> misfit = spec().misfit(spec);
    if (misfit.isPresent()) {
      return reply(new StartChildResult.Invalid(misfit.get()));
    }
    return startChild(spec, null, spec.restart() == Restart.TEMPORARY ? spec.withoutStart() : spec);
  }

  @Override
  List<Step> startChildWith(@Nullable Object args) {
    if (ownSpecs) {
      return args instanceof ChildSpec child
          ? startChild(child)
          : reply(new StartChildResult.Invalid(SpecCheck.noTemplate(spec(), args)));
    }
    Object kept = args == null ? NO_ARGS : args;
    return startChild(template, args, template.restart() == Restart.TEMPORARY ? NOTHING : kept);
  }

  private List<Step> startChild(ChildSpec child, @Nullable Object args, Object kept) {
    requireIdle();
    if (children.size() >= spec().maxChildren()) {
      return reply(new StartChildResult.Refused(ChildError.MAX_CHILDREN));
    }
    goal = new Goal.StartChild(child, kept);
    return List.of(new Step.Start(child, args));
  }

  @Override
  List<Step> terminateChild(String id) {
    return refuse(ChildError.SIMPLE_ONE_FOR_ONE);
  }

  @Override
  List<Step> terminateChild(Pid pid, boolean alive) {
    requireIdle();
    Object kept = children.get(pid);
    if (kept == null) {
      return alive || ownSpecs ? refuse(ChildError.NOT_FOUND) : reply(Optional.empty());
    }
    if (isRestarting(kept)) {
      remove(pid);
      return reply(Optional.empty());
    }
    goal = new Goal.TerminateChild(pid);
    return List.of(new Step.Terminate(pid, specOf(kept)));
  }

  @Override
  List<Step> restartChild(String id) {
    return reply(new StartChildResult.Refused(ChildError.SIMPLE_ONE_FOR_ONE));
  }

  @Override
  List<Step> deleteChild(String id) {
    return refuse(ChildError.SIMPLE_ONE_FOR_ONE);
  }

  // --- questions

  @Override
  List<ChildInfo> whichChildren() {
    return someChildren(Integer.MAX_VALUE);
  }

  @Override
  List<ChildInfo> someChildren(int max) {
    var infos = new ArrayList<ChildInfo>(Math.min(max, children.size()));
    children.forEach(max, (pid, kept) -> infos.add(infoOf(pid, kept)));
    return List.copyOf(infos);
  }

  private ChildInfo infoOf(Pid pid, Object kept) {
    ChildSpec child = specOf(kept);
    boolean waiting = isRestarting(kept);
    Restarted restarted = kept instanceof Restarted known ? known : null;
    return new ChildInfo(
        null,
        waiting ? ChildStatus.RESTARTING : ChildStatus.RUNNING,
        waiting ? null : pid,
        child.restart(),
        child.type(),
        child.modules(),
        restarted == null ? 0 : restarted.restarts(),
        restarted == null ? null : restarted.lastExit());
  }

  @Override
  ChildCounts countChildren() {
    int size = children.size();
    int active = size - restarting;
    if (!ownSpecs) {
      boolean workers = template.type() == ChildType.WORKER;
      return new ChildCounts(1, active, workers ? 0 : size, workers ? size : 0);
    }
    int[] supervisors = {0};
    children.forEach(
        Integer.MAX_VALUE,
        (_, kept) -> supervisors[0] += specOf(kept).type() == ChildType.SUPERVISOR ? 1 : 0);
    return new ChildCounts(size, active, supervisors[0], size - supervisors[0]);
  }

  @Override
  Optional<ChildSpec> childSpec(String id) {
    return !ownSpecs && id.equals(template.id()) ? Optional.of(template) : Optional.empty();
  }

  @Override
  Optional<ChildSpec> childSpec(Pid pid) {
    return Optional.ofNullable(children.get(pid)).map(this::specOf);
  }

  @Override
  void forEachRunning(BiConsumer<Pid, Shutdown> action) {
    children.forEach(
        Integer.MAX_VALUE,
        (pid, kept) -> {
          if (!isRestarting(kept)) {
            action.accept(pid, specOf(kept).shutdown());
          }
        });
  }

  @Override
  boolean isSignificantLeft() {
    return ownSpecs ? significant > 0 : children.size() > 0;
  }

  @Override
  void replaceChildren(List<ChildSpec> specs) {
    template = specs.getFirst();
  }

  // --- the table

  @Override
  @Nullable Object goal() {
    return goal;
  }

  private void add(Pid pid, Object kept) {
    Object before = children.put(pid, kept);
    if (before != null) {
      count(before, -1);
    }
    count(kept, 1);
  }

  private Object remove(Pid pid) {
    Object kept = children.remove(pid);
    if (kept == null) {
      throw new IllegalStateException("Supervisor '" + spec().name() + "' has no child " + pid);
    }
    count(kept, -1);
    return kept;
  }

  private void count(Object kept, int change) {
    restarting += isRestarting(kept) ? change : 0;
    significant += ownSpecs && specOf(kept).significant() ? change : 0;
  }

  private static boolean isRestarting(Object kept) {
    return kept instanceof Restarted child && child.restarting();
  }

  /**
   * Its own spec or the template; temporary if its arguments were not kept because the template was
   * temporary when it started.
   */
  private ChildSpec specOf(Object kept) {
    if (ownSpecs) {
      return (ChildSpec) (kept instanceof Restarted child ? child.kept() : kept);
    }
    return kept == NOTHING && template.restart() != Restart.TEMPORARY
        ? template.withRestart(Restart.TEMPORARY)
        : template;
  }

  private @Nullable Object argsOf(Object kept) {
    return ownSpecs || kept == NO_ARGS ? null : kept;
  }
}
