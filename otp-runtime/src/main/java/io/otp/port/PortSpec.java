package io.otp.port;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which program a port runs, and how: the arguments of {@code open_port/2}. Immutable.
 *
 * {@snippet :
 * PortSpec convert =
 *     PortSpec.of("/usr/bin/convert", "-", "png:-")
 *         .withMode(PortMode.packet(4))
 *         .withDirectory(Path.of("/var/tmp"))
 *         .withEnvironment("LC_ALL", "C")
 *         .withExitStatus();
 * }
 *
 * <p>The program is started as it is, never through a shell: an argument may hold anything but the
 * character NUL and means itself.
 */
public final class PortSpec {

  /** How long a program has to end, after the end of its input and after {@code SIGTERM}: 5 s. */
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);

  /** How much the owner may have unread: 256 KiB. */
  public static final int DEFAULT_WINDOW = 1 << 18;

  /** From how much unwritten on a port is busy: 64 KiB. */
  public static final int DEFAULT_BUSY_LIMIT = 1 << 16;

  private static final int MOST = 1 << 29;

  private static final Duration LONGEST_GRACE = Duration.ofDays(365);

  private final String program;
  private final List<String> arguments;
  private PortMode mode = PortMode.STREAM;
  private Stderr stderr = Stderr.INHERIT;
  private @Nullable Path directory;
  private boolean inheritEnvironment = true;
  private Map<String, @Nullable String> environment = Map.of();
  private boolean exitStatus;
  private boolean eof;
  private @Nullable Duration grace = DEFAULT_GRACE;
  private int window = DEFAULT_WINDOW;
  private int busyLimit = DEFAULT_BUSY_LIMIT;

  private PortSpec(String program, List<String> arguments) {
    this.program = program;
    this.arguments = arguments;
  }

  private PortSpec copy() {
    var copy = new PortSpec(program, arguments);
    copy.mode = mode;
    copy.stderr = stderr;
    copy.directory = directory;
    copy.inheritEnvironment = inheritEnvironment;
    copy.environment = environment;
    copy.exitStatus = exitStatus;
    copy.eof = eof;
    copy.grace = grace;
    copy.window = window;
    copy.busyLimit = busyLimit;
    return copy;
  }

  /**
   * A program and its arguments.
   *
   * @param program the path of a file, relative to the directory of the JVM; without a slash it is
   *     looked for in the directories of the JVM's {@code PATH}, which Erlang's {@code
   *     spawn_executable} does not
   * @param arguments given to it as they are
   */
  public static PortSpec of(String program, String... arguments) {
    return of(program, List.of(arguments));
  }

  /** A program and its arguments. */
  public static PortSpec of(String program, List<String> arguments) {
    checkText("program", program);
    if (program.isEmpty()) {
      throw new IllegalArgumentException(
          "An empty program is not allowed, give the path of a file or its name");
    }
    List<String> copy = List.copyOf(arguments);
    for (int i = 0; i < copy.size(); i++) {
      checkText("argument " + (i + 1) + " of '" + program + "'", copy.get(i));
    }
    return new PortSpec(program, copy);
  }

  private static void checkText(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "The " + what + " holds the character NUL, with which the operating system ends texts");
    }
  }

  /** With another mode; default is {@link PortMode#STREAM}. */
  public PortSpec withMode(PortMode mode) {
    PortSpec copy = copy();
    copy.mode = Objects.requireNonNull(mode);
    return copy;
  }

  /** With another place for errors; default is {@link Stderr#INHERIT}. */
  public PortSpec withStderr(Stderr stderr) {
    PortSpec copy = copy();
    copy.stderr = Objects.requireNonNull(stderr);
    return copy;
  }

  /** With a working directory, {@code cd}; default is that of the JVM. */
  public PortSpec withDirectory(Path directory) {
    PortSpec copy = copy();
    copy.directory = Objects.requireNonNull(directory);
    return copy;
  }

  /** With a variable set in its environment, which is otherwise that of the JVM. */
  public PortSpec withEnvironment(String name, String value) {
    checkText("value of the variable '" + name + "'", value);
    return withVariable(name, value);
  }

  /** Without a variable of the JVM's environment. */
  public PortSpec withoutEnvironment(String name) {
    return withVariable(name, null);
  }

  /** Without any variable of the JVM's environment. Those that are set with it stay. */
  public PortSpec withoutInheritedEnvironment() {
    PortSpec copy = copy();
    copy.inheritEnvironment = false;
    return copy;
  }

  private PortSpec withVariable(String name, @Nullable String value) {
    checkText("name of a variable", name);
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw new IllegalArgumentException(
          "A variable of the name '"
              + name
              + "' is not allowed: a name is not empty and holds no '='");
    }
    PortSpec copy = copy();
    var variables = new LinkedHashMap<String, @Nullable String>(environment);
    variables.put(name, value);
    copy.environment = Collections.unmodifiableMap(variables);
    return copy;
  }

  /** With an {@link PortMessage.ExitStatus} when the program ends; default is none. */
  public PortSpec withExitStatus() {
    PortSpec copy = copy();
    copy.exitStatus = true;
    return copy;
  }

  /**
   * With an {@link PortMessage.Eof} at the end of the output, after which the port stays; by
   * default it ends then, with {@code normal}.
   */
  public PortSpec withEof() {
    PortSpec copy = copy();
    copy.eof = true;
    return copy;
  }

  /**
   * With another time to end. When the port has ended, the program's input ends; if it, or a
   * program that it started, still runs {@code grace} later, they get {@code SIGTERM}; if one still
   * runs after another {@code grace}, they are killed. Default is 5 s.
   *
   * @param grace 0 to 365 days
   */
  public PortSpec withKillAfter(Duration grace) {
    if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
      throw new IllegalArgumentException(
          "A grace of "
              + grace
              + " is not allowed, it must be 0 to "
              + LONGEST_GRACE.toDays()
              + " days. withoutKill() leaves the program alone.");
    }
    PortSpec copy = copy();
    copy.grace = grace;
    return copy;
  }

  /**
   * Leaves a program alone that goes on when its input has ended, as OTP does, until the JVM ends.
   */
  public PortSpec withoutKill() {
    PortSpec copy = copy();
    copy.grace = null;
    return copy;
  }

  /**
   * With another window: the program's output is not read on while the owner has about so many
   * bytes of it in its mailbox, and so the program has to wait. Each message counts 128 bytes more
   * than it has; a message that is larger than the window comes alone. Default is 256 KiB.
   *
   * @param bytes 1,024 to 536,870,912
   */
  public PortSpec withWindow(int bytes) {
    if (bytes < 1024 || bytes > MOST) {
      throw new IllegalArgumentException(
          "A window of " + bytes + " bytes is not allowed, it must be 1024 to " + MOST);
    }
    PortSpec copy = copy();
    copy.window = bytes;
    return copy;
  }

  /**
   * With another limit: the port is busy while so many bytes or more have not been written to the
   * program. One command may go beyond it. Default is 64 KiB.
   *
   * @param bytes 1 to 536,870,912
   */
  public PortSpec withBusyLimit(int bytes) {
    if (bytes < 1 || bytes > MOST) {
      throw new IllegalArgumentException(
          "A busy limit of " + bytes + " bytes is not allowed, it must be 1 to " + MOST);
    }
    PortSpec copy = copy();
    copy.busyLimit = bytes;
    return copy;
  }

  /** The program as it was given. */
  public String program() {
    return program;
  }

  /** Its arguments. */
  public List<String> arguments() {
    return arguments;
  }

  /** The mode. */
  public PortMode mode() {
    return mode;
  }

  Stderr stderr() {
    return stderr;
  }

  @Nullable Path directory() {
    return directory;
  }

  boolean exitStatus() {
    return exitStatus;
  }

  boolean eof() {
    return eof;
  }

  @Nullable Duration grace() {
    return grace;
  }

  int window() {
    return window;
  }

  int busyLimit() {
    return busyLimit;
  }

  /** The command line of {@code file}, to be started with this. */
  ProcessBuilder builder(Path file) {
    var command = new ArrayList<String>(arguments.size() + 1);
    command.add(file.toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command);
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    Map<String, String> variables = builder.environment();
    if (!inheritEnvironment) {
      variables.clear();
    }
    environment.forEach(
        (name, value) -> {
          if (value == null) {
            variables.remove(name);
          } else {
            variables.put(name, value);
          }
        });
    switch (stderr) {
      case INHERIT -> builder.redirectError(ProcessBuilder.Redirect.INHERIT);
      case TO_PORT -> builder.redirectErrorStream(true);
      case DROP -> builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    }
    return builder;
  }

  /** The program; its arguments may be secret and are not shown. */
  @Override
  public String toString() {
    return "PortSpec[" + program + ", " + arguments.size() + " arguments, " + mode + "]";
  }
}
