package io.otp.process;

import java.time.Duration;
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

  /**
   * A system message other than suspend and resume, which the runtime itself obeys. The default
   * refuses it.
   *
   * @param suspended whether the process is suspended
   */
  protected @Nullable ExitReason onSystem(
      SystemMessage message, Request request, boolean suspended, Self<Object> self)
      throws Exception {
    if (message instanceof SystemMessage.Terminate terminate) {
      return terminate.reason();
    }
    request.reply(new SystemMessage.Refused("unknown_system_msg: " + message));
    return null;
  }

  /** What {@link Sys#getStatus} shows of the state; {@code null}, the default, shows nothing. */
  protected @Nullable Object status() {
    return null;
  }

  /** The process was suspended or resumed. */
  protected void onSuspended(boolean suspended) {}
}
