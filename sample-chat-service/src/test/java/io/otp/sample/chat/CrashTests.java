package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Sys;
import io.otp.table.Tables;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

@ChatTest
@TestPropertySource(properties = "chat.frames-per-second=1000")
class CrashTests {

  private static final int CLIENTS = 20;
  private static final int MESSAGES = 60;
  private static final int KILLS = 25;
  private static final int HISTORY_KILLS = 3;
  private static final Duration PACE = Duration.ofMillis(30);

  @Value("${local.server.port}")
  int port;

  @Autowired ProcessRuntime runtime;

  private final String room = "room-" + UUID.randomUUID();

  @Test
  void killingARoomDisconnectsNobody() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      joe.await("joined");
      joe.say("before", "1");
      robert.await("message");
      Pid killed = kill("room:" + room);
      robert.say("after", "2");
      JsonNode after = joe.await(frame -> frame.path("text").asString().equals("after"));
      assertThat(after.path("seq").asLong()).isEqualTo(2);
      assertThat(runtime.whereis("room:" + room)).get().isNotEqualTo(killed);
      assertThat(joe.isOpen()).isTrue();
      try (ChatClient mike = ChatClient.connect(port, room, "mike")) {
        JsonNode welcome = mike.await("welcome");
        assertThat(welcome.path("history")).hasSize(2);
        assertThat(welcome.path("members")).hasSize(3);
        assertThat(joe.await("joined").path("user").asString()).isEqualTo("mike");
      }
      assertThat(joe.await("left").path("user").asString()).isEqualTo("mike");
      assertThat(robert.all("joined")).hasSize(1);
    }
  }

  @Test
  void whoLeftWithTheRoomIsMissedInTheEnd() {
    try (ChatClient joe = ChatClient.join(port, room, "joe")) {
      ChatClient.join(port, room, "robert");
      joe.await("joined");
      Pid session = runtime.whereis(Session.nameOf(room, "robert")).orElseThrow();
      Pid process = runtime.whereis("room:" + room).orElseThrow();
      // Suspended, the room does not notice that robert goes; then it dies, too.
      Sys.suspend(process);
      runtime.exit(session, ExitReason.KILL);
      await().atMost(30, TimeUnit.SECONDS).until(() -> !runtime.isAlive(session));
      runtime.exit(process, ExitReason.KILL);
      assertThat(joe.await("left").path("user").asString()).isEqualTo("robert");
      joe.say("alone", "1");
      joe.assertNothingBut("message");
    }
  }

  @Test
  void numbersHaveNoGapsAndNothingAcknowledgedIsLost() throws Exception {
    talkWhileKilling("room:" + room, KILLS);
  }

  /** As often as its supervisor starts it again: then the rooms and sessions go on. */
  @Test
  void nothingIsLostWithTheHistoryEither() throws Exception {
    Pid rooms = runtime.whereis("room").orElseThrow();
    talkWhileKilling("history", HISTORY_KILLS);
    assertThat(runtime.whereis("room")).contains(rooms);
  }

  /** Twenty clients talk while a process is killed again and again. */
  private void talkWhileKilling(String victim, int kills) throws Exception {
    long seed = System.nanoTime();
    System.out.println("CrashTests " + victim + " seed " + seed);
    var random = new Random(seed);
    var clients = new ArrayList<ChatClient>();
    var acknowledged = new AtomicInteger();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        ScheduledExecutorService clock = Executors.newScheduledThreadPool(2)) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(ChatClient.join(port, room, "user-" + i));
      }
      for (ChatClient client : clients) {
        int others = CLIENTS - 1 - clients.indexOf(client);
        await().atMost(30, TimeUnit.SECONDS).until(() -> client.all("joined").size() == others);
      }
      List<CompletableFuture<Void>> talks = new ArrayList<>();
      for (ChatClient client : clients) {
        talks.add(CompletableFuture.runAsync(() -> talk(client, clock, acknowledged), executor));
      }
      talks.add(CompletableFuture.runAsync(() -> post(acknowledged), executor));
      int total = (CLIENTS + 1) * MESSAGES;
      for (int kill = 1; kill <= kills; kill++) {
        int after = total * kill / (kills + 1) - random.nextInt(10);
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(120, TimeUnit.SECONDS)
            .until(
                () -> {
                  // Who has failed says why, instead of being waited for.
                  talks.stream()
                      .filter(CompletableFuture::isCompletedExceptionally)
                      .forEach(CompletableFuture::join);
                  return acknowledged.get() >= after;
                });
        runtime.whereis(victim).ifPresent(pid -> runtime.exit(pid, ExitReason.KILL));
      }
      CompletableFuture.allOf(talks.toArray(CompletableFuture[]::new)).get(180, TimeUnit.SECONDS);

      List<ChatMessage> history = history();
      assertThat(history.stream().mapToLong(ChatMessage::seq).toArray())
          .isEqualTo(LongStream.rangeClosed(1, total).toArray());
      assertThat(new HashSet<>(history.stream().map(ChatMessage::id).toList())).hasSize(total);
      for (ChatClient client : clients) {
        await().atMost(60, TimeUnit.SECONDS).until(() -> client.all("message").size() >= total);
        assertThat(client.all("message").stream().mapToLong(m -> m.path("seq").asLong()).toArray())
            .as("what %s saw", client)
            .isEqualTo(LongStream.rangeClosed(1, total).toArray());
        assertThat(client.all("left")).isEmpty();
        assertThat(client.all("error")).isEmpty();
        assertThat(client.isOpen()).isTrue();
      }
      assertThat(clients.getFirst().all("message").stream().map(m -> m.path("id").asString()))
          .containsExactlyElementsOf(history.stream().map(ChatMessage::id).toList());
    } finally {
      clients.forEach(ChatClient::close);
    }
  }

  /** Speaks at a steady pace, whatever is acknowledged, and waits until all is. */
  private static void talk(
      ChatClient client, ScheduledExecutorService clock, AtomicInteger acknowledged) {
    var next = new AtomicInteger();
    var speaking =
        clock.scheduleAtFixedRate(
            () -> {
              int i = next.getAndIncrement();
              if (i < MESSAGES) {
                client.say("message " + i, client.user + "/" + i);
              }
            },
            0,
            PACE.toMillis(),
            TimeUnit.MILLISECONDS);
    for (int i = 0; i < MESSAGES; i++) {
      client.await(frame -> frame.path("id").asString().startsWith(client.user + "/"));
      acknowledged.incrementAndGet();
    }
    speaking.cancel(false);
  }

  private void post(AtomicInteger acknowledged) {
    for (int i = 0; i < MESSAGES; i++) {
      var request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port + "/api/rooms/" + room + "/messages"))
              .timeout(Duration.ofSeconds(60))
              .header("content-type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"user\":\"poster\",\"text\":\"x\",\"id\":\"post/" + i + "\"}"))
              .build();
      HttpResponse<String> response =
          ChatClient.HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      acknowledged.incrementAndGet();
    }
  }

  private List<ChatMessage> history() {
    return Tables.of(runtime).find(Heir.ROOMS).get(room).orElseThrow().log().after(0);
  }

  @Test
  void killingASessionClosesItsConnectionOnly() {
    try (ChatClient joe = ChatClient.join(port, room, "joe");
        ChatClient robert = ChatClient.join(port, room, "robert")) {
      kill(Session.nameOf(room, "robert"));
      assertThat(robert.closeCode()).isEqualTo(1011);
      assertThat(joe.await("left").path("user").asString()).isEqualTo("robert");
      assertThat(joe.isOpen()).isTrue();
      ChatClient.join(port, room, "robert").close();
    }
  }

  private Pid kill(String name) {
    Pid pid = runtime.whereis(name).orElseThrow();
    runtime.exit(pid, ExitReason.KILL);
    return pid;
  }
}
