package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A WebSocket client of the chat as a test drives it. */
final class ChatClient implements WebSocket.Listener, AutoCloseable {

  static final HttpClient HTTP = HttpClient.newHttpClient();
  static final JsonMapper JSON = JsonMapper.shared();
  private static final long PATIENCE_SECONDS = 60;

  final String user;
  private final boolean reads;
  private final BlockingQueue<JsonNode> unread = new LinkedBlockingQueue<>();
  private final List<JsonNode> all = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private WebSocket socket;

  private ChatClient(String user, boolean reads) {
    this.user = user;
    this.reads = reads;
  }

  /** Connects and waits for the welcome. */
  static ChatClient join(int port, String room, String user) {
    ChatClient client = connect(port, room, user);
    client.await("welcome");
    return client;
  }

  /** Connects. */
  static ChatClient connect(int port, String room, String user) {
    return connect(port, room, user, true);
  }

  /** Connects and does not read until {@link #read}. */
  static ChatClient connectWithoutReading(int port, String room, String user) {
    return connect(port, room, user, false);
  }

  private static ChatClient connect(int port, String room, String user, boolean reads) {
    var client = new ChatClient(user, reads);
    client.socket = HTTP.newWebSocketBuilder().buildAsync(uri(port, room, user), client).join();
    return client;
  }

  static URI uri(int port, String room, String user) {
    return URI.create(
        "ws://127.0.0.1:" + port + "/ws/chat/" + encoded(room) + "?user=" + encoded(user));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  // --- sending

  void say(String text, String id) {
    send(JSON.writeValueAsString(Map.of("type", "say", "text", text, "id", id)));
  }

  void direct(String to, String text) {
    send(JSON.writeValueAsString(Map.of("type", "direct", "to", to, "text", text)));
  }

  void send(String frame) {
    socket.sendText(frame, true).join();
  }

  WebSocket socket() {
    return socket;
  }

  void read() {
    socket.request(Long.MAX_VALUE);
  }

  @Override
  public void close() {
    socket.abort();
  }

  // --- receiving

  /** The next frame. */
  JsonNode next() {
    try {
      JsonNode frame = unread.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(frame)
          .as("a frame for %s, which was closed with %s", user, closed.getNow(null))
          .isNotNull();
      return frame;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next frame of this type; those before it are skipped. */
  JsonNode await(String type) {
    return await(frame -> type.equals(frame.path("type").asString()));
  }

  /** The next frame that is like this; those before it are skipped. */
  JsonNode await(Predicate<JsonNode> wanted) {
    for (; ; ) {
      JsonNode frame = next();
      if (wanted.test(frame)) {
        return frame;
      }
    }
  }

  /** Waits for what everybody gets last, and asserts that nothing came before it. */
  void assertNothingBut(String type) {
    assertThat(next().path("type").asString()).isEqualTo(type);
  }

  /** Every frame so far. */
  List<JsonNode> all() {
    return List.of(all.toArray(JsonNode[]::new));
  }

  List<JsonNode> all(String type) {
    return all().stream().filter(frame -> type.equals(frame.path("type").asString())).toList();
  }

  /** Waits until the connection is closed by a close frame. */
  int closeCode() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  boolean isOpen() {
    return !closed.isDone();
  }

  @Override
  public void onOpen(WebSocket socket) {
    if (reads) {
      socket.request(Long.MAX_VALUE);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      JsonNode frame = JSON.readTree(partial.toString());
      partial.setLength(0);
      all.add(frame);
      unread.add(frame);
    }
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public String toString() {
    return "client " + user;
  }
}
