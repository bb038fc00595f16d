package io.otp.sample.chat;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Opaque;
import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildError;
import io.otp.supervisor.ChildStartException;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.StartChildResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.WebSocketSession;
import org.springframework.web.reactive.socket.server.WebSocketService;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.WebsocketServerSpec;

/** {@code /ws/chat/{room}?user=NAME}: one WebSocket, one {@link Session} process. */
@RestController
class ChatSocket {

  static final int MAX_FRAME_BYTES = 65_536;

  /** On a violation Netty's decoder leaves it to {@link ClientConnection} to close. */
  private static final WebSocketDecoderConfig DECODER =
      WebSocketDecoderConfig.newBuilder()
          .maxFramePayloadLength(MAX_FRAME_BYTES)
          .closeOnProtocolViolation(false)
          .build();

  private final WebSocketService upgrade =
      new HandshakeWebSocketService(
          new ChatUpgrade(
              WebsocketServerSpec.builder().maxFramePayloadLength(MAX_FRAME_BYTES).build()));

  private final Connections connections;
  private final Moderation moderation;
  private final DynamicSupervisor<Session.Start, Session.Message> sessions;
  private final ProcessRuntime runtime;
  private final AsyncTaskExecutor executor;

  ChatSocket(
      Connections connections,
      Moderation moderation,
      DynamicSupervisor<Session.Start, Session.Message> sessions,
      ProcessRuntime runtime,
      AsyncTaskExecutor applicationTaskExecutor) {
    this.connections = connections;
    this.moderation = moderation;
    this.sessions = sessions;
    this.runtime = runtime;
    this.executor = applicationTaskExecutor;
  }

  @GetMapping("/ws/chat/{room}")
  Mono<Void> connect(
      @PathVariable String room,
      @RequestParam(required = false) @Nullable String user,
      ServerWebExchange exchange) {
    ProblemException.throwIf(Names.checkRoom(room));
    ProblemException.throwIf(Names.checkUser(user));
    if (!connections.isRunning()) {
      throw new ProblemException(
          HttpStatus.SERVICE_UNAVAILABLE, new Problem("stopping", "The service is stopping."));
    }
    String name = Objects.requireNonNull(user); // checked
    return upgrade.handleRequest(exchange, socket -> open(room, name, socket));
  }

  private Mono<Void> open(String room, String user, WebSocketSession socket) {
    Channel channel = ((ChatUpgrade.Session) socket).channel();
    ClientConnection connection = connections.open(channel, room, user);
    channel
        .pipeline()
        .addBefore(NettyPipeline.ReactiveBridge, "chat.utf8", new Utf8FrameValidator(false))
        .addBefore(
            NettyPipeline.ReactiveBridge,
            "chat.aggregator",
            new WebSocketFrameAggregator(MAX_FRAME_BYTES))
        .addBefore(NettyPipeline.ReactiveBridge, "chat.connection", connection)
        .replace(
            WebSocket13FrameDecoder.class, "chat.decoder", new WebSocket13FrameDecoder(DECODER));
    channel.closeFuture().addListener(_ -> connection.ended());
    // A supervisor starts one child at a time and this thread must not wait for it.
    executor.execute(() -> start(new Session.Start(room, user, Opaque.of(connection)), connection));
    return Mono.never(); // until the channel closes, which is up to the connection
  }

  private void start(Session.Start start, ClientConnection connection) {
    try {
      ServerRef<Session.Message> session = sessions.startChild(start);
      connection.attach(session);
      session
          .whereis()
          .ifPresentOrElse(
              process -> runtime.atExit(process, reason -> ended(reason, connection)),
              () -> ended(ExitReason.NORMAL, connection));
      if (!connections.isRunning()) {
        connection.close(CloseStatus.GOING_AWAY.getCode(), "The service is stopping");
      }
    } catch (ChildStartException e) {
      switch (e.result()) {
        case StartChildResult.Failed(ExitReason.Other(Session.NameTaken taken)) ->
            refuse(
                start,
                new Problem("name-taken", "There is a " + taken.user() + " in this room already."),
                CloseStatus.POLICY_VIOLATION);
        case StartChildResult.Refused(ChildError error) when error == ChildError.MAX_CHILDREN ->
            refuse(
                start,
                new Problem("too-many-sessions", "The service is full."),
                CloseStatus.SERVICE_OVERLOAD);
        default -> tryAgain(connection);
      }
    } catch (CallException e) {
      tryAgain(connection);
    } catch (RuntimeException e) {
      connection.close(CloseStatus.SERVER_ERROR.getCode(), "Internal error");
      throw e;
    }
  }

  private void refuse(Session.Start start, Problem problem, CloseStatus status) {
    moderation.refused(start.room(), start.user(), problem, "");
    start.connection().value().fail(problem, status.getCode());
  }

  /** The supervisor of the sessions is being restarted. */
  private static void tryAgain(ClientConnection connection) {
    connection.close(CloseStatus.SERVICE_RESTARTED.getCode(), "Try again");
  }

  /** A connection does not outlive its session. */
  private static void ended(ExitReason reason, ClientConnection connection) {
    CloseStatus status =
        reason.isAbnormal() ? CloseStatus.SERVER_ERROR : CloseStatus.SERVICE_RESTARTED;
    connection.close(status.getCode(), "The session has ended");
  }
}
