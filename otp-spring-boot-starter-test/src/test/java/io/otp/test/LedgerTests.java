package io.otp.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of the page about testing, which are lines of this file. */
class LedgerTests {

  sealed interface Message {}

  record Deposit(long cents) implements Message, Cast<Message> {}

  record Balance() implements Message, Call<Message, Long> {}

  record Hold(Pid owner) implements Message, Cast<Message> {}

  record Expired(Pid owner) {}

  /** Holds an amount for an hour. */
  static final class Ledger implements GenServer<Message, Long> {
    @Override
    public Long init(NoArgs args, Self<Message> self) {
      return 0L;
    }

    @Override
    public Next<Long> handle(Message message, Long cents, Self<Message> self) {
      return switch (message) {
        case Deposit(var more) -> Next.noreply(cents + more);
        case Balance balance -> Next.reply(balance, cents, cents);
        case Hold(var owner) -> {
          self.sendAfter(Duration.ofHours(1), owner, new Expired(owner));
          yield Next.noreply(cents);
        }
      };
    }
  }

  @RegisterExtension final OtpExtension otp = OtpExtension.withManualClock();

  @Test
  void aHoldExpiresAfterAnHour() {
    ServerRef<Message> ledger = otp.start(new Ledger());
    Probe probe = otp.probe();
    ledger.cast(new Hold(probe.pid()));
    ledger.call(new Balance()); // the hold has been handled
    otp.clock().advance(Duration.ofHours(1));
    probe.receives(new Expired(probe.pid()));
  }

  @Test
  void aLedgerThatIsKilledComesBackEmpty() {
    otp.start(
        SupervisorSpec.of("bank", Strategy.ONE_FOR_ONE, ChildSpec.worker("ledger", new Ledger())));
    ServerRef<Message> ledger = ServerRef.of(otp.runtime(), "ledger");
    ledger.cast(new Deposit(500));
    Probe probe = otp.probe();
    probe.monitor(ledger.whereis().orElseThrow());
    otp.runtime().exit(ledger.whereis().orElseThrow(), ExitReason.KILL);
    assertThat(probe.receives(Down.class).reason()).isEqualTo(ExitReason.KILLED);
    otp.eventually("the ledger is back", () -> ledger.whereis().isPresent());
    assertThat(ledger.call(new Balance())).isZero();
  }

  @Test
  void depositsAddUp() {
    Ledger ledger = new Ledger();
    TestSelf<Message> self = new TestSelf<>();
    assertThat(ledger.handle(new Deposit(5), 10L, self)).isEqualTo(Next.noreply(15L));
  }

  @Test
  void thePageShowsLinesOfThisFile() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/testing.md"))) {
      root = root.getParent();
    }
    String source =
        normal(
            Files.readString(
                root.resolve(
                    "otp-spring-boot-starter-test/src/test/java/io/otp/test/LedgerTests.java")));
    List<String> examples =
        Pattern.compile("(?s)```java\n(.*?)```")
            .matcher(Files.readString(root.resolve("docs/testing.md")))
            .results()
            .map(block -> block.group(1))
            .toList();
    assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
    for (String example : examples) {
      for (String part : example.split("\n\n")) {
        assertThat(source).contains(normal(part));
      }
    }
  }

  private static String normal(String code) {
    return String.join(" ", Arrays.asList(code.trim().split("\\s+")))
        .replace("( ", "(")
        .replace(" )", ")");
  }
}
