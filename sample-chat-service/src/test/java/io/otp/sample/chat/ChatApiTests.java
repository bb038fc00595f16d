package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Sys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import tools.jackson.databind.JsonNode;

@ChatTest
class ChatApiTests {

  @Value("${local.server.port}")
  int port;

  @Autowired ProcessRuntime runtime;

  private final String room = "room-" + UUID.randomUUID();

  @Test
  void whatIsPostedIsInTheHistoryAndReachesMembers() throws Exception {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      HttpResponse<String> response =
          post(room, "{\"user\":\"robert\",\"text\":\"by HTTP\",\"id\":\"7\"}");
      assertThat(response.statusCode()).isEqualTo(201);
      JsonNode message = ChatClient.JSON.readTree(response.body());
      assertThat(message.path("seq").asLong()).isEqualTo(1);
      assertThat(message.path("user").asString()).isEqualTo("robert");
      assertThat(message.path("id").asString()).isEqualTo("7");
      assertThat(joe.await("message")).isEqualTo(message);
      JsonNode shown = get("/api/rooms/" + room);
      assertThat(shown.path("members").toString()).isEqualTo("[\"joe\"]");
      assertThat(shown.path("room").asString()).isEqualTo(room);
      assertThat(shown.path("messages").get(0)).isEqualTo(message);
      assertThat(shown.size()).isEqualTo(3);
    }
  }

  @Test
  void showsTheLastHundredMessages() throws Exception {
    for (int i = 1; i <= 250; i++) {
      assertThat(post(room, "{\"user\":\"joe\",\"text\":\"" + i + "\"}").statusCode())
          .isEqualTo(201);
    }
    JsonNode messages = get("/api/rooms/" + room).path("messages");
    assertThat(messages).hasSize(100);
    assertThat(messages.get(0).path("seq").asLong()).isEqualTo(151);
    assertThat(messages.get(99).path("text").asString()).isEqualTo("250");
    try (ChatClient joe = ChatClient.connect(port, room, "joe")) {
      assertThat(joe.await("welcome").path("history")).hasSize(100);
    }
  }

  @Test
  void listsRooms() throws Exception {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.say("x", "1");
      joe.await("message");
      robert.await("message");
      JsonNode line =
          get("/api/rooms")
              .valueStream()
              .filter(r -> r.path("room").asString().equals(room))
              .findFirst()
              .orElseThrow();
      assertThat(line)
          .isEqualTo(
              ChatClient.JSON.readTree("{\"room\":\"" + room + "\",\"members\":2,\"messages\":1}"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not-json|``",
        "not-json|nonsense",
        "bad-user|{\"text\":\"x\"}",
        "bad-user|`{\"user\":\"a b\",\"text\":\"x\"}`",
        "empty-text|{\"user\":\"joe\"}",
        "empty-text|`{\"user\":\"joe\",\"text\":\"\"}`",
        "bad-id|`{\"user\":\"joe\",\"text\":\"x\",\"id\":1}`",
      })
  void refusesABadPost(String code, String body) throws Exception {
    HttpResponse<String> response = post(room, body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(ChatClient.JSON.readTree(response.body()).path("code").asString()).isEqualTo(code);
    assertThat(get("/api/rooms/" + room).path("messages")).isEmpty();
  }

  @Test
  void refusesATextThatIsTooLong() throws Exception {
    HttpResponse<String> response =
        post(room, "{\"user\":\"joe\",\"text\":\"" + "x".repeat(4097) + "\"}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("text-too-long");
  }

  @Test
  void lookingAtARoomDoesNotMakeIt() throws Exception {
    assertThat(get("/api/rooms/" + room))
        .isEqualTo(
            ChatClient.JSON.readTree("{\"room\":\"" + room + "\",\"members\":[],\"messages\":[]}"));
    assertThat(get("/api/rooms").findValuesAsString("room")).doesNotContain(room);
  }

  @Test
  void refusesABadRoom() throws Exception {
    assertThat(post("a%20b", "{\"user\":\"joe\",\"text\":\"x\"}").statusCode()).isEqualTo(400);
    assertThat(send(request("/api/rooms/a%20b").GET().build()).body()).contains("bad-room");
  }

  @Test
  void saysSoWhenItCannotAnswer() throws Exception {
    Pid history = runtime.whereis("history").orElseThrow();
    Sys.suspend(history);
    try {
      HttpResponse<String> response = send(request("/api/rooms").GET().build());
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(ChatClient.JSON.readTree(response.body()).path("code").asString())
          .isEqualTo("busy");
    } finally {
      Sys.resume(history);
    }
  }

  /** A supervisor that does not start the room holds up a POST for ten seconds, not for ever. */
  @Test
  void aPostWaitsABoundedTimeForItsRoom() throws Exception {
    Pid rooms = runtime.whereis("room").orElseThrow();
    Sys.suspend(rooms);
    try {
      HttpResponse<String> response =
          ChatClient.HTTP
              .sendAsync(
                  request("/api/rooms/" + room + "/messages")
                      .header("content-type", "application/json")
                      .POST(BodyPublishers.ofString("{\"user\":\"joe\",\"text\":\"x\"}"))
                      .build(),
                  BodyHandlers.ofString())
              .get(60, TimeUnit.SECONDS);
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(ChatClient.JSON.readTree(response.body()).path("code").asString())
          .isEqualTo("no-room");
    } finally {
      Sys.resume(rooms);
    }
  }

  @Test
  void answersHeadAsGet() throws Exception {
    HttpResponse<String> get = send(request("/").GET().build());
    HttpResponse<String> head = send(request("/").method("HEAD", BodyPublishers.noBody()).build());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    for (String header : List.of("content-type", "content-length", "content-security-policy")) {
      assertThat(head.headers().allValues(header))
          .as(header)
          .hasSize(1)
          .isEqualTo(get.headers().allValues(header));
    }
  }

  @Test
  void servesThePage() throws Exception {
    HttpResponse<String> page = send(request("/").GET().build());
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type").orElse("")).startsWith("text/html");
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'")
        .doesNotContain("unsafe");
    assertThat(page.body()).contains("chat.css", "chat.js").doesNotContain("<script>", "<style");
    for (String path : List.of("/", "/chat.css", "/chat.js")) {
      HttpResponse<String> file = send(request(path).GET().build());
      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(file.body()).doesNotContain("http://", "https://", "url(//", "src=\"//");
    }
  }

  private HttpResponse<String> post(String room, String body)
      throws IOException, InterruptedException {
    return send(
        request("/api/rooms/" + room + "/messages")
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(request(path).GET().build());
    assertThat(response.statusCode()).isEqualTo(200);
    return ChatClient.JSON.readTree(response.body());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return ChatClient.HTTP.send(request, BodyHandlers.ofString());
  }
}
