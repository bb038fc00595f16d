package io.otp.sample.chat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.otp.server.ServerRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.reactive.socket.CloseStatus;

/**
 * One client's end: what its session sends waits here, bounded, until the network takes it; what
 * the client sends goes to the session, at a bounded pace.
 *
 * <p>It sits in the channel's pipeline itself. Spring's {@code WebSocketSession.send(Publisher)}
 * would do for the frames, but hides how much waits, and a client that does not read could not be
 * got rid of: a close frame waits behind what it does not read.
 *
 * <p>Threads: {@link #offer}, {@link #close} and {@link #attach} may be called by any; everything
 * else is the channel's event loop. Invariants: C1 {@code queue}, {@code queued}, {@code
 * scheduled}, {@code closing} and {@code session} are guarded by this; nothing is called under the
 * lock. C2 {@code scheduled} says that {@link #run} will be called and look at the queue: by the
 * event loop's queue, or when the channel becomes writable. C3 the session is told once that the
 * connection ends, as soon as that is clear.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

  /** How long a client that does not read is given to read why it is let go. */
  private static final Duration LINGER = Duration.ofSeconds(30);

  /** What a frame costs besides its text, roughly: many small ones must not go uncounted. */
  private static final int FRAME_OVERHEAD = 64;

  private final Channel channel;
  private final String room;
  private final String user;
  private final Connections connections;
  private final ChatProperties properties;

  // guarded by this
  private @Nullable ArrayDeque<Frame> queue;
  private long queued;
  private boolean scheduled;
  private boolean closing;
  private @Nullable ServerRef<Session.Message> session;

  // event loop

  /** What came before there was a session; bounded by the pace, as nothing more is read then. */
  private List<Session.Received> early = List.of();

  private @Nullable Pace pace;

  /** How often who moderates is told of this client. */
  private @Nullable Pace told;

  private @Nullable Future<?> end;
  private boolean closeSent;

  private volatile long heardAt = System.nanoTime();

  ClientConnection(
      Channel channel,
      String room,
      String user,
      Connections connections,
      ChatProperties properties) {
    this.channel = channel;
    this.room = room;
    this.user = user;
    this.connections = connections;
    this.properties = properties;
  }

  // --- the session's side

  /**
   * From now on frames of the client go to {@code session}, which is told if there is no client.
   */
  void attach(ServerRef<Session.Message> session) {
    channel.eventLoop().execute(() -> attached(session));
  }

  /** Sends a frame, soon; a client that has let too many wait is closed with 1013 instead. */
  void offer(Frame frame) {
    boolean full;
    synchronized (this) {
      if (closing) {
        return;
      }
      // A frame may be larger than the bound: the welcome with long messages is.
      full = queued > 0 && queued + cost(frame) > properties.outbox().toBytes();
      if (!full) {
        if (queue == null) {
          queue = new ArrayDeque<>(4);
        }
        queue.add(frame);
        queued += cost(frame);
        if (scheduled) {
          return;
        }
        scheduled = true; // C2
      }
    }
    if (full) {
      close(
          CloseStatus.SERVICE_OVERLOAD.getCode(),
          "You do not read what is sent to you",
          LINGER,
          null);
    } else {
      channel.eventLoop().execute(this);
    }
  }

  private static int cost(Frame frame) {
    return frame.size() + FRAME_OVERHEAD;
  }

  /** Says why and closes. */
  void fail(Problem problem, int code) {
    close(code, problem.code(), properties.farewell(), connections.encode(problem));
  }

  /** Says goodbye and closes, at the latest after {@code chat.farewell}. */
  void close(int code, String reason) {
    close(code, reason, properties.farewell(), null);
  }

  private void close(int code, String reason, Duration patience, @Nullable Frame lastWords) {
    if (beginClose()) {
      if (channel.eventLoop().inEventLoop()) {
        sayGoodbye(code, reason, patience, lastWords);
      } else {
        channel.eventLoop().execute(() -> sayGoodbye(code, reason, patience, lastWords));
      }
    }
  }

  /** Closes without a word. */
  void abort() {
    channel.close();
  }

  /** Asks the client whether it is there, and gives it up if it has been silent for too long. */
  void ping(Duration silence) {
    if (System.nanoTime() - heardAt > silence.toNanos()) {
      if (beginClose()) {
        abort();
      }
    } else {
      channel.eventLoop().execute(() -> channel.writeAndFlush(new PingWebSocketFrame()));
    }
  }

  /** Whether this call began it. What waits is dropped: who is let go does not need it. */
  private boolean beginClose() {
    ServerRef<Session.Message> told;
    synchronized (this) {
      if (closing) {
        return false;
      }
      closing = true;
      queue = null;
      queued = 0;
      told = session;
    }
    if (told != null) {
      told.cast(new Session.Disconnected()); // C3
    }
    return true;
  }

  // --- the event loop's side

  private void attached(ServerRef<Session.Message> attached) {
    boolean gone;
    synchronized (this) {
      session = attached;
      gone = closing;
    }
    if (gone) {
      attached.cast(new Session.Disconnected());
      return;
    }
    early.forEach(attached::cast);
    early = List.of();
    channel.config().setAutoRead(true);
  }

  /** Writes what waits, as long as the network takes it. */
  @Override
  public void run() {
    boolean written = false;
    for (; ; ) {
      Frame frame;
      synchronized (this) {
        if (queue == null || queue.isEmpty()) {
          scheduled = false;
          break;
        }
        if (!channel.isWritable()) {
          break; // C2: channelWritabilityChanged
        }
        frame = queue.poll();
        queued -= cost(frame);
      }
      channel.write(text(frame), channel.voidPromise());
      written = true;
    }
    if (written) {
      channel.flush();
    }
  }

  private static TextWebSocketFrame text(Frame frame) {
    return new TextWebSocketFrame(Unpooled.wrappedBuffer(frame.utf8()));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (channel.isWritable()) {
      run();
    }
    context.fireChannelWritabilityChanged();
  }

  private void sayGoodbye(int code, String reason, Duration patience, @Nullable Frame lastWords) {
    closeSent = true;
    if (lastWords != null) {
      channel.write(text(lastWords), channel.voidPromise());
    }
    channel.writeAndFlush(new CloseWebSocketFrame(code, reason));
    // What the client still sends is read and dropped: a socket closed with unread input is reset,
    // and the client might never see the close frame.
    channel.config().setAutoRead(true);
    end =
        channel
            .eventLoop()
            .schedule(() -> channel.close(), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof WebSocketFrame frame)) {
      context.fireChannelRead(message);
      return;
    }
    try {
      heardAt = System.nanoTime();
      switch (frame) {
        case CloseWebSocketFrame close -> closed(close);
        case TextWebSocketFrame text when !closeSent -> received(text.content());
        case BinaryWebSocketFrame _ when !closeSent -> refuse(connections.notText());
        // Who does not read gets no pongs either: they would pile up.
        case PingWebSocketFrame ping when !closeSent && channel.isWritable() ->
            channel.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        default -> {} // pongs, and what need not be answered
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void received(ByteBuf content) {
    if (pace == null) {
      pace = new Pace(properties.framesPerSecond());
    }
    if (!pace.admits(System.nanoTime())) {
      refuse(connections.tooFast());
      return;
    }
    var frame = new Session.Received(content.toString(StandardCharsets.UTF_8));
    ServerRef<Session.Message> target;
    synchronized (this) {
      target = session;
    }
    if (target != null) {
      target.cast(frame);
    } else {
      early = Stream.concat(early.stream(), Stream.of(frame)).toList();
    }
  }

  /** Answers each, and tells of one a second: who floods us must not flood the moderators. */
  private void refuse(Problem problem) {
    offer(connections.encode(problem));
    if (told == null) {
      told = new Pace(1);
    }
    if (told.admits(System.nanoTime())) {
      connections.refused(room, user, problem);
    }
  }

  /** The client closes, or answers that we do. */
  private void closed(CloseWebSocketFrame close) {
    beginClose();
    if (closeSent) {
      channel.close();
    } else {
      closeSent = true;
      CloseWebSocketFrame answer =
          close.statusCode() < 0
              ? new CloseWebSocketFrame()
              : new CloseWebSocketFrame(close.statusCode(), "");
      channel.writeAndFlush(answer).addListener(_ -> channel.close());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    switch (cause) {
      case CorruptedWebSocketFrameException corrupted ->
          close(corrupted.closeStatus().code(), corrupted.closeStatus().reasonText());
      case TooLongFrameException _ ->
          close(CloseStatus.TOO_BIG_TO_PROCESS.getCode(), "Message too big");
      case IOException _ -> channel.close(); // it is gone
      default -> {
        LOG.warn("Connection {} failed", channel, cause);
        close(CloseStatus.SERVER_ERROR.getCode(), "Internal error");
      }
    }
  }

  /** The channel is closed, whoever did it. */
  void ended() {
    beginClose();
    if (end != null) {
      end.cancel(false);
    }
    connections.remove(this);
  }
}
