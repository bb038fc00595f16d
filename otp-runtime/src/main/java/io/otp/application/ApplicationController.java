package io.otp.application;

import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import io.otp.process.SpawnOptions;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Loads, starts and stops the applications of a runtime and keeps their environments: OTP's module
 * {@code application}.
 *
 * {@snippet :
 * ApplicationController applications = ApplicationController.of(runtime);
 * applications.load(ledger);
 * applications.load(shop);
 * switch (applications.ensureAllStarted("shop", ApplicationType.PERMANENT)) {
 *   case AllStarted.Started(var names) -> System.out.println("started " + names);   // [ledger, shop]
 *   case AllStarted.Failed(var error) -> System.err.println(error.message());
 * }
 * }
 *
 * <p>Any thread may use it; the methods wait as long as it takes, as OTP's do. An application must
 * not wait for its own stop in its own callbacks: that is a deadlock, in OTP too.
 *
 * @see <a href="https://www.erlang.org/doc/apps/kernel/application.html">application</a>
 */
public final class ApplicationController {

  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  private final ProcessRuntime runtime;
  private final Environment environment = new Environment();
  private final ServerRef<ControllerMessage> process;
  private volatile List<ApplicationInfo> applications = List.of();
  private volatile NodeEnd nodeEnd = new StopAllAndClose(this);

  private ApplicationController(ProcessRuntime runtime) {
    this.runtime = runtime;
    Pid pid =
        runtime.spawn(
            new ControllerProcess(environment, list -> applications = list, this::nodeEnds),
            SpawnOptions.NONE);
    process = ServerRef.of(runtime, pid);
    runtime.atExit(
        pid, reason -> nodeEnds(new NodeEnd.Cause("application_controller", reason, false)));
  }

  /** The one of a runtime; its process is started at first use. */
  public static ApplicationController of(ProcessRuntime runtime) {
    return runtime.extension(ApplicationController.class, ApplicationController::new);
  }

  // --- load

  /**
   * Makes an application known and its environment of its spec and the configuration: {@code
   * application:load/1}.
   *
   * @return empty, or {@link ApplicationError.AlreadyLoaded}, {@link ApplicationError.NotLoaded} if
   *     one that it includes is not loaded, {@link ApplicationError.AlreadyIncluded}; nothing
   *     changed then
   */
  public Optional<ApplicationError> load(ApplicationSpec spec) {
    spec.environment().values().forEach(runtime::checkMessage);
    return process.call(new ControllerMessage.Load(spec), INFINITY);
  }

  /**
   * Forgets an application and its environment: {@code application:unload/1}.
   *
   * @return empty, or {@link ApplicationError.NotLoaded}, {@link ApplicationError.Running}
   */
  public Optional<ApplicationError> unload(String application) {
    return process.call(new ControllerMessage.Unload(application), INFINITY);
  }

  // --- start

  /** Starts an application as {@link ApplicationType#TEMPORARY}, OTP's default. */
  public Optional<ApplicationError> start(String application) {
    return start(application, ApplicationType.TEMPORARY);
  }

  /**
   * Starts a loaded application whose dependencies run: {@code application:start/2}. Returns when
   * its last start phase is over. If it fails, the type says whether the node ends.
   *
   * @return empty, or {@link ApplicationError.NotLoaded}, {@link ApplicationError.AlreadyStarted},
   *     {@link ApplicationError.NotStarted} for a dependency, {@link ApplicationError.StartFailed},
   *     {@link ApplicationError.NodeStops}
   */
  public Optional<ApplicationError> start(String application, ApplicationType type) {
    return process.call(new ControllerMessage.Start(application, type), INFINITY);
  }

  /** As {@link #start(String, ApplicationType)}; one that runs already is no error. */
  public Optional<ApplicationError> ensureStarted(String application, ApplicationType type) {
    return start(application, type)
        .filter(error -> !(error instanceof ApplicationError.AlreadyStarted));
  }

  /**
   * Starts an application after all that it depends on, and these after what they depend on: {@code
   * application:ensure_all_started/2}. Optional ones are started if they are loaded.
   *
   * @param type of each that is started
   */
  public AllStarted ensureAllStarted(String application, ApplicationType type) {
    return new EnsureAllStarted(this, type).run(application);
  }

  // --- stop

  /**
   * Stops an application; those that depend on it are left alone: {@code application:stop/1}. Calls
   * {@code prepStop}, ends the tree with {@code shutdown} and waits for it, calls {@code stop}, and
   * kills what is left. Its type does not matter.
   *
   * @return empty, or {@link ApplicationError.NotStarted}
   */
  public Optional<ApplicationError> stop(String application) {
    return Optional.ofNullable(
        process.call(new ControllerMessage.Stop(application, false), INFINITY).error());
  }

