package io.otp.event;

import io.otp.event.ManagerMessage.Started;
import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.CrashReport;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MailboxFullException;
import io.otp.process.NameTakenException;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessKilledError;
import io.otp.process.Report;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SystemMessage;
import io.otp.server.StartResult;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of {@code gen_event}: turns messages into operations on {@link Handlers}. One instance
 * per process, all of it used by the thread that runs the process, except {@code outcome}, which
 * the starter reads after the process has answered it or ended: that answer is the happens-before
 * edge.
 */
final class ManagerProcess extends Behaviour {

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

  /** How the start went, where it went wrong and there is more to say than a reason. */
  @Nullable StartResult outcome() {
    return outcome;
  }

  // --- init

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    if (name != null) {
      ExitReason taken = register(name, self);
      if (taken != null) {
        return taken;
      }
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

  private @Nullable ExitReason register(String name, Self<Object> self) {
    try {
      self.register(name);
      return null;
    } catch (NameTakenException e) {
      Pid holder = e.holder();
      outcome =
          holder == null
              ? new StartResult.Failed(ExitReason.other(String.valueOf(e.getMessage())))
              : new StartResult.AlreadyStarted(holder);
      return ExitReason.NORMAL;
    }
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
    if (message instanceof ManagerMessage.Notify(var event)) {
      handlers().event(event);
    } else {
      handlers().info(new Info.Message(message));
    }
    return null;
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    if (!(request.message() instanceof ManagerMessage message)) {
      handlers().info(new Info.Message(request.message())); // its caller waits in vain, as in OTP
      return null;
    }
    request.reply(
        switch (message) {
          case Started _ -> Call.Ok.OK;
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
      handlers().exit(signal);
    } else {
      handlers().info(info);
    }
    return null;
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
  protected @Nullable ExitReason onSystem(
      SystemMessage message, Request request, boolean suspended, Self<Object> self) {
    switch (message) {
      case SystemMessage.GetState _ -> request.reply(handlers().states());
      case SystemMessage.ReplaceState(var change) ->
          request.reply(handlers().replaceStates(change));
      case SystemMessage.ChangeCode change -> changeCode(change, request, suspended);
      case SystemMessage.Terminate(var reason) -> {
        return end(reason, self);
      }
      case SystemMessage.Suspend _,
          SystemMessage.Resume _,
          SystemMessage.GetStatus _ -> {} // the runtime obeys them itself
    }
    return null;
  }

  private void changeCode(SystemMessage.ChangeCode change, Request request, boolean suspended) {
    if (!suspended) {
      request.reply(
          new SystemMessage.Refused(
              "unknown_system_msg, code is changed only while a process is suspended: suspend it"
                  + " first"));
      return;
    }
    String of = change.module();
    if (of == null) {
      request.reply(
          new SystemMessage.Refused(
              "an event manager has no code of its own: say the class of the handlers whose state"
                  + " is to be changed"));
      return;
    }
    try {
      handlers().changeCode(of, change.oldVersion(), change.extra());
      request.reply(Call.Ok.OK);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      request.reply(new SystemMessage.Refused("code_change failed, the old states stay: " + t));
    }
  }

  // --- outside

  /** What handlers do outside, done by the process. */
  private record World(Self<Object> self) implements Outside {

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
      return !self.runtime().isAlive(self.pid());
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
