package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs processes, and what it is doing. A raw process has a seat of its own for life;
 * behaviours take the seat of a {@link Worker} for one activation.
 *
 * <p>{@code inUserCode} is false whenever the thread is inside the runtime. It is the other half of
 * the kill handshake, see {@link Process}: whoever publishes the death of a process from outside
 * does so only while its thread is in user code, so that nothing the process does through the
 * runtime is ever cut in two.
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

  // written by this thread; `process` and `inUserCode` are read by the watchdog, opaque: a fence
  // per message would cost too much
  Thread thread;

  @SuppressWarnings("unused")
  private @Nullable Process process;

  @SuppressWarnings("unused")
  private boolean inUserCode;

  /** When the process on this seat last let others run, see {@link Self#checkpoint}. */
  long checkpointAt;

  /**
   * The call that the current process is handling; set before its code runs, for whoever publishes
   * its death meanwhile.
   */
  @Nullable Request request;

  /** A process may start another on its own thread, that another, and so on this deep. */
  static final int MAX_NESTED = 8;

  int nested;

  /** Whether a clause of a receive is being asked. */
  boolean inClause;

  /** Counts what a clause took out of the mailbox behind the back of the receive that asks it. */
  int flushes;

  /** Whether the callback of the next message is measured, see {@link RuntimeSampler}. */
  boolean samples;

  /** How many messages are sent before the next one is a sample. */
  int unsampledSends;

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

  /**
   * A process uses the runtime: from here on it is not in user code (P2 of {@link Process}). To be
   * followed by {@link #leaveRuntime}.
   *
   * @return the process of {@code seat}, {@code null} if the thread runs none
   * @throws ProcessKilledError if the process has been ended
   */
  static @Nullable Process enterRuntime(@Nullable Seat seat) {
    if (seat == null) {
      return null;
    }
    Process self = seat.process();
    if (self == null) {
      return null;
    }
    seat.leaveUserCode();
    ExitReason exit = self.exit();
    if (exit != null) {
      seat.enterUserCode();
      throw new ProcessKilledError(self, exit);
    }
    return self;
  }

  static void leaveRuntime(@Nullable Seat seat, @Nullable Process self) {
    if (self != null && seat != null) {
      seat.enterUserCode();
    }
  }

  /**
   * Release: what was done in the runtime, and {@link #request}, is there for whoever reads {@link
   * #isInUserCode}.
   */
  final void enterUserCode() {
    IN_USER_CODE.setRelease(this, true);
  }

  /**
   * The fence keeps the compiler from reading {@code exit} before the flag is written. The
   * processor may still do so, but then a thread that is preempted in between has written it; that
   * is why the watchdog waits a grace period and no full fence is needed here (P2 of {@link
   * Process}).
   */
  final void leaveUserCode() {
    IN_USER_CODE.setOpaque(this, false);
    VarHandle.acquireFence();
  }

  final boolean isInUserCode() {
    return (boolean) IN_USER_CODE.getAcquire(this);
  }

  /** An activation of a process has ended that handled so many messages. */
  void count(BehaviourCounters counters, int messages) {
    counters.handledElsewhere.add(messages);
  }

  /** The thread is about to park in one of our own primitives. */
  void beforeBlock() {}

  /** The thread goes on. */
  void afterBlock() {}

  /**
   * Sees to it that this thread is unparked when {@code deadline} (by the runtime's clock) has
   * passed; {@link Long#MAX_VALUE} is no deadline. Must be called before the condition of a wait is
   * first looked at, never between that and {@link #park}: arming may have to wait for a lock, and
   * that wait would use up the unpark that tells of the condition.
   */
  final void wakeAt(ProcessRuntime runtime, long deadline) {
    if (deadline == Long.MAX_VALUE) {
      return;
    }
    WakeTimer timer = wakeTimer;
    if (timer == null) {
      wakeTimer = timer = new WakeTimer(thread, runtime.timers());
    }
    // An armed timer with a later deadline is only a field write; it is never cancelled, it expires
    // for nothing.
    timer.wheel.schedule(timer, deadline);
  }

  /** Interrupts the thread, unless it is the caller's own. For the process whose runner this is. */
  void interrupt() {
    if (thread != Thread.currentThread()) {
      thread.interrupt();
    }
  }

  /** Parks until somebody unparks this thread; may return early. */
  final void park() {
    LockSupport.park(this);
  }

  /** The thread ends: its timer must not keep it. */
  final void end() {
    if (wakeTimer != null) {
      wakeTimer.wheel.cancel(wakeTimer);
    }
  }

  /**
   * Takes the place of a process's seat while its thread runs a child of it (see {@link
   * Process#runChild}): the process is out of reach, as in user code, and an interrupt meant for it
   * must not hit the child.
   */
  static final class Away extends Seat {
    Away(Seat seat, Process process) {
      super(seat.thread);
      request = seat.request;
      seat(process);
      enterUserCode();
    }

    @Override
    void interrupt() {}
  }

  /** Unparks its thread: waits in `park` look at the clock themselves. */
  private static final class WakeTimer extends TimerWheel.Timer {
    private final Thread thread;
    private final TimerWheel wheel;

    WakeTimer(Thread thread, TimerWheel wheel) {
      this.thread = thread;
      this.wheel = wheel;
    }

    @Override
    protected void expire() {
      LockSupport.unpark(thread);
    }
  }
}
