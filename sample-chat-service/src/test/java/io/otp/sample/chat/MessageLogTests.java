package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageLogTests {

  private static final int KEEP = 300;

  private static MessageLog of(int length) {
    MessageLog log = MessageLog.EMPTY;
    for (int seq = 1; seq <= length; seq++) {
      var message =
          new ChatMessage("lobby", seq, "joe", "x", Instant.EPOCH, null, new Origin(7, seq));
      log = log.append(message);
      if (log.size() > KEEP) {
        log = log.withoutOldest();
      }
    }
    return log;
  }

  private static long[] numbers(List<ChatMessage> messages) {
    return messages.stream().mapToLong(ChatMessage::seq).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 99, 100, 101, 199, 200, 250, 300})
  void findsWhatFollows(int length) {
    MessageLog log = of(length);
    assertThat(log.last()).isEqualTo(length);
    for (long seq = 0; seq <= length; seq++) {
      assertThat(numbers(log.after(seq)))
          .isEqualTo(LongStream.rangeClosed(seq + 1, length).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 100, 101, 250, 1_234})
  void showsTheLatestHundred(int length) {
    assertThat(numbers(of(length).latest()))
        .isEqualTo(LongStream.rangeClosed(Math.max(1, length - 99), length).toArray());
  }

  @Test
  void keepsItsNumbersWhenTheOldestGo() {
    MessageLog log = of(1_000);
    assertThat(numbers(log.after(0))).isEqualTo(LongStream.rangeClosed(701, 1_000).toArray());
    assertThat(numbers(log.after(650))).isEqualTo(LongStream.rangeClosed(701, 1_000).toArray());
    assertThat(numbers(log.after(995))).isEqualTo(LongStream.rangeClosed(996, 1_000).toArray());
    assertThat(log.after(1_000)).isEmpty();
    assertThat(log.after(2_000)).isEmpty();
  }

  @Test
  void countsItsBytesForwardsAndBackwards() {
    MessageLog log = of(3);
    assertThat(log.bytes()).isEqualTo(3 * of(1).bytes()).isPositive();
    assertThat(log.withoutOldest().withoutOldest().withoutOldest().bytes()).isZero();
  }

  @Test
  void findsByOrigin() {
    assertThat(of(250).find(new Origin(7, 120))).get().extracting(ChatMessage::seq).isEqualTo(120L);
    assertThat(of(250).find(new Origin(8, 120))).isEmpty();
  }
}
