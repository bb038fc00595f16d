package io.otp.sample.chat;

import io.netty.channel.ChannelOption;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

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
}
