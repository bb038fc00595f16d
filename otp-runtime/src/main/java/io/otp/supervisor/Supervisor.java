package io.otp.supervisor;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A running supervisor: starts one, and asks one about its children. What a call throws if the
 * supervisor is gone or busy is in {@link ServerRef#call(io.otp.process.Call, Duration)}; the calls
 * here wait as long as it takes, as OTP's do.
 *
 * {@snippet :
 * StartResult result = Supervisor.start(runtime, SupervisorSpec.of("payments", REST_FOR_ONE, ledger, gateway));
 * List<ChildInfo> children = Supervisor.of(runtime, "payments").whichChildren();
 * }
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html">supervisor</a>
 */
public final class Supervisor {

  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  private final ServerRef<SupervisorMessage> ref;

  private Supervisor(ServerRef<SupervisorMessage> ref) {
    this.ref = ref;
  }

  /** The supervisor that is registered as {@code name}. */
  public static Supervisor of(ProcessRuntime runtime, String name) {
    return new Supervisor(ServerRef.of(runtime, name));
  }

  /** The supervisor that is {@code pid}. */
  public static Supervisor of(ProcessRuntime runtime, Pid pid) {
    return new Supervisor(ServerRef.of(runtime, pid));
  }

  /**
   * Starts a supervisor, linked to the calling process and registered under the name of its spec,
   * and then its children in order.
   *
   * @return {@link StartResult.Failed} with <code>{shutdown, {failed_to_start_child, …}}</code> if
   *     a child does not start; those before it have been stopped then
   */
  public static StartResult startLink(Self<?> self, SupervisorSpec spec) {
    return GenServers.startLink(
        self, SupervisorServer.INSTANCE, spec, StartOptions.named(spec.name()));
  }

  /**
   * As {@link #startLink}, but under no registered name; the name of the spec is its label and what
   * reports call it. For supervisors of which there are many alike, as under a template: {@code
   * supervisor:start_link/2}.
   */
  public static StartResult startLinkUnregistered(Self<?> self, SupervisorSpec spec) {
    return GenServers.startLink(self, SupervisorServer.INSTANCE, spec, StartOptions.NONE);
  }

  /**
   * Starts the top supervisor of an application, from a thread that is no process. The application
   * has the supervisor's name.
   */
  public static StartResult start(ProcessRuntime runtime, SupervisorSpec spec) {
    return GenServers.start(
        runtime,
        SupervisorServer.INSTANCE,
        spec,
        StartOptions.named(spec.name()).withApplication(spec.name()));
  }

  /** The supervisor's process now, empty if there is none. */
  public Optional<Pid> whereis() {
    return ref.whereis();
  }

  /**
   * Adds a child and starts it, last in start order. Not for {@link Strategy#SIMPLE_ONE_FOR_ONE}.
   */
  public StartChildResult startChild(ChildSpec child) {
    return ref.call(new SupervisorMessage.StartChild(child), INFINITY);
  }

  /** Starts a child of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor from its template. */
  public StartChildResult startChildWith(Object args) {
    return ref.call(new SupervisorMessage.StartChildWith(args), INFINITY);
  }

  /** Stops a child and keeps its spec, unless it is temporary; empty is OTP's {@code ok}. */
  public Optional<ChildError> terminateChild(String id) {
    return ref.call(new SupervisorMessage.TerminateChild(id), INFINITY);
  }

  /** Stops a child of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor. */
  public Optional<ChildError> terminateChild(Pid pid) {
    return ref.call(new SupervisorMessage.TerminatePid(pid), INFINITY);
  }

  /** Starts a child that is stopped. */
  public StartChildResult restartChild(String id) {
    return ref.call(new SupervisorMessage.RestartChild(id), INFINITY);
  }

  /** Forgets a child that is stopped. */
  public Optional<ChildError> deleteChild(String id) {
    return ref.call(new SupervisorMessage.DeleteChild(id), INFINITY);
  }

  /** The children, the one started last first. */
  public List<ChildInfo> whichChildren() {
    return ref.call(new SupervisorMessage.WhichChildren(), INFINITY);
  }

  /** How many children there are. */
  public ChildCounts countChildren() {
    return ref.call(new SupervisorMessage.CountChildren(), INFINITY);
  }

  /** The spec of a child. */
  public Optional<ChildSpec> childSpec(String id) {
    return ref.call(new SupervisorMessage.GetChildSpec(id), INFINITY);
  }

  /** The spec of a child of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor. */
  public Optional<ChildSpec> childSpec(Pid pid) {
    return ref.call(new SupervisorMessage.GetChildSpecOf(pid), INFINITY);
  }

  /**
   * What tools show of it.
   *
   * @param maxChildren how many children are listed, at most
   * @param timeout longest wait: a supervisor that starts or stops a child answers nobody meanwhile
   */
  public SupervisorInfo describe(int maxChildren, Duration timeout) {
    return ref.call(new SupervisorMessage.Describe(maxChildren), timeout);
  }

  @Override
  public String toString() {
    return "Supervisor[" + ref + "]";
  }
}
