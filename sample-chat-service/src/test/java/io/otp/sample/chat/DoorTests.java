package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.test.context.TestPropertySource;

/** What the regulators do to who comes in. */
@ChatTest
@TestPropertySource(
    properties = {
      "otp.regulators.upgrades.rate=2",
      "otp.regulators.upgrades.burst=2",
      "otp.regulators.upgrades.period=1h",
      "otp.regulators.posts.rate=1",
      "otp.regulators.posts.timeout=100ms",
      "otp.regulators.posts.period=1h",
    })
class DoorTests {

  @Value("${local.server.port}")
  int port;

  @Test
  void moreUpgradesThanTheRateAreRefusedAndWhoIsInStaysIn() {
    try (ChatClient joe = ChatClient.join(port, "door", "joe");
        ChatClient robert = ChatClient.join(port, "door", "robert")) {
      Throwable refused = catchThrowable(() -> ChatClient.connect(port, "door", "mike"));
      var handshake = (WebSocketHandshakeException) refused.getCause();
      assertThat(handshake.getResponse().statusCode()).isEqualTo(429);
      assertThat(handshake.getResponse().headers().firstValue("retry-after")).isPresent();
      joe.say("still here", "1");
      robert.await("message");
    }
  }

  @Test
  void morePostsThanTheRateAreRefusedAndOthersAreNotAsked() throws Exception {
    URI room = URI.create("http://127.0.0.1:" + port + "/api/rooms/posted");
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(room + "/messages"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"joe\",\"text\":\"x\"}"))
            .build();
    assertThat(send(post).statusCode()).isEqualTo(201);
    HttpResponse<String> refused = send(post);
    assertThat(refused.statusCode()).isIn(429, 503); // it waits in the queue, in vain
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(send(HttpRequest.newBuilder(room).GET().build()).statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return ChatClient.HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
