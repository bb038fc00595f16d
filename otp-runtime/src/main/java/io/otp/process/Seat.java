package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs processes, and what it is doing. A raw process has a seat of its own for life; behaviours take the seat of a
 * {@link Worker} for one activation.
 *
 * <p>{@code inUserCode} is false whenever the thread is inside the runtime. It is the other half of the kill handshake, see {@link
 * Process}: whoever publishes the death of a process from outside does so only while its thread is in user code, so that nothing
 * the process does through the runtime is ever cut in two.
 */
class Seat {

  private static final ThreadLocal<@Nullable Seat> CURRENT = new ThreadLocal<>();

  private static final VarHandle IN_USER_CODE;
  private static final VarHandle PROCESS;

  static {
    try {
      IN_USER_CODE = MethodHandles.lookup().findVarHandle(Seat.class, "inUserCode", boolean.class);
      PROCESS = MethodHandles.lookup().findVarHandle(Seat.class, "process", Process.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // written by this thread; `process` and `inUserCode` are read by the watchdog, opaque: a fence per message would cost too much
  Thread thread;

  @SuppressWarnings("unused")
  private @Nullable Process process;

  @SuppressWarnings("unused")
  private boolean inUserCode;

  /** When the process on this seat last let others run, see {@link Self#checkpoint}. */
  long checkpointAt;

  /** The call that the current process is handling. */
  @Nullable Request request;

  private @Nullable WakeTimer wakeTimer;

  Seat(Thread thread) {
    this.thread = thread;
  }

  /** For a worker, which knows its thread only when that thread starts it. */
  @SuppressWarnings("NullAway.Init")
  Seat() {}

  /** The seat of the current thread, {@code null} if it runs no processes. */
  static @Nullable Seat current() {
    return CURRENT.get();
  }

  /** The process that runs on the current thread, or {@code null}. */
  static @Nullable Process currentProcess() {
    Seat seat = CURRENT.get();
    return seat == null ? null : seat.process();
  }

  static void bind(@Nullable Seat seat) {
    CURRENT.set(seat);
  }

  /** The process that runs here. */
  final @Nullable Process process() {
    return (Process) PROCESS.getOpaque(this);
  }

  final void seat(@Nullable Process process) {
    PROCESS.setOpaque(this, process);
  }

  final void enterUserCode() {
    IN_USER_CODE.setOpaque(this, true);
  }

  final void leaveUserCode() {
    IN_USER_CODE.setOpaque(this, false);
  }

  final boolean isInUserCode() {
    return (boolean) IN_USER_CODE.getOpaque(this);
  }

  /** The thread is about to park in one of our own primitives. */
  void beforeBlock() {}

  /** The thread goes on. */
  void afterBlock() {}

  /**
   * Parks until somebody unparks this thread or {@code deadline} (by the runtime's clock) has passed; may return early. {@link
   * Long#MAX_VALUE} is no deadline.
   */
  final void park(ProcessRuntime runtime, long deadline) {
    if (deadline == Long.MAX_VALUE) {
      LockSupport.park(this);
      return;
    }
    WakeTimer timer = wakeTimer;
    if (timer == null) {
      wakeTimer = timer = new WakeTimer(thread);
    }
    // An armed timer with a later deadline is only a field write; it is never cancelled, it expires for nothing.
    runtime.timers().schedule(timer, deadline);
    LockSupport.park(this);
  }

  /** The thread ends: its timer must not keep it. */
  final void end(ProcessRuntime runtime) {
    if (wakeTimer != null) {
      runtime.timers().cancel(wakeTimer);
    }
  }

  /** Unparks its thread: waits in `park` look at the clock themselves. */
  private static final class WakeTimer extends TimerWheel.Timer {
    private final Thread thread;

    WakeTimer(Thread thread) {
      this.thread = thread;
    }

    @Override
    protected void expire() {
      LockSupport.unpark(thread);
    }
  }
}
