package io.otp.event;

import io.otp.event.Handled.Remove;
import io.otp.event.Handled.Stay;
import io.otp.event.Handled.Swap;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of a manager and what each operation does to them. It knows no process: what an
 * operation does outside of this list goes through {@link Outside}, in the order in which OTP does
 * it, so that each rule is a test without one.
 *
 * <p>Confined to the manager's process. Invariants: I1 the handler added last is first, and a
 * handler keeps its place until it goes; one that takes another's by a callback takes its place
 * too. I2 a handler that goes has had its {@code terminate} called, exactly once, then its report
 * if it failed, then its supervisor told. I3 no operation throws for what a handler does, except
 * when the manager has been killed meanwhile.
 */
final class Handlers {

  /** One that was added. */
  private static final class Handler {
    final HandlerId<?> id;
    final EventHandler<Object, Object, Object> code;
    final @Nullable Pid supervisor;
    @Nullable Object state;

    Handler(HandlerSpec<?> spec, @Nullable Pid supervisor, @Nullable Object state) {
      this.id = spec.id();
      this.code = spec.handler();
      this.supervisor = supervisor;
      this.state = state;
    }

    @SuppressWarnings("NullAway") // a handler may have no state; then it is null by its own choice
    Object state() {
      return state;
    }

    String callback(String method) {
      return CallbackModule.nameOf(code.getClass()) + "." + method;
    }
  }

  /** How a handler is made: {@code init}, or {@code takeOver}. */
  private interface Begin {
    @Nullable Object state() throws Exception;
  }

  /** {@code handleEvent} or {@code handleInfo}. */
  private interface Callback {
    Handled<Object> on(Handler handler) throws Exception;
  }

  private final List<Handler> newestFirst = new ArrayList<>();
  private final Outside outside;

  Handlers(Outside outside) {
    this.outside = outside;
  }

  // --- adding

  AddResult add(HandlerSpec<?> spec, @Nullable Pid supervisor, boolean ifAbsent) {
    if (ifAbsent && indexOf(spec.id()) >= 0) {
      return new AddResult.AlreadyThere();
    }
    return addFirst(
        spec, supervisor, () -> outside.code(spec.handler()).init(spec.args(), outside.self()));
  }

  /** The link comes first, so that a supervisor that is dead already is noticed (4.12). */
  private AddResult addFirst(HandlerSpec<?> spec, @Nullable Pid supervisor, Begin begin) {
    boolean linked = supervisor != null && outside.link(supervisor);
    Object made = begin(begin);
    if (made instanceof AddResult refused) {
      if (linked && supervisor != null) {
        outside.unlink(supervisor);
      }
      return refused;
    }
    newestFirst.addFirst(new Handler(spec, supervisor, ((Begun) made).state()));
    return new AddResult.Added();
  }

  private record Begun(@Nullable Object state) {}

  /** A {@link Begun}, or the {@link AddResult} that says why not. */
  private Object begin(Begin begin) {
    try {
      Object state = begin.state();
      outside.checkState(state);
      return new Begun(state);
    } catch (Refuse refusal) {
      return refused(refusal);
    } catch (Throwable t) {
      return new AddResult.Failed(reasonOf(t));
    }
  }

  private AddResult refused(Refuse refusal) {
    try {
      outside.checkMessage(refusal.value());
      return new AddResult.Refused(refusal.value());
    } catch (RuntimeException e) {
      return new AddResult.Failed(reasonOf(e));
    }
  }

  // --- deleting and swapping

  HandlerEnd delete(HandlerId<?> id, Object args) {
    int index = indexOf(id);
    return index < 0
        ? new HandlerEnd.NotFound()
        : terminate(
            newestFirst.remove(index),
            new TerminateReason.Args(args),
            new HandlerExit.Normal(),
            null);
  }

  /** The new handler is the newest; it has the old one's supervisor unless it gets one. */
  AddResult swap(HandlerId<?> old, Object args, HandlerSpec<?> next, @Nullable Pid newSupervisor) {
    int index = indexOf(old);
    if (index < 0) {
      return addFirst(next, newSupervisor, takeOver(next, new HandlerEnd.NotFound()));
    }
    Handler handler = newestFirst.remove(index);
    Pid supervisor = newSupervisor != null ? newSupervisor : handler.supervisor;
    HandlerEnd end =
        terminate(
            handler,
            new TerminateReason.Args(args),
            new HandlerExit.Swapped(next.id(), supervisor),
            null);
    return addFirst(next, supervisor, takeOver(next, end));
  }

  private Begin takeOver(HandlerSpec<?> next, HandlerEnd predecessor) {
    return () -> outside.code(next.handler()).takeOver(predecessor, next.args(), outside.self());
  }

  // --- events

  void event(Object event) {
    each(
        event,
        "handleEvent",
        h -> outside.code(h.code).handleEvent(event, h.state(), outside.self()));
  }

  void info(Info info) {
    each(info, "handleInfo", h -> outside.code(h.code).handleInfo(info, h.state(), outside.self()));
  }

