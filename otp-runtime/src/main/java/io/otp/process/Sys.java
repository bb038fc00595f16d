package io.otp.process;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * System messages to behaviours: what {@code sys} does in OTP. Each waits for the answer, 5 s by
 * default, and throws {@link CallException} as a call does. A raw process does not obey the
 * protocol and times out.
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
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/sys.html">sys</a>
 */
public final class Sys {

  /** Default timeout of every function. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  private Sys() {}

  /**
   * Lets the process handle nothing but system messages; calls to it time out, messages stay queued
   * in order.
   */
  public static void suspend(Pid pid) {
    send(pid, new SystemMessage.Suspend(), TIMEOUT);
  }

  /** Lets a suspended process go on; one that is not suspended stays as it is. */
  public static void resume(Pid pid) {
    send(pid, new SystemMessage.Resume(), TIMEOUT);
  }

  /** The state of the process. */
  public static Object getState(Pid pid) {
    return send(pid, new SystemMessage.GetState(), TIMEOUT);
  }

  /** What tools show of the process; the state as its behaviour's {@code formatStatus} shows it. */
  public static Status getStatus(Pid pid) {
    return (Status) send(pid, new SystemMessage.GetStatus(), TIMEOUT);
  }

  /**
   * The status of a behaviour: <code>{status, Pid, {module, M}, [...]}</code>.
   *
   * @param pid the process
   * @param name its registered name, {@code null} if it has none
   * @param module its callback module
   * @param behaviour the OTP behaviour of that: {@code gen_server}, {@code supervisor}, …
   * @param suspended whether it is suspended
   * @param parent the process that started and linked to it, {@code null} if there is none
   * @param state what is shown of the state, {@code null} if nothing is
   */
  public record Status(
      Pid pid,
      @Nullable String name,
      String module,
      String behaviour,
      boolean suspended,
      @Nullable Pid parent,
      @Nullable Object state) {}

  /**
   * Replaces the state by what {@code change} makes of it and returns it. For repair by hand, not
   * for programs.
   *
   * @throws SysException if {@code change} throws; the state is unchanged then
   */
  public static Object replaceState(Pid pid, UnaryOperator<Object> change) {
    return send(pid, new SystemMessage.ReplaceState(change), TIMEOUT);
  }

  /**
   * Lets a suspended process convert its state with {@code codeChange}.
   *
   * @throws SysException if it is not suspended or its {@code codeChange} failed; the old state
   *     stays then
   */
  public static void changeCode(Pid pid, String oldVersion, @Nullable Object extra) {
    send(pid, new SystemMessage.ChangeCode(null, oldVersion, extra), TIMEOUT);
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

  private static Object send(Pid pid, SystemMessage message, Duration timeout) {
    Object reply = ((Process) pid).runtime.calls().systemCall(pid, message, timeout);
    if (reply instanceof SystemMessage.Refused refused) {
      throw new SysException(pid, refused.why());
    }
    return reply;
  }
}
