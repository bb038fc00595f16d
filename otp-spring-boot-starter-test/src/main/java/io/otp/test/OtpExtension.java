package io.otp.test;

import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import io.otp.process.Report;
import io.otp.process.Sys;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.server.Startable;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives each test a runtime of its own, stops what the test started in it, and fails the test if a
 * process outlives that.
 *
 * {@snippet :
 * @RegisterExtension
 * final OtpExtension otp = OtpExtension.withManualClock();
 *
 * @Test
 * void paysOutAfterAnHour() {
 *   ServerRef<Ledger.Message> ledger = otp.start(new Ledger());
 *   Probe probe = otp.probe();
 *   ledger.cast(new Subscribe(probe.pid()));
 *   otp.clock().advance(Duration.ofHours(1));
 *   probe.receives(PaidOut.class);
 * }
 * }
 */
public final class OtpExtension implements BeforeEachCallback, AfterEachCallback {

  private final boolean manual;
  private final Duration patience;
  private final List<Pid> started = new ArrayList<>();
  private final List<Pid> probes = new ArrayList<>();
  private final List<Report> reports = new CopyOnWriteArrayList<>();
  private @Nullable ManualClock clock;
  private @Nullable ProcessRuntime runtime;

  /**
   * @param patience how long this and its probes wait for what must happen
   */
  OtpExtension(boolean manual, Duration patience) {
    this.manual = manual;
    this.patience = patience;
  }

  /** With the system's clock. */
  public static OtpExtension withSystemClock() {
    return new OtpExtension(false, Probe.PATIENCE);
  }

  /** With a clock that the test moves. */
  public static OtpExtension withManualClock() {
    return new OtpExtension(true, Probe.PATIENCE);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    ProcessRuntime.Builder builder =
        ProcessRuntime.builder().name(context.getDisplayName()).reportHandler(reports::add);
    reports.clear();
    if (manual) {
      clock = new ManualClock();
      builder.clock(clock);
    }
    runtime = builder.build();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    ProcessRuntime r = runtime();
    try {
      started.reversed().forEach(pid -> stop(r, pid));
      probes.forEach(pid -> r.exit(pid, ExitReason.KILL));
      if (!waitFor(patience, () -> processes(r).isEmpty())) {
        throw new AssertionError(
            "These processes outlive the test: "
                + processes(r)
                + ". Start them under a supervisor or with this extension, or end them in the"
                + " test.");
      }
    } finally {
      started.clear();
      probes.clear();
      r.close();
      runtime = null;
      clock = null;
    }
  }

  private void stop(ProcessRuntime runtime, Pid pid) {
    try {
      Sys.terminate(pid, ExitReason.SHUTDOWN, patience);
    } catch (CallException.CallTimeoutException e) {
      throw new AssertionError(
          "What the test started does not stop within "
              + patience.toMillis()
              + " ms. Still there: "
              + processes(runtime)
              + (manual
                  ? ". The manual clock stands still, so no shutdown time of a supervisor passes."
                  : "."),
          e);
    } catch (CallException e) {
      // it has ended, by itself or with another one
    }
  }

  /** Some of those that live, without the controller of applications, which lives with its node. */
  private static List<String> processes(ProcessRuntime runtime) {
    var names = new ArrayList<String>();
    runtime.walk(
        0,
        Integer.MAX_VALUE,
        process -> {
          if (!process.module().equals("application_controller")) {
            names.add(nameOf(process));
          }
          return names.size() < 20;
        });
    return names;
  }

  private static String nameOf(ProcessSummary process) {
    String name = process.name() != null ? process.name() : process.label();
    return process.pid() + " " + (name == null ? process.module() : name);
  }

  private static boolean waitFor(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return true;
  }

  /** The runtime of the running test. */
  public ProcessRuntime runtime() {
    if (runtime == null) {
      throw new IllegalStateException(
          "There is a runtime only while a test runs; is OtpExtension a @RegisterExtension field?");
    }
    return runtime;
  }

  /**
   * The clock of the running test.
   *
   * @throws IllegalStateException if the extension was made with the system's clock
   */
  public ManualClock clock() {
    if (clock == null) {
      throw new IllegalStateException(
          "This test has no manual clock; use OtpExtension.withManualClock()");
    }
    return clock;
  }

  /** A process that receives for the test. */
  public Probe probe() {
    var probe = new Probe(runtime(), patience);
    probes.add(probe.pid());
    return probe;
  }

  /** Starts a server or state machine; it is stopped after the test. */
  public <M> ServerRef<M> start(Startable<NoArgs, M> server) {
    return start(server, NoArgs.NO_ARGS);
  }

  /**
   * Starts a server or state machine with arguments; it is stopped after the test.
   *
   * @throws AssertionError if it does not start
   */
  public <A, M> ServerRef<M> start(Startable<A, M> server, A args) {
    return ServerRef.of(runtime(), started(server.start(runtime(), args, StartOptions.NONE)));
  }

  /**
   * Starts a supervision tree; it is stopped after the test.
   *
   * @throws AssertionError if it does not start
   */
  public Supervisor start(SupervisorSpec spec) {
    return Supervisor.of(runtime(), started(Supervisor.start(runtime(), spec)));
  }

  private Pid started(StartResult result) {
    if (!(result instanceof StartResult.Started(var pid, _))) {
      throw new AssertionError("It did not start: " + result);
    }
    started.add(pid);
    return pid;
  }

  /** Reports so far: crashes, restarts, starts. */
  public List<Report> reports() {
    return List.copyOf(reports);
  }

  /**
   * Waits for a state that is reached in its own time.
   *
   * @throws AssertionError if it is not reached within {@link Probe#PATIENCE}
   */
  public void eventually(String what, BooleanSupplier condition) {
    if (!waitFor(patience, condition)) {
      throw new AssertionError("Expected that " + what + " within " + patience.toMillis() + " ms");
    }
  }
}
