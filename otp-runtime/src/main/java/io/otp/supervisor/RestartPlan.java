package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All that a supervisor decides: it knows the children, is told what happens and says what to do.
 * It has no threads and no clock; the process that owns it is a loop:
 *
 * {@snippet :
 * for (List<Step> steps = plan.onExit(pid, reason, now); !steps.isEmpty(); ) {
 *   List<Step> next = List.of();
 *   for (Step step : steps) {
 *     next = switch (step) {
 *       case Start start -> plan.onStarted(run(start));
 *       case Terminate stop -> plan.onTerminated(stop.pid(), stop(stop));
 *       ...
 *     };
 *   }
 *   steps = next;
 * }
 * }
 *
 * <p>Invariants. P1: between two events either an operation is in progress and the last list ended
 * with a step that has a result, or none is, and then only then may a new event come ({@link
 * IllegalStateException} otherwise). P2: the tables agree with the processes whenever no operation
 * is in progress, up to exit signals that still wait in the mailbox. P3: after {@link Step.Exit}
 * nothing more is asked.
 *
 * <p>Times ({@code now}) are a monotonic clock in nanoseconds.
 */
abstract sealed class RestartPlan permits StaticPlan, DynamicPlan {

  private final Pid supervisor;
  private final RestartWindow window;
  private SupervisorSpec spec;
  private long restarts;

  RestartPlan(SupervisorSpec spec, Pid supervisor) {
    this.spec = spec;
    this.supervisor = supervisor;
    this.window = new RestartWindow(spec.intensity(), spec.period().toSeconds());
  }

  /**
   * A plan whose children are not yet started.
   *
   * @param supervisor the process that owns it, for reports
   * @throws InvalidSpecException if a child's significance does not fit, see {@link
   *     SupervisorSpec#check}
   */
  static RestartPlan of(SupervisorSpec spec, Pid supervisor) {
    SupervisorSpec.check(spec.children(), spec.autoShutdown());
    return spec.strategy() == Strategy.SIMPLE_ONE_FOR_ONE
        ? new DynamicPlan(spec, supervisor)
        : new StaticPlan(spec, supervisor);
  }

  // --- events

  /** Starts the children; {@link Step.Exit} with {@link FailedToStartChild} if that fails. */
  abstract List<Step> start();

  /**
   * A linked process ended by itself. Nothing happens if it is no child, or one whose restart is
   * being tried again.
   */
  abstract List<Step> onExit(Pid pid, ExitReason reason, long now);

  /**
   * A {@link Step.TryAgain} has come back. Nothing happens if the child is no longer restarting.
   */
  abstract List<Step> onTryAgain(Step.TryAgain again, long now);

  /** How the last {@link Step.Start} went. */
  abstract List<Step> onStarted(StartResult result);

  /**
   * How the child of the last {@link Step.Terminate}, or one of those of {@link Step.TerminateAll},
   * ended.
   */
  abstract List<Step> onTerminated(Pid pid, ExitReason reason);

  /** Stops the children, then {@link Step.Exit} with {@code reason}. */
  abstract List<Step> shutDown(ExitReason reason);

  // --- calls: each ends with a Reply

  /** {@code start_child} with a spec of its own. */
  abstract List<Step> startChild(ChildSpec child);

  /** {@code start_child} with arguments for the template. */
  abstract List<Step> startChildWith(@Nullable Object args);

  /** {@code terminate_child} by id. */
  abstract List<Step> terminateChild(String id);

  /**
   * {@code terminate_child} by pid.
   *
   * @param alive whether the process is alive: a dead one that is not known is fine, as in OTP
   */
  abstract List<Step> terminateChild(Pid pid, boolean alive);

  /** {@code restart_child}. */
  abstract List<Step> restartChild(String id);

  /** {@code delete_child}. */
  abstract List<Step> deleteChild(String id);

  // --- questions

  /** {@code which_children}: the one started last comes first; no order without ids. */
  abstract List<ChildInfo> whichChildren();

  /**
   * The first {@code max} children in start order, any without ids; the cost does not depend on the
   * others.
   */
  abstract List<ChildInfo> someChildren(int max);

  /** {@code count_children}. */
  abstract ChildCounts countChildren();

  /** {@code get_childspec} by id. */
  abstract Optional<ChildSpec> childSpec(String id);

  /**
   * {@code get_childspec} by pid, which only a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor has.
   */
  abstract Optional<ChildSpec> childSpec(Pid pid);

  /** Shows the processes of the children; the plan must not be changed meanwhile. */
  abstract void forEachRunning(BiConsumer<Pid, Shutdown> action);

  /** The flags in force; its children are those it was started or changed with. */
  final SupervisorSpec spec() {
    return spec;
  }

