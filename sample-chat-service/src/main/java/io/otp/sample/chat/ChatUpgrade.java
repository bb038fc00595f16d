package io.otp.sample.chat;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.reactive.socket.HandshakeInfo;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.adapter.ReactorNettyWebSocketSession;
import org.springframework.web.reactive.socket.server.RequestUpgradeStrategy;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/**
 * Spring's upgrade for Reactor Netty, with sessions that show their channel: see {@link
 * ClientConnection} for what it is needed for.
 */
final class ChatUpgrade implements RequestUpgradeStrategy {

  private final WebsocketServerSpec spec;

  ChatUpgrade(WebsocketServerSpec spec) {
    this.spec = spec;
  }

  @Override
  public Mono<Void> upgrade(
      ServerWebExchange exchange,
      WebSocketHandler handler,
      @Nullable String subProtocol,
      Supplier<HandshakeInfo> handshake) {
    ServerHttpResponse response = exchange.getResponse();
    HttpServerResponse reactor = ServerHttpResponseDecorator.getNativeResponse(response);
    var buffers = (NettyDataBufferFactory) response.bufferFactory();
    HandshakeInfo info = handshake.get();
    return response
        .setComplete()
        .then(
            Mono.defer(
                () ->
                    reactor.sendWebsocket(
                        (in, out) -> handler.handle(new Session(in, out, info, buffers)), spec)));
  }

  /** A session that shows its channel. */
  static final class Session extends ReactorNettyWebSocketSession {

    Session(
        WebsocketInbound in,
        WebsocketOutbound out,
        HandshakeInfo info,
        NettyDataBufferFactory buffers) {
      super(in, out, info, buffers);
    }

    Channel channel() {
      var channel = new AtomicReference<Channel>();
      getDelegate().getInbound().withConnection(connection -> channel.set(connection.channel()));
      return channel.get();
    }
  }
}
