package io.otp.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.load.RegulatorOptions.Rate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTests {

  private static final long SECOND = 1_000_000_000L;

  /** Ten a second, three at once. */
  private TokenBucket bucket = bucket(0);

  private static TokenBucket bucket(long now) {
    return TokenBucket.of(new Rate(10, Duration.ofSeconds(1), 3), now);
  }

  private int taken(long now) {
    int taken = 0;
    while (bucket.waitFor(1, now) == 0) {
      bucket = bucket.take(now);
      taken++;
    }
    return taken;
  }

  @Test
  void isFullAtFirst() {
    assertThat(taken(0)).isEqualTo(3);
  }

  @Test
  void getsOneTokenInEachTenthAndHoldsNoMoreThanItsBurst() {
    assertThat(taken(0)).isEqualTo(3);
    assertThat(taken(SECOND / 10 - 1)).isZero();
    assertThat(taken(SECOND / 10)).isOne();
    assertThat(taken(3 * SECOND / 10)).isEqualTo(2);
    assertThat(taken(100 * SECOND)).isEqualTo(3);
  }

  @Test
  void neverGivesMoreThanTheRateAndOneBurst() {
    int all = 0;
    for (long now = 0; now <= 10 * SECOND; now += 7_000_000) {
      all += taken(now);
    }
    assertThat(all).isBetween(101, 103);
  }

  @Test
  void saysHowLongUntilThereAreSoMany() {
    assertThat(taken(0)).isEqualTo(3);
    assertThat(bucket.waitFor(1, 0)).isEqualTo(SECOND / 10);
    assertThat(bucket.waitFor(3, 0)).isEqualTo(3 * SECOND / 10);
    assertThat(bucket.waitFor(1, SECOND / 20)).isEqualTo(SECOND / 20);
    assertThat(bucket.waitFor(1, SECOND)).isZero();
  }

  @Test
  void theOriginOfTheClockDoesNotMatter() {
    long origin = Long.MAX_VALUE - SECOND / 20;
    bucket = bucket(origin);
    assertThat(taken(origin)).isEqualTo(3);
    assertThat(taken(origin + SECOND / 10 - 1)).isZero();
    assertThat(taken(origin + SECOND / 10)).isOne();
  }
}
