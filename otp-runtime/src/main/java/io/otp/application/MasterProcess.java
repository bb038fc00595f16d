package io.otp.application;

import static io.otp.process.Receive.skip;
import static io.otp.process.Receive.take;

import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.Ref;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.TimerExpired;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The process that runs an application's code and starts its top supervisor, OTP's {@code
 * application_master}. It is the first process of the application; who it starts, and who those
 * start, belong to the application too.
 *
 * <p>It tells the controller how things go and ends {@code normal}: why an application ended is
 * news, why its master did is not.
 */
final class MasterProcess extends Behaviour {

  private static final CallbackModule MODULE =
      CallbackModule.of("application_master", "application_master")
          .withThreadLocals(true); // its callbacks wait for others and hold a thread meanwhile

  private static final String MAX_TIME = "max_time";

  private final ApplicationSpec spec;
  private final ApplicationModule<Object, Object> module;
  private final List<ApplicationSpec> included;
  private final Pid controller;
  private final StartType type = new StartType.Normal();

  private @Nullable Pid supervisor;
  private @Nullable Object state;

  /**
   * @param included the applications it includes and those that these include, depth first
   */
  @SuppressWarnings("unchecked") // state and arguments only go where they came from
  MasterProcess(
      ApplicationSpec spec,
      ApplicationModule<?, ?> module,
      List<ApplicationSpec> included,
      Pid controller) {
    this.spec = spec;
    this.module = (ApplicationModule<Object, Object>) module;
    this.included = included;
    this.controller = controller;
  }

  @Override
  protected CallbackModule module() {
    return MODULE;
  }

  // --- start

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    self.trapExits(true);
    self.label(spec.name());
    ApplicationError.StartFailed error = start(self);
    if (error == null && (error = startPhases(self)) != null) {
      stopSupervisor(self);
    }
    if (error != null) {
      tell(new ControllerMessage.NotRunning(self.pid(), error), self);
      return ExitReason.NORMAL;
    }
    tell(new ControllerMessage.Running(self.pid(), supervisor()), self);
    if (spec.maxTime() != null) {
      self.startTimer(spec.maxTime(), MAX_TIME);
    }
    return null;
  }

  private ApplicationError.@Nullable StartFailed start(Self<Object> self) {
    String callback = module.name() + ".start";
    ApplicationStart<Object> result;
    try {
      result = module.callbacks().start(type, module.args(), self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return new ApplicationError.StartFailed(spec.name(), callback, ExitReason.of(t));
    }
    switch (result) {
      case ApplicationStart.Started<Object>(var pid, var returned) -> {
        self.link(pid);
        supervisor = pid;
        state = returned;
        return null;
      }
      case ApplicationStart.Failed<Object>(var reason) -> {
        return new ApplicationError.StartFailed(spec.name(), callback, reason);
      }
      case null -> {
        return new ApplicationError.StartFailed(spec.name(), callback, BadReturn.reason("null"));
      }
    }
  }

  /** Each phase of this application, and of those included which have one of that name. */
  private ApplicationError.@Nullable StartFailed startPhases(Self<Object> self) {
    for (StartPhase phase : spec.startPhases()) {
      ApplicationError.StartFailed error = startPhase(module, phase, self);
      for (ApplicationSpec below : included) {
        for (StartPhase same : below.startPhases()) {
          if (error == null && below.module() != null && same.name().equals(phase.name())) {
            error = startPhase(below.module(), same, self);
          }
        }
      }
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private ApplicationError.@Nullable StartFailed startPhase(
      ApplicationModule<?, ?> of, StartPhase phase, Self<Object> self) {
    ExitReason failure =
        failureOf(
            () -> {
              of.callbacks().startPhase(phase.name(), type, phase.args(), self);
              return phase;
            });
    return failure == null
        ? null
        : new ApplicationError.StartFailed(
            spec.name(), of.name() + ".startPhase(" + phase.name() + ")", failure);
  }

  // --- running

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    return switch (info) {
      case Exit(var from, var reason) when from == supervisor -> {
        prepStop(self);
        stop(self);
        tell(new ControllerMessage.Ended(self.pid(), reason), self);
        yield ExitReason.NORMAL;
      }
      case Exit(var from, _) when from == controller -> stopAll(self);
      case Info.Message(ControllerMessage.StopNow _) -> stopAll(self);
      case TimerExpired(_, var message) when message == MAX_TIME -> {
        ExitReason reason = stopAll(self);
        tell(new ControllerMessage.Ended(self.pid(), reason), self);
        yield reason;
      }
      case Info.Message(ControllerMessage.Change(var change, var round)) -> {
        ExitReason failure = reported("configChange", () -> configChange(change, self), self);
        tell(new ControllerMessage.Changed(self.pid(), round, failure), self);
        yield null;
      }
      default -> null; // what else comes was not meant for it, as in OTP
    };
  }

  private Object configChange(ConfigChange change, Self<Object> self) throws Exception {
    module.callbacks().configChange(change, state(), self);
    return change;
  }

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return null;
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    return null;
  }

  @Override
  protected @Nullable Object status() {
    return "application '" + spec.name() + "', supervisor " + supervisor;
  }

  // --- stop

  private ExitReason stopAll(Self<Object> self) {
    prepStop(self);
    stopSupervisor(self);
    stop(self);
    return ExitReason.NORMAL;
  }

  private void prepStop(Self<Object> self) {
    reported(
        "prepStop",
        () ->
            state =
                Objects.requireNonNull(
                    module.callbacks().prepStop(state(), self), "prepStop returned null"),
        self);
  }

  /** Without a limit: the supervisor's children have theirs. */
  private void stopSupervisor(Self<Object> self) {
    Pid pid = supervisor();
    Ref ref = self.monitor(pid);
    self.exit(pid, ExitReason.SHUTDOWN);
    self.receive(
        message -> message instanceof Down down && down.ref() == ref ? take(down) : skip());
  }

  private void stop(Self<Object> self) {
    reported(
        "stop",
        () -> {
          module.callbacks().stop(state(), self);
          return state();
        },
        self);
  }

  // --- callbacks

  private @Nullable ExitReason reported(String callback, Callable<Object> call, Self<Object> self) {
    ExitReason failure = failureOf(call);
    if (failure != null) {
      self.runtime()
          .report(
              new ApplicationCallbackReport(
                  self.pid(), spec.name(), module.name() + "." + callback, failure));
    }
    return failure;
  }

  private static @Nullable ExitReason failureOf(Callable<Object> call) {
    try {
      call.call();
      return null;
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return ExitReason.of(t);
    }
  }

  private void tell(Object message, Self<Object> self) {
    self.runtime().signal(controller, message);
  }

  private Pid supervisor() {
    return Objects.requireNonNull(supervisor);
  }

  private Object state() {
    return Objects.requireNonNull(state);
  }
}
