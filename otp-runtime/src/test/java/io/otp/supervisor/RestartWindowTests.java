package io.otp.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartWindowTests {

  private static long seconds(double seconds) {
    return Math.round(seconds * 1e9);
  }

  /** Each row was run on OTP 25.2.3 with the first crash at that fraction of a monotonic second. */
  @ParameterizedTest
  @CsvSource({
    "1, 0.00, 1.70, false",
    "1, 0.25, 1.70, false",
    "1, 0.50, 1.70, true",
    "1, 0.00, 1.05, false",
    "1, 0.02, 1.95, false",
    "1, 0.00, 2.10, true",
    "1, 0.90, 2.10, true",
    "1, 0.00, 1.999, false",
    "1, 0.00, 2.00, true",
    "1, 0.999, 1.002, true",
    "5, 0.00, 5.999, false",
    "5, 0.00, 6.00, true",
    "5, 0.90, 5.10, true",
    "5, 0.90, 5.05, false",
  })
  @Rule("5.30")
  void secondRestartIsAllowedWhenTheFirstIsOlderThanThePeriodInWholeSeconds(
      long period, double first, double later, boolean allowed) {
    for (long base : new long[] {0, 100, -100}) {
      var window = new RestartWindow(1, period);
      assertThat(window.add(seconds(base + first))).isTrue();
      assertThat(window.add(seconds(base + first + later))).as("base %d", base).isEqualTo(allowed);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3", "10", "1000"})
  @Rule({"5.30", "5.31"})
  void allowsAsManyAsTheIntensityAndNotOneMore(int intensity) {
    var window = new RestartWindow(intensity, 5);
    for (int i = 0; i < intensity; i++) {
      assertThat(window.add(seconds(1 + i * 0.001))).as("restart %d", i + 1).isTrue();
    }
    assertThat(window.restarts(seconds(2))).isEqualTo(intensity);
    assertThat(window.add(seconds(2))).isFalse();
  }

  @Test
  @Rule("5.30")
  void forgetsRestartsOneSecondAfterThePeriod() {
    var window = new RestartWindow(3, 5);
    window.add(seconds(10.5));
    window.add(seconds(11.5));
    assertThat(window.restarts(seconds(15.99))).isEqualTo(2);
    assertThat(window.restarts(seconds(16))).isEqualTo(1);
    assertThat(window.restarts(seconds(17))).isZero();
  }

  @Test
  @Rule("5.95")
  void keepsRestartsWhenLimitsChange() {
    var window = new RestartWindow(10, 60);
    for (int i = 0; i < 5; i++) {
      window.add(seconds(i));
    }
    window.limit(5, 60);
    assertThat(window.add(seconds(6))).isFalse();
    window.limit(2, 1);
    assertThat(window.add(seconds(7.5))).as("counts those at 6 and 7").isTrue();
    assertThat(window.add(seconds(7.5))).isFalse();
  }

  @Test
  @Rule("5.30")
  void agreesWithOneStampPerRestart() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      int intensity = random.nextInt(6);
      long period = 1 + random.nextInt(4);
      var window = new RestartWindow(intensity, period);
      var stamps = new ArrayList<Long>();
      long now = random.nextLong(-10_000_000_000L, 10_000_000_000L);
      for (int i = 0; i < 50; i++) {
        now += random.nextLong(2_000_000_000L);
        long second = Math.floorDiv(now, 1_000_000_000L);
        stamps.removeIf(stamp -> stamp < second - period);
        stamps.add(second);
        assertThat(window.add(now)).as("seed %d", seed).isEqualTo(stamps.size() <= intensity);
        assertThat(window.restarts(now)).as("seed %d", seed).isEqualTo(stamps.size());
      }
    }
  }
}
