package io.otp.supervisor;

import io.otp.process.Immutable;
import io.otp.server.NoArgs;
import io.otp.server.Startable;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a supervisor starts, restarts and stops one child.
 *
 * {@snippet :
 * ChildSpec.of("gateway", self -> gateway.startLink(self))
 *     .withRestart(Restart.TRANSIENT)
 *     .withShutdown(Duration.ofSeconds(30));
 * }
 *
 * @param id what the supervisor calls it; unlike OTP, where it is any term, a text that is not
 *     blank
 * @param start starts it
 * @param restart whether it is started again; default {@link Restart#PERMANENT}
 * @param shutdown how it is stopped; default 5 s for a worker, {@link Shutdown#INFINITY} for a
 *     supervisor
 * @param type default {@link ChildType#WORKER}
 * @param significant whether its end may end the supervisor, see {@link AutoShutdown}; default
 *     {@code false}
 * @param modules the classes an upgrade of which concerns it; default is the class its start
 *     function is written in; empty means that they change while it runs, OTP's {@code dynamic}
 * @param heartbeat how it is watched besides, {@code null} (the default) for not at all; unlike in
 *     OTP, where this is somebody else's work
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:child_spec/0">
 *     supervisor:child_spec()</a>
 */
@Immutable
public record ChildSpec(
    String id,
    ChildStart start,
    Restart restart,
    Shutdown shutdown,
    ChildType type,
    boolean significant,
    List<String> modules,
    @Nullable Heartbeat heartbeat) {

  private static final Shutdown WORKER_SHUTDOWN = new Shutdown.After(Duration.ofSeconds(5));

  /** The start function of a child that is never started again. */
  private static final ChildStart FORGOTTEN =
      _ -> {
        throw new IllegalStateException("The start function of a temporary child is not kept");
      };

  /**
   * Checks each component by itself; what depends on the supervisor is checked with the supervisor.
   */
  public ChildSpec {
    SpecCheck.child(id, start, restart, shutdown, type, modules);
    modules = List.copyOf(modules);
  }

  /** A child that is not watched. */
  public ChildSpec(
      String id,
      ChildStart start,
      Restart restart,
      Shutdown shutdown,
      ChildType type,
      boolean significant,
      List<String> modules) {
    this(id, start, restart, shutdown, type, significant, modules, null);
  }

  /** A permanent worker that is given 5 s to stop: OTP's defaults. */
  public static ChildSpec of(String id, ChildStart start) {
    return new ChildSpec(
        id, start, Restart.PERMANENT, WORKER_SHUTDOWN, ChildType.WORKER, false, modulesOf(start));
  }

  /**
   * A server or state machine without start arguments, registered under {@code id}, with the
   * defaults of {@link #of}.
   *
   * @param server its callbacks, usually a bean
   */
  public static ChildSpec worker(String id, Startable<NoArgs, ?> server) {
    return worker(id, server, NoArgs.NO_ARGS);
  }

  /**
   * A server or state machine with start arguments, registered under {@code id}, with the defaults
   * of {@link #of}.
   *
   * @param args what {@code init} gets, at each start; immutable
   */
  public static <A> ChildSpec worker(String id, Startable<A, ?> server, A args) {
    return worker(id, server, args, id);
  }

  /**
   * A server or state machine with start arguments and another name than its id.
   *
   * @param name what the process registers, {@code null} for nothing
   */
  public static <A> ChildSpec worker(
      String id, Startable<A, ?> server, A args, @Nullable String name) {
    return of(id, new ServerStart<>(server, args, name))
        .withModules(List.of(server.getClass().getName()));
  }

  /** A supervisor as a child, registered under the name of its spec. */
  public static ChildSpec supervisor(String id, SupervisorSpec spec) {
    return of(id, new SupervisorStart(spec))
        .asSupervisor()
        .withModules(List.of(Supervisor.class.getName()));
  }

  /**
   * The one child spec of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor, from which it makes all
   * its children.
   *
   * @param id shown in reports; the children themselves have none
   * @param start gets the arguments of {@code start_child}
   */
  public static <A extends @Nullable Object> ChildSpec template(String id, DynamicStart<A> start) {
    return of(id, start);
  }

  /** With another restart type. */
  public ChildSpec withRestart(Restart restart) {
    return new ChildSpec(id, start, restart, shutdown, type, significant, modules, heartbeat);
  }

  /** With another way to be stopped. */
  public ChildSpec withShutdown(Shutdown shutdown) {
    return new ChildSpec(id, start, restart, shutdown, type, significant, modules, heartbeat);
  }

  /** With another time to stop by itself, 0 or more. */
  public ChildSpec withShutdown(Duration time) {
    return withShutdown(new Shutdown.After(time));
  }

  /**
   * As a supervisor, which is given unlimited time to stop unless the 5 s of a worker were changed
   * before.
   */
  public ChildSpec asSupervisor() {
    return new ChildSpec(
        id,
        start,
        restart,
        shutdown.equals(WORKER_SHUTDOWN) ? Shutdown.INFINITY : shutdown,
        ChildType.SUPERVISOR,
        significant,
        modules,
        heartbeat);
  }

  /** With or without significance; a significant child must not be permanent. */
  public ChildSpec withSignificant(boolean significant) {
    return new ChildSpec(id, start, restart, shutdown, type, significant, modules, heartbeat);
  }

  /** With other modules. */
  public ChildSpec withModules(List<String> modules) {
    return new ChildSpec(id, start, restart, shutdown, type, significant, modules, heartbeat);
  }

  /**
   * With a heartbeat: one that does not answer is killed, and its restart type decides on what
   * follows. For servers, state machines and event managers; a raw process never answers.
   */
  public ChildSpec withHeartbeat(Heartbeat heartbeat) {
    return new ChildSpec(id, start, restart, shutdown, type, significant, modules, heartbeat);
  }

  /**
   * What is kept of a temporary child: everything but its start function and what that holds on to.
   */
  ChildSpec withoutStart() {
    return new ChildSpec(id, FORGOTTEN, restart, shutdown, type, significant, modules, heartbeat);
  }

  private static List<String> modulesOf(@Nullable ChildStart start) {
    if (start == null) {
      return List.of();
    }
    String name = start.getClass().getName();
    int lambda = name.indexOf("$$Lambda");
    return List.of(lambda < 0 ? name : name.substring(0, lambda));
  }
}
