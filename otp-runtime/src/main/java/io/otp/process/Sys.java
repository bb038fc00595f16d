package io.otp.process;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * System messages to behaviours: what {@code sys} does in OTP. Each waits for the answer, 5 s by
 * default, and throws {@link CallException} as a call does: {@code NoProcessException} where there
 * is no such process, {@code CallTimeoutException} where it does not answer in time. A raw process
 * does not obey the protocol and times out.
 *
 * {@snippet :
 * Sys.suspend(pid);
 * try {
 *   State state = (State) Sys.getState(pid);
 * } finally {
 *   Sys.resume(pid);
 * }
 * }
 *
 * <p>A suspended process obeys all of them. For tracing many processes, with limits, see {@code
 * io.otp.trace}.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/sys.html">sys</a>
 */
public final class Sys {

  /** Default timeout of every function. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** How many events {@link #log(Pid)} keeps. */
  public static final int LOG_SIZE = 10;

  /** The most events that {@link #log(Pid, int)} keeps. */
  public static final int MAX_LOG_SIZE = 10_000;

  private Sys() {}

  // --- suspending

  /**
   * Lets the process handle nothing but system messages; calls to it time out, messages stay queued
   * in order. A process that is suspended stays so; one {@link #resume} is enough.
   */
  public static void suspend(Pid pid) {
    suspend(pid, TIMEOUT);
  }

  /** As {@link #suspend(Pid)}, with another timeout. */
  public static void suspend(Pid pid, Duration timeout) {
    send(pid, new SystemMessage.Suspend(), timeout);
  }

  /** Lets a suspended process go on; one that is not suspended stays as it is. */
  public static void resume(Pid pid) {
    resume(pid, TIMEOUT);
  }

  /** As {@link #resume(Pid)}, with another timeout. */
  public static void resume(Pid pid, Duration timeout) {
    send(pid, new SystemMessage.Resume(), timeout);
  }

  /**
   * Asks the process for a sign of life, which it gives between two messages, suspended or not.
   * None of its code runs for that. It comes after the messages that wait, and does not restart the
   * timeout that a server waits for.
   *
   * <p>OTP has no such message; {@code sys:get_state} serves there.
   *
   * @throws CallException.CallTimeoutException if there is none within {@code timeout}
   * @throws CallException.NoProcessException if there is no such process
   */
  public static void ping(Pid pid, Duration timeout) {
    send(pid, new SystemMessage.Ping(), timeout);
  }

  // --- state

  /**
   * The state of the process: of a state machine a {@code StateData}, of an event manager a list of
   * {@code HandlerState}.
   *
   * @throws SysException if it is a behaviour of one's own that does not say
   */
  public static Object getState(Pid pid) {
    return getState(pid, TIMEOUT);
  }

  /** As {@link #getState(Pid)}, with another timeout. */
  public static Object getState(Pid pid, Duration timeout) {
    return send(pid, new SystemMessage.GetState(), timeout);
  }

  /** What tools show of the process; the state as its behaviour's {@code formatStatus} shows it. */
  public static Status getStatus(Pid pid) {
    return getStatus(pid, TIMEOUT);
  }

  /** As {@link #getStatus(Pid)}, with another timeout. */
  public static Status getStatus(Pid pid, Duration timeout) {
    return (Status) send(pid, new SystemMessage.GetStatus(), timeout);
  }

  /**
   * The status of a behaviour: <code>{status, Pid, {module, M}, [PDict, SysState, Parent, Debug,
   * Misc]}</code>.
   *
   * @param pid the process
   * @param name its registered name, {@code null} if it has none
   * @param module its callback module
   * @param behaviour the OTP behaviour of that: {@code gen_server}, {@code supervisor}, …
   * @param suspended whether it is suspended
   * @param parent the process that started and linked to it, {@code null} if there is none
   * @param dictionary its process dictionary
   * @param debug what of this class is active: {@code trace}, {@code log}, {@code statistics}, and
   *     the functions that are installed
   * @param state what is shown of the state, {@code null} if nothing is
   */
  public record Status(
      Pid pid,
      @Nullable String name,
      String module,
      String behaviour,
      boolean suspended,
      @Nullable Pid parent,
      Map<Object, Object> dictionary,
      List<String> debug,
      @Nullable Object state) {

    /** Copies the dictionary and the list. */
    public Status {
      dictionary = Map.copyOf(dictionary);
      debug = List.copyOf(debug);
    }
  }

