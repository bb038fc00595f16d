package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.otp.process.ProcessRuntime;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What strangers cannot do: make rooms, members and processes without end. */
@ChatTest
@TestPropertySource(
    properties = {
      "chat.max-rooms=2",
      "chat.max-members=3",
      "chat.empty-room=50ms",
      // A value of the tree that application.yaml declares.
      "otp.supervisors.chat.children[3].dynamic.max-children=5",
    })
class BoundsTests {

  @Value("${local.server.port}")
  int port;

  @Autowired ProcessRuntime runtime;

  private final List<ChatClient> clients = new ArrayList<>();

  /** Leaves, and waits until all rooms are closed. */
  @AfterEach
  void leave() {
    clients.forEach(ChatClient::close);
    for (String room : List.of("one", "two", "three")) {
      await().atMost(30, TimeUnit.SECONDS).until(() -> runtime.whereis("room:" + room).isEmpty());
    }
  }

  @Test
  void noMoreRoomsAreOpenedThanMayBe() throws Exception {
    join("one", "joe");
    join("two", "joe");
    for (int i = 0; i < 20; i++) {
      assertRefused("three", "joe", "too-many-rooms", 1013);
    }
    HttpResponse<String> response = post("three");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("too-many-rooms");
    assertThat(post("two").statusCode()).isEqualTo(201);
  }

  @Test
  void aRoomThatIsEmptyForAWhileEndsAndMakesPlace() throws Exception {
    for (String room : List.of("one", "two", "three", "one")) {
      assertThat(post(room).statusCode()).isEqualTo(201);
      await().atMost(30, TimeUnit.SECONDS).until(() -> runtime.whereis("room:" + room).isEmpty());
    }
  }

  @Test
  void aRoomTakesNoMoreMembersThanMayBe() {
    List.of("joe", "robert", "mike").forEach(user -> join("one", user));
    assertRefused("one", "bjarne", "room-full", 1013);
    clients.removeLast().close();
    clients.getFirst().await("left");
    join("one", "bjarne");
  }

  @Test
  void thereAreNoMoreSessionsThanMayBe() {
    List.of("joe", "robert", "mike").forEach(user -> join("one", user));
    List.of("joe", "robert").forEach(user -> join("two", user));
    assertRefused("two", "mike", "too-many-sessions", 1013);
    assertThat(clients).allMatch(ChatClient::isOpen);
  }

  @ParameterizedTest
  @CsvSource({"max-rooms,0", "max-members,0", "keep,99", "frames-per-second,0", "outbox,0B"})
  void aBoundOfNothingIsRefused(String property, String value) {
    var source = new MapConfigurationPropertySource();
    source.put("chat." + property, value);
    assertThatThrownBy(() -> new Binder(source).bind("chat", ChatProperties.class))
        .rootCause()
        .hasMessageMatching("chat\\." + property + " is \\d+, it must be at least (1|100)");
  }

  // --- steps

  private void join(String room, String user) {
    clients.add(ChatClient.join(port, room, user));
  }

  /** It is told why, and then it is closed. */
  private void assertRefused(String room, String user, String code, int closeCode) {
    ChatClient refused = ChatClient.connect(port, room, user);
    assertThat(refused.closeCode()).isEqualTo(closeCode);
    assertThat(refused.all()).hasSize(1);
    assertThat(refused.next().path("code").asString()).isEqualTo(code);
  }

  private HttpResponse<String> post(String room) throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + "/api/rooms/" + room + "/messages"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"joe\",\"text\":\"x\"}"))
            .build();
    return ChatClient.HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
