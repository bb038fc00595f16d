package io.otp.supervisor;

import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Stops the children of a supervisor that has many: all are told at once, and each is killed when
 * its own time is over, so that a thousand that hang take as long as one (5.72). Costs the same per
 * child however many there are: their exit signals are taken as they come.
 */
final class StopAll {

  private record Deadline(long at, Pid pid) implements Comparable<Deadline> {
    @Override
    public int compareTo(Deadline other) {
      return Long.compare(at, other.at);
    }
  }

  private final RestartPlan plan;
  private final Self<?> self;
  private final Map<Ref, Pid> waiting = new HashMap<>();
  private final Set<Pid> children = new HashSet<>();

  /** Reasons of exit signals, which come before the DOWN of the same child. */
  private final Map<Pid, ExitReason> reasons = new HashMap<>();

  private final PriorityQueue<Deadline> deadlines = new PriorityQueue<>();

  private StopAll(RestartPlan plan, Self<?> self) {
    this.plan = plan;
    this.self = self;
  }

  /** Returns the plan's steps after the last child. */
  static List<Step> run(RestartPlan plan, Self<?> self) {
    return new StopAll(plan, self).run();
  }

  private List<Step> run() {
    plan.forEachRunning(this::tell);
    List<Step> steps = List.of();
    while (!waiting.isEmpty()) {
      Optional<Info> info = next();
      if (info.isEmpty()) {
        killOverdue();
      } else if (info.get() instanceof Exit(var from, var reason)) {
        reasons.put(from, reason);
      } else if (info.get() instanceof Down(var ref, _, var reason)) {
        Pid pid = waiting.remove(ref);
        if (pid != null) {
          ExitReason own = reasons.remove(pid);
          steps = plan.onTerminated(pid, own == null ? reason : own);
        }
      }
    }
    return steps;
  }

  private void tell(Pid pid, Shutdown shutdown) {
    waiting.put(self.monitor(pid), pid);
    children.add(pid);
    self.exit(pid, shutdown instanceof Shutdown.BrutalKill ? ExitReason.KILL : ExitReason.SHUTDOWN);
    if (shutdown instanceof Shutdown.After(var time)) {
      deadlines.add(new Deadline(now() + time.toNanos(), pid));
    }
  }

  private Optional<Info> next() {
    Deadline first = deadlines.peek();
    return first == null
        ? Optional.of(self.receive(this::ofAChild))
        : self.receive(Duration.ofNanos(Math.max(0, first.at() - now())), this::ofAChild);
  }

  private Receive<Info> ofAChild(Object message) {
    boolean ours =
        (message instanceof Down down && waiting.containsKey(down.ref()))
            || (message instanceof Exit exit && children.contains(exit.from()));
    return ours ? Receive.take((Info) message) : Receive.skip();
  }

  private void killOverdue() {
    for (Deadline first = deadlines.peek();
        first != null && first.at() - now() <= 0;
        first = deadlines.peek()) {
      self.exit(first.pid(), ExitReason.KILL);
      deadlines.remove();
    }
  }

  private long now() {
    return self.runtime().clock().nanoTime();
  }
}