  /**
   * Stops all applications, the one started last first; none is started meanwhile.
   *
   * @param timeout for all together; when it is over, what is left is killed. Unlike OTP's {@code
   *     shutdown_timeout}, which each application has for itself
   * @return how it went, in the order in which they were stopped
   */
  public List<ApplicationStop> stopAll(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    var stops = new ArrayList<ApplicationStop>();
    for (String name : process.call(new ControllerMessage.BeginStopAll(), INFINITY)) {
      stops.add(stop(name, Duration.ofNanos(Math.max(0, deadline - System.nanoTime()))));
    }
    process.call(new ControllerMessage.EndStopAll(), INFINITY);
    return List.copyOf(stops);
  }

  private ApplicationStop stop(String name, Duration left) {
    try {
      return new ApplicationStop(
          name, true, process.call(new ControllerMessage.Stop(name, true), left).left());
    } catch (CallException.CallTimeoutException _) {
      List<ProcessSummary> killed = process.call(new ControllerMessage.Kill(name), INFINITY);
      return new ApplicationStop(name, false, killed);
    }
  }

  // --- the end of the node

  /**
   * Says what happens when an application takes the node down. The default stops all applications
   * within 30 s and closes the runtime.
   */
  public void onNodeEnd(NodeEnd nodeEnd) {
    this.nodeEnd = Objects.requireNonNull(nodeEnd, "nodeEnd");
  }

  private void nodeEnds(NodeEnd.Cause cause) {
    if (!runtime.isClosed()) {
      Thread.ofVirtual().name("otp-application-end").start(() -> nodeEnd.end(cause));
    }
  }

  // --- looking

  /** Those that are loaded: first those that run, in start order. Never waits. */
  public List<ApplicationInfo> applications() {
    return applications;
  }

  /** One of them, empty if it is not loaded. */
  public Optional<ApplicationInfo> info(String application) {
    return applications().stream().filter(info -> info.name().equals(application)).findAny();
  }

  /** The names of those that run, in start order: {@code application:which_applications/0}. */
  public List<String> whichApplications() {
    return applications().stream()
        .filter(ApplicationInfo::running)
        .map(ApplicationInfo::name)
        .toList();
  }

  /**
   * The application that a process belongs to, empty for none or if it has ended: {@code
   * application:get_application/1}. A process belongs to that of the process that started it.
   */
  public Optional<String> applicationOf(Pid pid) {
    return runtime.summary(pid).map(ProcessSummary::application);
  }

  // --- environment

  /**
   * What is set of {@code key} in the environment of an application: {@code application:get_env/2}.
   */
  public Optional<Object> getEnv(String application, String key) {
    return environment.get(application, key);
  }

  /**
   * What is set of {@code key} in the environment of the application that the calling process
   * belongs to: {@code application:get_env/1}. Empty if it belongs to none, or no process calls.
   */
  public Optional<Object> getEnv(String key) {
    return Optional.ofNullable(runtime.<@Nullable Pid>operate(caller -> caller))
        .flatMap(this::applicationOf)
        .flatMap(application -> getEnv(application, key));
  }

  /** The environment of an application, empty if nothing is set. */
  public Map<String, Object> getAllEnv(String application) {
    return environment.all(application);
  }

  /**
   * Sets a value until the application is unloaded or the configuration changes: {@code
   * application:set_env/3}. The application need not be loaded; loading it replaces what its spec
   * or the configuration sets too. Nobody is told.
   *
   * @param value immutable
   * @throws io.otp.process.MutableMessageException if {@code value} cannot be shown immutable
   */
  public void setEnv(String application, String key, Object value) {
    runtime.checkMessage(value);
    environment.set(application, key, value, false);
  }

  /**
   * As {@link #setEnv}, and goes before the spec whenever the application is loaded again: the
   * option {@code persistent}.
   */
  public void setEnvPersistently(String application, String key, Object value) {
    runtime.checkMessage(value);
    environment.set(application, key, value, true);
  }

  /** Removes a value; it may be back when the application is loaded again. */
  public void unsetEnv(String application, String key) {
    environment.unset(application, key, false);
  }

  /**
   * Replaces the configuration of the node, makes the environments of all loaded applications anew
   * and tells running applications what changed for them; one for which nothing did is not told.
   * What was set at run time is gone. Also sets the first configuration, before anything is loaded.
   *
   * @param files values by key by application; a later one goes before an earlier one
   * @param commandLine goes before all of them
   * @return the applications whose {@code configChange} failed, with the reason; the others have
   *     been told all the same
   * @throws io.otp.process.MutableMessageException if a value cannot be shown immutable
   */
  public Map<String, ExitReason> configChange(
      List<Map<String, Map<String, Object>>> files, Map<String, Map<String, Object>> commandLine) {
    var all = new ArrayList<>(files);
    all.add(commandLine);
    all.forEach(
        source -> source.values().forEach(env -> env.values().forEach(runtime::checkMessage)));
    return process.call(
        new ControllerMessage.Configure(List.copyOf(files), Map.copyOf(commandLine)), INFINITY);
  }

  ProcessRuntime runtime() {
    return runtime;
  }

  @Override
  public String toString() {
    return "ApplicationController[" + runtime.name() + "]";
  }
}
