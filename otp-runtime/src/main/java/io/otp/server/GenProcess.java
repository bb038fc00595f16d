package io.otp.server;

import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.CrashReport;
import io.otp.process.ExitReason;
import io.otp.process.NameTakenException;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.server.GenServers.Monitored;
import io.otp.server.GenServers.StartOptions;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a generic behaviour starts: what {@code gen_server}, {@code gen_statem} and {@code gen_event}
 * have in common, OTP's modules {@code gen} and {@code init_it}. Its subclasses initialise
 * themselves in {@link #init}; how that went is kept until the starter has read it.
 *
 * <p>The outcome is written by the process and read by its starter after the process has answered
 * {@link Started#STARTED} or ended: that is the happens-before edge.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/proc_lib.html#start_link/5">proc_lib</a>
 */
public abstract class GenProcess extends Behaviour {

  /** What the starter asks first; answered with {@link Call.Ok#OK} when {@code init} is over. */
  public enum Started implements Call<Object, Call.Ok> {
    /** The only one. */
    STARTED
  }

  /** For subclasses. */
  protected GenProcess() {}

  /** How the start went, {@code null} unless there is more to say than the reason of its end. */
  protected abstract @Nullable StartResult outcome();

  /** Keeps how the start went, for the starter to read. */
  protected abstract void outcome(StartResult outcome);

  // --- by the starter

  /**
   * Starts a process from a thread that is none.
   *
   * @param process makes it; not asked if its name is taken
   * @throws io.otp.process.RuntimeLimitException if there are as many processes as allowed
   */
  public static StartResult start(
      ProcessRuntime runtime, StartOptions options, Supplier<? extends GenProcess> process) {
    StartResult taken = alreadyStarted(runtime, options);
    if (taken != null) {
      return taken;
    }
    GenProcess made = process.get();
    return result(
        ProcLib.start(
            runtime, made, spawnOptions(options, false, false), Started.STARTED, options.timeout()),
        made);
  }

  /**
   * Starts a process from another one, which is its parent if they are linked.
   *
   * @param process makes it; not asked if its name is taken
   * @param link whether it is linked to the starter
   * @param monitor whether the starter monitors it from its first instant on
   * @throws io.otp.process.RuntimeLimitException if there are as many processes as allowed
   */
  public static Monitored start(
      Self<?> self,
      StartOptions options,
      boolean link,
      boolean monitor,
      Supplier<? extends GenProcess> process) {
    StartResult taken = alreadyStarted(self.runtime(), options);
    if (taken != null) {
      return new Monitored(taken, null);
    }
    GenProcess made = process.get();
    ProcLib.Start start =
        ProcLib.start(
            self, made, spawnOptions(options, link, monitor), Started.STARTED, options.timeout());
    return new Monitored(result(start, made), start.monitor());
  }

  private static SpawnOptions spawnOptions(StartOptions options, boolean link, boolean monitor) {
    return new SpawnOptions(link, monitor, options.label(), options.application());
  }

  private static @Nullable StartResult alreadyStarted(
      ProcessRuntime runtime, StartOptions options) {
    String name = options.name();
    if (name == null) {
      return null;
    }
    Optional<Pid> holder = runtime.whereis(name).filter(runtime::isAlive);
    return holder.isPresent() ? new StartResult.AlreadyStarted(holder.get()) : null;
  }

  /**
   * A process whose init failed has left the outcome behind; one that was ended from outside has
   * not.
   */
  private static StartResult result(ProcLib.Start start, GenProcess process) {
    if (start.failure() == null) {
      return new StartResult.Started(start.pid(), null);
    }
    StartResult outcome = process.outcome();
    return outcome != null ? outcome : new StartResult.Failed(start.failure());
  }

  // --- in init

  /**
   * Registers the process.
   *
   * @param name {@code null} for none
   * @return {@code null}, or what to end with because somebody else has the name
   */
  protected final @Nullable ExitReason register(@Nullable String name, Self<Object> self) {
    if (name == null) {
      return null;
    }
    try {
      self.register(name);
      return null;
    } catch (NameTakenException e) {
      Pid holder = e.holder();
      outcome(
          holder == null
              ? new StartResult.Failed(ExitReason.other(String.valueOf(e.getMessage())))
              : new StartResult.AlreadyStarted(holder));
      return ExitReason.NORMAL;
    }
  }

  /** Returns what to end with after {@code init} has thrown {@code stop}. */
  protected final ExitReason stoppedInInit(Init stop, Self<Object> self) {
    ExitReason reason = stop.reason();
    if (reason == null) {
      outcome(new StartResult.Ignored());
      return ExitReason.NORMAL;
    }
    if (stop.isQuiet()) {
      outcome(new StartResult.Failed(reason));
      return ExitReason.NORMAL;
    }
    return failedInInit(reason, self);
  }

  /** Returns {@code reason}, with which {@code init} has failed, and reports it if it must be. */
  protected final ExitReason failedInInit(ExitReason reason, Self<Object> self) {
    if (hasEnded(self)) {
      return reason;
    }
    outcome(new StartResult.Failed(reason));
    if (reason.isAbnormal()) {
      self.runtime().report(CrashReport.of(self, reason));
    }
    return reason;
  }

  /** Whether the process has been ended from outside while its code ran. */
  protected static boolean hasEnded(Self<Object> self) {
    return !self.runtime().isAlive(self.pid());
  }

  // --- code

  /** What reports and tools call {@code callbacks}. */
  public static String nameOf(Object callbacks) {
    BehaviourName given = callbacks.getClass().getAnnotation(BehaviourName.class);
    return given == null ? CallbackModule.nameOf(callbacks.getClass()) : given.value();
  }

  /**
   * Describes {@code callbacks}.
   *
   * @param behaviour in OTP's spelling, unless they are {@linkplain BehaviourName a behaviour}
   *     themselves
   */
  public static CallbackModule moduleOf(Object callbacks, String behaviour, ServerOptions options) {
    BehaviourName given = callbacks.getClass().getAnnotation(BehaviourName.class);
    return CallbackModule.of(nameOf(callbacks), given == null ? behaviour : given.value())
        .withMailbox(options.mailbox())
        .withThreadLocals(options.threadLocals());
  }
}
