package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** What those who moderate find in their files. */
@ChatTest
class ModerationTests {

  @TempDir static Path directory;

  @DynamicPropertySource
  static void spool(DynamicPropertyRegistry registry) {
    registry.add("chat.moderation", () -> directory.resolve("made").toString());
    registry.add("chat.frames-per-second", () -> 5);
  }

  @Value("${local.server.port}")
  int port;

  @Autowired ProcessRuntime runtime;

  private final String room = "room-" + UUID.randomUUID();

  @Test
  void whatIsRefusedIsWrittenDown() throws Exception {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      joe.say("secret ".repeat(1_000), "1");
      assertThat(joe.await("error").path("code").asString()).isEqualTo("text-too-long");
      joe.say("fine", "2");
      joe.await("message");
      JsonNode tooLong = event("text-too-long");
      assertThat(tooLong.path("user").asString()).isEqualTo("joe");
      assertThat(tooLong.path("begin").asString()).hasSize(Refused.MOST_SHOWN).startsWith("{");
      assertThat(Instant.parse(tooLong.path("at").asString())).isBeforeOrEqualTo(Instant.now());
      assertThat(tooLong).hasSize(5);

      ChatClient second = ChatClient.connect(port, room, "joe");
      assertThat(second.closeCode()).isEqualTo(1008);
      assertThat(event("name-taken").path("begin").asString()).isEmpty();
      assertThat(post("{\"user\":\"robert\",\"text\":\"\"}")).isEqualTo(400);
      assertThat(event("empty-text").path("user").asString()).isEmpty();
      assertThat(events("bad-id")).isEmpty();
    }
  }

  /** They must not be flooded by who floods us. */
  @Test
  void ofManyFramesThatAreTooFastFewAreWrittenDown() {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      long begun = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        joe.say("quick", "" + i);
      }
      await().atMost(60, TimeUnit.SECONDS).until(() -> joe.all().size() == 101); // the welcome
      event("too-fast");
      long seconds = (System.nanoTime() - begun) / 1_000_000_000;
      assertThat(events("too-fast").size()).isBetween(1, (int) seconds + 1);
      assertThat(joe.all("error")).hasSizeGreaterThan(events("too-fast").size());
    }
  }

  @Test
  void theChatGoesOnWithoutTheManager() throws Exception {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      Pid killed = runtime.whereis("refusals").orElseThrow();
      runtime.exit(killed, ExitReason.KILL);
      joe.send("not json");
      assertThat(joe.await("error").path("code").asString()).isEqualTo("not-json");
      joe.say("still here", "1");
      joe.await("message");
      await()
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> runtime.whereis("refusals").filter(pid -> !pid.equals(killed)).isPresent());
      joe.send("[]");
      assertThat(joe.await("error").path("code").asString()).isEqualTo("not-json");
      await()
          .atMost(30, TimeUnit.SECONDS)
          .until(
              () ->
                  events("not-json").stream()
                      .anyMatch(event -> event.path("begin").asString().equals("[]")));
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenToStopsTheStart() throws Exception {
    Path file = Files.createTempFile(directory, "no", "directory");
    assertThatException()
        .isThrownBy(
            () ->
                SpringApplication.run(
                        ChatServiceApplication.class,
                        "--server.port=0",
                        "--management.server.port=0",
                        "--chat.moderation=" + file)
                    .close())
        .withStackTraceContaining("refused.jsonl");
  }

  @Test
  void theBeginningIsCutBetweenCharacters() {
    Problem problem = new Problem("not-json", "");
    String odd = "x".repeat(Refused.MOST_SHOWN - 1) + "\uD83D\uDC4B" + "y";
    assertThat(Refused.of("lobby", "joe", problem, odd).begin())
        .isEqualTo("x".repeat(Refused.MOST_SHOWN - 1));
    assertThat(Refused.of("lobby", "joe", problem, "short").begin()).isEqualTo("short");
  }

  // --- steps

  /** The first event of this room with that code, as soon as there is one. */
  private JsonNode event(String code) {
    await().atMost(30, TimeUnit.SECONDS).until(() -> !events(code).isEmpty());
    return events(code).getFirst();
  }

  private List<JsonNode> events(String code) {
    Path file = directory.resolve("made").resolve("refused.jsonl");
    try {
      return Files.readString(file)
          .lines()
          .map(ChatClient.JSON::readTree)
          .filter(event -> event.path("room").asString().equals(room))
          .filter(event -> event.path("code").asString().equals(code))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private int post(String body) throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + "/api/rooms/" + room + "/messages"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return ChatClient.HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
