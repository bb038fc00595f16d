package io.otp.port;

import io.otp.port.PortException.Problem;
import io.otp.process.ProcessRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs that run, or whose descendants are being ended, of all runtimes, so that none is
 * left when the JVM ends. A JVM that is killed, or crashes, ends only their input.
 */
final class Programs {

  private static final Logger LOG = LoggerFactory.getLogger(Port.class);
  private static final Duration PERIOD = Duration.ofMillis(10);

  private static final Set<Program> RUNNING = ConcurrentHashMap.newKeySet();

  private static volatile boolean closed;

  static {
    try {
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().name("otp-ports-end").unstarted(Programs::endAll));
    } catch (IllegalStateException e) {
      closed = true; // the JVM is ending, there will be no other chance
    }
  }

  private Programs() {}

  /** How long a runtime that is stopped in order may take, see {@link Port#awaitCloseAtExit}. */
  static final class Patience {
    private volatile Duration time = Duration.ZERO;

    static Patience of(ProcessRuntime runtime) {
      return runtime.extension(Patience.class, _ -> new Patience());
    }

    void set(Duration time) {
      this.time = time;
    }
  }

  static void checkOpen(PortSpec spec) {
    if (closed) {
      throw new PortException(
          Problem.SYSTEM, "Port cannot start '" + spec.program() + "': this JVM is ending.");
    }
  }

  static void add(Program program) {
    keep(program);
    program.onExit(() -> forgetIfOver(program));
    if (closed) {
      program.end();
    }
  }

  static void keep(Program program) {
    RUNNING.add(program);
  }

  /** Whoever makes it so that it is over calls this afterwards, so one of them finds it over. */
  static void forgetIfOver(Program program) {
    if (program.isOver()) {
      RUNNING.remove(program);
    }
  }

  private static void endAll() {
    long begin = System.nanoTime();
    while (RUNNING.stream().anyMatch(program -> mayBeStoppedInOrder(program, begin))) {
      pause();
    }
    closed = true;
    List<Program> left = List.copyOf(RUNNING);
    left.forEach(
        program -> Thread.ofPlatform().daemon().start(() -> program.end(program.graceAtExit())));
    Duration longest =
        left.stream().map(Program::longestEnd).max(Duration::compareTo).orElse(Duration.ZERO);
    long deadline = System.nanoTime() + longest.toNanos();
    while (!RUNNING.isEmpty() && System.nanoTime() - deadline < 0) {
      pause();
    }
    if (!RUNNING.isEmpty()) {
      LOG.error("The JVM ends and leaves programs that could not be ended: {}", RUNNING);
    }
  }

  private static boolean mayBeStoppedInOrder(Program program, long begin) {
    return !program.runtime.isClosed()
        && System.nanoTime() - begin < Patience.of(program.runtime).time.toNanos();
  }

  private static void pause() {
    try {
      Thread.sleep(PERIOD);
    } catch (InterruptedException e) {
      // a shutdown hook is nobody's to interrupt
    }
  }
}
