package io.otp.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.otp.benchmarks.Workload.Peer;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTests {
  private final Results results = new Results();

  @Test
  void takesTheMedianOfRoundsAndTheRangeOfRepetitions() {
    results.add(Workload.CALL1, Contender.OTP, List.of(900.0, 1000.0, 5000.0));
    results.add(Workload.CALL1, Contender.OTP, List.of(1100.0, 1200.0, 1300.0));
    results.add(Workload.CALL1, Contender.OTP, List.of(1300.0, 1400.0, 1500.0));

    assertThat(results.figures(Workload.CALL1, Contender.OTP))
        .hasValue(new Figures(1200, 900, 5000));
  }

  @Test
  void dividesByTheBetterPekko() {
    results.add(Workload.CALL1, Contender.OTP, List.of(1000.0));
    results.add(Workload.CALL1, Contender.PEKKO, List.of(27000.0));
    results.add(Workload.CALL1, Contender.PEKKO_TUNED, List.of(3000.0));

    assertThat(results.ratio(Workload.CALL1, Contender.OTP, Peer.PEKKO)).hasValue(3);
  }

  @Test
  void countsMoreRestartsPerSecondAsBetter() {
    results.add(Workload.RESTART, Contender.OTP, List.of(1500.0)); // nanoseconds each
    results.add(Workload.RESTART, Contender.PEKKO, List.of(6000.0));
    results.add(Workload.RESTART, Contender.PEKKO_TUNED, List.of(3000.0));
    results.add(Workload.RESTART, Contender.ERLANG, List.of(9000.0));
    results.add(Workload.RESTART_BARE, Contender.ERLANG, List.of(4500.0));

    assertThat(results.figures(Workload.RESTART, Contender.OTP).orElseThrow().median())
        .isEqualTo(666_667, within(1.0));
    assertThat(json(Workload.RESTART))
        .contains("\"ratios\":{\"erlang\":6.000,\"pekko\":2.000,\"erlang-bare\":3.000}");
  }

  @Test
  void writesAnObjectPerContenderThatWasMeasured() {
    results.add(Workload.QUEUED, Contender.OTP, List.of(1000.0));
    results.add(Workload.QUEUED, Contender.ERLANG, List.of(1500.0));

    assertThat(json(Workload.QUEUED, Workload.QUEUED_EMPTY))
        .isEqualTo(
            """
            [
              {"workload":"queued","system":"otp","unit":"ns/call","median":1000.000,"min":1000.000,"max":1000.000,"ratios":{"erlang":1.500}},
              {"workload":"queued","system":"erlang","unit":"ns/call","median":1500.000,"min":1500.000,"max":1500.000,"ratios":{}}
            ]
            """);
  }

  @Test
  void marksWhatMissesItsTargetAndItsFloor() {
    results.add(Workload.SPAWN, Contender.OTP, List.of(100.0));
    results.add(Workload.SPAWN, Contender.ERLANG, List.of(300.0));
    results.add(Workload.SPAWN, Contender.PEKKO, List.of(500.0));

    assertThat(report(Workload.SPAWN).table())
        .contains("| 3.00 / 4.00 (2.50) ! ")
        .contains("| 5.00 / 10.0 (6.00) !! ");
  }

  @Test
  void saysWhatIsAbsentAndWhatFailed() {
    results.add(Workload.SPAWN, Contender.OTP, List.of(100.0));

    assertThat(report(Workload.SPAWN).table())
        .contains("| failed")
        .contains("| absent")
        .contains("erlang was not measured: there is no 'erl'.");
  }

  @Test
  void hasNoColumnForWhatWasNotAskedFor() {
    var report =
        new Report(results, EnumSet.of(Workload.RING), EnumSet.of(Contender.ERLANG), Map.of());

    assertThat(report.table()).startsWith("| workload | unit   | erlang |");
  }

  @Test
  void refusesAnUnknownWorkload() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.of("--quick", "--only=call1,cal1000"))
        .withMessageStartingWith("There is no workload 'cal1000'. Known: [call1, call1000,");
  }

  private String json(Workload... workloads) {
    return report(workloads).json();
  }

  private Report report(Workload... workloads) {
    return new Report(
        results,
        EnumSet.copyOf(List.of(workloads)),
        EnumSet.allOf(Contender.class),
        Map.of(Contender.ERLANG, "there is no 'erl'"));
  }
}