  /** How many restarts count against the intensity at {@code now}. */
  final int restartsInWindow(long now) {
    return window.restarts(now);
  }

  /**
   * How often it has restarted something since it was started; a group counts once, each attempt of
   * a retry too.
   */
  final long restarts() {
    return restarts;
  }

  /**
   * {@code code_change}: replaces flags and child specs. Children keep their processes; those the
   * new spec does not mention stay, at the end of the start order; new ones are added but not
   * started. The restarts so far still count. The name stays.
   *
   * @return why not; nothing has changed then
   */
  final Optional<SpecError> changeSpec(SupervisorSpec next) {
    requireIdle();
    try {
      SupervisorSpec.check(next.children(), next.autoShutdown());
    } catch (InvalidSpecException e) {
      return Optional.of(e.error());
    }
    if (!kind(next).equals(kind(spec))) {
      return Optional.of(SpecCheck.otherKind(spec, kind(spec), next, kind(next)));
    }
    spec =
        new SupervisorSpec(
            spec.name(),
            next.strategy(),
            next.intensity(),
            next.period(),
            next.autoShutdown(),
            next.maxChildren(),
            next.children(),
            spec.init());
    window.limit(spec.intensity(), spec.period().toSeconds());
    replaceChildren(spec.children());
    return Optional.empty();
  }

  abstract void replaceChildren(List<ChildSpec> children);

  /** The operation in progress, {@code null} if none is. */
  abstract @Nullable Object goal();

  // --- what both kinds of plan need

  /** P1. */
  final void requireIdle() {
    if (goal() != null) {
      throw new IllegalStateException(
          "Supervisor '" + spec.name() + "' was told of an event during " + goal());
    }
  }

  /** Counts a restart against the intensity; {@code false}: give up. */
  final boolean mayRestart(long now) {
    boolean allowed = window.add(now);
    if (allowed) {
      restarts++;
    }
    return allowed;
  }

  /**
   * Whether the supervisor ends because {@code child}, which is done and forgotten, was
   * significant.
   */
  final boolean shutsDownAfter(ChildSpec child) {
    return child.significant()
        && switch (spec.autoShutdown()) {
          case NEVER -> false;
          case ANY_SIGNIFICANT -> true;
          case ALL_SIGNIFICANT -> !isSignificantLeft();
        };
  }

  abstract boolean isSignificantLeft();

  final Step.Report report(SupervisorReport.Kind kind, ExitReason reason, ReportedChild child) {
    return report(kind, reason, child, 0);
  }

  final Step.Report report(
      SupervisorReport.Kind kind, ExitReason reason, ReportedChild child, int nbChildren) {
    return new Step.Report(
        new SupervisorReport(kind, supervisor, spec.name(), reason, child, nbChildren));
  }

  final Step.Progress progress(ChildSpec child, Pid pid) {
    return new Step.Progress(
        new ProgressReport(supervisor, spec.name(), ReportedChild.of(child, pid, false)));
  }

  /** Whether a child that ended by itself is reported: not if it was done, as it may be. */
  static boolean isReported(ChildSpec child, ExitReason reason) {
    return child.restart() == Restart.PERMANENT || reason.isAbnormal();
  }

  /** Whether a child that was stopped ended as it may: else it is reported. */
  static boolean isExpected(ChildSpec child, ExitReason reason) {
    return switch (reason) {
      case ExitReason.Shutdown _ when !(child.shutdown() instanceof Shutdown.BrutalKill) -> true;
      case ExitReason.Killed _ when child.shutdown() instanceof Shutdown.BrutalKill -> true;
      default -> !reason.isAbnormal() && child.restart() != Restart.PERMANENT;
    };
  }

  /** Why a start function that returned {@code result} failed. */
  static ExitReason failure(StartResult result) {
    return result instanceof StartResult.Failed(var reason) ? reason : ExitReason.other(result);
  }

  /** What a call is answered whose start function returned {@code result}. */
  static StartChildResult answerOf(StartResult result) {
    return switch (result) {
      case StartResult.Started(var pid, var info) -> new StartChildResult.Started(pid, info);
      case StartResult.Ignored _ -> new StartChildResult.Ignored();
      case StartResult.Failed _, StartResult.AlreadyStarted _ ->
          new StartChildResult.Failed(failure(result));
    };
  }

  static List<Step> reply(Object answer) {
    return List.of(new Step.Reply(answer));
  }

  static List<Step> refuse(ChildError error) {
    return reply(Optional.of(error));
  }

  private static String kind(SupervisorSpec spec) {
    if (spec.strategy() != Strategy.SIMPLE_ONE_FOR_ONE) {
      return "children with ids";
    }
    return spec.ownSpecs() ? "children with specs of their own" : "children of a template";
  }
}
