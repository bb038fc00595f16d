package io.otp.process;

import static io.otp.process.Watchdog.STRANDED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When the watchdog takes a wake-up for lost. */
class StrandingTests {

  private final Watchdog.Stranding stranding = new Watchdog.Stranding();

  @Test
  void theFirstLookFindsNothingLost() {
    assertThat(stranding.lasts(true, 0, 10 * STRANDED)).isFalse();
  }

  @Test
  void whatWasNotStrandedAtTheLastLookBeginsNow() {
    stranding.lasts(false, 7, 0);

    assertThat(stranding.lasts(true, 7, 50 * STRANDED)).isFalse();
    assertThat(stranding.lasts(true, 7, 51 * STRANDED)).isFalse();
    assertThat(stranding.lasts(true, 7, 51 * STRANDED + 1)).isTrue();
  }

  @Test
  void somethingThatRanInBetweenBeginsItAnew() {
    stranding.lasts(true, 7, 0);

    assertThat(stranding.lasts(true, 8, 2 * STRANDED)).isFalse();
    assertThat(stranding.lasts(true, 8, 3 * STRANDED + 1)).isTrue();
  }

  @Test
  void isToldOncePerTime() {
    stranding.lasts(true, 7, 0);

    assertThat(stranding.lasts(true, 7, STRANDED + 1)).isTrue();
    assertThat(stranding.lasts(true, 7, STRANDED + 2)).isFalse();
    assertThat(stranding.lasts(true, 7, 2 * STRANDED + 2)).isTrue();
  }
}
