package io.otp.autoconfigure.tree;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.Next;
import io.otp.server.ServerOptions;

/** A server of the tests that writes down when it starts and stops. */
final class Recorder implements ArgsGenServer<String, Recorder.Message, String> {

  sealed interface Message {}

  record Name() implements Message, Call<Message, String> {}

  record Stop(ExitReason reason) implements Message, Cast<Message> {}

  private final Events events;

  Recorder(Events events) {
    this.events = events;
  }

  @Override
  public String init(String name, Self<Message> self) {
    events.add("start " + name);
    return name;
  }

  @Override
  public Next<String> handle(Message message, String name, Self<Message> self) {
    return switch (message) {
      case Name request -> Next.reply(request, name, name);
      case Stop(var reason) -> Next.stop(reason, name);
    };
  }

  @Override
  public void terminate(ExitReason reason, String name, Self<Message> self) {
    events.add("stop " + name);
    events.atStop(name, self.runtime());
  }

  @Override
  public ServerOptions options() {
    return ServerOptions.DEFAULT.withTrapExits(true);
  }

  /** What happened, in order. */
  static class Events {
    private final java.util.List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();

    void add(String event) {
      seen.add(event);
    }

    java.util.List<String> seen() {
      return java.util.List.copyOf(seen);
    }

    void atStop(String name, ProcessRuntime runtime) {}
  }
}
