package io.otp.server;

import io.otp.process.CallException;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops servers: {@code gen_server:start_link/3,4}, {@code start} and {@code stop}. Under a supervisor this is done by
 * its child specifications.
 *
 * {@snippet :
 * StartResult result = GenServers.startLink(self, ledger, NoArgs.NO_ARGS, StartOptions.named("ledger"));
 * }
 */
public final class GenServers {

  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  private GenServers() {}

  /**
   * How a server is started.
   *
   * @param name the name to register, {@code null} for none
   * @param timeout how long {@code init} may take, {@code null} for as long as it likes; then it is killed
   * @param label see {@link Self#label}
   * @param application the application it belongs to, {@code null} for that of the starter
   */
  public record StartOptions(
      @Nullable String name, @Nullable Duration timeout, @Nullable String label, @Nullable String application) {

    /** No name, no timeout. */
    public static final StartOptions NONE = new StartOptions(null, null, null, null);

    /** With a name. */
    public static StartOptions named(String name) {
      return new StartOptions(name, null, null, null);
    }

    /** With a timeout for {@code init}. */
    public StartOptions withTimeout(Duration timeout) {
      return new StartOptions(name, timeout, label, application);
    }

    /** With a label. */
    public StartOptions withLabel(String label) {
      return new StartOptions(name, timeout, label, application);
    }

    /** As part of an application. */
    public StartOptions withApplication(String application) {
      return new StartOptions(name, timeout, label, application);
    }
  }

  /**
   * Starts a server that is linked to the calling process and waits until its {@code init} has returned. If it cannot start,
   * nothing of it is left when this returns: no process, no name, no exit signal in the mailbox of a caller that traps exits. A
   * caller that does not trap ends with it.
   */
  public static <A> StartResult startLink(
      Self<?> self, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    return start(self, ServerCode.of(server), args, options, true);
  }

  /** Starts a server that is not linked to the calling process. */
  public static <A> StartResult start(Self<?> self, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    return start(self, ServerCode.of(server), args, options, false);
  }

  /** Starts a server from a thread that is no process. */
  public static <A> StartResult start(
      ProcessRuntime runtime, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    StartResult taken = alreadyStarted(runtime, options.name());
    if (taken != null) {
      return taken;
    }
    var process = new ServerProcess(ServerCode.of(server), args, options.name());
    Pid pid = runtime.spawn(process, new SpawnOptions(false, false, options.label(), options.application()));
    StartResult result = await(runtime, pid, process, options.timeout());
    if (result == null) {
      runtime.exit(pid, ExitReason.KILL);
      return new StartResult.Failed(ExitReason.TIMEOUT);
    }
    return result;
  }

  private static StartResult start(
      Self<?> self, ServerCode code, Object args, StartOptions options, boolean link) {
    StartResult taken = alreadyStarted(self.runtime(), options.name());
    if (taken != null) {
      return taken;
    }
    var process = new ServerProcess(code, args, options.name());
    Pid pid = self.spawn(process, new SpawnOptions(link, false, options.label(), options.application())).pid();
    StartResult result = await(self.runtime(), pid, process, options.timeout());
    if (result == null) {
      killAndWait(self, pid);
      result = new StartResult.Failed(ExitReason.TIMEOUT);
    }
    if (link && !(result instanceof StartResult.Started)) {
      flushExit(self, pid);
    }
    return result;
  }

  private static @Nullable StartResult alreadyStarted(ProcessRuntime runtime, @Nullable String name) {
    if (name == null) {
      return null;
    }
    Optional<Pid> holder = runtime.whereis(name).filter(runtime::isAlive);
    return holder.isPresent() ? new StartResult.AlreadyStarted(holder.get()) : null;
  }

  /** Waits for {@code init}; {@code null} after the timeout. A process whose init failed answers by its death. */
  private static @Nullable StartResult await(
      ProcessRuntime runtime, Pid pid, ServerProcess process, @Nullable Duration timeout) {
    try {
      runtime.call(runtime.address(pid), ServerProcess.Started.STARTED, timeout == null ? INFINITY : timeout);
      return new StartResult.Started(pid, null);
    } catch (CallException.CallTimeoutException e) {
      return null;
    } catch (CallException e) {
      StartResult outcome = process.outcome();
      return outcome != null ? outcome : new StartResult.Failed(e.cause());
    }
  }

  /** The link goes first, so that a caller that does not trap exits survives. */
  private static void killAndWait(Self<?> self, Pid pid) {
    self.unlink(pid);
    Ref ref = self.monitor(pid);
    self.exit(pid, ExitReason.KILL);
    self.receive(message -> message instanceof Down down && down.ref() == ref ? Receive.take(down) : Receive.skip());
  }

  private static void flushExit(Self<?> self, Pid pid) {
    self.unlink(pid);
    self.receive(
        Duration.ZERO,
        message -> message instanceof Exit exit && exit.from() == pid ? Receive.take(exit) : Receive.skip());
  }
}
