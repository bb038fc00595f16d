package io.otp.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom CoDel drops; times without a unit, the target is 5 and the interval 100. */
class CoDelTests {

  private static final int TARGET = 5;
  private static final int INTERVAL = 100;

  private CoDel coDel = CoDel.of(TARGET, INTERVAL);

  private boolean drops(long waited, long now) {
    CoDel.Decision decision = coDel.head(waited, now);
    coDel = decision.then();
    return decision.drop();
  }

  /** When one is dropped if somebody who waited so long is at the head at each moment. */
  private List<Long> drops(long waited, long from, long to) {
    var times = new ArrayList<Long>();
    for (long now = from; now < to; now++) {
      if (drops(waited, now)) {
        times.add(now);
      }
    }
    return times;
  }

  @Test
  void dropsNobodyBelowTheTarget() {
    assertThat(drops(TARGET - 1, 0, 10_000)).isEmpty();
  }

  @Test
  void dropsNobodyBeforeTheTargetWasExceededForAnInterval() {
    assertThat(drops(TARGET, 0, INTERVAL)).isEmpty();
    assertThat(drops(TARGET, INTERVAL)).isTrue();
  }

  @Test
  void oneGoodWaitBeginsTheIntervalAnew() {
    assertThat(drops(50, 0, 99)).isEmpty();
    assertThat(drops(TARGET - 1, 99)).isFalse();
    assertThat(drops(50, 100, 200)).isEmpty();
    assertThat(drops(50, 200)).isTrue();
  }

  @Test
  void dropsEverSoonerByTheSquareRoot() {
    // 100, then + 100/sqrt(1), + 100/sqrt(2), + 100/sqrt(3), …
    assertThat(drops(50, 0, 500)).containsExactly(100L, 200L, 270L, 327L, 377L, 421L, 461L, 498L);
  }

  @Test
  void stopsWhenAWaitIsGoodAndRemembersHowFastItWas() {
    assertThat(drops(50, 0, 330)).containsExactly(100L, 200L, 270L, 327L); // count is 4
    assertThat(drops(TARGET - 1, 330)).isFalse();
    // Bad again soon after: it goes on with 4 - 1 = 3.
    assertThat(drops(50, 331, 490)).containsExactly(431L, 488L); // 431 + 100/sqrt(3)
  }

  @Test
  void forgetsHowFastItWasAfterALongTime() {
    assertThat(drops(50, 0, 330)).hasSize(4);
    assertThat(drops(TARGET - 1, 330)).isFalse();
    long later = 330 + 20 * INTERVAL;
    assertThat(drops(50, later, later + 250)).containsExactly(later + 100, later + 200);
  }

  @Test
  void anEmptyQueueIsAGoodOne() {
    assertThat(drops(50, 0, 101)).containsExactly(100L);
    coDel = coDel.empty();
    assertThat(drops(50, 101, 201)).isEmpty();
    assertThat(drops(50, 201)).isTrue();
  }

  @Test
  void theOriginOfTheClockDoesNotMatter() {
    long origin = Long.MAX_VALUE - 150; // it passes the largest number on its way
    assertThat(drops(50, origin)).isFalse();
    assertThat(drops(50, origin + 99)).isFalse();
    assertThat(drops(50, origin + 100)).isTrue();
    assertThat(drops(50, origin + 199)).isFalse();
    assertThat(drops(50, origin + 200)).isTrue();
  }
}
