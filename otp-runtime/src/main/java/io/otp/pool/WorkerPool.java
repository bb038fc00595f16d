package io.otp.pool;

import io.otp.process.CallException;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * A pool of servers that are lent to one client at a time: poolboy's contract. A fixed number of
 * workers is always there; while all are lent, more are started up to a limit, and end when they
 * are given back and nobody waits. A worker that ends is replaced.
 *
 * {@snippet :
 * ChildSpec spec = WorkerPool.childSpec(
 *     "connections", connection, url, PoolOptions.DEFAULT.withSize(10));     // in some supervisor
 *
 * WorkerPool<Connection.Message> connections = WorkerPool.of(runtime, "connections");
 * Rows rows = connections.transaction(c -> c.call(new Query("select 1")), Duration.ofSeconds(2));
 * }
 *
 * <p>A process that ends while it has a worker, or waits for one, is seen to: the worker comes back
 * as it is, and in the midst of whatever it was asked. A client that is a plain thread cannot be
 * watched, so it uses {@link #transaction}, which gives the worker back whatever happens.
 *
 * @param <M> the messages of the workers
 * @see <a href="https://github.com/devinus/poolboy">poolboy</a>
 */
public final class WorkerPool<M> {

  /** How long a client waits for a worker by default. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ProcessRuntime runtime;
  private final String name;
  private final ServerRef<PoolMessage> pool;

  private WorkerPool(ProcessRuntime runtime, String name) {
    this.runtime = runtime;
    this.name = name;
    this.pool = ServerRef.of(runtime, name);
  }

  /** The pool that is registered as {@code name}. */
  public static <M> WorkerPool<M> of(ProcessRuntime runtime, String name) {
    return new WorkerPool<>(runtime, name);
  }

  /**
   * The spec of a pool as a child of a supervisor, which waits for its workers to stop.
   *
   * @param name what it registers, and its id; the name of its workers' supervisor begins with it
   * @param worker the code of its workers
   * @param args what the {@code init} of each gets
   */
  public static <A> ChildSpec childSpec(
      String name, ArgsGenServer<A, ?, ?> worker, A args, PoolOptions options) {
    return ChildSpec.of(name, self -> startLink(self, name, worker, args, options))
        .asSupervisor()
        .withModules(List.of(worker.getClass().getName()));
  }

  /**
   * Starts a pool, linked to the calling process, and waits until all its workers have started.
   *
   * @return {@link StartResult.Failed} with the reason of the first worker that does not start
   */
  public static <A> StartResult startLink(
      Self<?> self, String name, ArgsGenServer<A, ?, ?> worker, A args, PoolOptions options) {
    ChildSpec spec = ChildSpec.worker(name, worker, args, null);
    return GenServers.startLink(
        self,
        PoolServer.INSTANCE,
        new PoolServer.Args(name, spec, options),
        StartOptions.named(name));
  }

  /** As {@link #checkout(Duration)}, waiting for 5 seconds. */
  public ServerRef<M> checkout() {
    return checkout(TIMEOUT);
  }

  /**
   * Borrows a worker, waiting for one if all are lent; who waits longest gets the next. Give it
   * back with {@link #checkin}; the end of the calling process does too.
   *
   * @param timeout longest wait
   * @throws CallException.CallTimeoutException if none became free in time; what comes later goes
   *     to others
   * @throws CallException if there is no such pool, or it ends
   */
  public ServerRef<M> checkout(Duration timeout) {
    Ref ticket = Ref.create();
    try {
      return pool.call(new PoolMessage.Checkout(ticket, true), timeout)
          .map(this::worker)
          .orElseThrow(); // who waits is not refused
    } catch (CallException.CallTimeoutException | CancellationException e) {
      pool.cast(new PoolMessage.Cancel(ticket)); // it may just have been lent to us
      throw e;
    }
  }

  /**
   * Borrows a worker if there is one, or may be one more.
   *
   * @return empty if the pool is full: poolboy's {@code full}
   * @throws CallException if there is no such pool, or it does not answer
   */
  public Optional<ServerRef<M>> tryCheckout() {
    Ref ticket = Ref.create();
    try {
      return pool.call(new PoolMessage.Checkout(ticket, false)).map(this::worker);
    } catch (CallException.CallTimeoutException | CancellationException e) {
      pool.cast(new PoolMessage.Cancel(ticket));
      throw e;
    }
  }

  private ServerRef<M> worker(Pid pid) {
    return ServerRef.of(runtime, pid);
  }

  /** Gives a worker back; nothing happens if it is not lent. */
  public void checkin(ServerRef<M> worker) {
    worker.whereis().ifPresent(pid -> pool.cast(new PoolMessage.Checkin(pid)));
  }

  /**
   * Borrows a worker, uses it and gives it back, also if {@code use} throws. For any thread.
   *
   * @param timeout longest wait for a worker; {@code use} may take longer
   * @return what {@code use} returned
   */
  public <R> R transaction(Function<ServerRef<M>, R> use, Duration timeout) {
    ServerRef<M> worker = checkout(timeout);
    try {
      return use.apply(worker);
    } finally {
      checkin(worker); // of a process that was killed the pool takes it back itself
    }
  }

  /** As {@link #transaction(Function, Duration)}, waiting for 5 seconds. */
  public <R> R transaction(Function<ServerRef<M>, R> use) {
    return transaction(use, TIMEOUT);
  }

  /** What it is doing. */
  public PoolStatus status() {
    return pool.call(new PoolMessage.GetStatus());
  }

  /** What it is registered as. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "WorkerPool[" + name + "]";
  }
}
