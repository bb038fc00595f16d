package io.otp.autoconfigure.tree;

import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import java.util.HashMap;
import java.util.Map;

/** A server of the tests. */
final class Ledger implements GenServer<Ledger.Message, Map<String, Long>> {

  sealed interface Message {}

  record Deposit(String account, long cents) implements Message, Cast<Message> {}

  record Balance(String account) implements Message, Call<Message, Long> {}

  record Crash() implements Message, Cast<Message> {}

  @Override
  public Map<String, Long> init(NoArgs args, Self<Message> self) {
    return Map.of();
  }

  @Override
  public Next<Map<String, Long>> handle(
      Message message, Map<String, Long> accounts, Self<Message> self) {
    return switch (message) {
      case Deposit(var account, var cents) -> {
        var changed = new HashMap<>(accounts);
        changed.merge(account, cents, Long::sum);
        yield noreply(Map.copyOf(changed));
      }
      case Balance balance ->
          reply(balance, accounts.getOrDefault(balance.account(), 0L), accounts);
      case Crash _ -> throw new IllegalStateException("crash");
    };
  }
}
