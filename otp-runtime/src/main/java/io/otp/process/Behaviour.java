package io.otp.process;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A process that is run on demand: it holds no thread while it has nothing to do. The runtime calls
 * {@link #init} once and then one of the other methods per message, never two at a time. An
 * instance belongs to one process.
 *
 * <p>This is the layer that servers, supervisors and the like are written on. Code of applications
 * is a {@code GenServer}; a behaviour of one's own extends this.
 *
 * <p>Each method returns {@code null} to go on, or the reason to end with. What it throws ends the
 * process too: a {@link ProcessExit} with its reason, anything else as a {@link ExitReason.Crash}.
 *
 * <p>Suspending, resuming, status and debugging work for every behaviour; the methods that begin
 * with {@code system} are OTP's callbacks of a special process.
 *
 * @see <a href="https://www.erlang.org/doc/system/spec_proc.html">sys and proc_lib</a>
 */
public abstract class Behaviour {

  private @Nullable IdleTimer idleTimer;

  /** For subclasses. */
  protected Behaviour() {}

  /** The code that this behaviour runs, shared by all processes that run it. */
  protected abstract CallbackModule module();

  /** The first thing the process does. */
  protected abstract @Nullable ExitReason init(Self<Object> self) throws Exception;

  /** A cast. */
  protected abstract @Nullable ExitReason onCast(Object message, Self<Object> self)
      throws Exception;

  /**
   * A call; answered now or later with {@link Request#reply}. Where this process ends first, its
   * caller is told so.
   */
  protected abstract @Nullable ExitReason onCall(Request request, Self<Object> self)
      throws Exception;

  /** Anything else. */
  protected abstract @Nullable ExitReason onInfo(Info info, Self<Object> self) throws Exception;

  /**
   * Asks for an {@link Info.Timeout} if no message but system messages arrives for {@code timeout}
   * from now on; replaces what was asked for before. Zero is only delivered if the mailbox is empty
   * when this callback returns.
   *
   * @param timeout {@code null}: none
   */
  protected final void timeoutAfter(@Nullable Duration timeout, Self<Object> self) {
    IdleTimer timer = idleTimer;
    if (timer == null) {
      if (timeout == null) {
        return;
      }
      idleTimer = timer = new IdleTimer((Process) self.pid());
    }
    timer.restart(timeout);
  }

  /**
   * Has {@link #onInfo} called with {@code message} next, before all that waits in the mailbox, but
   * not before this callback has returned and whoever it answered may go on.
   */
  protected static void handleNext(Object message, Self<Object> self) {
    ((Process) self.pid()).handleNext(message);
  }

  /**
   * Tells that from here on this callback handles {@code request}, which it had put aside earlier:
   * {@link Self#from} is about that one, and should the process end now, its caller is told. The
   * request handled before is left to be answered later. Call it with {@code null} before the
   * callback returns.
   */
  protected static void handling(@Nullable Request request, Self<Object> self) {
    ((Process) self.pid()).handling(request);
  }

  /** Whether {@code pid} is the process that started this one and linked to it. */
  protected static boolean isParent(Pid pid, Self<Object> self) {
    return ((Process) self.pid()).isLinkedParent(pid);
  }

  final @Nullable IdleTimer idleTimer() {
    return idleTimer;
  }

  // --- sys

  /** Whether somebody debugs this process: whether {@link #debug} would tell anybody. */
  protected static boolean isDebugged(Self<Object> self) {
    return ((Process) self.pid()).debugged;
  }

  /**
   * Tells {@link Sys}'s log, statistics, trace and installed functions of an event: {@code
   * sys:handle_debug/4}. Ask {@link #isDebugged} first, so that an event that nobody wants is not
   * even made.
   */
  protected static void debug(SystemEvent event, Self<Object> self) {
    ((Process) self.pid()).debug(event);
  }

  /**
   * Tells tracers of the callbacks that this process calls, {@code null} where nobody wants to
   * know: ask before each message, and use it for that one.
   */
  protected static @Nullable CallTrace callTrace(Self<Object> self) {
    var process = (Process) self.pid();
    Tracing tracing = process.runtime.tracing;
    return tracing == null || !tracing.wants(process, Tracer.Flag.CALL)
        ? null
        : new CallTrace(tracing, process);
  }

  /** Obeys a system message that the runtime does not obey itself. */
  final @Nullable ExitReason system(
      SystemMessage message, Request request, boolean suspended, Self<Object> self)
      throws Exception {
    switch (message) {
      case SystemMessage.GetState _ -> answer(request, "get_state", this::systemGetState);
      case SystemMessage.ReplaceState(var change) ->
          answer(
              request, "callback_failed, the state stays", () -> systemReplaceState(change, self));
      case SystemMessage.ChangeCode change -> {
        if (suspended) {
          answer(
              request,
              "code_change failed, the old state stays",
              () -> {
                systemCodeChange(change, self);
                return Call.Ok.OK;
              });
        } else {
          request.reply(
              new SystemMessage.Refused(
                  "unknown_system_msg, code is changed only while a process is suspended: suspend"
                      + " it first"));
        }
      }
      case SystemMessage.Terminate(var reason) -> {
        return systemTerminate(reason, self);
      }
      case SystemMessage.Suspend _,
          SystemMessage.Resume _,
          SystemMessage.GetStatus _,
          SystemMessage.Ping _,
          SystemMessage.Debug _ -> {} // the runtime obeys them itself
    }
    return null;
  }

  /** Something that a system message asks for. */
  private interface Obedience {
    @Nullable Object obey() throws Exception;
  }

  private static void answer(Request request, String refusal, Obedience obedience) {
    try {
      Object answer = obedience.obey();
      request.reply(answer == null ? "undefined" : answer);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      request.reply(new SystemMessage.Refused(refusal + ": " + t));
    }
  }

  /**
   * The state, for {@link Sys#getState}: {@code system_get_state/1}. By default that is refused.
   *
   * @return {@code null} is told as {@code "undefined"}
   */
  protected @Nullable Object systemGetState() throws Exception {
    throw notWritten("systemGetState");
  }

  /**
   * Replaces the state by what {@code change} makes of it: {@code system_replace_state/2}. By
   * default that is refused.
   *
   * @return the new state
   * @throws Exception the state must be what it was, and the asker is told
   */
  protected @Nullable Object systemReplaceState(UnaryOperator<Object> change, Self<Object> self)
      throws Exception {
    throw notWritten("systemReplaceState");
  }

  /**
   * Converts the state to that of a new version, while suspended: {@code system_code_change/4}. By
   * default that is refused.
   *
   * @throws Exception the state must be what it was, and the asker is told
   */
  protected void systemCodeChange(SystemMessage.ChangeCode change, Self<Object> self)
      throws Exception {
    throw notWritten("systemCodeChange");
  }

  /**
   * Asked to end: {@code system_terminate/4}. Called suspended or not.
   *
   * @return the reason to end with; {@code reason} by default
   */
  protected ExitReason systemTerminate(ExitReason reason, Self<Object> self) throws Exception {
    return reason;
  }

  private UnsupportedOperationException notWritten(String method) {
    return new UnsupportedOperationException(
        module() + " has no " + method + ". Override it in " + getClass().getName() + ".");
  }

  /** What {@link Sys#getStatus} shows of the state; {@code null}, the default, shows nothing. */
  protected @Nullable Object status() {
    return null;
  }

  /** The process was suspended or resumed. */
  protected void onSuspended(boolean suspended) {}
}