  /**
   * Replaces the state by what {@code change} makes of it and returns it. For repair by hand, not
   * for programs.
   *
   * @throws SysException if {@code change} throws; the state is unchanged then
   */
  public static Object replaceState(Pid pid, UnaryOperator<Object> change) {
    return replaceState(pid, change, TIMEOUT);
  }

  /** As {@link #replaceState(Pid, UnaryOperator)}, with another timeout. */
  public static Object replaceState(Pid pid, UnaryOperator<Object> change, Duration timeout) {
    return send(pid, new SystemMessage.ReplaceState(change), timeout);
  }

  /**
   * Lets a suspended process convert its state with {@code codeChange}.
   *
   * @param extra what the upgrade instruction carries
   * @throws SysException if it is not suspended or its {@code codeChange} failed; the old state
   *     stays then
   */
  public static void changeCode(Pid pid, String oldVersion, @Nullable Object extra) {
    changeCode(pid, null, oldVersion, extra, TIMEOUT);
  }

  /**
   * Lets a suspended event manager convert the states of its handlers of one class.
   *
   * @param module the class's binary name
   * @throws SysException if it is not suspended or a {@code codeChange} failed; the old states of
   *     all handlers stay then
   */
  public static void changeCode(Pid pid, String module, String oldVersion, @Nullable Object extra) {
    send(pid, new SystemMessage.ChangeCode(module, oldVersion, extra), TIMEOUT);
  }

  /**
   * As the others, with another timeout.
   *
   * @param module the class's binary name for an event manager, {@code null} for others
   */
  public static void changeCode(
      Pid pid,
      @Nullable String module,
      String oldVersion,
      @Nullable Object extra,
      Duration timeout) {
    send(pid, new SystemMessage.ChangeCode(module, oldVersion, extra), timeout);
  }

  /**
   * Asks a behaviour to end with {@code reason} and waits until it has: {@code sys:terminate/3}.
   * Its {@code terminate} runs.
   *
   * @return the reason it ended with, which is another one if its {@code terminate} failed
   * @throws CallException.CallTimeoutException if it has not ended within {@code timeout}; it goes
   *     on ending
   * @throws CallException.NoProcessException if there is no such process
   */
  public static ExitReason terminate(Pid pid, ExitReason reason, Duration timeout) {
    try {
      send(pid, new SystemMessage.Terminate(reason), timeout);
      return reason;
    } catch (CallException.ServerExitException e) {
      return e.cause();
    }
  }

  // --- debugging

  /** Keeps the last {@value #LOG_SIZE} events, see {@link #log(Pid, int)}. */
  public static void log(Pid pid) {
    log(pid, LOG_SIZE);
  }

  /**
   * Keeps the last events of the process, for {@link #getLog}. Where that has begun before, its
   * size stays.
   *
   * @param size how many, 1 to {@value #MAX_LOG_SIZE}
   * @throws IllegalArgumentException if {@code size} is another
   */
  public static void log(Pid pid, int size) {
    log(pid, size, TIMEOUT);
  }

  /** As {@link #log(Pid, int)}, with another timeout. */
  public static void log(Pid pid, int size, Duration timeout) {
    if (size < 1 || size > MAX_LOG_SIZE) {
      throw new IllegalArgumentException(
          "A log of " + size + " events is not possible, it must be 1 to " + MAX_LOG_SIZE);
    }
    send(pid, new SystemMessage.Debug.Log(size), timeout);
  }

  /** The events that were kept, oldest first; none where nothing is kept. */
  public static List<SystemEvent> getLog(Pid pid) {
    return getLog(pid, TIMEOUT);
  }

  /** As {@link #getLog(Pid)}, with another timeout. */
  @SuppressWarnings("unchecked") // the log is a list of events
  public static List<SystemEvent> getLog(Pid pid, Duration timeout) {
    return (List<SystemEvent>) send(pid, new SystemMessage.Debug.GetLog(), timeout);
  }

  /** Keeps no events any more and forgets those that were kept. */
  public static void noLog(Pid pid) {
    noLog(pid, TIMEOUT);
  }

