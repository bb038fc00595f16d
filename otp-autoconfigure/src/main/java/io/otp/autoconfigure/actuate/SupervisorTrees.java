package io.otp.autoconfigure.actuate;

import io.otp.autoconfigure.context.SupervisorContexts;
import io.otp.autoconfigure.report.BoundedText;
import io.otp.process.CallException;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.supervisor.ChildInfo;
import io.otp.supervisor.ChildType;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorInfo;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks supervisors what is below them, one after the other: a supervisor that starts or stops a
 * child answers nobody meanwhile, so each is given little time, and all together not much more.
 */
final class SupervisorTrees {

  /** For all supervisors together. */
  static final Duration TIME = Duration.ofSeconds(2);

  /** For one. */
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  /** How many supervisors one answer shows. */
  private static final int MAX_SUPERVISORS = 10_000;

  /** The OTP behaviour of those that have children to be asked for. */
  static final String SUPERVISOR = "supervisor";

  private static final int MAX_DEPTH = 32;
  private static final int MAX_REASON = 500;

  private final ProcessRuntime runtime;
  private final @Nullable SupervisorContexts contexts;

  SupervisorTrees(ProcessRuntime runtime, @Nullable SupervisorContexts contexts) {
    this.runtime = runtime;
    this.contexts = contexts;
  }

  /** The tree below {@code top}, at most {@code limit} children of each supervisor. */
  SupervisorDescriptor tree(Pid top, int limit) {
    return new Walk(limit).supervisor(top, 0);
  }

  /** The trees below several. */
  List<SupervisorDescriptor> trees(List<Pid> tops, int limit) {
    var walk = new Walk(limit);
    return tops.stream().map(top -> walk.supervisor(top, 0)).toList();
  }

  private final class Walk {
    private final int limit;
    private final long deadline = System.nanoTime() + TIME.toNanos();
    private int asked;

    Walk(int limit) {
      this.limit = limit;
    }

    SupervisorDescriptor supervisor(Pid pid, int depth) {
      if (depth == MAX_DEPTH || asked++ == MAX_SUPERVISORS) {
        return SupervisorDescriptor.unknown(pid.toString(), "not asked: the tree is too large");
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return SupervisorDescriptor.unknown(pid.toString(), "not asked: others took too long");
      }
      Duration timeout = Duration.ofNanos(Math.min(left, TIMEOUT.toNanos()));
      SupervisorInfo info;
      try {
        info = Supervisor.of(runtime, pid).describe(limit, timeout);
      } catch (CallException e) {
        return SupervisorDescriptor.unknown(pid.toString(), String.valueOf(e.getMessage()));
      }
      return SupervisorDescriptor.of(
          info,
          contexts == null ? null : contexts.contextOf(pid),
          info.children().stream().map(child -> child(child.info(), depth)).toList());
    }

    private SupervisorDescriptor.Child child(ChildInfo info, int depth) {
      return SupervisorDescriptor.Child.of(
          info,
          info.lastExit() == null ? null : BoundedText.of(info.lastExit(), MAX_REASON),
          below(info, depth));
    }

    private @Nullable SupervisorDescriptor below(ChildInfo info, int depth) {
      return info.type() == ChildType.SUPERVISOR && info.pid() != null && answers(info.pid())
          ? supervisor(info.pid(), depth + 1)
          : null;
    }

    /**
     * Whether it may be asked for children. A pool of workers, and whatever a user declares {@code
     * asSupervisor()}, is one for the time it has to stop, and does not know the question: it would
     * crash. One that has ended is asked, and the answer says so.
     */
    private boolean answers(Pid pid) {
      return runtime.summary(pid).map(p -> p.behaviour().equals(SUPERVISOR)).orElse(true);
    }
  }
}
