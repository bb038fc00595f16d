package io.otp.event;

import io.otp.process.Call;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.Self;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A handler that does what it is sent and writes down what happens to it. */
class Scribe implements EventHandler<Scribe.Args, Object, Scribe.State> {

  @FunctionalInterface
  interface Begin {
    State init(Self<Object> self) throws Exception;
  }

  @FunctionalInterface
  interface Step {
    Handled<State> run(State state, Self<Object> self) throws Exception;
  }

  @FunctionalInterface
  interface Answer {
    Handled<State> run(Ask query, State state, Self<Object> self) throws Exception;
  }

  /** What {@code init} does: by default it takes the name as its state. */
  @Immutable
  record Args(String name, @Nullable Begin begin) {}

  /** What terminate does, if not the usual. */
  @Immutable
  record AtEnd(Step step) {}

  record State(String name, Object value) {
    State with(Object changed) {
      return new State(name, changed);
    }
  }

  /** An event: every handler does it; or an info. */
  @Immutable
  record Do(Step step) {}

  @Immutable
  record Ask(Answer answer) implements Call<Scribe, Object> {}

  /** Answered with the state's value. */
  record Get() implements Call<Scribe, Object> {}

  final Queue<String> events = new ConcurrentLinkedQueue<>();

  HandlerSpec<Object> named(String name) {
    return HandlerSpec.of(this, new Args(name, null));
  }

  HandlerSpec<Object> that(String name, Begin begin) {
    return HandlerSpec.of(this, new Args(name, begin));
  }

  /** Events that only the handler of this name does. */
  static Do only(String name, Step step) {
    return new Do(
        (state, self) -> state.name().equals(name) ? step.run(state, self) : Handled.ok(state));
  }

  /** Written down since the last time. */
  List<String> events() {
    List<String> all = List.copyOf(events);
    events.clear();
    return all;
  }

  void note(String text) {
    events.add(text);
  }

  @Override
  public State init(Args args, Self<Object> self) throws Exception {
    note("init " + args.name());
    return args.begin() == null ? new State(args.name(), "new") : args.begin().init(self);
  }

  @Override
  public State takeOver(HandlerEnd predecessor, Args args, Self<Object> self) throws Exception {
    note(args.name() + " takes over from " + predecessor);
    return init(args, self);
  }

  @Override
  public Handled<State> handleEvent(Object event, State state, Self<Object> self) throws Exception {
    if (event instanceof Do(var step)) {
      return step.run(state, self);
    }
    note(state.name() + " " + event);
    return Handled.ok(state);
  }

  @Override
  public Handled<State> handleCall(Call<?, ?> query, State state, Self<Object> self)
      throws Exception {
    return switch (query) {
      case Ask ask -> ask.answer().run(ask, state, self);
      case Get get -> Handled.reply(get, state.value(), state);
      default -> EventHandler.super.handleCall(query, state, self);
    };
  }

  @Override
  public Handled<State> handleInfo(Info info, State state, Self<Object> self) throws Exception {
    if (info instanceof Info.Message(Do(var step))) {
      return step.run(state, self);
    }
    note(state.name() + " info " + (info instanceof Info.Message(var value) ? value : info));
    return Handled.ok(state);
  }

  @Override
  public Object terminate(TerminateReason reason, State state, Self<Object> self) throws Exception {
    note(
        "terminate "
            + state.name()
            + " "
            + reason
            + (state.value() instanceof String s && !s.equals("new") ? " " + s : ""));
    if (state.value() instanceof AtEnd(var step)) {
      step.run(state, self);
    }
    return state.name() + " was here";
  }

  @Override
  public State codeChange(
      String oldVersion, State state, @Nullable Object extra, Self<Object> self) {
    note("codeChange " + state.name() + " " + oldVersion);
    if (state.name().equals(extra)) {
      throw new IllegalStateException("refused");
    }
    return state.with("changed");
  }

  @Override
  public Status formatStatus(Status status) {
    if (status.state() instanceof State(_, var value) && value.equals("unshowable")) {
      throw new IllegalStateException("cannot show");
    }
    return status.state() instanceof State(_, var value) && value.equals("secret")
        ? status.withState("hidden").withLastMessage("hidden too")
        : status;
  }

  /** Another module. */
  static class Other extends Scribe {}
}
