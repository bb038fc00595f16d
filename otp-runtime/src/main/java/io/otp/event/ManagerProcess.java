package io.otp.event;

import io.otp.process.Call;
import io.otp.process.CallTrace;
import io.otp.process.CallbackModule;
import io.otp.process.CrashReport;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MailboxFullException;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.Report;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SystemEvent;
import io.otp.process.SystemMessage;
import io.otp.server.GenProcess;
import io.otp.server.StartResult;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of {@code gen_event}: turns messages into operations on {@link Handlers}. One instance
 * per process, all of it used by the thread that runs the process, except {@code outcome}, which
 * the starter reads after the process has answered it or ended: that answer is the happens-before
 * edge.
 */
final class ManagerProcess extends GenProcess {

  private static final Logger LOG = LoggerFactory.getLogger(EventManager.class);

  private final CallbackModule module;
  private final List<? extends HandlerSpec<?>> first;
  private final @Nullable String name;
  private @Nullable Handlers handlers;
  private @Nullable StartResult outcome;

  ManagerProcess(
      CallbackModule module, List<? extends HandlerSpec<?>> first, @Nullable String name) {
    this.module = module;
    this.first = first;
    this.name = name;
  }

  @Override
  protected CallbackModule module() {
    return module;
  }

  @Override
  protected @Nullable StartResult outcome() {
    return outcome;
  }

  @Override
  protected void outcome(StartResult outcome) {
    this.outcome = outcome;
  }

  // --- init

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    ExitReason taken = register(name, self);
    if (taken != null) {
      return taken;
    }
    self.trapExits(true);
    handlers = new Handlers(new World(self));
    for (HandlerSpec<?> spec : first) {
      AddResult result = handlers.add(spec, null, false);
      if (!(result instanceof AddResult.Added)) {
        return failed(spec, result, self);
      }
    }
    return null;
  }

  private ExitReason failed(HandlerSpec<?> spec, AddResult result, Self<Object> self) {
    ExitReason reason = ExitReason.other(new HandlerNotAdded(spec.id(), result));
    outcome = new StartResult.Failed(reason);
    end(reason, self);
    return reason;
  }

  // --- messages

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    if (isDebugged(self)) {
      debug(in("cast", message, null), self);
    }
    if (message instanceof ManagerMessage.Notify(var event)) {
      handlers().event(event);
    } else {
      handlers().info(new Info.Message(message));
    }
    return null;
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    if (request.message() == Started.STARTED) {
      request.reply(Call.Ok.OK);
      return null;
    }
    if (isDebugged(self)) {
      debug(in("call", request.message(), request.caller()), self);
    }
    if (!(request.message() instanceof ManagerMessage message)) {
      handlers().info(new Info.Message(request.message())); // its caller waits in vain, as in OTP
      return null;
    }
    request.reply(
        switch (message) {
          case ManagerMessage.Notify(var event) -> notified(event);
          case ManagerMessage.SyncNotify(var event) -> notified(event);
          case ManagerMessage.Add(var spec, var supervisor, var ifAbsent) ->
              handlers().add(spec, supervisor, ifAbsent);
          case ManagerMessage.Delete(var id, var args) -> handlers().delete(id, args);
          case ManagerMessage.Swap(var old, var args, var next, var supervisor) ->
              handlers().swap(old, args, next, supervisor);
          case ManagerMessage.CallHandler(var id, var query) -> handlers().call(id, query);
          case ManagerMessage.WhichHandlers _ -> handlers().which();
          case ManagerMessage.GetModules _ -> handlers().modules();
        });
    return null;
  }

  private Call.Ok notified(Object event) {
    handlers().event(event);
    return Call.Ok.OK;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    if (info instanceof Exit signal) {
      if (isParent(signal.from(), self)) {
        return end(signal.reason(), self);
      }
      debugInfo(info, self);
      handlers().exit(signal);
    } else {
      debugInfo(info, self);
      handlers().info(info);
    }
    return null;
  }

  private static void debugInfo(Info info, Self<Object> self) {
    if (isDebugged(self)) {
      Object message = info instanceof Info.Message(var plain) ? plain : info;
      debug(in("info", message, null), self);
    }
  }

  private static SystemEvent in(String kind, Object message, @Nullable Pid from) {
    return switch (message) {
      case ManagerMessage.Notify(var event) -> new SystemEvent.In("notify", event, from, null);
      case ManagerMessage.SyncNotify(var event) ->
          new SystemEvent.In("sync_notify", event, from, null);
      default -> new SystemEvent.In(kind, message, from, null);
    };
  }

  private Handlers handlers() {
    if (handlers == null) {
      throw new IllegalStateException("a message before init");
    }
    return handlers;
  }

  /** Terminates the handlers; returns the reason. */
  private ExitReason end(ExitReason reason, Self<Object> self) {
    if (self.runtime().isAlive(self.pid())) {
      handlers().stop(pid -> isParent(pid, self));
      if (reason.isAbnormal()) {
        self.runtime().report(CrashReport.of(self, reason));
      }
    }
    return reason;
  }

  // --- sys

  @Override
  protected @Nullable Object status() {
    return handlers().shownStates();
  }

  @Override
  protected Object systemGetState() {
    return handlers().states();
  }

  @Override
  protected Object systemReplaceState(UnaryOperator<Object> change, Self<Object> self) {
    return handlers().replaceStates(change);
  }

  @Override
  protected void systemCodeChange(SystemMessage.ChangeCode change, Self<Object> self)
      throws Exception {
    String of = change.module();
    if (of == null) {
      throw new IllegalArgumentException(
          "an event manager has no code of its own: say the class of the handlers whose state is"
              + " to be changed");
    }
    handlers().changeCode(of, change.oldVersion(), change.extra());
  }

  @Override
  protected ExitReason systemTerminate(ExitReason reason, Self<Object> self) {
    return end(reason, self);
  }

  // --- outside

  /** What handlers do outside, done by the process. */
  private record World(Self<Object> self) implements Outside {

    @Override
    public EventHandler<Object, Object, Object> code(EventHandler<Object, Object, Object> code) {
      CallTrace trace = callTrace(self);
      return trace == null ? code : new TracedHandler(code, trace);
    }

    @Override
    public Pid manager() {
      return self.pid();
    }

    @Override
    public @Nullable String name() {
      return self.runtime().summary(self.pid()).map(s -> s.name()).orElse(null);
    }

    @Override
    public void checkMessage(Object message) {
      self.runtime().checkMessage(message);
    }

    @Override
    @SuppressWarnings("NullAway") // a handler may have no state
    public void checkState(@Nullable Object state) {
      self.runtime().checkState(state);
    }

    @Override
    public void tell(Pid supervisor, HandlerExit exit) {
      try {
        self.send(supervisor, exit);
      } catch (MailboxFullException e) {
        LOG.warn("{} was not told of {}: {}", supervisor, exit, e.getMessage());
      }
    }

    @Override
    public void report(Report report) {
      self.runtime().report(report);
    }

    @Override
    public boolean hasEnded() {
      return ManagerProcess.hasEnded(self);
    }

    @Override
    public boolean link(Pid supervisor) {
      boolean linked = ProcLib.isLinked(self, supervisor);
      self.link(supervisor);
      return !linked;
    }

    @Override
    public void unlink(Pid supervisor) {
      self.unlink(supervisor);
    }
  }
}
