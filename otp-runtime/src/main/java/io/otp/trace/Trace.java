package io.otp.trace;

import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessView;
import io.otp.process.Tracer.Flag;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is to be traced, of which processes, and for how long: the description of a session.
 *
 * {@snippet :
 * TraceSession session = Trace.in(runtime)
 *     .name("ledger")
 *     .flags(Flag.RECEIVE, Flag.CALL)
 *     .limits(TraceLimits.DEFAULT.withMax(100))
 *     .start(event -> System.out.println(event));
 * }
 *
 * <p>A process is traced that is chosen in one way at least: by pid, name, behaviour or
 * application, also if it is started or named later, or because it is new. Texts of messages are
 * masked unless {@link #withText} says otherwise: only their type is shown.
 *
 * <p>Several sessions run beside each other and know nothing of one another, as in OTP 27; a
 * runtime has 8 at most.
 *
 * @see <a href="https://www.erlang.org/doc/apps/kernel/trace.html">trace</a>
 */
public final class Trace {

  /** Most characters of a message by default. */
  public static final int TEXT = 200;

  private final ProcessRuntime runtime;
  private final Set<Flag> flags = EnumSet.noneOf(Flag.class);
  private final Set<Pid> pids = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> behaviours = new HashSet<>();
  private final Set<String> applications = new HashSet<>();
  private boolean newProcesses;
  private TraceLimits limits = TraceLimits.DEFAULT;
  private Function<Object, String> text = Trace::masked;
  private int longest = TEXT;
  private @Nullable Pid consumer;

  private Trace(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  private Trace(Trace of) {
    this(of.runtime);
    flags.addAll(of.flags);
    pids.addAll(of.pids);
    names.addAll(of.names);
    behaviours.addAll(of.behaviours);
    applications.addAll(of.applications);
    newProcesses = of.newProcesses;
    limits = of.limits;
    text = of.text;
    longest = of.longest;
  }

  /** Describes a session of a runtime, so far of no process. */
  public static Trace in(ProcessRuntime runtime) {
    return new Trace(runtime);
  }

  // --- what

  /** What is told; all of it if nothing is said. */
  public Trace flags(Flag... wanted) {
    flags.addAll(List.of(wanted));
    return this;
  }

  /** Also this process. */
  public Trace pid(Pid pid) {
    pids.add(pid);
    return this;
  }

  /** Also whoever has this name, now or later; it stays traced when it gives the name up. */
  public Trace name(String name) {
    names.add(name);
    return this;
  }

  /** Also the processes of a callback module, or of all modules of an OTP behaviour. */
  public Trace behaviour(String moduleOrBehaviour) {
    behaviours.add(moduleOrBehaviour);
    return this;
  }

  /** Also the processes of an application. */
  public Trace application(String application) {
    applications.add(application);
    return this;
  }

  /** Also every process that is started from now on. */
  public Trace newProcesses() {
    newProcesses = true;
    return this;
  }

  /** When it ends by itself; {@link TraceLimits#DEFAULT} by default. */
  public Trace limits(TraceLimits limits) {
    this.limits = Objects.requireNonNull(limits);
    return this;
  }

  /**
   * How messages, arguments, results and reasons are shown; by default only the type is.
   *
   * @param text any thread, may be slow; what it throws is shown instead
   * @param longest most characters, the rest is cut off
   */
  public Trace withText(Function<Object, String> text, int longest) {
    if (longest < 1 || longest > 10_000) {
      throw new IllegalArgumentException(
          "Texts of " + longest + " characters are not allowed, it must be 1 to 10000");
    }
    this.text = Objects.requireNonNull(text);
    this.longest = longest;
    return this;
  }

  // --- start

  /**
   * Begins to trace.
   *
   * @throws IllegalStateException if no process was chosen, or 8 sessions run already
   */
  public TraceSession start(TraceSink sink) {
    return start(new Trace(this), sink);
  }

  /**
   * Begins to trace; {@code process} gets the {@link TraceEvent}s as messages, which pass every
   * bound, and {@link Ended} at last. The session ends when it does; the process itself is not
   * traced.
   *
   * @throws IllegalStateException if no process was chosen, or 8 sessions run already
   */
  public TraceSession startFor(Pid process) {
    var mine = new Trace(this);
    mine.consumer = process;
    TraceSession session =
        start(
            mine,
            new TraceSink() {
              @Override
              public void event(TraceEvent event) {
                runtime.signal(process, event);
              }

              @Override
              public void ended(TraceEnd end) {
                runtime.signal(process, new Ended(end));
              }
            });
    runtime.atExit(process, _ -> session.consumerEnded());
    return session;
  }

  /**
   * The last message to a process that gets the events of a session.
   *
   * @param end why it ended
   */
  @Immutable
  public record Ended(TraceEnd end) {}

  private static TraceSession start(Trace mine, TraceSink sink) {
    if (mine.pids.isEmpty()
        && mine.names.isEmpty()
        && mine.behaviours.isEmpty()
        && mine.applications.isEmpty()
        && !mine.newProcesses) {
      throw new IllegalStateException(
          "A trace of no process was started. Choose some with pid, name, behaviour, application or"
              + " newProcesses.");
    }
    if (mine.flags.isEmpty()) {
      mine.flags.addAll(EnumSet.allOf(Flag.class));
    }
    var session = new TraceSession(mine, sink);
    if (!session.begin()) {
      throw new IllegalStateException(
          mine.runtime + " has 8 trace sessions, which is the most. Close one first.");
    }
    return session;
  }

  // --- for the session

  ProcessRuntime runtime() {
    return runtime;
  }

  Set<Flag> flags() {
    return flags;
  }

  TraceLimits limits() {
    return limits;
  }

  boolean chooses(ProcessView process, boolean isNew) {
    if (process.pid() == consumer) {
      return false;
    }
    return (isNew && newProcesses)
        || pids.contains(process.pid())
        || (!names.isEmpty() && process.name() != null && names.contains(process.name()))
        || (!behaviours.isEmpty()
            && (behaviours.contains(process.module()) || behaviours.contains(process.behaviour())))
        || (process.application() != null && applications.contains(process.application()));
  }

  String textOf(Object content) {
    String shown;
    try {
      shown = Objects.requireNonNullElse(text.apply(content), "null");
    } catch (RuntimeException | StackOverflowError e) {
      shown = content.getClass().getName() + " whose text threw " + e.getClass().getName();
    }
    return shown.length() <= longest ? shown : shown.substring(0, longest) + "…";
  }

  /** The type of a message, and of what went wrong. */
  private static String masked(Object content) {
    return switch (content) {
      case ExitReason.Crash(_, var cause) -> cause.type();
      case ExitReason.Other(var term) -> "{" + masked(term) + "}";
      case ExitReason.ShutdownWith(var detail) -> "{shutdown," + masked(detail) + "}";
      case ExitReason reason when !(reason instanceof ExitReason.CallFailed) -> reason.toString();
      case Pid pid -> pid.toString();
      default -> CallbackModule.nameOf(content.getClass());
    };
  }
}
