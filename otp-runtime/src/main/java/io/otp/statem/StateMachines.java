package io.otp.statem;

import io.otp.process.ExitReason;
import io.otp.process.ProcLib;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenProcess;
import io.otp.server.GenServers;
import io.otp.server.GenServers.Monitored;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops state machines: {@code gen_statem:start_link/3,4}, {@code start}, {@code
 * start_monitor} and {@code stop}. Under a supervisor machines are started by its child
 * specifications. Whoever talks to one does so as to a server, by {@link ServerRef}.
 *
 * {@snippet :
 * StartResult result = StateMachines.startLink(self, payment, new PaymentId("4711"), StartOptions.NONE);
 * if (result instanceof StartResult.Started(var pid, _)) {
 *   ServerRef<Payment.Event> ref = ServerRef.of(self.runtime(), pid);
 *   boolean held = ref.call(new Authorize(500));
 *   StateMachines.stop(ref);
 * }
 * }
 *
 * <p>Unlike in OTP a call waits 5 seconds by default, as one to a server, and not for ever: a
 * {@code ServerRef} does not know which of both it addresses, and a caller that waits for ever is
 * seldom wanted. {@code ref.call(request, Duration.ofSeconds(Long.MAX_VALUE))} waits for ever.
 */
public final class StateMachines {

  private StateMachines() {}

  /**
   * Starts a machine that is linked to the calling process and waits until its {@code init} has
   * returned; see {@link GenServers#startLink}.
   *
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#start_link/4">gen_statem:start_link/4</a>
   */
  public static <A> StartResult startLink(
      Self<?> self, StateMachine<A, ?, ?, ?> machine, A args, StartOptions options) {
    return start(self, machine, args, options, true, false).result();
  }

  /**
   * Starts a machine that is not linked to the calling process; its exit signals do not reach it,
   * and it is no parent.
   */
  public static <A> StartResult start(
      Self<?> self, StateMachine<A, ?, ?, ?> machine, A args, StartOptions options) {
    return start(self, machine, args, options, false, false).result();
  }

  /**
   * Starts a machine that is not linked to the calling process but monitored by it from its first
   * instant on. If it cannot start, there is no monitor and no down message.
   */
  public static <A> Monitored startMonitor(
      Self<?> self, StateMachine<A, ?, ?, ?> machine, A args, StartOptions options) {
    return start(self, machine, args, options, false, true);
  }

  /** Starts a machine from a thread that is no process. */
  public static <A> StartResult start(
      ProcessRuntime runtime, StateMachine<A, ?, ?, ?> machine, A args, StartOptions options) {
    return GenProcess.start(runtime, options, () -> process(machine, args, options));
  }

  private static Monitored start(
      Self<?> self,
      StateMachine<?, ?, ?, ?> machine,
      Object args,
      StartOptions options,
      boolean link,
      boolean monitor) {
    return GenProcess.start(self, options, link, monitor, () -> process(machine, args, options));
  }

  private static MachineProcess process(
      StateMachine<?, ?, ?, ?> machine, Object args, StartOptions options) {
    return new MachineProcess(MachineCode.of(machine), args, options.name());
  }

  /**
   * Turns the calling process, which was spawned with a body, into a machine, and never returns;
   * see {@link GenServers#enterLoop(Self, io.otp.server.ArgsGenServer, io.otp.server.Next,
   * String)}.
   *
   * @param initial its first state, data and actions; the state enter call is made
   * @param name the name that the process has registered, {@code null}: it need have none
   * @throws io.otp.process.ProcessExit with {@code process_not_registered} if the process does not
   *     have that name
   * @throws IllegalStateException if the calling process runs a behaviour already
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#enter_loop/6">gen_statem:enter_loop/6</a>
   */
  @SuppressWarnings("unchecked") // the states of a machine are what its callbacks say
  public static <E, S, D> void enterLoop(
      Self<?> self,
      StateMachine<?, E, S, D> machine,
      Initial<S, D> initial,
      @Nullable String name) {
    GenServers.checkName(self, name);
    self.runtime().checkState(initial.state());
    self.runtime().checkState(initial.data());
    var process = new MachineProcess(MachineCode.of(machine), (Initial<Object, Object>) initial);
    ProcLib.enterLoop(self, process, process.entered());
  }

  /** Stops a machine with {@code normal} and waits until it has ended, as long as that takes. */
  public static void stop(ServerRef<?> machine) {
    GenServers.stop(machine);
  }

  /**
   * Asks a machine to end and waits until it has: its {@code terminate} runs, also while it is
   * suspended, and its name is free when this returns.
   *
   * @param timeout longest wait; after it the machine goes on ending, it is not killed
   * @throws io.otp.server.StopException if there is no such machine ({@code noproc}), if it did not
   *     end in time ({@code timeout}), or if it ended with another reason, which is the exception's
   * @throws IllegalArgumentException if the timeout is negative
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#stop/3">gen_statem:stop/3</a>
   */
  public static void stop(ServerRef<?> machine, ExitReason reason, Duration timeout) {
    GenServers.stop(machine, reason, timeout);
  }
}
