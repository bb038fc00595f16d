package io.otp.supervisor;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.Next;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionSupervisorTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  record Number() implements Call<Number, Integer> {}

  private static final class Numbered implements ArgsGenServer<Integer, Number, Integer> {
    @Override
    public Integer init(Integer number, Self<Number> self) {
      return number;
    }

    @Override
    public Next<Integer> handle(Number message, Integer number, Self<Number> self) {
      return Next.reply(message, number, number);
    }
  }

  private PartitionSupervisor<Number> start(int partitions) {
    SupervisorSpec spec =
        PartitionSupervisor.spec("numbers", partitions, new Numbered(), number -> number);
    Supervisor.start(otp.runtime(), spec);
    return PartitionSupervisor.of(otp.runtime(), spec);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "5, 2",
    "-5, 2",
    "9223372036854775807, 1",
    "-9223372036854775808, 2",
    "-2147483648, 2",
  })
  @Rule("5.97")
  void integerKeyLeadsToItsRemainder(long key, int partition) {
    PartitionSupervisor<Number> numbers = start(3);
    assertThat(numbers.get(key).call(new Number())).isEqualTo(partition);
    if (key == (int) key) {
      assertThat(numbers.get((int) key)).isEqualTo(numbers.get(key));
    }
  }

  @Test
  @Rule("5.97")
  void equalKeysLeadToTheSamePartitionAndDifferentOnesToAll() {
    PartitionSupervisor<Number> numbers = start(4);
    Map<Integer, Integer> keys = new HashMap<>();
    for (int i = 0; i < 4_000; i++) {
      int number = numbers.get("user-" + i).call(new Number());
      assertThat(numbers.partition("user-" + i)).isEqualTo(number);
      keys.merge(number, 1, Integer::sum);
    }
    assertThat(keys).containsOnlyKeys(0, 1, 2, 3);
    assertThat(keys.values()).allSatisfy(count -> assertThat(count).isBetween(700, 1_300));
  }

  @Test
  @Rule("5.97")
  void keyStaysWithItsPartitionWhenThatIsRestarted() {
    PartitionSupervisor<Number> numbers = start(3);
    List<Pid> before =
        numbers.partitions().stream().map(ref -> ref.whereis().orElseThrow()).toList();
    otp.runtime().exit(before.get(1), ExitReason.KILL);
    await(
        "another one runs",
        () -> numbers.get(1).whereis().filter(pid -> pid != before.get(1)).isPresent());
    assertThat(numbers.get(1).call(new Number())).isEqualTo(1);
    assertThat(numbers.get(0).whereis()).contains(before.get(0));
    assertThat(numbers.get(2).whereis()).contains(before.get(2));
  }

  @Test
  @Rule("5.97")
  void partitionsAreChildrenOfOneSupervisor() {
    start(3);
    assertThat(Supervisor.of(otp.runtime(), "numbers").whichChildren())
        .extracting(ChildInfo::id)
        .containsExactly("2", "1", "0");
    assertThat(otp.runtime().whereis("numbers:2")).isPresent();
  }

  @Test
  @Rule("5.97")
  void thereIsAtLeastOnePartition() {
    assertThatThrownBy(() -> PartitionSupervisor.spec("numbers", 0, new Numbered(), n -> n))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage(
            "Supervisor 'numbers' is to have 0 partitions. Allowed are 1 and more. Change"
                + " partitions.");
    SupervisorSpec empty = SupervisorSpec.of("empty", Strategy.ONE_FOR_ONE);
    assertThatThrownBy(() -> PartitionSupervisor.of(otp.runtime(), empty))
        .hasMessage(
            "Supervisor 'empty' has no children, so no key leads anywhere. Make it with"
                + " PartitionSupervisor.spec.");
  }
}
