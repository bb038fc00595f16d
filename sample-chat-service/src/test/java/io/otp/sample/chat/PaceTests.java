package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PaceTests {

  @Test
  void admitsTwentyInAnySecond() {
    long seed = System.nanoTime();
    System.out.println("PaceTests seed " + seed);
    var random = new Random(seed);
    var pace = new Pace(20);
    var admitted = new ArrayDeque<Long>();
    long now = random.nextLong();
    for (int i = 0; i < 10_000; i++) {
      now += random.nextLong(80_000_000);
      long second = now - 1_000_000_000L;
      admitted.removeIf(time -> time - second <= 0);
      boolean room = admitted.size() < 20;
      assertThat(pace.admits(now)).isEqualTo(room);
      if (room) {
        admitted.add(now);
      }
    }
  }
}
