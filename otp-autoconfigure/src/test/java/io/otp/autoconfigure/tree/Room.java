package io.otp.autoconfigure.tree;

import io.otp.process.Call;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.Next;

/** A server with start arguments. */
final class Room implements ArgsGenServer<Room.Settings, Room.Message, Room.Settings> {

  record Settings(String topic, int seats) {}

  sealed interface Message {}

  record Topic() implements Message, Call<Message, String> {}

  @Override
  public Settings init(Settings args, Self<Message> self) {
    return args;
  }

  @Override
  public Next<Settings> handle(Message message, Settings state, Self<Message> self) {
    return switch (message) {
      case Topic topic -> Next.reply(topic, state.topic(), state);
    };
  }
}
