package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import tools.jackson.databind.JsonNode;

@ChatTest
class ChatProtocolTests {

  @Value("${local.server.port}")
  int port;

  private final String room = "room-" + UUID.randomUUID();

  @Test
  void welcomesWithMembersAndHistory() {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      joe.say("hello", "1");
      joe.await("message");
      try (ChatClient robert = ChatClient.connect(port, room, "robert")) {
        JsonNode welcome = robert.next();
        assertThat(welcome.path("type").asString()).isEqualTo("welcome");
        assertThat(welcome.path("room").asString()).isEqualTo(room);
        assertThat(welcome.path("user").asString()).isEqualTo("robert");
        assertThat(texts(welcome.path("members"))).containsExactly("joe", "robert");
        assertThat(welcome.path("history")).hasSize(1);
        assertThat(welcome.path("history").get(0).path("text").asString()).isEqualTo("hello");
        assertThat(welcome.path("history").get(0).path("seq").asLong()).isEqualTo(1);
      }
    }
  }

  @Test
  void everybodyGetsAMessageAlsoItsSender() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.say("grüße 👋", "my-1");
      JsonNode message = robert.await("message");
      assertThat(message.path("room").asString()).isEqualTo(room);
      assertThat(message.path("seq").asLong()).isEqualTo(1);
      assertThat(message.path("user").asString()).isEqualTo("joe");
      assertThat(message.path("text").asString()).isEqualTo("grüße 👋");
      assertThat(message.path("id").asString()).isEqualTo("my-1");
      assertThat(message.path("at").asString()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
      assertThat(message.has("origin")).isFalse();
      assertThat(joe.await("message")).isEqualTo(message);
      robert.send("{\"type\":\"say\",\"text\":\"no id\"}");
      JsonNode second = joe.await("message");
      assertThat(second.path("seq").asLong()).isEqualTo(2);
      assertThat(second.has("id")).isFalse();
    }
  }

  @Test
  void tellsWhoComesAndGoes() {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      ChatClient robert = ChatClient.join(port, room, "robert");
      assertThat(joe.next()).isEqualTo(json("{\"type\":\"joined\",\"user\":\"robert\"}"));
      robert.socket().sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
      assertThat(joe.next()).isEqualTo(json("{\"type\":\"left\",\"user\":\"robert\"}"));
      assertThat(robert.closeCode()).isEqualTo(WebSocket.NORMAL_CLOSURE);
      ChatClient vanishing = ChatClient.join(port, room, "robert");
      assertThat(joe.await("joined").path("user").asString()).isEqualTo("robert");
      vanishing.close();
      assertThat(joe.await("left").path("user").asString()).isEqualTo("robert");
    }
  }

  @Test
  void aDirectMessageIsSeenByTwo() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert");
        ChatClient mike = ChatClient.join(port, room, "mike")) {
      joe.direct("robert", "psst");
      for (ChatClient client : List.of(joe, robert)) {
        JsonNode direct = client.await("direct");
        assertThat(direct.path("from").asString()).isEqualTo("joe");
        assertThat(direct.path("to").asString()).isEqualTo("robert");
        assertThat(direct.path("text").asString()).isEqualTo("psst");
      }
      joe.direct("nobody", "psst");
      assertThat(joe.await("error").path("code").asString()).isEqualTo("no-such-user");
      joe.say("for all", "1");
      mike.assertNothingBut("message");
      joe.direct("joe", "to myself");
      joe.await("direct");
      joe.say("end", "2");
      joe.await("message");
      assertThat(joe.all("direct")).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not-json|hello",
        "not-json|[1]",
        "not-json|\"say\"",
        "not-json|`{\"type\":\"say\",\"text\":\"x\"`",
        "not-json|`{\"type\":\"say\",\"text\":\"x\"} trailing`",
        "not-json|``",
        "unknown-type|{}",
        "unknown-type|{\"type\":\"shout\",\"text\":\"x\"}",
        "unknown-type|{\"type\":7}",
        "empty-text|{\"type\":\"say\"}",
        "empty-text|{\"type\":\"say\",\"text\":\"\"}",
        "empty-text|`{\"type\":\"say\",\"text\":\" \\n\"}`",
        "empty-text|{\"type\":\"say\",\"text\":7}",
        "empty-text|`{\"type\":\"direct\",\"to\":\"joe\",\"text\":\"\"}`",
        "bad-id|`{\"type\":\"say\",\"text\":\"x\",\"id\":{}}`",
        "bad-text|`{\"type\":\"say\",\"text\":\"\\ud800\"}`",
        "bad-user|`{\"type\":\"direct\",\"to\":\"a b\",\"text\":\"x\"}`",
        "bad-user|`{\"type\":\"direct\",\"text\":\"x\"}`",
      })
  void badInputGetsAnErrorAndNothingElseHappens(String code, String frame) {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.await("joined");
      joe.send(frame);
      JsonNode error = joe.next();
      assertThat(error.path("type").asString()).isEqualTo("error");
      assertThat(error.path("code").asString()).isEqualTo(code);
      assertThat(error.path("message").asString()).isNotBlank();
      joe.say("still here", "1");
      robert.assertNothingBut("message");
    }
  }

  @Test
  void aTextHasAtMostFourKiB() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.await("joined");
      joe.say("x".repeat(4096), "fits");
      assertThat(joe.next().path("id").asString()).isEqualTo("fits");
      joe.say("x".repeat(4097), "too long");
      assertThat(joe.next().path("code").asString()).isEqualTo("text-too-long");
      joe.say("é".repeat(2049), "too long");
      assertThat(joe.next().path("code").asString()).isEqualTo("text-too-long");
      joe.say("é".repeat(2048), "fits too");
      assertThat(joe.next().path("id").asString()).isEqualTo("fits too");
      assertThat(robert.next().path("id").asString()).isEqualTo("fits");
      assertThat(robert.next().path("id").asString()).isEqualTo("fits too");
    }
  }

  @Test
  void aBinaryFrameIsAnError() {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      joe.socket().sendBinary(java.nio.ByteBuffer.wrap(new byte[] {1}), true).join();
      assertThat(joe.next().path("code").asString()).isEqualTo("not-json");
    }
  }

  @Test
  void moreThanTwentyASecondIsTooFast() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.await("joined");
      int sent = 60;
      long begun = System.nanoTime();
      for (int i = 0; i < sent; i++) {
        joe.say("quick", "" + i);
      }
      var answers = new ArrayList<JsonNode>();
      while (answers.size() < sent) {
        answers.add(joe.next());
      }
      long seconds = (System.nanoTime() - begun) / 1_000_000_000;
      long said = answers.stream().filter(a -> a.path("type").asString().equals("message")).count();
      assertThat(said).isBetween(20L, 20 * (seconds + 1));
      assertThat(answers.stream().filter(a -> !a.has("seq")))
          .allMatch(a -> a.path("code").asString().equals("too-fast"));
      for (int seq = 1; seq <= said; seq++) {
        assertThat(robert.next().path("seq").asInt()).isEqualTo(seq);
      }
      assertThat(robert.all()).hasSize(1 + (int) said); // the welcome
    }
  }

  @Test
  void aNameIsTakenOncePerRoom() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient elsewhere = ChatClient.join(port, room + "-2", "joe")) {
      ChatClient second = ChatClient.connect(port, room, "joe");
      assertThat(second.next().path("code").asString()).isEqualTo("name-taken");
      assertThat(second.closeCode()).isEqualTo(1008);
      joe.say("me", "1");
      joe.assertNothingBut("message");
      elsewhere.say("me too", "1");
      elsewhere.assertNothingBut("message");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "-x", "a/b", "<b>", "\u0000"})
  void aBadNameIsRefusedBeforeTheUpgrade(String name) {
    assertThat(refusal("lobby", name)).isEqualTo(400);
    if (!name.isEmpty() && !name.contains("/") && !name.equals("\u0000")) {
      assertThat(refusal(name, "joe")).isEqualTo(400);
    }
    assertThat(refusal("x".repeat(65), "joe")).isEqualTo(400);
    assertThat(refusal("lobby", "x".repeat(65))).isEqualTo(400);
  }

  private int refusal(String room, String user) {
    var thrown = new ArrayList<Throwable>();
    assertThatThrownBy(() -> ChatClient.connect(port, room, user))
        .isInstanceOf(CompletionException.class)
        .satisfies(thrown::add);
    return ((WebSocketHandshakeException) thrown.getFirst().getCause()).getResponse().statusCode();
  }

  @Test
  void aFrameOfMoreThan64KiBCloses() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      // One text, sent by this client in many fragments.
      joe.socket().sendText("x".repeat(200_000), true);
      assertThat(joe.closeCode()).isEqualTo(1009);
      assertThat(robert.await("left").path("user").asString()).isEqualTo("joe");
    }
  }

  @Test
  void aSingleFrameOfMoreThan64KiBCloses() throws Exception {
    for (int length : new int[] {65_537, 5_000_000}) {
      try (var raw = RawWebSocket.open(port, room, "raw-" + length)) {
        raw.sendText(length);
        assertThat(raw.readCloseCode()).isEqualTo(1009);
      }
    }
  }

  @Test
  void aFrameOf64KiBIsRead() throws Exception {
    try (var raw = RawWebSocket.open(port, room, "raw")) {
      raw.sendText(65_536);
      assertThat(raw.readText(frame -> frame.contains("\"error\""))).contains("not-json");
    }
  }

  @Test
  void pingsAreAnsweredAndACloseIsAnsweredInKind() throws Exception {
    try (var raw = RawWebSocket.open(port, room, "raw")) {
      raw.sendPing("are you there?");
      assertThat(raw.readPong()).isEqualTo("are you there?");
      raw.sendClose(1000);
      assertThat(raw.readCloseCode()).isEqualTo(1000);
    }
  }

  private static JsonNode json(String text) {
    return ChatClient.JSON.readTree(text);
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }
}
