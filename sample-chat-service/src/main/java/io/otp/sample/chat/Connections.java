package io.otp.sample.chat;

import io.netty.channel.Channel;
import io.otp.autoconfigure.DrainListener;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.socket.CloseStatus;

/**
 * All connections. When the service stops, each is closed with 1001 before the web server waits for
 * them to end.
 */
@Component
final class Connections implements DrainListener, SmartLifecycle {

  private final ChatProperties properties;
  private final ChatJson json;
  private final Moderation moderation;
  private final Problem tooFast;
  private final Problem notText;

  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> none = new CompletableFuture<>();
  private volatile boolean running;

  Connections(ChatProperties properties, ChatJson json, Moderation moderation) {
    this.properties = properties;
    this.json = json;
    this.moderation = moderation;
    tooFast =
        new Problem(
            "too-fast", "At most " + properties.framesPerSecond() + " frames a second, please.");
    notText = new Problem("not-json", "Frames are text.");
  }

  /** Takes a new connection, whose frames are not read yet. */
  ClientConnection open(Channel channel, String room, String user) {
    var connection = new ClientConnection(channel, room, user, this, properties);
    open.add(connection);
    return connection;
  }

  void remove(ClientConnection connection) {
    open.remove(connection);
    if (!running && open.isEmpty()) {
      none.complete(null);
    }
  }

  int count() {
    return open.size();
  }

  Frame encode(Problem problem) {
    return json.encode(problem);
  }

  Problem tooFast() {
    return tooFast;
  }

  Problem notText() {
    return notText;
  }

  /** Tells who moderates. */
  void refused(String room, String user, Problem problem) {
    moderation.refused(room, user, problem, "");
  }

  // --- life cycle

  /** Whether new connections are taken. */
  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  /** Closes all, at the latest after {@code chat.farewell}. */
  @Override
  public CompletionStage<?> drain() {
    running = false;
    open.forEach(
        connection ->
            connection.close(CloseStatus.GOING_AWAY.getCode(), "The service is stopping"));
    if (open.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return none.completeOnTimeout(null, properties.farewell().toMillis(), TimeUnit.MILLISECONDS)
        .thenRun(() -> open.forEach(ClientConnection::abort));
  }
}
