package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;

@ChatTest
class SlowReaderTests {

  private static final int MOST_MESSAGES = 5_000;

  /** A client that held the others up would do so until it is given up: for 30 s. */
  private static final Duration FULL_SPEED = Duration.ofSeconds(10);

  @Value("${local.server.port}")
  int port;

  @Test
  void aClientThatDoesNotReadIsClosedAndNobodyElseNotices() throws Exception {
    String room = "room-" + UUID.randomUUID();
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient slow = ChatClient.connectWithoutReading(port, room, "slow")) {
      joe.await("joined");
      var request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port + "/api/rooms/" + room + "/messages"))
              .header("content-type", "application/json")
              .POST(
                  BodyPublishers.ofString(
                      "{\"user\":\"robert\",\"text\":\"" + "x".repeat(4000) + "\"}"))
              .build();
      int sent = 0;
      while (joe.all("left").isEmpty()) {
        assertThat(++sent).isLessThan(MOST_MESSAGES);
        long begun = System.nanoTime();
        assertThat(ChatClient.HTTP.send(request, BodyHandlers.discarding()).statusCode())
            .isEqualTo(201);
        int number = sent;
        joe.await(frame -> frame.path("seq").asLong() == number);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(FULL_SPEED);
      }
      long last = sent;
      assertThat(joe.all("message").stream().mapToLong(m -> m.path("seq").asLong()).toArray())
          .isEqualTo(LongStream.rangeClosed(1, last).toArray());
      assertThat(joe.all("left").getFirst().path("user").asString()).isEqualTo("slow");
      slow.read();
      assertThat(slow.closeCode()).isEqualTo(1013);
      assertThat(slow.all("message")).hasSizeLessThan(sent);
      // The name is free again.
      ChatClient.join(port, room, "slow").close();
    }
  }
}
