package io.otp.server;

import io.otp.process.Call;
import io.otp.process.CallTrace;
import io.otp.process.CallbackModule;
import io.otp.process.CrashReport;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SystemEvent;
import io.otp.process.SystemMessage;
import io.otp.server.ArgsGenServer.Status;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The loop of {@code gen_server}: turns messages into callbacks and what they return into effects.
 * One instance per process, all of it used by the thread that runs the process, except {@code
 * outcome}, which the starter reads after the process has answered it or ended: that answer is the
 * happens-before edge.
 */
final class ServerProcess extends GenProcess {

  /** In place of the state until {@code init}. */
  private record Start(Object args, @Nullable String name) {}

  /**
   * In place of the state between {@code init} and the answer to the starter, if there is more to
   * do after that.
   */
  private record Begin(Next<Object> next) {}

  /** In place of the state where {@code init} came to none, for the starter to read. */
  private record Outcome(StartResult result) {}

  private final ServerCode code;
  private @Nullable Object state;

  ServerProcess(ServerCode code, Object args, @Nullable String name) {
    this.code = code;
    this.state = new Start(args, name);
  }

  /** Of a process that has initialised itself: what is to be done with {@link #entered}. */
  ServerProcess(ServerCode code, Next<Object> next) {
    this.code = code;
    this.state = new Begin(next);
  }

  /** What a process that has initialised itself handles first. */
  Object entered() {
    return Objects.requireNonNull(state);
  }

  @Override
  protected CallbackModule module() {
    return code.module;
  }

  private ArgsGenServer<Object, Object, Object> callbacks(Self<Object> self) {
    CallTrace trace = callTrace(self);
    return trace == null ? code.callbacks : new TracedServer(code.callbacks, trace);
  }

  @Override
  protected @Nullable StartResult outcome() {
    return state instanceof Outcome outcome ? outcome.result() : null;
  }

  @Override
  protected void outcome(StartResult outcome) {
    state = new Outcome(outcome);
  }

  // --- init

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    Start start = (Start) state;
    if (start == null) {
      throw new IllegalStateException("init twice");
    }
    ExitReason taken = register(start.name, self);
    if (taken != null) {
      return taken;
    }
    if (code.options.trapExits()) {
      self.trapExits(true);
    }
    try {
      Object first = callbacks(self).init(start.args, self);
      self.runtime().checkState(first);
      return begin(first, callbacks(self).started(first, self), self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Init stop) {
      return stoppedInInit(stop, self);
    } catch (Throwable t) {
      return failedInInit(ExitReason.of(t), self);
    }
  }

  /**
   * Keeps for after the answer to the starter what {@code started} asked for: a continuation may
   * take long (2.42).
   */
  private @Nullable ExitReason begin(Object first, @Nullable Next<Object> next, Self<Object> self) {
    if (next == null || next.reply() != null) {
      return failedInInit(BadReturnValue.reason(code, "started", next, null), self);
    }
    if (next.stop() != null) {
      return failedInInit(next.stop(), self);
    }
    Object changed = next.state();
    if (changed != first) {
      self.runtime().checkState(changed);
    }
    state = next.continuation() == null && next.timeout() == null ? changed : new Begin(next);
    return null;
  }

