package io.otp.process;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * System messages to behaviours: what {@code sys} does in OTP. Each waits for the answer, 5 s by default, and throws {@link
 * CallException} as a call does. A raw process does not obey the protocol and times out.
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

  /** Lets the process handle nothing but system messages; calls to it time out, messages stay queued in order. */
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

  /**
   * Replaces the state by what {@code change} makes of it and returns it. For repair by hand, not for programs.
   *
   * @throws SysException if {@code change} throws; the state is unchanged then
   */
  public static Object replaceState(Pid pid, UnaryOperator<Object> change) {
    return send(pid, new SystemMessage.ReplaceState(change), TIMEOUT);
  }

  /**
   * Lets a suspended process convert its state with {@code codeChange}.
   *
   * @throws SysException if it is not suspended or its {@code codeChange} failed; the old state stays then
   */
  public static void changeCode(Pid pid, String oldVersion, @Nullable Object extra) {
    send(pid, new SystemMessage.ChangeCode(oldVersion, extra), TIMEOUT);
  }

  private static Object send(Pid pid, SystemMessage message, Duration timeout) {
    Object reply = ((Process) pid).runtime.systemCall(pid, message, timeout);
    if (reply instanceof SystemMessage.Refused refused) {
      throw new SysException(pid, refused.why());
    }
    return reply;
  }
}
