package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.server.Startable;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts any number of servers of one kind while the application runs: sessions, rooms, jobs. Under
 * it is a supervisor of strategy {@link Strategy#SIMPLE_ONE_FOR_ONE}.
 *
 * {@snippet :
 * ServerRef<Room.Message> room = rooms.getOrStart("lobby", new Room.Settings("lobby"));
 * }
 *
 * @param <A> the start arguments of the servers
 * @param <M> their messages
 */
public final class DynamicSupervisor<A, M> {

  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  private final ProcessRuntime runtime;
  private final String name;
  private final ServerRef<SupervisorMessage> ref;

  private DynamicSupervisor(ProcessRuntime runtime, String name) {
    this.runtime = runtime;
    this.name = name;
    this.ref = ServerRef.of(runtime, name);
  }

  /**
   * Start arguments on their way to a child.
   *
   * @param name the name it registers, {@code null} for none
   * @param args what its {@code init} gets
   */
  record Args(@Nullable String name, Object args) {}

  /**
   * The dynamic supervisor that is registered as {@code name}.
   *
   * @throws ClassCastException later, in the child's {@code init}, if its servers take other
   *     arguments
   */
  public static <A, M> DynamicSupervisor<A, M> of(ProcessRuntime runtime, String name) {
    return new DynamicSupervisor<>(runtime, name);
  }

  /**
   * The spec of a dynamic supervisor whose children run {@code server}; adjust it with {@code
   * withIntensity} and {@code withMaxChildren}.
   *
   * @param name its name, and what the names of keyed children begin with
   * @param restart whether children are started again when they end; OTP's default would be {@link
   *     Restart#PERMANENT}
   * @param shutdown how they are stopped
   */
  public static <A, M> SupervisorSpec spec(
      String name, Startable<A, M> server, Restart restart, Shutdown shutdown) {
    DynamicStart<Args> start = (args, self) -> startServer(server, args, self);
    return SupervisorSpec.of(
        name,
        Strategy.SIMPLE_ONE_FOR_ONE,
        ChildSpec.template(name, start).withRestart(restart).withShutdown(shutdown));
  }

  @SuppressWarnings("unchecked") // the arguments come from startChild(A)
  private static <A> StartResult startServer(Startable<A, ?> server, Args args, Self<Object> self) {
    return server.startLink(
        self,
        (A) args.args(),
        args.name() == null ? StartOptions.NONE : StartOptions.named(args.name()));
  }

  /**
   * Starts a server without a name and waits until its {@code init} has returned.
   *
   * @return the reference to this process; one that its supervisor starts in its place has another
   * @throws ChildStartException if it does not start or there are as many as allowed
   */
  public ServerRef<M> startChild(A args) {
    return switch (start(new Args(null, args), INFINITY)) {
      case StartChildResult.Started(var pid, _) -> ServerRef.of(runtime, pid);
      case StartChildResult other -> throw new ChildStartException(name, other);
    };
  }

  /**
   * The server with this key, started if there is none. However many ask at once, one is started.
   * It is registered as {@code name:key}, so the reference goes on working when its supervisor
   * restarts it.
   *
   * @param args used only if it has to be started
   * @throws ChildStartException if it does not start or there are as many as allowed
   */
  public ServerRef<M> getOrStart(String key, A args) {
    return getOrStart(key, args, INFINITY);
  }

  /**
   * As {@link #getOrStart(String, Object)}, and waits no longer than {@code timeout} for the
   * supervisor, which starts one server at a time and waits for the {@code init} of each.
   *
   * @throws ChildStartException if it does not start or there are as many as allowed
   * @throws io.otp.process.CallException.CallTimeoutException if the supervisor did not answer in
   *     time; it may start the server all the same
   */
  public ServerRef<M> getOrStart(String key, A args, Duration timeout) {
    String childName = name + ":" + key;
    if (runtime.whereis(childName).filter(runtime::isAlive).isPresent()) {
      return ServerRef.of(runtime, childName);
    }
    return switch (start(new Args(childName, args), timeout)) {
      case StartChildResult.Started _ -> ServerRef.of(runtime, childName);
      case StartChildResult.Failed(ExitReason.Other(StartResult.AlreadyStarted _)) ->
          ServerRef.of(runtime, childName);
      case StartChildResult other -> throw new ChildStartException(childName, other);
    };
  }

  /** The server with this key, empty if there is none. */
  public Optional<ServerRef<M>> find(String key) {
    String childName = name + ":" + key;
    return runtime
        .whereis(childName)
        .filter(runtime::isAlive)
        .map(pid -> ServerRef.of(runtime, childName));
  }

  private StartChildResult start(Args args, Duration timeout) {
    return ref.call(new SupervisorMessage.StartChildWith(args), timeout);
  }

  /** Stops a server for good; {@code false} if it is not one of ours. */
  public boolean terminateChild(Pid pid) {
    return ref.call(new SupervisorMessage.TerminatePid(pid), INFINITY).isEmpty();
  }

  /** How many servers run. */
  public int count() {
    return ref.call(new SupervisorMessage.CountChildren(), INFINITY).active();
  }

  /** The name of the supervisor. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "DynamicSupervisor[" + name + "]";
  }
}
