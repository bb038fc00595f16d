package io.otp.autoconfigure;

import io.otp.process.ImmutabilityMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the process runtime. Supervision trees, {@code otp.supervisors} and {@code
 * otp.applications}, are read apart from these, see {@code docs/configuration.md}.
 *
 * @param nodeName What logs and tools call the runtime. Defaults to the application's name.
 * @param maxProcesses How many processes there may be at once.
 * @param schedulers How many behaviours run at once, 1 to 64. Defaults to the number of processors.
 * @param nodeExit What to do when a permanent application gives up: exit ends the JVM with code 1,
 *     close closes the application context only. Defaults to exit, and to close where spring-test
 *     or DevTools is present.
 * @param messages Checks of messages and states.
 * @param shutdown Stopping.
 * @param reports Crash and supervisor reports.
 */
@ConfigurationProperties("otp")
public record OtpProperties(
    @Nullable String nodeName,
    @DefaultValue("1048576") int maxProcesses,
    @Nullable Integer schedulers,
    @Nullable NodeExit nodeExit,
    @DefaultValue Messages messages,
    @DefaultValue Shutdown shutdown,
    @DefaultValue Reports reports) {

  private static final int MIN_PROCESSES = 16;
  private static final int MAX_PROCESSES = 1 << 27;
  private static final int MAX_SCHEDULERS = 64;

  /** Checks the limits. */
  public OtpProperties {
    check(
        maxProcesses >= MIN_PROCESSES && maxProcesses <= MAX_PROCESSES,
        "otp.max-processes is "
            + maxProcesses
            + ". Allowed are "
            + MIN_PROCESSES
            + " to "
            + MAX_PROCESSES
            + ".");
    check(
        schedulers == null || schedulers >= 1 && schedulers <= MAX_SCHEDULERS,
        "otp.schedulers is "
            + schedulers
            + ". Allowed are 1 to "
            + MAX_SCHEDULERS
            + "; leave it out for as many as there are processors.");
  }

  private static void check(boolean allowed, String text) {
    if (!allowed) {
      throw new IllegalArgumentException(text);
    }
  }

  /** What to do when a permanent application gives up. */
  public enum NodeExit {
    /** End the JVM with code 1. */
    EXIT,
    /** Close the application context. */
    CLOSE
  }

  /**
   * Checks of messages and states.
   *
   * @param immutability What happens to messages and states that cannot be shown immutable.
   * @param debug Whether collections are walked at each send and mutation after it is looked for;
   *     slow.
   * @param immutableTypes Names of classes that are immutable although they do not look so.
   */
  public record Messages(
      @DefaultValue("refuse") ImmutabilityMode immutability,
      @DefaultValue("false") boolean debug,
      @DefaultValue List<String> immutableTypes) {}

  /**
   * Stopping.
   *
   * @param timeout How long all applications together may take to stop; what is left is killed and
   *     named in the log. Defaults to spring.lifecycle.timeout-per-shutdown-phase less 2 seconds.
   * @param drainTimeout How long the owners of open connections may take to let go of them before
   *     the web server stops.
   */
  public record Shutdown(@Nullable Duration timeout, @DefaultValue("5s") Duration drainTimeout) {

    /** Checks the times. */
    public Shutdown {
      check(
          timeout == null || timeout.isPositive(),
          "otp.shutdown.timeout is "
              + timeout
              + ". Allowed is more than 0; leave it out for 2 seconds less than"
              + " spring.lifecycle.timeout-per-shutdown-phase.");
      check(
          !drainTimeout.isNegative(),
          "otp.shutdown.drain-timeout is "
              + drainTimeout
              + ". Allowed are 0, which waits for nobody, and more.");
    }
  }

  /**
   * Crash and supervisor reports.
   *
   * @param log Whether reports are logged.
   * @param ringSize How many of the latest reports are kept for tools.
   */
  public record Reports(@DefaultValue("true") boolean log, @DefaultValue("256") int ringSize) {

    /** Checks the size. */
    public Reports {
      check(
          ringSize >= 0,
          "otp.reports.ring-size is " + ringSize + ". Allowed are 0, which keeps none, and more.");
    }
  }
}
