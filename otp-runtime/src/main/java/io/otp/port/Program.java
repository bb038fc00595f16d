package io.otp.port;

import io.otp.port.PortException.Problem;
import io.otp.process.ProcessRuntime;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running program and its end: the end of its input, after a grace {@code SIGTERM} to it and to
 * all that it started, after another {@code SIGKILL}. The JVM waits for each program that it
 * started, so none is left as a zombie.
 *
 * <p>Descendants are found when the end begins, and again before each signal. One whose parents
 * have ended before belongs to the system and is not found.
 */
final class Program {

  private static final Logger LOG = LoggerFactory.getLogger(Port.class);

  /** How often an ending program is looked at. */
  private static final Duration PERIOD = Duration.ofMillis(10);

  /** How long the system may take to end what was killed. */
  private static final Duration AFTER_KILL = Duration.ofSeconds(2);

  final ProcessRuntime runtime;
  private final String file;
  private final Process process;
  private final @Nullable Duration grace;
  private final AtomicBoolean ending = new AtomicBoolean();

  /** How many see to its end now, or to that of what it has started. */
  private final AtomicInteger enders = new AtomicInteger();

  private volatile @Nullable Input input;

  private Program(ProcessRuntime runtime, String file, Process process, @Nullable Duration grace) {
    this.runtime = runtime;
    this.file = file;
    this.process = process;
    this.grace = grace;
  }

  /** Starts it. Blocks for as long as the operating system takes; not for threads of processes. */
  static Program start(ProcessRuntime runtime, PortSpec spec) {
    Path file = find(spec.program());
    Path directory = spec.directory();
    if (directory != null) {
      checkDirectory(directory, spec);
    }
    Programs.checkOpen(spec);
    Process process;
    try {
      process = spec.builder(file).start();
    } catch (IOException e) {
      throw new PortException(
          Problem.SYSTEM,
          "Port cannot start '" + file + "', the operating system says: " + e.getMessage(),
          e);
    }
    var program = new Program(runtime, file.toString(), process, spec.grace());
    Programs.add(program);
    return program;
  }

  private static Path find(String program) {
    List<Path> candidates = new ArrayList<>();
    String path = System.getenv("PATH");
    try {
      if (program.indexOf('/') >= 0 || program.indexOf(File.separatorChar) >= 0) {
        candidates.add(Path.of(program).toAbsolutePath());
      } else if (path != null) {
        for (String directory : path.split(File.pathSeparator)) {
          candidates.add(Path.of(directory, program).toAbsolutePath());
        }
      }
    } catch (InvalidPathException e) {
      throw new PortException(
          Problem.NO_SUCH_FILE, "Port cannot start '" + program + "': " + e.getMessage(), e);
    }
    for (Path candidate : candidates) {
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    for (Path candidate : candidates) {
      if (Files.exists(candidate)) {
        throw new PortException(
            Problem.NOT_PERMITTED,
            "Port cannot start '"
                + program
                + "': "
                + candidate
                + (Files.isDirectory(candidate)
                    ? " is a directory. Give the path of a program."
                    : " may not be executed. Give it the permission (chmod +x), or run what it is"
                        + " written for with it as an argument."));
      }
    }
    throw new PortException(
        Problem.NO_SUCH_FILE,
        "Port cannot start '"
            + program
            + "': there is no such file"
            + (candidates.size() == 1
                ? " (" + candidates.getFirst() + ")."
                : " in the directories of PATH (" + path + ").")
            + " Give the path of a program; arguments are given one by one, not in the same text.");
  }

  private static void checkDirectory(Path directory, PortSpec spec) {
    if (!Files.exists(directory)) {
      throw new PortException(
          Problem.NO_SUCH_FILE,
          "Port cannot start '"
              + spec.program()
              + "': its working directory "
              + directory
              + " does not exist. Create it, or give another.");
    }
    if (!Files.isDirectory(directory)) {
      throw new PortException(
          Problem.NOT_A_DIRECTORY,
          "Port cannot start '"
              + spec.program()
              + "': its working directory "
              + directory
              + " is no directory. Give one.");
    }
    if (!Files.isExecutable(directory)) {
      throw new PortException(
          Problem.NOT_PERMITTED,
          "Port cannot start '"
              + spec.program()
              + "': this JVM may not enter its working directory "
              + directory
              + ". Give another, or the permission.");
    }
  }

  /** The path of its file. */
  String file() {
    return file;
  }

  long osPid() {
    return process.pid();
  }

  InputStream stdout() {
    return process.getInputStream();
  }

  OutputStream stdin() {
    return process.getOutputStream();
  }

  /** What writes to it, once something does. */
  void writtenBy(Input writer) {
    input = writer;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it has ended; the status is 0 to 255. Not for threads of processes. */
  int awaitExit() {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        // of nobody's doing; the wait is all this thread is for
      }
    }
  }

