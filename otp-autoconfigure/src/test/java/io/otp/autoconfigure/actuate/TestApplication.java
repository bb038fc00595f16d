package io.otp.autoconfigure.actuate;

import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.test.web.reactive.server.WebTestClient;

/** A real application with Actuator on a port of its own, and a client for it. */
final class TestApplication implements AutoCloseable {

  private static final List<String> SECURITY =
      List.of(
          "org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration");

  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class Configuration {
    @Bean
    Till till() {
      return new Till();
    }
  }

  /** A process that does nothing. */
  static final class Idle extends Behaviour {
    private static final CallbackModule MODULE = CallbackModule.of("Idle", "test");

    @Override
    protected CallbackModule module() {
      return MODULE;
    }

    @Override
    protected @Nullable ExitReason init(Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
      return null;
    }
  }

  final ConfigurableApplicationContext context;
  final WebTestClient client;

  private TestApplication(ConfigurableApplicationContext context) {
    this.context = context;
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    this.client =
        WebTestClient.bindToServer()
            .baseUrl("http://127.0.0.1:" + port + "/actuator")
            .responseTimeout(Duration.ofSeconds(60))
            .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(8 << 20))
            .build();
  }

  /** With a tree of two tills, under a supervisor and a supervisor below. */
  static TestApplication reactive(String... properties) {
    return start("reactive", properties);
  }

  static TestApplication servlet(String... properties) {
    return start("servlet", properties);
  }

  private static TestApplication start(String type, String... properties) {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put("spring.main.web-application-type", type);
    defaults.put("spring.application.name", "shop-node");
    defaults.put("spring.main.banner-mode", "off");
    defaults.put("server.address", "127.0.0.1");
    defaults.put("server.port", "0");
    defaults.put("spring.autoconfigure.exclude", String.join(",", SECURITY));
    defaults.put("management.endpoints.web.exposure.include", "*");
    defaults.put("management.endpoint.health.show-details", "always");
    defaults.put("otp.supervisors.shop.strategy", "rest-for-one");
    defaults.put("otp.supervisors.shop.intensity", "3");
    defaults.put("otp.supervisors.shop.period", "60s");
    defaults.put("otp.supervisors.shop.children[0].id", "till");
    defaults.put("otp.supervisors.shop.children[0].server", "till");
    defaults.put("otp.supervisors.shop.children[1].id", "back");
    defaults.put("otp.supervisors.shop.children[1].supervisor.children[0].id", "safe");
    defaults.put("otp.supervisors.shop.children[1].supervisor.children[0].server", "till");
    for (String property : properties) {
      int equals = property.indexOf('=');
      defaults.put(property.substring(0, equals), property.substring(equals + 1));
    }
    var application = new SpringApplication(Configuration.class);
    application.setDefaultProperties(defaults);
    return new TestApplication(application.run());
  }

  ProcessRuntime runtime() {
    return context.getBean(ProcessRuntime.class);
  }

  ServerRef<Till.Message> till(String name) {
    return ServerRef.of(runtime(), name);
  }

  Pid pidOf(String name) {
    return runtime().whereis(name).orElseThrow();
  }

  /** As it is written in a URL. */
  static String inUrl(Pid pid) {
    String text = pid.toString();
    return text.substring(1, text.length() - 1);
  }

  List<Pid> startIdle(int count, String application) {
    var pids = new ArrayList<Pid>(count);
    for (int i = 0; i < count; i++) {
      pids.add(runtime().spawn(new Idle(), SpawnOptions.NONE.withApplication(application)));
    }
    return pids;
  }

  WebTestClient.BodyContentSpec get(String path) {
    return client.get().uri(path).exchange().expectStatus().isOk().expectBody();
  }

  /** The text that a request is refused with. */
  String refusal(String path, int status) {
    byte[] body =
        client
            .get()
            .uri(path)
            .exchange()
            .expectStatus()
            .isEqualTo(status)
            .expectBody()
            .jsonPath("$.error")
            .isNotEmpty()
            .returnResult()
            .getResponseBody();
    return new String(body, java.nio.charset.StandardCharsets.UTF_8);
  }

  WebTestClient.ResponseSpec post(String path, Map<String, String> body) {
    return client.post().uri(path).bodyValue(body).exchange();
  }

  @Override
  public void close() {
    context.close();
  }
}