  // --- messages

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    if (isDebugged(self)) {
      debug(new SystemEvent.In("cast", message, null, null), self);
    }
    try {
      return apply(callbacks(self).handle(message, state(), self), null, message, self);
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
      return onStarted(request, self);
    }
    if (isDebugged(self)) {
      debug(new SystemEvent.In("call", message, request.caller(), null), self);
    }
    try {
      return apply(callbacks(self).handle(message, state(), self), request, message, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), message, request.caller(), self);
    }
  }

  private @Nullable ExitReason onStarted(Request request, Self<Object> self) {
    request.reply(Call.Ok.OK);
    if (state instanceof Begin(var next)) {
      if (next.continuation() != null) {
        handleNext(state, self); // not now: this may be the starter's thread
      } else {
        state = next.state();
        return goOn(next, self);
      }
    }
    return null;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    if (info instanceof Info.Message(Begin(var next))) {
      state = next.state();
      return goOn(next, self);
    }
    if (info instanceof Exit(var from, var reason) && isParent(from, self)) {
      return terminate(reason, info, null, self);
    }
    if (isDebugged(self)) {
      debug(in(info), self);
    }
    try {
      return apply(callbacks(self).handleInfo(info, state(), self), null, info, self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      return terminate(ExitReason.of(t), info, null, self);
    }
  }

  private static SystemEvent in(Info info) {
    return switch (info) {
      case Info.Timeout _ -> new SystemEvent.In("timeout", info, null, null);
      case Info.Message(var message) -> new SystemEvent.In("info", message, null, null);
      default -> new SystemEvent.In("info", info, null, null);
    };
  }

  @SuppressWarnings(
      "NullAway") // a server may have no state; then it is null by the server's own choice
  private Object state() {
    return state;
  }

  /**
   * Does what a callback decided, and the continuations it asked for; returns the reason to end
   * with, or null.
   */
  private @Nullable ExitReason apply(
      @Nullable Next<Object> next, @Nullable Request request, Object message, Self<Object> self) {
    if (next == null || (next.reply() != null && !isReplyTo(request, next))) {
      ExitReason bad = BadReturnValue.reason(code, callback(message), next, request);
      return terminate(bad, message, request == null ? null : request.caller(), self);
    }
    Object reply = next.reply();
    if (reply != null) {
      self.runtime().checkMessage(reply);
    }
    Object changed = next.state();
    if (changed != state) {
      self.runtime().checkState(changed);
      state = changed;
    }
    ExitReason stop = next.stop();
    if (stop != null) {
      return stop(stop, request, reply, message, self);
    }
    if (reply != null && request != null) {
      request.reply(reply);
    }
    if (isDebugged(self)) {
      debugResult(message, reply, request, self);
    }
    return next.isPlain() ? null : goOn(next, self);
  }

  /** After the callback, with the state that it left. */
  private void debugResult(
      Object message, @Nullable Object reply, @Nullable Request request, Self<Object> self) {
    if (message instanceof Status.Continue(var continuation)) {
      debug(new SystemEvent.Continue(continuation), self);
    }
    debug(
        reply == null || request == null
            ? new SystemEvent.NoReply(state)
            : new SystemEvent.Out(reply, request.caller(), state),
        self);
  }

  private static boolean isReplyTo(@Nullable Request request, Next<Object> next) {
    return request != null && next.request() == request.message();
  }

  private static String callback(Object message) {
    return message instanceof Info
        ? "handleInfo"
        : message instanceof Status.Continue ? "handleContinue" : "handle";
  }

  /**
   * After the state and the reply: waits for a message with or without a timeout, or continues,
   * perhaps many times.
   */
  private @Nullable ExitReason goOn(Next<Object> decided, Self<Object> self) {
    Next<Object> next = decided;
    while (next.continuation() != null) {
      var message = new Status.Continue(next.continuation());
      try {
        self.checkpoint();
        next = callbacks(self).handleContinue(message.continuation(), state(), self);
        if (next == null || next.continuation() == null || next.reply() != null) {
          return apply(next, null, message, self);
        }
        Object changed = next.state();
        if (changed != state) {
          self.runtime().checkState(changed);
          state = changed;
        }
        if (isDebugged(self)) {
          debugResult(message, null, null, self);
        }
      } catch (ProcessKilledError e) {
        throw e;
      } catch (Throwable t) {
        return terminate(ExitReason.of(t), message, null, self);
      }
    }
    if (next.timeout() != null) {
      timeoutAfter(next.timeout(), self);
    }
    return null;
  }

  // --- end

  private ExitReason stop(
      ExitReason stop,
      @Nullable Request open,
      @Nullable Object reply,
      Object message,
      Self<Object> self) {
    ExitReason reason = terminate(stop, message, open == null ? null : open.caller(), self);
    if (reply != null && open != null) {
      open.reply(reply); // also if terminate threw (2.25)
      if (isDebugged(self)) {
        debugResult(message, reply, open, self);
      }
    }
    return reason;
  }

  /** Calls {@code terminate} and reports; returns the reason to end with. */
  private ExitReason terminate(
      ExitReason why, @Nullable Object message, @Nullable Pid client, Self<Object> self) {
    if (hasEnded(self)) {
      return why;
    }
    ExitReason reason = why;
    try {
      callbacks(self).terminate(why, state(), self);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      reason = ExitReason.of(t);
    }
    if (reason.isAbnormal() && !hasEnded(self)) {
      report(reason, message, client, self);
    }
    return reason;
  }

  /**
   * Whether it was ended from outside: what its code threw then, interrupted in the midst of
   * something, is not why it ended, {@code terminate} is not called (2.51), and there is nothing to
   * report (13.06).
   */
  private void report(
      ExitReason reason, @Nullable Object message, @Nullable Pid client, Self<Object> self) {
    Status shown = formatted(message, reason);
    ExitReason shownReason = shown.reason() == null ? reason : shown.reason();
    CrashReport crash = CrashReport.of(self, shownReason);
    self.runtime()
        .report(
            new TerminateReport(
                self.pid(),
                code.module.name(),
                crash.registeredName(),
                shown.lastMessage(),
                shown.state(),
                shownReason,
                client == null ? null : TerminateReport.Client.of(client, self.runtime())));
    self.runtime().report(crash);
  }

  @SuppressWarnings("NullAway") // written by users: it may return null all the same
  private Status formatted(@Nullable Object message, @Nullable ExitReason reason) {
    String fault;
    try {
      Status shown = code.callbacks.formatStatus(new Status(state, message, reason));
      if (shown != null) {
        return shown;
      }
      fault = "returned null";
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      fault = "threw " + t.getClass().getName();
    }
    String marker = "not shown: formatStatus of " + code + " " + fault;
    return new Status(marker, message == null ? null : marker, reason);
  }

  // --- sys

  @Override
  protected @Nullable Object status() {
    return formatted(null, null).state();
  }

  @Override
  protected @Nullable Object systemGetState() {
    return state;
  }

  @Override
  protected @Nullable Object systemReplaceState(UnaryOperator<Object> change, Self<Object> self) {
    Object changed = change.apply(state());
    self.runtime().checkState(changed);
    state = changed;
    return changed;
  }

  @Override
  protected void systemCodeChange(SystemMessage.ChangeCode change, Self<Object> self)
      throws Exception {
    Object changed = callbacks(self).codeChange(change.oldVersion(), state(), change.extra(), self);
    self.runtime().checkState(changed);
    state = changed;
  }

  @Override
  protected ExitReason systemTerminate(ExitReason reason, Self<Object> self) {
    return terminate(reason, null, null, self);
  }
}