  /** Whether it ends within {@code time}. */
  boolean awaitExit(Duration time) {
    try {
      return process.waitFor(time);
    } catch (InterruptedException e) {
      return !process.isAlive();
    }
  }

  /** Begins its end, once. Does not block. */
  void end() {
    if (ending.compareAndSet(false, true)) {
      Thread.ofVirtual().name("otp-port-end").start(() -> end(grace));
    }
  }

  /**
   * Ends it and waits for that.
   *
   * @param time {@code null}: it may go on when its input has ended
   */
  void end(@Nullable Duration time) {
    ending.set(true);
    enders.incrementAndGet();
    Programs.keep(this); // while what it has started is being ended, though it may be gone itself
    try {
      endFamily(time);
    } finally {
      enders.decrementAndGet();
      Programs.forgetIfOver(this);
    }
  }

  private void endFamily(@Nullable Duration time) {
    Set<ProcessHandle> family = new LinkedHashSet<>();
    seek(family);
    Input writer = input;
    if (writer != null) {
      writer.finish();
    } else {
      closeInput();
    }
    if (time == null) {
      return;
    }
    if (!awaitGone(family, time)) {
      seek(family);
      family.forEach(ProcessHandle::destroy);
      if (!awaitGone(family, time)) {
        seek(family);
        family.forEach(ProcessHandle::destroyForcibly);
        if (!awaitGone(family, AFTER_KILL)) {
          LOG.warn("Program {} was killed and goes on", this);
        }
      }
    }
  }

  /** Whether it has ended, and nobody sees to what it has started. */
  boolean isOver() {
    return !process.isAlive() && enders.get() == 0;
  }

  /** The program, if it runs, and what it has started. */
  private void seek(Set<ProcessHandle> family) {
    ProcessHandle handle = process.toHandle();
    if (handle.isAlive()) {
      family.add(handle);
      handle.descendants().forEach(family::add);
    }
    List.copyOf(family).stream()
        .filter(member -> !member.equals(handle))
        .flatMap(ProcessHandle::descendants)
        .forEach(family::add);
  }

  private static boolean awaitGone(Set<ProcessHandle> family, Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    while (family.stream().anyMatch(Program::isRunning)) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      try {
        Thread.sleep(PERIOD);
      } catch (InterruptedException e) {
        return false; // nobody does: then quicker
      }
    }
    return true;
  }

  /**
   * A descendant whose parent has ended is waited for by the system's first process. Where that
   * does not do so, as in a container without an init, it is dead all the same.
   */
  private static boolean isRunning(ProcessHandle handle) {
    return handle.isAlive() && !isZombie(handle.pid());
  }

  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (IOException | UncheckedIOException e) {
      return false; // no Linux, or it is gone
    }
  }

  private void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // it has ended
    }
  }

  /** Runs {@code action} when it has ended, on some thread. */
  void onExit(Runnable action) {
    process.onExit().thenRun(action);
  }

  /** How long its end takes at most, as far as that is up to us. */
  Duration longestEnd() {
    return (grace == null ? PortSpec.DEFAULT_GRACE : grace).multipliedBy(2).plus(AFTER_KILL);
  }

  /** How it ends with the JVM. */
  Duration graceAtExit() {
    return grace == null ? PortSpec.DEFAULT_GRACE : grace;
  }

  @Override
  public String toString() {
    return "'" + file + "' (process " + process.pid() + " of the operating system)";
  }
}
