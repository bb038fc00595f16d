package io.otp.server;

import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.CrashReport;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.NameTakenException;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SystemMessage;
import org.jspecify.annotations.Nullable;

/**
 * The loop of {@code gen_server}: turns messages into callbacks and what they return into effects. One instance per process, all
 * of it used by the thread that runs the process, except {@code outcome}, which the starter reads after the process has answered it or ended: that answer is the happens-before edge.
 */
final class ServerProcess extends Behaviour {

  /** The first request to every server, sent by whoever starts it: answered when {@code init} has returned. */
  enum Started implements Call<Object, Call.Ok> {
    STARTED
  }

  /** Start arguments until {@code init}; then the state. */
  private record Start(Object args, @Nullable String name) {}

  /** What {@code init} came to where it was not a state; left in place of the state for the starter to read. */
  record Outcome(StartResult result) {}

  private final ServerCode code;
  private @Nullable Object state;

  ServerProcess(ServerCode code, Object args, @Nullable String name) {
    this.code = code;
    this.state = new Start(args, name);
  }

  @Override
  protected CallbackModule module() {
    return code.module;
  }

  /** How the start went, where it went wrong. */
  @Nullable StartResult outcome() {
    return state instanceof Outcome outcome ? outcome.result() : null;
  }

  // --- init

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    Start start = (Start) state;
    if (start == null) {
      throw new IllegalStateException("init twice");
    }
    if (start.name != null) {
      ExitReason taken = register(start.name, self);
      if (taken != null) {
        return taken;
      }
    }
    if (code.options.trapExits()) {
      self.trapExits(true);
    }
    try {
      Object first = code.callbacks.init(start.args, self);
      self.runtime().checkState(first);
      state = first;
      return apply(code.callbacks.started(first, self), null, null, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Init stop) {
      return stoppedInInit(stop, self);
    } catch (Throwable t) {
      return failedInInit(ExitReason.of(t), self);
    }
  }

  private @Nullable ExitReason register(String name, Self<Object> self) {
    try {
      self.register(name);
      return null;
    } catch (NameTakenException e) {
      Pid holder = self.runtime().whereis(name).orElse(null);
      state =
          new Outcome(
              holder == null
                  ? new StartResult.Failed(ExitReason.other(String.valueOf(e.getMessage())))
                  : new StartResult.AlreadyStarted(holder));
      return ExitReason.NORMAL;
    }
  }

  private ExitReason stoppedInInit(Init stop, Self<Object> self) {
    ExitReason reason = stop.reason();
    if (reason == null) {
      state = new Outcome(new StartResult.Ignored());
      return ExitReason.NORMAL;
    }
    if (stop.isQuiet()) {
      state = new Outcome(new StartResult.Failed(reason));
      return ExitReason.NORMAL;
    }
    return failedInInit(reason, self);
  }

  private ExitReason failedInInit(ExitReason reason, Self<Object> self) {
    state = new Outcome(new StartResult.Failed(reason));
    if (reason.isAbnormal()) {
      self.runtime().report(CrashReport.of(self, reason));
    }
    return reason;
  }