  private void each(Object message, String method, Callback callback) {
    int i = 0;
    while (i < newestFirst.size()) {
      Handler handler = newestFirst.get(i);
      Handler after = handle(handler, message, method, callback);
      if (after == null) {
        newestFirst.remove(i);
      } else {
        newestFirst.set(i++, after);
      }
    }
  }

  /** The handler that is at this place from now on, {@code null} for none. */
  private @Nullable Handler handle(
      Handler handler, Object message, String method, Callback callback) {
    HandlerFailure failure;
    try {
      Handled<Object> handled = callback.on(handler);
      failure = flaw(handled, null, handler, method);
      if (failure == null) {
        return apply(handled, handler);
      }
    } catch (Throwable t) {
      failure = new HandlerFailure.Crashed(reasonOf(t));
    }
    fail(handler, failure, message);
    return null;
  }

  // --- calls

  HandlerReply<Object> call(HandlerId<?> id, Call<?, ?> query) {
    int index = indexOf(id);
    if (index < 0) {
      return new HandlerReply.NotFound<>();
    }
    Handler handler = newestFirst.get(index);
    HandlerFailure failure;
    try {
      Handled<Object> handled =
          outside.code(handler.code).handleCall(query, handler.state(), outside.self());
      failure = flaw(handled, query, handler, "handleCall");
      if (failure == null) {
        return answer(handled, handler, index);
      }
    } catch (Throwable t) {
      failure = new HandlerFailure.Crashed(reasonOf(t));
    }
    newestFirst.remove(index);
    fail(handler, failure, query);
    return new HandlerReply.Failed<>(failure);
  }

  private HandlerReply<Object> answer(Handled<Object> handled, Handler handler, int index) {
    Object reply = Objects.requireNonNull(handled.reply());
    outside.checkMessage(reply);
    Handler after = apply(handled, handler);
    if (after == null) {
      newestFirst.remove(index);
    } else {
      newestFirst.set(index, after);
    }
    return new HandlerReply.Reply<>(reply);
  }

  private static @Nullable HandlerFailure flaw(
      @Nullable Handled<?> handled, @Nullable Object query, Handler handler, String method) {
    String problem;
    if (handled == null) {
      problem = "it is no Handled; return ok, remove or swap, or reply to a query";
    } else if (query == null && handled.request() != null) {
      problem = "nothing was asked; return ok, remove or swap";
    } else if (query != null && handled.request() == null) {
      problem = "it does not answer " + query + "; return reply, removeAndReply or swapAndReply";
    } else if (handled.request() != query) {
      problem = "it replies to " + handled.request() + ", not to what was asked, " + query;
    } else {
      return null;
    }
    return new HandlerFailure.BadReturn(String.valueOf(handled), handler.callback(method), problem);
  }

  // --- what a callback decided

  private @Nullable Handler apply(Handled<Object> handled, Handler handler) {
    switch (handled.fate()) {
      case Stay(var state) -> {
        if (state != handler.state) {
          outside.checkState(state);
          handler.state = state;
        }
        return handler;
      }
      case Remove _ -> {
        terminate(handler, new TerminateReason.Removed(), new HandlerExit.Normal(), null);
        return null;
      }
      case Swap(var args, var state, var next) -> {
        outside.checkState(state);
        outside.checkMessage(next.args());
        handler.state = state;
        return replace(handler, args, next);
      }
    }
  }

  /** In the same place, with the same supervisor, which is linked already. */
  private @Nullable Handler replace(Handler old, Object args, HandlerSpec<?> next) {
    HandlerEnd end =
        terminate(
            old,
            new TerminateReason.Args(args),
            new HandlerExit.Swapped(next.id(), old.supervisor),
            null);
    Object made = begin(takeOver(next, end));
    if (made instanceof Begun(var state)) {
      return new Handler(next, old.supervisor, state);
    }
    HandlerFailure failure =
        made instanceof AddResult.Failed(var reason)
            ? new HandlerFailure.Crashed(reason)
            : new HandlerFailure.BadReturn(
                String.valueOf(made),
                CallbackModule.nameOf(next.id().module()) + ".takeOver",
                "refused");
    report(new Handler(next, old.supervisor, null), failure, null);
    return null;
  }

  private void fail(Handler handler, HandlerFailure failure, Object message) {
    terminate(
        handler, new TerminateReason.Failed(failure), new HandlerExit.Failed(failure), message);
  }

  private HandlerEnd terminate(
      Handler handler,
      TerminateReason reason,
      HandlerExit.Cause cause,
      @Nullable Object lastMessage) {
    HandlerEnd end;
    try {
      Object result = outside.code(handler.code).terminate(reason, handler.state(), outside.self());
      if (result == null) {
        throw new NullPointerException(
            handler.callback("terminate") + " returned null; return Call.Ok.OK");
      }
      outside.checkMessage(result);
      end = new HandlerEnd.Result(result);
    } catch (Throwable t) {
      end = new HandlerEnd.Crashed(reasonOf(t));
    }
    if (cause instanceof HandlerExit.Failed(var failure)) {
      report(handler, failure, lastMessage);
    } else {
      tell(handler, cause);
    }
    return end;
  }

