package io.otp.process;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Starting a behaviour and waiting until it has initialised itself: what {@code
 * proc_lib:start_link/5} does in OTP. For those who write behaviours; servers are started by {@code
 * GenServers}.
 *
 * <p>The new process finds a request in its mailbox before anybody else knows its pid, and so
 * handles it right after its {@code init}. Its reply, OTP's {@code init_ack}, unblocks the starter;
 * its death before that fails the request as it fails any other.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/proc_lib.html#start_link/5">proc_lib:start_link/5</a>
 */
public final class ProcLib {

  private ProcLib() {}

  /**
   * How a start went.
   *
   * @param pid the process
   * @param monitor the monitor, {@code null} if none was asked for or the start failed
   * @param failure why it ended before it replied, {@link ExitReason#TIMEOUT} if it did not reply
   *     in time; {@code null} if it runs
   */
  public record Start(Pid pid, @Nullable Ref monitor, @Nullable ExitReason failure) {}

  /**
   * Starts {@code behaviour} from a process. If that fails nothing of it is left when this returns:
   * no process, no name, no exit or down message; a starter that is linked and does not trap exits
   * has ended with it, except after a timeout: then the link is removed first.
   *
   * @param first the request that it handles first; any reply will do
   * @param timeout how long it may take to reply, {@code null} for as long as it likes; then it is
   *     killed
   * @throws RuntimeLimitException if there are as many processes as allowed
   */
  public static Start start(
      Self<?> self,
      Behaviour behaviour,
      SpawnOptions options,
      Object first,
      @Nullable Duration timeout) {
    var starter = (Process) self.pid();
    ProcessRuntime runtime = starter.runtime;
    Self.Monitored child;
    ExitReason failure;
    boolean late;
    Object context = runtime.instruments().capture();
    Seat seat = starter.enterRuntime();
    try {
      var request = new Request.Blocking(first, starter);
      request.carried = Instruments.start(context);
      child = runtime.prepare(starter, behaviour, options, request);
      starter.runChild((Process) child.pid(), seat, timeout == null && context == null);
      starter.awaitDecision(
          seat, request, timeout == null ? Long.MAX_VALUE : runtime.deadline(timeout));
      late = request.giveUp();
      failure = failureOf(request);
      starter.killedCheck();
    } finally {
      seat.enterUserCode();
    }
    if (failure != null) {
      cleanUp(starter, child, options, late);
      return new Start(child.pid(), null, failure);
    }
    return new Start(child.pid(), child.ref(), null);
  }

  /** Starts {@code behaviour} from a thread that is no process; else as the other one. */
  public static Start start(
      ProcessRuntime runtime,
      Behaviour behaviour,
      SpawnOptions options,
      Object first,
      @Nullable Duration timeout) {
    runtime.calls().checkMayBlock(null, "start", behaviour.module());
    var request = new Request.Blocking(first, null);
    request.carried = Instruments.start(runtime.instruments().capture());
    Pid pid = runtime.spawn(null, behaviour, null, options, request).pid();
    try {
      Calls.await(request, timeout == null ? Duration.ofSeconds(Long.MAX_VALUE) : timeout);
    } catch (CancellationException e) {
      runtime.exit(pid, ExitReason.KILL); // nobody would know of it
      throw e;
    }
    if (request.giveUp()) {
      runtime.exit(pid, ExitReason.KILL);
      awaitEnd(runtime, pid);
    }
    return new Start(pid, null, failureOf(request));
  }

  /**
   * Lets a process that was spawned with a body run {@code behaviour} from here on, on its own
   * thread: what {@code enter_loop} of the behaviours is made of. Never returns; what the process
   * has in its mailbox is handled.
   *
   * <p>Its {@link Behaviour#init} is not called: the body has done that. A bound that {@link
   * CallbackModule#mailbox} asks for has no effect, since a mailbox is made with its process.
   *
   * @param first what {@code behaviour} gets as an {@link Info.Message} before any message, {@code
   *     null} for nothing
   * @throws IllegalStateException if the calling process runs a behaviour already
   * @throws ProcessKilledError when the process has ended: let it pass
   */
  public static void enterLoop(Self<?> self, Behaviour behaviour, @Nullable Object first) {
    ((Process) self.pid()).enterLoop(behaviour, first);
  }

  /**
   * Ends {@code other} with {@code reason}, whether or not it traps exits and whatever it is doing:
   * as {@link ExitReason#KILL} does, with a reason that says why. For those who watch over
   * processes.
   */
  public static void kill(Self<?> self, Pid other, ExitReason reason) {
    var process = (Process) self.pid();
    Seat seat = process.enterRuntime();
    try {
      if (other != process) {
        ((Process) other).terminate(reason);
      }
    } finally {
      seat.enterUserCode();
    }
  }

  /** Whether the calling process is linked to {@code other}. */
  public static boolean isLinked(Self<?> self, Pid other) {
    var process = (Process) self.pid();
    synchronized (process) {
      return process.hasLink((Process) other);
    }
  }

  /** {@code null}: it has replied. */
  private static @Nullable ExitReason failureOf(Request request) {
    return request.outcome() instanceof Request.Failure failure ? failure.reason() : null;
  }

  /** Where the request has failed, links and monitors have fired before (P3 of Process). */
  private static void cleanUp(
      Process self, Self.Monitored child, SpawnOptions options, boolean late) {
    Pid pid = child.pid();
    if (late) {
      self.unlink(pid);
      Ref end = self.monitor(pid);
      self.exit(pid, ExitReason.KILL);
      self.receive(
          message ->
              message instanceof Down down && down.ref() == end
                  ? Receive.take(down)
                  : Receive.skip());
    }
    if (child.ref() != null) {
      self.demonitorFlush(child.ref());
    }
    if (options.link() && self.trapsExits()) {
      self.receive(
          Duration.ZERO,
          message ->
              message instanceof Exit exit && exit.from() == pid
                  ? Receive.take(exit)
                  : Receive.skip());
    }
  }

  private static void awaitEnd(ProcessRuntime runtime, Pid pid) {
    var ended = new CountDownLatch(1);
    runtime.atExit(pid, reason -> ended.countDown());
    boolean interrupted = false;
    for (; ; ) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // it has been killed: the wait is short
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
