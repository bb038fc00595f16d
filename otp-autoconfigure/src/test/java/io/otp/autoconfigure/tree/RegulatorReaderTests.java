package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.otp.load.RegulatorOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

class RegulatorReaderTests {

  private final MockEnvironment environment = new MockEnvironment();

  private RegulatorDefinition read(String... properties) {
    for (String property : properties) {
      int equals = property.indexOf('=');
      environment.setProperty(
          "otp.regulators.door." + property.substring(0, equals), property.substring(equals + 1));
    }
    return RegulatorReader.read(environment).getFirst();
  }

  @Test
  void readsEveryKey() {
    assertThat(
            read(
                "limit=50",
                "rate=1000",
                "period=2s",
                "burst=100",
                "queue=200",
                "target=20ms",
                "interval=500ms",
                "timeout=3s",
                "paths[0]=/api/**",
                "paths[1]=/orders/{id}"))
        .isEqualTo(
            new RegulatorDefinition(
                "door",
                RegulatorOptions.counter(50)
                    .withRate(1000, Duration.ofSeconds(2), 100)
                    .withQueue(200)
                    .withQueueDelay(Duration.ofMillis(20), Duration.ofMillis(500)),
                List.of("/api/**", "/orders/{id}"),
                Duration.ofSeconds(3),
                "otp.regulators.door"));
  }

  @Test
  void hasDefaults() {
    assertThat(RegulatorReader.isAny(environment)).isFalse();
    assertThat(read("rate=10"))
        .isEqualTo(
            new RegulatorDefinition(
                "door",
                RegulatorOptions.rate(10, Duration.ofSeconds(1), 10),
                List.of(),
                Duration.ofSeconds(5),
                "otp.regulators.door"));
    assertThat(RegulatorReader.isAny(environment)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          limit=0 | Regulator 'door': A limit of 0 is not possible: it must be 1 or more. | Fix otp.regulators.door
          queue=3 | Regulator 'door': A regulator without a limit and without a rate admits all: give one of them. | Fix otp.regulators.door
          limit=many | otp.regulators.door.limit is 'many', which is not a whole number. | Fix otp.regulators.door.limit
          limit=1 burst=3 | Regulator 'door': A burst without a rate has no effect: give a rate. | Fix otp.regulators.door
          limit=1 target=5ms | Regulator 'door' has a target and no interval. | Add otp.regulators.door.interval, or remove otp.regulators.door.target
          limit=1 timeout=-1s | otp.regulators.door.timeout is '-1s', which is not 0 or more. | Fix otp.regulators.door.timeout
          limit=1 paths=api | otp.regulators.door.paths has 'api', which is no path. | Begin it with /, as in /api/** or /orders/{id}. Fix otp.regulators.door.paths
          limt=1 | 'limt' is not a property of a regulator. | Did you mean 'limit'? Known: burst, interval, limit, paths, period, queue, rate, target, timeout. Fix otp.regulators.door.limt
          """)
  void mistakesAreNamed(String properties, String description, String action) {
    assertThatExceptionOfType(TreeConfigurationException.class)
        .isThrownBy(() -> read(properties.split(" ")))
        .satisfies(
            e -> {
              assertThat(e.description()).isEqualTo(description);
              assertThat(e.action()).startsWith(action);
            });
  }
}