  // --- messages

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    try {
      return apply(code.callbacks.handle(message, state(), self), null, message, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), message, null, self);
    }
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    Object message = request.message();
    if (message == Started.STARTED) {
      request.reply(Call.Ok.OK);
      return null;
    }
    try {
      return apply(code.callbacks.handle(message, state(), self), request, message, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), message, request.caller(), self);
    }
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    if (info instanceof Exit(var from, var reason) && isParent(from, self)) {
      return terminate(reason, info, null, self);
    }
    try {
      return apply(code.callbacks.handleInfo(info, state(), self), null, info, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), info, null, self);
    }
  }

  @SuppressWarnings("NullAway") // a server may have no state; then it is null by the server's own choice
  private Object state() {
    return state;
  }

  /** Does what a callback decided, and the continuations it asked for; returns the reason to end with, or null. */
  private @Nullable ExitReason apply(
      @Nullable Next<Object> returned, @Nullable Request request, @Nullable Object message, Self<Object> self)
      throws Exception {
    Next<Object> next = returned;
    for (Request open = request; ; open = null) {
      if (next == null) {
        throw badReturn("null", message);
      }
      Object reply = next.reply();
      if (reply != null) {
        if (open == null || next.request() != open.message()) {
          throw badReturn(next.toString(), message);
        }
        self.runtime().checkMessage(reply);
      }
      Object newState = next.state();
      if (newState != state) {
        self.runtime().checkState(newState);
        state = newState;
      }
      ExitReason stop = next.stop();
      if (stop != null) {
        return stop(stop, open, reply, message, self);
      }
      if (reply != null && open != null) {
        open.reply(reply);
      }
      Object continuation = next.continuation();
      if (continuation == null) {
        if (next.timeout() != null) {
          timeoutAfter(next.timeout(), self);
        }
        return null;
      }
      next = code.callbacks.handleContinue(continuation, state(), self);
    }
  }

  private IllegalStateException badReturn(String returned, @Nullable Object message) {
    return new IllegalStateException(
        "bad_return_value: " + code + " returned " + returned + " for " + message
            + ". Return noreply, reply with the very request that was handed in, or stop.");
  }

  // --- end

  private ExitReason stop(
      ExitReason stop, @Nullable Request open, @Nullable Object reply, @Nullable Object message, Self<Object> self) {
    ExitReason reason = terminate(stop, message, open == null ? null : open.caller(), self);
    if (reply != null && open != null) {
      open.reply(reply); // also if terminate threw (2.25)
    }
    return reason;
  }

  /** Calls {@code terminate} and reports; returns the reason to end with. */
  private ExitReason terminate(ExitReason why, @Nullable Object message, @Nullable Pid client, Self<Object> self) {
    ExitReason reason = why;
    try {
      code.callbacks.terminate(why, state(), self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      reason = ExitReason.of(t);
    }
    if (reason.isAbnormal()) {
      ArgsGenServer.Status shown = formatted(message, reason);
      self.runtime()
          .report(
              new TerminateReport(
                  self.pid(),
                  code.module.name(),
                  self.runtime().info(self.pid()).map(info -> info.summary().name()).orElse(null),
                  shown.lastMessage(),
                  shown.state(),
                  reason,
                  client));
      self.runtime().report(CrashReport.of(self, reason));
    }
    return reason;
  }

  private ArgsGenServer.Status formatted(@Nullable Object message, @Nullable ExitReason reason) {
    try {
      return code.callbacks.formatStatus(new ArgsGenServer.Status(state, message, reason));
    } catch (RuntimeException e) {
      String marker = "formatStatus of " + code + " threw " + e.getClass().getName();
      return new ArgsGenServer.Status(marker, marker, reason);
    }
  }

  // --- sys

  @Override
  protected @Nullable ExitReason onSystem(
      SystemMessage message, Request request, boolean suspended, Self<Object> self) {
    switch (message) {
      case SystemMessage.GetState _ -> request.reply(state == null ? "undefined" : state());
      case SystemMessage.ReplaceState(var change) -> replaceState(change, request, self);
      case SystemMessage.ChangeCode change -> changeCode(change, request, suspended, self);
      case SystemMessage.Terminate(var reason) -> {
        return terminate(reason, null, null, self);
      }
      case SystemMessage.Suspend _, SystemMessage.Resume _ -> {}
    }
    return null;
  }

  private void replaceState(
      java.util.function.UnaryOperator<Object> change, Request request, Self<Object> self) {
    try {
      Object changed = change.apply(state());
      self.runtime().checkState(changed);
      state = changed;
      request.reply(changed);
    } catch (RuntimeException e) {
      request.reply(new SystemMessage.Refused("callback_failed: " + e));
    }
  }

  private void changeCode(SystemMessage.ChangeCode change, Request request, boolean suspended, Self<Object> self) {
    if (!suspended) {
      request.reply(new SystemMessage.Refused("the process is not suspended; suspend it first"));
      return;
    }
    try {
      Object changed = code.callbacks.codeChange(change.oldVersion(), state(), change.extra(), self);
      self.runtime().checkState(changed);
      state = changed;
      request.reply(Call.Ok.OK);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Exception e) {
      request.reply(new SystemMessage.Refused("code_change failed, the old state stays: " + e));
    }
  }
}