  private void report(Handler handler, HandlerFailure failure, @Nullable Object lastMessage) {
    EventHandler.Status shown = formatted(handler, lastMessage, failure);
    HandlerFailure reason = shown.reason();
    outside.report(
        new HandlerReport(
            outside.manager(),
            outside.name(),
            handler.id,
            shown.lastMessage(),
            shown.state(),
            reason == null ? failure : reason));
    tell(handler, new HandlerExit.Failed(failure));
  }

  private void tell(Handler handler, HandlerExit.Cause cause) {
    if (handler.supervisor != null) {
      outside.tell(handler.supervisor, new HandlerExit(outside.manager(), handler.id, cause));
    }
  }

  // --- ends

  /** A process that is linked to the manager has ended or has sent an exit signal. */
  void exit(Exit signal) {
    for (int i = 0; i < newestFirst.size(); ) {
      Handler handler = newestFirst.get(i);
      if (handler.supervisor != null && handler.supervisor.equals(signal.from())) {
        newestFirst.remove(i);
        terminate(
            handler,
            new TerminateReason.SupervisorEnded(signal.reason()),
            new HandlerExit.Shutdown(),
            null);
      } else {
        i++;
      }
    }
    info(signal);
  }

  /**
   * The manager ends. Who supervises a handler has been told so and does not end with it.
   *
   * @param isParent whether a process started the manager and so ends with it all the same
   */
  void stop(Predicate<Pid> isParent) {
    for (Handler handler : newestFirst) {
      terminate(handler, new TerminateReason.Stopped(), new HandlerExit.Shutdown(), null);
    }
    for (Handler handler : newestFirst) {
      if (handler.supervisor != null && !isParent.test(handler.supervisor)) {
        outside.unlink(handler.supervisor);
      }
    }
    newestFirst.clear();
  }

  // --- looking

  List<HandlerId<?>> which() {
    var ids = new ArrayList<HandlerId<?>>(newestFirst.size());
    newestFirst.forEach(handler -> ids.add(handler.id));
    return List.copyOf(ids);
  }

  /** Each once, in order of their names. */
  List<String> modules() {
    return newestFirst.stream().map(h -> h.id.module().getName()).distinct().sorted().toList();
  }

  List<HandlerState> states() {
    return newestFirst.stream().map(h -> new HandlerState(h.id, h.state)).toList();
  }

  /** The states as their handlers show them. */
  List<HandlerState> shownStates() {
    return newestFirst.stream()
        .map(h -> new HandlerState(h.id, formatted(h, null, null).state()))
        .toList();
  }

  /** A handler whose change fails, or is one to another id, stays as it was. */
  List<HandlerState> replaceStates(UnaryOperator<Object> change) {
    for (Handler handler : newestFirst) {
      try {
        if (change.apply(new HandlerState(handler.id, handler.state))
                instanceof HandlerState(var id, var state)
            && id.equals(handler.id)) {
          outside.checkState(state);
          handler.state = state;
        }
      } catch (ProcessKilledError e) {
        throw e;
      } catch (Throwable t) {
        // OTP says nothing either: the states that are returned show it.
      }
    }
    return states();
  }

  /**
   * Converts the states of all handlers of a class, or none if one refuses.
   *
   * @param module the class's name
   */
  void changeCode(String module, String oldVersion, @Nullable Object extra) throws Exception {
    var changed = new ArrayList<@Nullable Object>();
    for (Handler handler : newestFirst) {
      Object state = handler.state;
      if (handler.id.module().getName().equals(module)) {
        state =
            outside
                .code(handler.code)
                .codeChange(oldVersion, handler.state(), extra, outside.self());
        outside.checkState(state);
      }
      changed.add(state);
    }
    for (int i = 0; i < changed.size(); i++) {
      newestFirst.get(i).state = changed.get(i);
    }
  }

  // --- parts

  /** The one added last of those that have it. */
  private int indexOf(HandlerId<?> id) {
    for (int i = 0; i < newestFirst.size(); i++) {
      if (newestFirst.get(i).id.equals(id)) {
        return i;
      }
    }
    return -1;
  }

  @SuppressWarnings("NullAway") // written by users: it may return null all the same
  private EventHandler.Status formatted(
      Handler handler, @Nullable Object lastMessage, @Nullable HandlerFailure failure) {
    String fault;
    try {
      EventHandler.Status shown =
          handler.code.formatStatus(new EventHandler.Status(handler.state, lastMessage, failure));
      if (shown != null) {
        return shown;
      }
      fault = "returned null";
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      fault = "threw " + t.getClass().getName();
    }
    String marker = "not shown: " + handler.callback("formatStatus") + " " + fault;
    return new EventHandler.Status(marker, lastMessage == null ? null : marker, failure);
  }

  /**
   * What was thrown as a reason.
   *
   * @throws T what was thrown, if the manager has been ended from outside: that ended it, not this
   */
  @SuppressWarnings("unchecked")
  private <T extends Throwable> ExitReason reasonOf(Throwable thrown) throws T {
    if (thrown instanceof ProcessKilledError || outside.hasEnded()) {
      throw (T) thrown;
    }
    return ExitReason.of(thrown);
  }
}
