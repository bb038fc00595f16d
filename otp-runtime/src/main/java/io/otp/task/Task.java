package io.otp.task;

import io.otp.process.Alias;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A process for one computation, whose owner gets the result: Elixir's {@code Task}. The owner is
 * the process that started it; nobody else can wait for it.
 *
 * {@snippet :
 * Task<Price> price = Task.async(self, () -> shop.priceOf("tea"));
 * Task<Integer> stock = Task.async(self, () -> store.count("tea"));
 * var offer = new Offer(price.await(self), stock.await(self));     // both ran at the same time
 * }
 *
 * <p>A task of {@link #async} is linked to its owner: if it crashes, the owner ends too unless it
 * traps exits, and when the owner ends so does the task. Where a crash of the task is no reason for
 * the owner to end, start it with {@link TaskSupervisor#asyncNolink}.
 *
 * <p>The body runs in a raw process on a virtual thread of its own, so it may block. Its result is
 * sent to the owner, so it must be immutable and not {@code null}. A server that does not want to
 * wait finds it in its {@code handleInfo}:
 *
 * {@snippet :
 * public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
 *   return switch (state.price().outcome(self, info).orElse(null)) {
 *     case Outcome.Ok<Price>(var price) -> noreply(state.withPrice(price));
 *     case Outcome.Exited<Price>(var reason) -> noreply(state.withoutPrice(reason));
 *     case null -> GenServer.super.handleInfo(info, state, self);
 *   };
 * }
 * }
 *
 * @param <T> the result
 * @see <a href="https://hexdocs.pm/elixir/Task.html">Task</a>
 */
// The reply goes to the alias of the owner's monitor. It is closed by whatever ends the monitor, so
// after a timeout nothing of the task can reach the mailbox.
@Immutable // to everybody but the owner, whose thread alone reads and writes `taken`
public final class Task<T> {

  /** How long the result is waited for by default. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  /**
   * What a task does, with its own process.
   *
   * @param <T> the result
   */
  @FunctionalInterface
  public interface Body<T> {

    /**
     * Computes the result, immutable and not {@code null}.
     *
     * @throws Exception ends the task with that as its reason
     */
    T run(Self<Object> self) throws Exception;
  }

  /**
   * The message that carries a result: <code>{Ref, Result}</code>. See {@link #outcome}.
   *
   * @param ref the task's, see {@link #ref}
   * @param value the result
   */
  public record Reply(Ref ref, Object value) {}

  /** Where the result goes; what a task waits for before it begins. */
  record Go(Alias to) {}

  private final Pid pid;
  private final Pid owner;
  private final Alias monitor;

  private boolean taken;

  private Task(Pid pid, Pid owner, Alias monitor) {
    this.pid = pid;
    this.owner = owner;
    this.monitor = monitor;
  }

  // --- start

  /** Starts a task that is linked to the calling process. */
  public static <T> Task<T> async(Self<?> self, Callable<T> body) {
    return async(self, task -> body.call());
  }

  /** As {@link #async(Self, Callable)}, for a body that uses its own process. */
  public static <T> Task<T> async(Self<?> self, Body<T> body) {
    Objects.requireNonNull(body, "body");
    Pid owner = self.pid();
    return begin(self, self.spawnLink(task -> run(task, owner, body)));
  }

  /**
   * Starts a task for each input, at most so many at once, and gives their outcomes as they are
   * asked for. The tasks are linked to the calling process, so a crash ends it too unless it traps
   * exits; then it is an {@link Outcome.Exited}.
   *
   * {@snippet :
   * List<Outcome<Page>> pages;
   * try (var fetched = Task.asyncStream(self, urls, url -> fetch(url), StreamOptions.DEFAULT)) {
   *   pages = fetched.toList();
   * }
   * }
   *
   * @param inputs read as tasks are started, on the thread of the calling process
   * @return for the calling process only, and once. To stop before its end, close it: that kills
   *     the tasks that run; the end of the process does too
   * @see <a href="https://hexdocs.pm/elixir/Task.html#async_stream/3">Task.async_stream/3</a>
   */
  public static <A, T> Stream<Outcome<T>> asyncStream(
      Self<?> self, Iterable<A> inputs, TaskFunction<? super A, T> body, StreamOptions options) {
    return new TaskStream<A, T>(
            self, inputs, input -> async(self, task -> body.apply(input)), options)
        .stream();
  }

  /** The body of a task's process. */
  static <T> void run(Self<Object> self, Pid owner, Body<T> body) {
    Ref watch = self.monitor(owner);
    Object first =
        self.receive(
            message ->
                message instanceof Go || message instanceof Down down && down.ref() == watch
                    ? Receive.take(message)
                    : Receive.skip());
    if (!(first instanceof Go(var to))) {
      throw new ProcessExit(new ExitReason.ShutdownWith(((Down) first).reason()));
    }
    self.demonitorFlush(watch);
    T value = Objects.requireNonNull(call(self, body), "a task's result cannot be null");
    self.send(to, new Reply(to, value));
  }

  /** Runs a body; what it throws ends the task, whatever it is. */
  static <T> T call(Self<Object> self, Body<T> body) {
    try {
      return body.run(self);
    } catch (Exception e) {
      throw Task.<RuntimeException>unchecked(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> E unchecked(Exception e) throws E {
    throw (E) e;
  }

  /** Lets a process begin that waits in {@link #run}. */
  static <T> Task<T> begin(Self<?> self, Pid pid) {
    Alias monitor = self.monitor(pid, Alias.Mode.DEMONITOR);
    self.send(pid, new Go(monitor));
    return new Task<>(pid, self.pid(), monitor);
  }

  // --- waiting

  /** As {@link #await(Self, Duration)}, for at most 5 seconds. */
  public T await(Self<?> self) {
    return await(self, TIMEOUT);
  }

  /**
   * Waits for the result. Afterwards the task has been dealt with: a late result never arrives.
   *
   * @param self the owner
   * @param timeout longest wait, zero looks once
   * @throws AwaitException.AwaitTimeoutException if there is no result in time. Uncaught, it ends
   *     the owner and with it the task, if that is linked
   * @throws AwaitException.TaskExitException if the task ends without a result. An owner that is
   *     linked to it gets this only if it traps exits
   * @throws IllegalArgumentException if {@code self} is not the owner, or the timeout is negative
   * @throws IllegalStateException if the task has been dealt with before
   * @see <a href="https://hexdocs.pm/elixir/Task.html#await/2">Task.await/2</a>
   */
  public T await(Self<?> self, Duration timeout) {
    check(self, "awaited");
    Outcome<T> outcome = take(self, timeout).or(() -> giveUp(self)).orElse(null);
    return switch (outcome) {
      case null -> throw timedOut(timeout);
      case Outcome.Ok<T>(var value) -> value;
      case Outcome.Exited<T>(var reason) ->
          throw new AwaitException.TaskExitException(
              new AwaitException.Failed(reason, pid, timeout));
    };
  }

  AwaitException timedOut(Duration timeout) {
    return new AwaitException.AwaitTimeoutException(
        new AwaitException.Failed(ExitReason.TIMEOUT, pid, timeout));
  }

  /**
   * Waits for the results of several tasks.
   *
   * @param timeout longest wait for all together
   * @return the results in the order of the tasks
   * @throws AwaitException as {@link #await(Self, Duration)}, at the first that has no result
   * @see <a href="https://hexdocs.pm/elixir/Task.html#await_many/2">Task.await_many/2</a>
   */
  public static <T> List<T> awaitMany(
      Self<?> self, List<? extends Task<? extends T>> tasks, Duration timeout) {
    tasks.forEach(task -> task.check(self, "awaited"));
    var deadline = new TaskDeadline(self.runtime().clock(), timeout);
    var results = new ArrayList<T>(tasks.size());
    for (Task<? extends T> task : tasks) {
      results.add(task.await(self, deadline.left()));
    }
    return List.copyOf(results);
  }

  /**
   * Waits for the result and lets the task go on if it does not come: it can be asked again.
   *
   * @param self the owner
   * @param timeout longest wait, zero looks once
   * @return empty after the timeout
   * @throws IllegalArgumentException if {@code self} is not the owner, or the timeout is negative
   * @throws IllegalStateException if the task has been dealt with before
   * @see <a href="https://hexdocs.pm/elixir/Task.html#yield/2">Task.yield/2</a>
   */
  public Optional<Outcome<T>> yield(Self<?> self, Duration timeout) {
    check(self, "asked");
    return take(self, timeout);
  }

  /**
   * What {@code message} says of this task; if it is its end, the task has been dealt with.
   *
   * @param self the owner
   * @param message anything that was received, also an {@link Info} as a server gets it
   * @return empty if the message is about something else
   */
  public Optional<Outcome<T>> outcome(Self<?> self, Object message) {
    checkOwner(self, "asked");
    return read(self, message instanceof Info.Message(var plain) ? plain : message);
  }

  // --- ending

  /** As {@link #shutdown(Self, Duration)}, within 5 seconds. */
  public Optional<Outcome<T>> shutdown(Self<?> self) {
    return shutdown(self, TIMEOUT);
  }

  /**
   * Unlinks the task, asks it to end with {@code shutdown} and waits until it has; kills it if that
   * takes longer than {@code timeout}.
   *
   * @param self the owner
   * @return what came of it before, empty if this ended it
   * @throws IllegalArgumentException if {@code self} is not the owner, or the timeout is negative
   * @throws IllegalStateException if the task has been dealt with before
   * @see <a href="https://hexdocs.pm/elixir/Task.html#shutdown/2">Task.shutdown/2</a>
   */
  public Optional<Outcome<T>> shutdown(Self<?> self, Duration timeout) {
    check(self, "shut down");
    return end(self, ExitReason.SHUTDOWN, timeout);
  }

  /** As {@link #shutdown(Self, Duration)}, with {@code kill}: Elixir's {@code brutal_kill}. */
  public Optional<Outcome<T>> kill(Self<?> self) {
    check(self, "killed");
    return end(self, ExitReason.KILL, INFINITY);
  }

  private Optional<Outcome<T>> end(Self<?> self, ExitReason signal, Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A timeout of " + timeout + " is not allowed, it must not be negative");
    }
    Ref watch = self.monitor(pid);
    unlinkAndExit(self, signal);
    Function<Object, Receive<Down>> down =
        message -> message instanceof Down d && d.ref() == watch ? Receive.take(d) : Receive.skip();
    boolean kill = signal instanceof ExitReason.Kill;
    if (self.receive(timeout, down).isEmpty()) {
      kill = true;
      self.exit(pid, ExitReason.KILL);
      self.receive(down);
    }
    Optional<Outcome<T>> outcome = take(self, Duration.ZERO); // its end is here by now
    taken = true;
    ExitReason ours = kill ? ExitReason.KILLED : ExitReason.SHUTDOWN;
    return outcome.filter(
        o -> !(o instanceof Outcome.Exited<T>(var reason) && isOurs(reason, ours)));
  }

  /** It may have ended by the first signal just before the second. */
  private static boolean isOurs(ExitReason reason, ExitReason ours) {
    return reason.equals(ours)
        || ours.equals(ExitReason.KILLED) && reason.equals(ExitReason.SHUTDOWN);
  }

  /**
   * If the owner is ended between both, somebody else must send the signal: the link that would
   * have ended the task is gone.
   */
  private void unlinkAndExit(Self<?> self, ExitReason signal) {
    Pid caller = self.pid();
    Pid enforcer = self.spawn(other -> enforce(other, caller, signal));
    self.unlink(pid);
    self.exit(pid, signal);
    self.send(enforcer, Enforced.ENFORCED);
  }

  private enum Enforced {
    ENFORCED
  }

  private void enforce(Self<Object> self, Pid caller, ExitReason signal) {
    self.monitor(caller);
    if (self.receive() instanceof Down) {
      self.exit(pid, signal);
    }
  }

  /**
   * Lets the task go on unlinked, and forgets it: its result never arrives.
   *
   * @param self the owner
   * @return what came of it already, empty if it still runs
   * @throws IllegalArgumentException if {@code self} is not the owner
   * @throws IllegalStateException if the task has been dealt with before
   * @see <a href="https://hexdocs.pm/elixir/Task.html#ignore/1">Task.ignore/1</a>
   */
  public Optional<Outcome<T>> ignore(Self<?> self) {
    check(self, "ignored");
    Optional<Outcome<T>> outcome = take(self, Duration.ZERO);
    if (outcome.isPresent()) {
      return outcome;
    }
    self.unlink(pid);
    return giveUp(self);
  }

  // --- looking

  /** The task's process. */
  public Pid pid() {
    return pid;
  }

  /** The process that started it, which alone may wait for it. */
  public Pid owner() {
    return owner;
  }

  /** What its {@link Reply} and its {@link Down} carry. */
  public Ref ref() {
    return monitor;
  }

  @Override
  public String toString() {
    return "Task[" + pid + " of " + owner + "]";
  }

  // --- inside

  private Optional<Outcome<T>> take(Self<?> self, Duration timeout) {
    Function<Object, Receive<Object>> its =
        message -> isIts(message) ? Receive.take(message) : Receive.skip();
    return self.receive(timeout, its).flatMap(message -> read(self, message));
  }

  boolean isIts(Object message) {
    return message instanceof Reply reply && reply.ref() == monitor
        || message instanceof Down down && down.ref() == monitor;
  }

  @SuppressWarnings("unchecked") // a Body<T> returns a T
  Optional<Outcome<T>> read(Self<?> self, Object message) {
    if (!isIts(message)) {
      return Optional.empty();
    }
    taken = true;
    if (message instanceof Reply reply) {
      self.demonitorFlush(monitor);
      return Optional.of(new Outcome.Ok<>((T) reply.value()));
    }
    return Optional.of(new Outcome.Exited<>(((Down) message).reason()));
  }

  /** Nothing arrives after this; what raced in is looked at once more. */
  Optional<Outcome<T>> giveUp(Self<?> self) {
    self.demonitor(monitor);
    Optional<Outcome<T>> outcome = take(self, Duration.ZERO);
    taken = true;
    return outcome;
  }

  /** Ends a task that nobody waits for any more, and what its link may have left in the mailbox. */
  void discard(Self<?> self) {
    giveUp(self);
    unlinkAndExit(self, ExitReason.KILL);
    flushExit(self);
  }

  /** Unlinks a task that has ended or is about to; its exit signal is not to be seen. */
  void flushExit(Self<?> self) {
    self.unlink(pid);
    Function<Object, Receive<Exit>> exit =
        message -> message instanceof Exit e && e.from() == pid ? Receive.take(e) : Receive.skip();
    self.receive(Duration.ZERO, exit);
  }

  void check(Self<?> self, String what) {
    checkOwner(self, what);
    if (taken) {
      throw new IllegalStateException(
          "Task "
              + pid
              + " cannot be "
              + what
              + ": "
              + owner
              + " has had its result, shut it down, ignored it, or given it up after a timeout."
              + " Keep the result instead of the task.");
    }
  }

  private void checkOwner(Self<?> self, String what) {
    if (self.pid() != owner) {
      throw new IllegalArgumentException(
          "Task "
              + pid
              + " cannot be "
              + what
              + " by "
              + self.pid()
              + ": its result goes to "
              + owner
              + ", which started it. Start it in the process that needs the result, or let "
              + owner
              + " send it on.");
    }
  }
}
