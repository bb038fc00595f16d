package io.otp.server;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A server that does what it is sent and writes down what happens to it. */
class Scripted implements ArgsGenServer<Scripted.Start, Scripted.Message, Object> {

  sealed interface Message {}

  /** What {@code init} does. */
  @FunctionalInterface
  interface Start {
    Object init(Self<Message> self) throws Exception;
  }

  @FunctionalInterface
  interface Step {
    Next<Object> run(Object state, Self<Message> self) throws Exception;
  }

  @FunctionalInterface
  interface Answer {
    Next<Object> run(Ask request, Object state, Self<Message> self) throws Exception;
  }

  @Immutable
  record Do(Step step) implements Message, Cast<Message> {}

  @Immutable
  record Ask(Answer answer) implements Message, Call<Message, Object> {}

  /** Answered with the state. */
  record Get() implements Message, Call<Message, Object> {}

  /** Answered never. */
  record Ignore() implements Message, Call<Message, Object> {}

  /** Written down. */
  record Note(Object text) implements Message, Cast<Message> {}

  final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final ServerOptions options;

  Scripted() {
    this(ServerOptions.DEFAULT);
  }

  Scripted(ServerOptions options) {
    this.options = options;
  }

  static Scripted trapping() {
    return new Scripted(ServerOptions.DEFAULT.withTrapExits(true));
  }

  /** Starts one that has no parent, with {@code state}. */
  ServerRef<Message> start(ProcessRuntime runtime, Object state) {
    return start(runtime, StartOptions.NONE, self -> state);
  }

  ServerRef<Message> start(ProcessRuntime runtime, StartOptions options, Start init) {
    return ServerRef.of(runtime, pidOf(GenServers.start(runtime, this, init, options)));
  }

  static Pid pidOf(StartResult result) {
    if (result instanceof StartResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError("not started: " + result);
  }

  static Pid pidOf(ServerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  /** Written down so far. */
  List<String> events() {
    return List.copyOf(events);
  }

  void note(Object text) {
    events.add(String.valueOf(text));
  }

  @Override
  public ServerOptions options() {
    return options;
  }

  @Override
  public Object init(Start start, Self<Message> self) throws Exception {
    return start.init(self);
  }

  @Override
  public Next<Object> handle(Message message, Object state, Self<Message> self) throws Exception {
    return switch (message) {
      case Do(var step) -> step.run(state, self);
      case Ask ask -> ask.answer().run(ask, state, self);
      case Get get -> Next.reply(get, state, state);
      case Ignore _ -> Next.noreply(state);
      case Note(var text) -> {
        note(text);
        yield Next.noreply(state);
      }
    };
  }

  @Override
  public Next<Object> handleInfo(Info info, Object state, Self<Message> self) throws Exception {
    note("info " + shown(info));
    return info instanceof Info.Message(Do(var step)) ? step.run(state, self) : Next.noreply(state);
  }

  private static Object shown(Info info) {
    return switch (info) {
      case Info.Message(var value) -> value;
      case Info.Timeout _ -> "timeout";
      default -> info;
    };
  }

  @Override
  public Next<Object> handleContinue(Object continuation, Object state, Self<Message> self)
      throws Exception {
    if (continuation instanceof Step step) {
      return step.run(state, self);
    }
    note("continue " + continuation);
    return Next.noreply(state);
  }

  @Override
  public void terminate(ExitReason reason, Object state, Self<Message> self) throws Exception {
    note("terminate " + reason + " " + (state instanceof Do ? "do" : state));
    if (state instanceof Do(var step)) {
      step.run(state, self);
    }
  }
}
