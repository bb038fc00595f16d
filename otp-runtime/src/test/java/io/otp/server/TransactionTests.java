package io.otp.server;

import static io.otp.server.Next.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Ref;
import io.otp.process.Report;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.GenServers.StartOptions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A transaction in a server: if the function fails, the state stays and the caller crashes. The
 * example of {@code docs/transactions.md}; change both together.
 */
class TransactionTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static final class Bank implements GenServer<Bank.Message, Map<String, Long>> {
    sealed interface Message {}

    record Balance(String account) implements Message, Call<Message, Long> {}

    record Transfer(String from, String to, long cents)
        implements Message, Call<Message, Outcome> {}

    sealed interface Outcome {
      record Done() implements Outcome {}

      record Aborted(ExitReason reason) implements Outcome {}
    }

    @Override
    public Map<String, Long> init(NoArgs args, Self<Message> self) {
      return Map.of("joe", 500L, "mike", 100L);
    }

    @Override
    public Next<Map<String, Long>> handle(
        Message message, Map<String, Long> accounts, Self<Message> self) {
      return switch (message) {
        case Balance b -> reply(b, accounts.getOrDefault(b.account(), 0L), accounts);
        case Transfer t -> {
          try {
            yield reply(t, new Outcome.Done(), withdraw(deposit(accounts, t), t));
          } catch (RuntimeException e) {
            yield reply(t, new Outcome.Aborted(ExitReason.of(e)), accounts);
          }
        }
      };
    }

    /** The first half succeeds, whatever the second does. */
    private static Map<String, Long> deposit(Map<String, Long> accounts, Transfer t) {
      return changed(accounts, t.to(), t.cents());
    }

    private static Map<String, Long> withdraw(Map<String, Long> accounts, Transfer t) {
      if (accounts.getOrDefault(t.from(), 0L) < t.cents()) {
        throw new IllegalStateException(t.from() + " has not that much");
      }
      return changed(accounts, t.from(), -t.cents());
    }

    private static Map<String, Long> changed(Map<String, Long> accounts, String who, long cents) {
      var changed = new HashMap<>(accounts);
      changed.merge(who, cents, Long::sum);
      return Map.copyOf(changed);
    }

    /** What clients call: the failure is theirs. */
    static void transfer(ServerRef<Message> bank, String from, String to, long cents) {
      if (bank.call(new Transfer(from, to, cents)) instanceof Outcome.Aborted(var reason)) {
        throw new ProcessExit(reason);
      }
    }
  }

  private ServerRef<Bank.Message> start() {
    var result =
        (StartResult.Started)
            GenServers.start(otp.runtime(), new Bank(), NoArgs.NO_ARGS, StartOptions.NONE);
    return ServerRef.of(otp.runtime(), result.pid());
  }

  @Test
  void failedTransactionLeavesTheStateAndCrashesTheCaller() {
    ServerRef<Bank.Message> bank = start();
    Pid server = bank.whereis().orElseThrow();
    otp.run(
        self -> {
          Ref monitor = self.spawnMonitor(client -> Bank.transfer(bank, "joe", "mike", 900)).ref();
          Down down = TestRuntime.next(self, Down.class);
          assertThat(down.ref()).isEqualTo(monitor);
          assertThat(down.reason())
              .isInstanceOf(ExitReason.Crash.class)
              .asString()
              .contains("joe has not that much");
        });
    assertThat(Sys.getState(server)).isEqualTo(Map.of("joe", 500L, "mike", 100L));
    assertThat(bank.whereis()).contains(server);
    assertThat(otp.reports()).extracting(Report::pid).doesNotContain(server);
  }

  @Test
  void committedTransactionIsSeenByTheNextCall() {
    ServerRef<Bank.Message> bank = start();
    otp.run(self -> Bank.transfer(bank, "joe", "mike", 200));
    assertThat(bank.call(new Bank.Balance("joe"))).isEqualTo(300);
    assertThat(bank.call(new Bank.Balance("mike"))).isEqualTo(300);
  }

  @Test
  void othersSeeTheStateBeforeOrAfterATransactionAndNothingBetween() {
    ServerRef<Bank.Message> bank = start();
    otp.run(
        self -> {
          Pid me = self.pid();
          for (int i = 0; i < 20; i++) {
            self.spawn(
                client -> {
                  for (int n = 0; n < 50; n++) {
                    try {
                      Bank.transfer(bank, n % 2 == 0 ? "joe" : "mike", "sue", n % 7 == 0 ? 900 : 1);
                    } catch (ProcessExit e) {
                      // aborted
                    }
                    long sum = 0;
                    @SuppressWarnings("unchecked")
                    var accounts = (Map<String, Long>) Sys.getState(bank.whereis().orElseThrow());
                    for (long cents : accounts.values()) {
                      sum += cents;
                    }
                    if (sum != 600) {
                      throw new AssertionError("torn: " + accounts);
                    }
                  }
                  client.send(me, "done");
                });
          }
          for (int i = 0; i < 20; i++) {
            assertThat(TestRuntime.next(self)).isEqualTo("done");
          }
        });
    assertThat(otp.reports()).isEmpty();
  }
}
