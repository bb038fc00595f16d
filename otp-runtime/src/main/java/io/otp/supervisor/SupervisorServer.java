package io.otp.supervisor;

import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessKilledError;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.BehaviourName;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerOptions;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process of a supervisor: a server that traps exits, hands every event to its {@link
 * RestartPlan} and does the steps it is told to. It decides nothing itself.
 *
 * <p>While it starts or stops a child it answers nobody, as in OTP; between two attempts of a
 * restart that fails it does.
 */
@BehaviourName("supervisor")
final class SupervisorServer
    implements ArgsGenServer<SupervisorSpec, SupervisorMessage, Opaque<SupervisorServer.Tree>> {

  static final SupervisorServer INSTANCE = new SupervisorServer();

  private static final ServerOptions OPTIONS = ServerOptions.DEFAULT.withTrapExits(true);

  /** The plan of one supervisor; confined to its process. */
  static final class Tree {
    final RestartPlan plan;

    /** What {@link SupervisorSpec#init} made, {@code null} where there is none. */
    final SupervisorInit.@Nullable Incarnation incarnation;

    /** No child runs any more; the plan is not asked again. */
    boolean ended;

    /** What watches children, by child; of those alone that have a {@link Heartbeat}. */
    final Map<Pid, Pid> heartbeats = new HashMap<>();

    /** How many restarts have been counted for meters. */
    long counted;

    Tree(RestartPlan plan, SupervisorInit.@Nullable Incarnation incarnation) {
      this.plan = plan;
      this.incarnation = incarnation;
    }

    /** The child has ended, or is about to be stopped. */
    void leave(Pid child, Self<?> self) {
      Pid heartbeat = heartbeats.remove(child);
      if (heartbeat != null) {
        HeartbeatServer.leave(heartbeat, self);
      }
    }
  }

  /** What came of a list of steps. */
  private record Done(@Nullable Object answer, @Nullable ExitReason exit) {}

  private SupervisorServer() {}

  @Override
  public ServerOptions options() {
    return OPTIONS;
  }

  @Override
  public Opaque<Tree> init(SupervisorSpec spec, Self<SupervisorMessage> self) throws Exception {
    self.label(spec.name());
    if (spec.init() == null) {
      return Opaque.of(start(spec, null, self));
    }
    SupervisorInit.Incarnation incarnation = spec.init().init(asChildrenSee(self));
    Tree tree = null;
    try {
      ChildSpec[] children = incarnation.children().toArray(ChildSpec[]::new);
      tree = start(spec.withChildren(children), incarnation, self);
    } finally {
      if (tree == null) {
        incarnation.ended().accept(asChildrenSee(self));
      }
    }
    return Opaque.of(tree);
  }

  private static Tree start(
      SupervisorSpec spec,
      SupervisorInit.@Nullable Incarnation incarnation,
      Self<SupervisorMessage> self) {
    var tree = new Tree(RestartPlan.of(spec, self.pid()), incarnation);
    Done done = execute(tree.plan.start(), tree, self);
    if (done.exit() != null) {
      throw Init.stop(done.exit());
    }
    return tree;
  }

  @Override
  public Next<Opaque<Tree>> handle(
      SupervisorMessage message, Opaque<Tree> state, Self<SupervisorMessage> self) {
    Tree tree = state.value();
    RestartPlan plan = tree.plan;
    long now = self.runtime().clock().nanoTime();
    return switch (message) {
      case SupervisorMessage.StartChild m -> answer(m, plan.startChild(m.child()), state, self);
      case SupervisorMessage.StartChildWith m ->
          answer(m, plan.startChildWith(m.args()), state, self);
      case SupervisorMessage.TerminateChild m ->
          answer(m, plan.terminateChild(m.id()), state, self);
      case SupervisorMessage.TerminatePid m ->
          answer(m, plan.terminateChild(m.pid(), self.runtime().isAlive(m.pid())), state, self);
      case SupervisorMessage.RestartChild m -> answer(m, plan.restartChild(m.id()), state, self);
      case SupervisorMessage.DeleteChild m -> answer(m, plan.deleteChild(m.id()), state, self);
      case SupervisorMessage.WhichChildren m -> Next.reply(m, plan.whichChildren(), state);
      case SupervisorMessage.CountChildren m -> Next.reply(m, plan.countChildren(), state);
      case SupervisorMessage.GetChildSpec m -> Next.reply(m, plan.childSpec(m.id()), state);
      case SupervisorMessage.GetChildSpecOf m -> Next.reply(m, plan.childSpec(m.pid()), state);
      case SupervisorMessage.Describe m ->
          Next.reply(m, describe(plan, m.maxChildren(), now, self.pid()), state);
      case SupervisorMessage.TryAgain(var again) ->
          goOn(execute(plan.onTryAgain(again, now), tree, self), state);
    };
  }

  @Override
  public Next<Opaque<Tree>> handleInfo(Info info, Opaque<Tree> state, Self<SupervisorMessage> self)
      throws Exception {
    if (info instanceof Exit(var from, var reason)) {
      Tree tree = state.value();
      tree.leave(from, self);
      long now = self.runtime().clock().nanoTime();
      return goOn(execute(tree.plan.onExit(from, reason, now), tree, self), state);
    }
    return ArgsGenServer.super.handleInfo(info, state, self); // reported and dropped (5.06)
  }

  @Override
  public void terminate(ExitReason reason, Opaque<Tree> state, Self<SupervisorMessage> self) {
    Tree tree = state.value();
    if (!tree.ended) {
      execute(tree.plan.shutDown(reason), tree, self);
    }
    if (tree.incarnation != null) {
      tree.incarnation.ended().accept(asChildrenSee(self));
    }
  }

  @Override
  public Status formatStatus(Status status) {
    return status.state() instanceof Opaque<?> opaque && opaque.value() instanceof Tree tree
        ? status.withState(
            "supervisor '" + tree.plan.spec().name() + "', " + tree.plan.countChildren())
        : status;
  }

  @Override
  public Opaque<Tree> codeChange(
      String oldVersion, Opaque<Tree> state, @Nullable Object extra, Self<SupervisorMessage> self) {
    if (extra instanceof SupervisorSpec spec) {
      Optional<SpecError> error = state.value().plan.changeSpec(spec);
      if (error.isPresent()) {
        throw new InvalidSpecException(error.get());
      }
    }
    return state;
  }

  // --- steps

  /** The plan answers a call with what the call's type says; the compiler cannot see that. */
  @SuppressWarnings("unchecked")
  private <R> Next<Opaque<Tree>> answer(
      io.otp.process.Call<SupervisorMessage, R> call,
      List<Step> steps,
      Opaque<Tree> state,
      Self<SupervisorMessage> self) {
    Done done = execute(steps, state.value(), self);
    Object answer = done.answer();
    if (answer == null) {
      throw new IllegalStateException("no answer to " + call);
    }
    return done.exit() == null
        ? Next.reply(call, (R) answer, state)
        : Next.stop(done.exit(), call, (R) answer, state);
  }

  private static Next<Opaque<Tree>> goOn(Done done, Opaque<Tree> state) {
    return done.exit() == null ? Next.noreply(state) : Next.stop(done.exit(), state);
  }

  /** Does steps until there are none: a step with a result makes new ones. */
  private static Done execute(List<Step> first, Tree tree, Self<SupervisorMessage> self) {
    Object answer = null;
    ExitReason exit = null;
    List<Step> steps = first;
    while (!steps.isEmpty()) {
      List<Step> next = List.of();
      for (Step step : steps) {
        switch (step) {
          case Step.Start start -> next = tree.plan.onStarted(start(start, tree, self));
          case Step.Terminate stop -> {
            tree.leave(stop.pid(), self);
            next = tree.plan.onTerminated(stop.pid(), stop(stop, self));
          }
          case Step.TerminateAll _ -> {
            List.copyOf(tree.heartbeats.keySet()).forEach(child -> tree.leave(child, self));
            next = StopAll.run(tree.plan, self);
          }
          case Step.Report(var report) -> report(report, self);
          case Step.Progress(var report) -> self.runtime().report(report);
          case Step.TryAgain again -> self.send(self.pid(), new SupervisorMessage.TryAgain(again));
          case Step.Reply(var value) -> answer = value;
          case Step.Exit(var reason) -> {
            exit = reason;
            tree.ended = true;
          }
        }
      }
      steps = next;
    }
    countRestarts(tree, self);
    return new Done(answer, exit);
  }

  private static void report(SupervisorReport report, Self<SupervisorMessage> self) {
    if (report.kind() == SupervisorReport.Kind.SHUTDOWN) {
      self.runtime().countGiveUp(self);
    }
    self.runtime().report(report);
  }

  private static void countRestarts(Tree tree, Self<SupervisorMessage> self) {
    long restarts = tree.plan.restarts();
    if (restarts != tree.counted) {
      self.runtime().countRestarts(self, restarts - tree.counted);
      tree.counted = restarts;
    }
  }

  @SuppressWarnings("unchecked") // code of others only spawns, links and waits
  private static Self<Object> asChildrenSee(Self<SupervisorMessage> self) {
    return (Self<Object>) (Self<?>) self;
  }

  private static StartResult start(Step.Start start, Tree tree, Self<SupervisorMessage> self) {
    StartResult result;
    try {
      result = start.run(asChildrenSee(self));
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return new StartResult.Failed(ExitReason.of(t));
    }
    if (result instanceof StartResult.Started(var pid, _)
        && !ProcLib.isLinked(self, pid)
        && self.runtime().isAlive(pid)) {
      String name = tree.plan.spec().name();
      self.runtime().report(new UnlinkedChildReport(self.pid(), name, start.child().id(), pid));
    }
    Heartbeat heartbeat = start.child().heartbeat();
    if (heartbeat != null && result instanceof StartResult.Started(var pid, _)) {
      Pid watching = HeartbeatServer.watch(pid, start.child(), heartbeat, self);
      if (watching != null) {
        tree.heartbeats.put(pid, watching);
      }
    }
    return result;
  }

  /**
   * Stops a child and returns how it ended. It is waited for by its DOWN: a child that had unlinked
   * itself would never send the exit signal that the supervisor waited for (5.52). The link stays,
   * unlike in OTP, so that the exit signal of a child that was dying by itself comes before that
   * DOWN and tells its own reason.
   */
  private static ExitReason stop(Step.Terminate stop, Self<SupervisorMessage> self) {
    Pid pid = stop.pid();
    Ref ref = self.monitor(pid);
    Shutdown shutdown = stop.child().shutdown();
    self.exit(pid, signal(shutdown));
    Optional<ExitReason> down =
        shutdown instanceof Shutdown.After(var time)
            ? self.receive(time, downOf(ref))
            : Optional.of(self.receive(downOf(ref)));
    if (down.isEmpty()) {
      self.exit(pid, ExitReason.KILL);
      down = Optional.of(self.receive(downOf(ref)));
    }
    return reasonOf(pid, down.get(), self);
  }

  /** The reason of the exit signal if there is one, which is taken out of the mailbox. */
  private static ExitReason reasonOf(Pid pid, ExitReason down, Self<SupervisorMessage> self) {
    return self.receive(Duration.ZERO, exitOf(pid)).map(Exit::reason).orElse(down);
  }

  private static ExitReason signal(Shutdown shutdown) {
    return shutdown instanceof Shutdown.BrutalKill ? ExitReason.KILL : ExitReason.SHUTDOWN;
  }

  private static java.util.function.Function<Object, Receive<Exit>> exitOf(Pid pid) {
    return message ->
        message instanceof Exit exit && exit.from() == pid ? Receive.take(exit) : Receive.skip();
  }

  private static java.util.function.Function<Object, Receive<ExitReason>> downOf(Ref ref) {
    return message ->
        message instanceof Down down && down.ref() == ref
            ? Receive.take(down.reason())
            : Receive.skip();
  }

  private static SupervisorInfo describe(RestartPlan plan, int max, long now, Pid pid) {
    SupervisorSpec spec = plan.spec();
    List<SupervisorInfo.Child> children =
        plan.someChildren(max).stream()
            .map(info -> new SupervisorInfo.Child(info, info.restart()))
            .toList();
    return new SupervisorInfo(
        spec.name(),
        pid,
        spec.strategy(),
        spec.intensity(),
        spec.period(),
        plan.restartsInWindow(now),
        plan.restarts(),
        plan.countChildren(),
        children);
  }
}
