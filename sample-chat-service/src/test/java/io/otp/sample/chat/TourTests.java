package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import tools.jackson.databind.JsonNode;

/** The two minutes of the README, over HTTP: look at a room, kill it, see it come back. */
@ChatTest
class TourTests {

  @Value("${local.server.port}")
  int port;

  @Value("${local.management.port}")
  int managementPort;

  private final String room = "room-" + UUID.randomUUID();

  @Test
  void aRoomThatIsKilledThroughActuatorComesBack() throws Exception {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.await("joined");
      joe.say("before", "1");
      assertThat(robert.await("message").path("seq").asLong()).isEqualTo(1);

      JsonNode process = process("room:" + room);
      assertThat(process.path("application").asString()).isEqualTo("chat");
      String pid = process.path("pid").asString();
      assertThat(pid).matches("<\\d+\\.\\d+\\.\\d+>");
      send(
          HttpRequest.newBuilder(actuator("otpprocesses/" + pid.replaceAll("[<>]", "")))
              .header("content-type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"kill\"}")));

      robert.say("after", "2");
      JsonNode after = joe.await(frame -> frame.path("text").asString().equals("after"));
      assertThat(after.path("seq").asLong()).isEqualTo(2);
      assertThat(process("room:" + room).path("pid").asString()).isNotEqualTo(pid);
      JsonNode shown = send(HttpRequest.newBuilder(api("rooms/" + room)).GET());
      assertThat(shown.path("members").toString()).isEqualTo("[\"joe\",\"robert\"]");
      assertThat(shown.path("messages").findValuesAsString("text"))
          .containsExactly("before", "after");
      assertThat(joe.all("left")).isEmpty();
      assertThat(joe.isOpen() && robert.isOpen()).isTrue();
    }
  }

  @Test
  void theTreeIsThatOfApplicationYaml() throws Exception {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      JsonNode tree = send(HttpRequest.newBuilder(actuator("otpsupervisors")).GET());
      JsonNode chat = named("chat", tree);
      assertThat(chat.path("strategy").asString()).isEqualTo("rest_for_one");
      assertThat(chat.path("intensity").asInt()).isEqualTo(3);
      JsonNode children = chat.path("children");
      assertThat(children.findValuesAsString("id"))
          .startsWith("heir", "archive", "history")
          .containsSubsequence("history", "room", "session");
      assertThat(process("room:" + room).path("behaviour").asString()).contains("Room");
      assertThat(process("session:" + room + "/joe").path("behaviour").asString())
          .contains("Session");
      joe.say("x", "1");
      joe.await("message");
    }
  }

  // --- steps

  private static JsonNode named(String name, JsonNode tree) {
    return tree.isArray()
        ? tree.valueStream().filter(s -> name.equals(s.path("name").asString())).findFirst().get()
        : tree.path("name").asString().equals(name) ? tree : named(name, tree.iterator().next());
  }

  /** The only process of that name, as soon as there is one. */
  private JsonNode process(String name) throws Exception {
    URI uri = actuator("otpprocesses?name=" + name);
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> send(HttpRequest.newBuilder(uri).GET()).path("processes").size() == 1);
    return send(HttpRequest.newBuilder(uri).GET()).path("processes").get(0);
  }

  private URI actuator(String path) {
    return URI.create("http://127.0.0.1:" + managementPort + "/actuator/" + path);
  }

  private URI api(String path) {
    return URI.create("http://127.0.0.1:" + port + "/api/" + path);
  }

  private static JsonNode send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        ChatClient.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    return ChatClient.JSON.readTree(response.body().isEmpty() ? "{}" : response.body());
  }
}
