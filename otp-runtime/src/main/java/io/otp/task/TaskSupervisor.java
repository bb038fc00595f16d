package io.otp.task;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.StartChildResult;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Tasks under a supervisor: Elixir's {@code Task.Supervisor}. They end with the supervisor, in
 * order, and show in the tree; whether they also end with their owner, or the owner with them, the
 * owner decides.
 *
 * {@snippet :
 * SupervisorSpec spec = TaskSupervisor.spec("mails");     // a child of some supervisor
 *
 * TaskSupervisor mails = TaskSupervisor.of(runtime, "mails");
 * mails.startChild(task -> mailer.send(letter));          // nobody waits for it
 * Task<Receipt> receipt = mails.asyncNolink(self, () -> mailer.send(letter));
 * }
 *
 * @see <a href="https://hexdocs.pm/elixir/Task.Supervisor.html">Task.Supervisor</a>
 */
public final class TaskSupervisor {

  private static final Shutdown SHUTDOWN = new Shutdown.After(Duration.ofSeconds(5));

  private final ProcessRuntime runtime;
  private final String name;
  private final Supervisor supervisor;

  private TaskSupervisor(ProcessRuntime runtime, String name) {
    this.runtime = runtime;
    this.name = name;
    this.supervisor = Supervisor.of(runtime, name);
  }

  /**
   * The spec of a supervisor of tasks, which gives up after 3 restarts within 5 s, as Elixir's;
   * adjust it with {@code withIntensity} and {@code withMaxChildren}.
   *
   * @param name what it registers
   */
  public static SupervisorSpec spec(String name) {
    return SupervisorSpec.dynamic(name).withIntensity(3, Duration.ofSeconds(5));
  }

  /** The supervisor of tasks that is registered as {@code name}. */
  public static TaskSupervisor of(ProcessRuntime runtime, String name) {
    return new TaskSupervisor(runtime, name);
  }

  /**
   * Starts a task that is linked to the calling process and to the supervisor, and whose result the
   * calling process gets.
   *
   * @throws TaskStartException if the supervisor has as many children as it may have
   */
  public <T> Task<T> async(Self<?> self, Callable<T> body) {
    Pid task = startFor(self, body);
    self.link(task);
    return Task.begin(self, task);
  }

  /**
   * Starts a task whose result the calling process gets, but which is linked to the supervisor
   * only. If it crashes, {@link Task#await} fails and {@link Task#yield} says so; if the calling
   * process ends, the task goes on.
   *
   * @throws TaskStartException if the supervisor has as many children as it may have
   */
  public <T> Task<T> asyncNolink(Self<?> self, Callable<T> body) {
    return Task.begin(self, startFor(self, body));
  }

  /** As {@link Task#asyncStream}, with tasks under this supervisor. */
  public <A, T> Stream<Outcome<T>> asyncStream(
      Self<?> self, Iterable<A> inputs, TaskFunction<? super A, T> body, StreamOptions options) {
    return new TaskStream<A, T>(
            self, inputs, input -> async(self, () -> body.apply(input)), options)
        .stream();
  }

  /**
   * As {@link #asyncStream}, with tasks that are not linked to the calling process: one that
   * crashes is an {@link Outcome.Exited}. If the calling process ends, those that run go on.
   */
  public <A, T> Stream<Outcome<T>> asyncStreamNolink(
      Self<?> self, Iterable<A> inputs, TaskFunction<? super A, T> body, StreamOptions options) {
    return new TaskStream<A, T>(
            self, inputs, input -> asyncNolink(self, () -> body.apply(input)), options)
        .stream();
  }

  /**
   * Starts a process that nobody waits for. It is not restarted and has 5 s to stop.
   *
   * @throws TaskStartException if the supervisor has as many children as it may have
   */
  public Pid startChild(Consumer<Self<Object>> body) {
    return startChild(body, Restart.TEMPORARY, SHUTDOWN);
  }

  /**
   * Starts a process that nobody waits for.
   *
   * @param restart {@link Restart#TRANSIENT}: again after a crash; {@link Restart#PERMANENT}:
   *     always
   * @param shutdown how it is stopped
   * @throws TaskStartException if the supervisor has as many children as it may have
   */
  public Pid startChild(Consumer<Self<Object>> body, Restart restart, Shutdown shutdown) {
    Objects.requireNonNull(body, "body");
    StartChildResult result =
        supervisor.startChild(
            ChildSpec.of("task", by -> new StartResult.Started(by.spawnLink(body), null))
                .withRestart(restart)
                .withShutdown(shutdown)
                .withModules(List.of(body.getClass().getName())));
    return switch (result) {
      case StartChildResult.Started(var pid, _) -> pid;
      case StartChildResult other -> throw new TaskStartException(name, other);
    };
  }

  private <T> Pid startFor(Self<?> self, Callable<T> body) {
    Objects.requireNonNull(body, "body");
    Pid owner = self.pid();
    return startChild(task -> Task.run(task, owner, own -> body.call()));
  }

  /** The processes of its tasks. */
  public List<Pid> children() {
    return supervisor.whichChildren().stream()
        .flatMap(child -> Optional.ofNullable(child.pid()).stream())
        .toList();
  }

  /** Stops a task; {@code false} if it is not one of these. */
  public boolean terminateChild(Pid task) {
    return supervisor.terminateChild(task).isEmpty();
  }

  /** The name of the supervisor. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "TaskSupervisor[" + name + "]";
  }
}
