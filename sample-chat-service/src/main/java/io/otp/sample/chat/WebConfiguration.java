package io.otp.sample.chat;

import io.netty.channel.ChannelOption;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebFilter;

/** Settings of the web server that are no properties. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration {

  /** Left to itself the kernel would hold megabytes for a client that does not read. */
  private static final int SEND_BUFFER_BYTES = 64 * 1024;

  @Bean
  WebServerFactoryCustomizer<NettyReactiveWebServerFactory> sendBuffer() {
    return factory ->
        factory.addServerCustomizers(
            server -> server.childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES));
  }

  /** The page loads from this service only, runs no inline script, and is in nobody's frame. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @Bean
  WebFilter securityHeaders() {
    return (exchange, chain) -> {
      HttpHeaders headers = exchange.getResponse().getHeaders();
      headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      return chain.filter(exchange);
    };
  }

  /**
   * Boot answers GET for the page itself; who only asks whether it is there must not be told 404.
   */
  @Bean
  RouterFunction<ServerResponse> headOfPage(@Value("classpath:/static/index.html") Resource page) {
    return RouterFunctions.route()
        .HEAD("/", _ -> ServerResponse.ok().contentType(MediaType.TEXT_HTML).bodyValue(page))
        .build();
  }
}