  /** As {@link #noLog(Pid)}, with another timeout. */
  public static void noLog(Pid pid, Duration timeout) {
    send(pid, new SystemMessage.Debug.Log(0), timeout);
  }

  /** Counts messages from now on, or no longer. Where that has begun before, it goes on. */
  public static void statistics(Pid pid, boolean on) {
    statistics(pid, on, TIMEOUT);
  }

  /** As {@link #statistics(Pid, boolean)}, with another timeout. */
  public static void statistics(Pid pid, boolean on, Duration timeout) {
    send(pid, new SystemMessage.Debug.Statistics(on), timeout);
  }

  /** What was counted, empty where nothing is. */
  public static Optional<Statistics> getStatistics(Pid pid) {
    return getStatistics(pid, TIMEOUT);
  }

  /** As {@link #getStatistics(Pid)}, with another timeout. */
  @SuppressWarnings("unchecked") // an optional of nothing else
  public static Optional<Statistics> getStatistics(Pid pid, Duration timeout) {
    return (Optional<Statistics>) send(pid, new SystemMessage.Debug.GetStatistics(), timeout);
  }

  /**
   * What a process did since it is counted. Unlike OTP there are no reductions: a JVM counts none.
   *
   * @param startTime when counting began
   * @param currentTime when this was asked for
   * @param messagesIn messages handled, system messages and those of the behaviour itself excepted
   * @param messagesOut replies a callback returned; one that is sent through a {@link From} is not
   *     counted, nor is any other message
   */
  public record Statistics(
      Instant startTime, Instant currentTime, long messagesIn, long messagesOut) {}

  /**
   * Writes a line to the log {@code io.otp.process.Sys}, level info, for each event, or no longer.
   * Messages and states are shown as they are, a line has at most 1,000 characters.
   */
  public static void trace(Pid pid, boolean on) {
    trace(pid, on, TIMEOUT);
  }

  /** As {@link #trace(Pid, boolean)}, with another timeout. */
  public static void trace(Pid pid, boolean on, Duration timeout) {
    send(pid, new SystemMessage.Debug.Trace(on), timeout);
  }

  /**
   * A function that sees every event of a process. It runs on the thread of the process, between
   * the process's callbacks, so it must not block and may send.
   *
   * @param <F> its own state
   */
  @FunctionalInterface
  public interface DebugFunction<F> {

    /**
     * An event.
     *
     * @param state what it returned for the event before, at first what it was installed with
     * @return its next state; {@code null}: it is done and removed
     * @throws Exception it is removed, which is logged; the process goes on
     */
    @Nullable F handle(F state, SystemEvent event, Pid pid) throws Exception;
  }

  /**
   * Lets {@code function} see every event of the process from now on. One that is installed already
   * under {@code id} stays, with its state.
   *
   * @param id what it is removed by
   * @param state its first state
   */
  public static <F> void install(Pid pid, String id, F state, DebugFunction<F> function) {
    install(pid, id, state, function, TIMEOUT);
  }

  /** As {@link #install(Pid, String, Object, DebugFunction)}, with another timeout. */
  public static <F> void install(
      Pid pid, String id, F state, DebugFunction<F> function, Duration timeout) {
    Objects.requireNonNull(state, "state");
    send(pid, new SystemMessage.Debug.Install(id, function, state), timeout);
  }

  /** Removes a function; nothing happens if there is none. */
  public static void remove(Pid pid, String id) {
    remove(pid, id, TIMEOUT);
  }

  /** As {@link #remove(Pid, String)}, with another timeout. */
  public static void remove(Pid pid, String id, Duration timeout) {
    send(pid, new SystemMessage.Debug.Remove(id), timeout);
  }

  /** Ends log, statistics, trace and all functions. */
  public static void noDebug(Pid pid) {
    noDebug(pid, TIMEOUT);
  }

  /** As {@link #noDebug(Pid)}, with another timeout. */
  public static void noDebug(Pid pid, Duration timeout) {
    send(pid, new SystemMessage.Debug.NoDebug(), timeout);
  }

  private static Object send(Pid pid, SystemMessage message, Duration timeout) {
    Object reply = ((Process) pid).runtime.calls().systemCall(pid, message, timeout);
    if (reply instanceof SystemMessage.Refused refused) {
      throw new SysException(pid, refused.why());
    }
    return reply;
  }
}
