package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.DrainListener;
import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Servers run before the web server listens and until it has answered its last request: with
 * WebFlux and with MVC.
 */
@Timeout(180)
class WebServerTests {

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    WebEvents events() {
      return new WebEvents();
    }

    @Bean
    Recorder recorder(WebEvents events) {
      return new Recorder(events);
    }

    @Bean
    Web web(ServerRef<Recorder.Message> recorder, WebEvents events) {
      return new Web(recorder, events);
    }

    @Bean
    DrainListener drain(WebEvents events) {
      return () -> {
        events.add("drain, " + events.port());
        events.draining.countDown();
        return CompletableFuture.completedFuture(null);
      };
    }
  }

  static final class WebEvents extends Recorder.Events {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch answer = new CountDownLatch(1);
    final CountDownLatch draining = new CountDownLatch(1);
    private volatile int port;

    @EventListener
    void on(WebServerInitializedEvent event) {
      port = event.getWebServer().getPort();
      add("listening");
    }

    String port() {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return socket.isConnected() ? "port open" : "port closed";
      } catch (IOException e) {
        return "port closed";
      }
    }

    @Override
    void atStop(String name, ProcessRuntime runtime) {
      add(port());
    }
  }

  @RestController
  record Web(ServerRef<Recorder.Message> recorder, WebEvents events) {
    @GetMapping("/name")
    CompletableFuture<String> name() {
      return recorder.callAsync(new Recorder.Name()).toCompletableFuture();
    }

    /** Is being answered while the application stops. */
    @GetMapping("/slow")
    CompletableFuture<String> slow() {
      events.asked.countDown();
      return CompletableFuture.supplyAsync(
          () -> {
            try {
              events.answer.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return recorder.call(new Recorder.Name());
          },
          task -> Thread.ofVirtual().start(task));
    }

    /** On the thread that serves the request. */
    @GetMapping("/call")
    String call() {
      try {
        return recorder.call(new Recorder.Name());
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  private static ConfigurableApplicationContext start(WebApplicationType type) {
    var application =
        TestApplication.of(
            new Class<?>[] {Application.class},
            "server.port=0",
            "server.address=127.0.0.1",
            "spring.security.user.name=joe",
            "spring.security.user.password=secret",
            "otp.supervisors.a.children[0].id=a1",
            "otp.supervisors.a.children[0].server=recorder",
            "otp.supervisors.a.children[0].args=a1");
    application.setWebApplicationType(type);
    return application.run();
  }

  private static HttpRequest request(ConfigurableApplicationContext context, String path) {
    String user = Base64.getEncoder().encodeToString("joe:secret".getBytes(StandardCharsets.UTF_8));
    int port = ((WebServerApplicationContext) context).getWebServer().getPort();
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("Authorization", "Basic " + user)
        .build();
  }

  private static String get(ConfigurableApplicationContext context, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request(context, path), HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REACTIVE", "SERVLET"})
  void serversRunAsLongAsTheWebServerAnswers(WebApplicationType type) throws Exception {
    ConfigurableApplicationContext context = start(type);
    WebEvents events = context.getBean(WebEvents.class);
    try (context;
        var client = HttpClient.newHttpClient()) {
      assertThat(get(context, "/name")).isEqualTo("a1");
      CompletableFuture<HttpResponse<String>> slow =
          client.sendAsync(request(context, "/slow"), HttpResponse.BodyHandlers.ofString());
      assertThat(events.asked.await(60, TimeUnit.SECONDS)).isTrue();
      Thread closing = Thread.ofPlatform().start(context::close);
      assertThat(events.draining.await(60, TimeUnit.SECONDS)).isTrue();
      events.answer.countDown();
      assertThat(slow.get(60, TimeUnit.SECONDS).body()).isEqualTo("a1");
      closing.join();
    }
    assertThat(events.seen())
        .containsExactly("start a1", "listening", "drain, port open", "stop a1", "port closed");
  }

  @ParameterizedTest
  @EnumSource(names = {"REACTIVE", "SERVLET"})
  void aCallIsRefusedOnAThreadThatMustNotBlock(WebApplicationType type) throws Exception {
    try (var context = start(type)) {
      String answer = get(context, "/call");
      if (type == WebApplicationType.SERVLET) {
        assertThat(answer).isEqualTo("a1");
      } else {
        assertThat(answer)
            .matches(
                "A call to 'a1' would block thread '(reactor|parallel)[^']+', which must not block."
                    + " Use callAsync, which returns a CompletionStage, or move the call to a"
                    + " thread that may\\.");
      }
    }
  }
}
