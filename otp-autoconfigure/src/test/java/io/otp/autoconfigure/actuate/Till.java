package io.otp.autoconfigure.actuate;

import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;

/** A server of the tests: counts money, and crashes if told to. */
final class Till implements GenServer<Till.Message, Long> {

  sealed interface Message {}

  record Put(long cents) implements Message, Cast<Message> {}

  record Count() implements Message, Call<Message, Long> {}

  record Crash(String why) implements Message, Cast<Message> {}

  @Override
  public Long init(NoArgs args, Self<Message> self) {
    return 0L;
  }

  @Override
  public Next<Long> handle(Message message, Long cents, Self<Message> self) {
    return switch (message) {
      case Put put -> noreply(cents + put.cents());
      case Count count -> reply(count, cents, cents);
      case Crash crash -> throw new IllegalStateException(crash.why());
    };
  }
}
