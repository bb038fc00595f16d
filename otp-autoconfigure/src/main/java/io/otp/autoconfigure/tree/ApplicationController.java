package io.otp.autoconfigure.tree;

import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import io.otp.process.Sys;
import io.otp.server.StartResult;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts applications in order, stops them in reverse, and notices when one ends by itself: OTP's
 * {@code application_controller}.
 *
 * <p>Threads: started and stopped by the context's thread; ends are noticed by threads of the
 * runtime. All state is guarded by this; nothing is waited for under the lock.
 */
public final class ApplicationController {

  private static final Logger LOG = LoggerFactory.getLogger(ApplicationController.class);

  /** What is to be started. */
  record Application(String name, ApplicationType type, SupervisorSpec spec) {}

  private static final class Entry {
    final Application application;
    @Nullable Pid pid;
    @Nullable ExitReason ended;
    boolean running;

    Entry(Application application) {
      this.application = application;
    }
  }

  /** Told of the end of an application that takes the node down, before anything is stopped. */
  @FunctionalInterface
  interface GivingUp {
    void announce(String application, ExitReason reason);
  }

  private final ProcessRuntime runtime;
  private final GivingUp givingUp;
  private final NodeExit nodeExit;

  // guarded by this
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private boolean stopping;

  ApplicationController(ProcessRuntime runtime, GivingUp givingUp, NodeExit nodeExit) {
    this.runtime = runtime;
    this.givingUp = givingUp;
    this.nodeExit = nodeExit;
  }

  /** The applications in start order. */
  public synchronized List<ApplicationStatus> applications() {
    return entries.values().stream()
        .map(
            e ->
                new ApplicationStatus(
                    e.application.name(), e.application.type(), e.running, e.pid, e.ended))
        .toList();
  }

  /**
   * Starts applications in the order given.
   *
   * @throws ApplicationStartException if one does not start; those before it have been stopped then
   */
  void start(List<Application> applications, Duration stopTimeout) {
    synchronized (this) {
      stopping = false;
      entries.clear();
    }
    for (Application application : applications) {
      StartResult result = Supervisor.start(runtime, application.spec());
      if (!(result instanceof StartResult.Started(var pid, _))) {
        stop(stopTimeout);
        throw new ApplicationStartException(
            application.name(),
            switch (result) {
              case StartResult.Failed(var reason) -> reason;
              case StartResult other -> ExitReason.other(other);
            });
      }
      var entry = new Entry(application);
      entry.pid = pid;
      entry.running = true;
      synchronized (this) {
        entries.put(application.name(), entry);
      }
      runtime.report(new ApplicationProgressReport(pid, application.name(), application.type()));
      runtime.atExit(
          pid,
          reason ->
              Thread.ofVirtual()
                  .name("otp-application-end")
                  .start(() -> ended(entry, pid, reason)));
    }
  }

  private void ended(Entry entry, Pid pid, ExitReason reason) {
    Application application = entry.application;
    boolean takesNodeDown;
    synchronized (this) {
      if (!entry.running) {
        return;
      }
      entry.running = false;
      if (stopping) {
        return;
      }
      entry.ended = reason;
      takesNodeDown =
          switch (application.type()) {
            case PERMANENT -> true;
            case TRANSIENT -> !(reason instanceof ExitReason.Normal);
            case TEMPORARY -> false;
          };
      stopping = takesNodeDown;
    }
    runtime.report(
        new ApplicationExitReport(
            pid, application.name(), application.type(), reason, takesNodeDown));
    if (!takesNodeDown) {
      return;
    }
    givingUp.announce(application.name(), reason);
    nodeExit.exit(application.name(), reason);
  }

  /**
   * Stops what runs, in reverse order, within {@code timeout} altogether; then kills and names what
   * is left.
   */
  void stop(Duration timeout) {
    List<Entry> running;
    synchronized (this) {
      stopping = true;
      running = new ArrayList<>(entries.values()).reversed();
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    for (Entry entry : running) {
      Pid pid = entry.pid;
      if (pid != null && runtime.isAlive(pid)) {
        stop(
            entry.application.name(),
            pid,
            Duration.ofNanos(Math.max(0, deadline - System.nanoTime())),
            timeout);
      }
      List<ProcessSummary> left = runtime.killApplication(entry.application.name());
      if (!left.isEmpty()) {
        LOG.warn(
            "Application '{}' left {} processes behind, which were killed: {}",
            entry.application.name(),
            left.size(),
            left.stream().limit(10).map(ApplicationController::nameOf).toList());
      }
      synchronized (this) {
        entry.running = false;
      }
    }
  }

  private static void stop(String name, Pid pid, Duration left, Duration timeout) {
    try {
      Sys.terminate(pid, ExitReason.SHUTDOWN, left);
    } catch (CallException.NoProcessException _) {
      // it ended by itself just now
    } catch (CallException.CallTimeoutException _) {
      LOG.warn(
          "Application '{}' has not stopped within the {} ms that otp.shutdown.timeout gives to"
              + " all; what is left of it is killed",
          name,
          timeout.toMillis());
    } catch (CallException e) {
      LOG.warn("Application '{}' did not stop orderly: {}", name, e.getMessage());
    }
  }

  private static String nameOf(ProcessSummary process) {
    String name = process.name() != null ? process.name() : process.label();
    return (name == null ? process.module() : name) + " " + process.pid();
  }
}
