package io.otp.reliability;

import io.otp.process.Pid;
import io.otp.process.ProcessInfo;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import io.otp.supervisor.ChildInfo;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The tree of {@link Kills}, and whether it is what it shall be. */
final class Tree {

  static final String TOP = "top";

  /** How often a supervisor with a small budget restarts within an hour. */
  static final int BUDGET = 10;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final int supervisors;
  private final int workers;

  Tree(int supervisors, int workers) {
    this.supervisors = supervisors;
    this.workers = workers;
  }

  int size() {
    return 1 + supervisors + workers;
  }

  String supervisorName(int number) {
    return "s" + number;
  }

  private static String workerName(int number) {
    return "w" + number;
  }

  /** Any of them. */
  String worker(Random random) {
    return workerName(random.nextInt(workers));
  }

  /** Has nothing to do; each fifth traps exits. */
  private record Worker(boolean traps) implements GenServer<Object, Integer> {
    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(traps);
    }

    @Override
    public Integer init(NoArgs args, Self<Object> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Object message, Integer state, Self<Object> self) {
      return Next.noreply(state);
    }
  }

  /** Whether a supervisor gives up after {@link #BUDGET} restarts; the others never do. */
  static boolean isBudgeted(String name) {
    return !name.equals(TOP) && Integer.parseInt(name.substring(1)) % 5 == 0;
  }

  private static Strategy strategy(int number) {
    return switch (number % 10) {
      case 3 -> Strategy.ONE_FOR_ALL;
      case 7 -> Strategy.REST_FOR_ONE;
      default -> Strategy.ONE_FOR_ONE;
    };
  }

  SupervisorSpec spec() {
    var children = new ChildSpec[supervisors];
    for (int s = 0; s < supervisors; s++) {
      children[s] = ChildSpec.supervisor(supervisorName(s), spec(s));
    }
    return SupervisorSpec.of(TOP, Strategy.ONE_FOR_ONE, children)
        .withIntensity(SupervisorSpec.UNLIMITED, Duration.ofHours(1));
  }

  private SupervisorSpec spec(int number) {
    var children = new ChildSpec[sizeOf(number)];
    for (int i = 0; i < children.length; i++) {
      String name = workerName(number + i * supervisors);
      children[i] = ChildSpec.worker(name, new Worker(i % 5 == 0), NoArgs.NO_ARGS, name);
    }
    String name = supervisorName(number);
    return SupervisorSpec.of(name, strategy(number), children)
        .withIntensity(isBudgeted(name) ? BUDGET : SupervisorSpec.UNLIMITED, Duration.ofHours(1));
  }

  /** Workers are dealt out one by one. */
  private int sizeOf(int supervisor) {
    return workers / supervisors + (supervisor < workers % supervisors ? 1 : 0);
  }

  // --- what is

  /** What is not as the specs say, empty if all is. */
  String wrong(ProcessRuntime runtime) {
    try {
      Set<Pid> members = new HashSet<>(2 * size());
      Pid top = runtime.whereis(TOP).orElseThrow();
      members.add(top);
      String wrong = wrongBelow(runtime, TOP, top, supervisors, members);
      for (int s = 0; s < supervisors && wrong.isEmpty(); s++) {
        String name = supervisorName(s);
        Pid pid = runtime.whereis(name).orElse(null);
        wrong =
            pid == null
                ? "the name " + name + " is lost"
                : wrongBelow(runtime, name, pid, sizeOf(s), members);
      }
      return wrong.isEmpty() ? wrongOutside(runtime, members) : wrong;
    } catch (RuntimeException e) {
      return e.toString(); // a supervisor ended while it was asked
    }
  }

  private static String wrongBelow(
      ProcessRuntime runtime, String name, Pid supervisor, int expected, Set<Pid> members) {
    List<ChildInfo> children =
        Supervisor.of(runtime, supervisor).describe(Integer.MAX_VALUE, PATIENCE).children().stream()
            .map(child -> child.info())
            .toList();
    if (children.size() != expected) {
      return name + " has " + children.size() + " children, its spec " + expected;
    }
    Set<Pid> links =
        new HashSet<>(runtime.info(supervisor).map(ProcessInfo::links).orElse(List.of()));
    for (ChildInfo child : children) {
      Pid pid = child.pid();
      String id = String.valueOf(child.id());
      if (pid == null || !runtime.isAlive(pid)) {
        return name + "'s child " + id + " does not run";
      }
      if (runtime.whereis(id).orElse(null) != pid) {
        return "the name " + id + " does not lead to " + name + "'s child " + pid;
      }
      if (!links.contains(pid)) {
        return name + "'s child " + id + " is not linked to it";
      }
      members.add(pid);
    }
    return "";
  }

  private String wrongOutside(ProcessRuntime runtime, Set<Pid> members) {
    if (members.size() != size()) {
      return members.size() + " processes are in the tree, " + size() + " shall be";
    }
    var orphans = new HashSet<String>();
    runtime.walk(
        0,
        Integer.MAX_VALUE,
        process -> {
          if (!members.contains(process.pid())) {
            orphans.add(process.pid() + " " + process.name());
          }
          return true;
        });
    if (!orphans.isEmpty()) {
      return "orphans: " + orphans.stream().limit(5).toList();
    }
    return runtime.stats().names() == size()
        ? ""
        : runtime.stats().names() + " names are registered, " + size() + " shall be";
  }
}
