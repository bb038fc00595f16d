package io.otp.autoconfigure.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.MeterRegistry;
import io.otp.autoconfigure.DocumentationPage;
import io.otp.autoconfigure.breaker.Breaker;
import io.otp.load.Admission;
import io.otp.load.Regulator;
import io.otp.load.Ticket;
import io.otp.process.Call;
import io.otp.process.MailboxBound;
import io.otp.process.Overload;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the web answers when regulators, mailboxes and the like refuse; WebFlux and MVC. */
@Timeout(180)
class WebAdmissionTests {

  private static final String[] SECURITY = {
    "SecurityAutoConfiguration",
    "UserDetailsServiceAutoConfiguration",
    "web.reactive.ReactiveWebSecurityAutoConfiguration",
    "actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration",
    "web.servlet.ServletWebSecurityAutoConfiguration",
    "web.servlet.SecurityFilterAutoConfiguration",
    "actuate.web.servlet.ManagementWebSecurityAutoConfiguration"
  };

  /** The common pool has one thread on a small machine, and all tests of the JVM share it. */
  private static final Executor OWN_THREAD = task -> Thread.ofVirtual().start(task);

  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class Application {
    @Bean
    Clerk clerk() {
      return new Clerk();
    }

    @Bean
    Web web(Regulators regulators, ServerRef<Clerk.Get> clerk, ProcessRuntime runtime) {
      return new Web(regulators, clerk, runtime);
    }

    @Bean
    CircuitBreaker breaker() {
      return CircuitBreaker.ofDefaults("breaker");
    }

    @Bean
    SupervisorSpec breakers(CircuitBreaker breaker) {
      return SupervisorSpec.of(
          "breakers", Strategy.ONE_FOR_ONE, Breaker.childSpec("breaker", breaker));
    }
  }

  /** A server with room for one message. */
  static final class Clerk implements GenServer<Clerk.Get, Integer> {
    record Get() implements Call<Get, Integer> {}

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withMailbox(MailboxBound.of(1, Overload.REJECT));
    }

    @Override
    public Integer init(NoArgs args, Self<Get> self) {
      return 1;
    }

    @Override
    public Next<Integer> handle(Get message, Integer state, Self<Get> self) {
      return Next.reply(message, state, state);
    }
  }

  @RestController
  static final class Web {
    private final Regulators regulators;
    private final ServerRef<Clerk.Get> clerk;
    private final ProcessRuntime runtime;
    volatile CompletableFuture<String> slow = new CompletableFuture<>();

    Web(Regulators regulators, ServerRef<Clerk.Get> clerk, ProcessRuntime runtime) {
      this.regulators = regulators;
      this.clerk = clerk;
      this.runtime = runtime;
    }

    @GetMapping("/slow")
    CompletableFuture<String> slow() {
      return slow;
    }

    @GetMapping({"/rare/{name}", "/free"})
    String rare() {
      return "here";
    }

    @GetMapping("/broken")
    String broken() {
      throw new IllegalStateException("as told");
    }

    @GetMapping("/inner")
    CompletableFuture<String> inner() {
      return CompletableFuture.supplyAsync(
          () -> regulators.get("inner").run(() -> "in"), OWN_THREAD);
    }

    @GetMapping("/open")
    CompletableFuture<Integer> open() {
      return CompletableFuture.supplyAsync(
          () -> Breaker.of(runtime, "breaker").call(clerk, new Clerk.Get()), OWN_THREAD);
    }

    @GetMapping("/full")
    CompletableFuture<Integer> full() {
      return clerk.callAsync(new Clerk.Get()).toCompletableFuture();
    }
  }

  private static final Map<String, ConfigurableApplicationContext> APPLICATIONS =
      new ConcurrentHashMap<>();

  private static ConfigurableApplicationContext application(String type) {
    return APPLICATIONS.computeIfAbsent(type, WebAdmissionTests::start);
  }

  private static ConfigurableApplicationContext start(String type) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("spring.main.web-application-type", type);
    properties.put("spring.main.banner-mode", "off");
    properties.put("server.address", "127.0.0.1");
    properties.put("server.port", "0");
    properties.put(
        "spring.autoconfigure.exclude",
        "org.springframework.boot.security.autoconfigure."
            + String.join(",org.springframework.boot.security.autoconfigure.", SECURITY));
    properties.put("otp.supervisors.office.children[0].id", "clerk");
    properties.put("otp.supervisors.office.children[0].server", "clerk");
    properties.put("otp.regulators.one.limit", "1");
    properties.put("otp.regulators.one.paths", "/slow,/broken,/actuator/**");
    properties.put("otp.regulators.rare.rate", "1");
    properties.put("otp.regulators.rare.period", "1h");
    properties.put("otp.regulators.rare.paths", "/rare/{*name}");
    properties.put("otp.regulators.inner.rate", "1");
    properties.put("otp.regulators.inner.period", "30m");
    var application = new SpringApplication(Application.class);
    application.setDefaultProperties(properties);
    return application.run();
  }

  @AfterAll
  static void stop() {
    APPLICATIONS.values().forEach(ConfigurableApplicationContext::close);
    APPLICATIONS.clear();
  }

  private static Regulator regulator(String type, String name) {
    return application(type).getBean(Regulators.class).get(name);
  }

  private static EntityExchangeResult<byte[]> get(String type, String path) {
    String port = application(type).getEnvironment().getRequiredProperty("local.server.port");
    return WebTestClient.bindToServer()
        .baseUrl("http://127.0.0.1:" + port)
        .responseTimeout(Duration.ofSeconds(60))
        .build()
        .get()
        .uri(path)
        .exchange()
        .expectBody()
        .returnResult();
  }

  private static void refused(EntityExchangeResult<byte[]> result, int status, String retryAfter) {
    assertThat(result.getStatus().value()).isEqualTo(status);
    assertThat(result.getResponseHeaders().getFirst("Retry-After")).isEqualTo(retryAfter);
  }

  private static int status(String type, String path) {
    return get(type, path).getStatus().value();
  }

  private static void awaitActive(String type, int places) {
    await().until(() -> regulator(type, "one").status().active() == places);
  }

  private static double count(String type, String regulator, String outcome) {
    return application(type)
        .getBean(MeterRegistry.class)
        .get("otp.regulator.asks")
        .tags("regulator", regulator, "outcome", outcome)
        .counter()
        .count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void aRequestKeepsItsPlaceUntilItIsAnswered(String type) {
    Web web = application(type).getBean(Web.class);
    web.slow = new CompletableFuture<>();
    double before = count(type, "one", "overload");
    CompletableFuture<Integer> first =
        CompletableFuture.supplyAsync(() -> status(type, "/slow"), OWN_THREAD);
    awaitActive(type, 1);
    refused(get(type, "/slow"), 503, "1");
    assertThat(count(type, "one", "overload")).isEqualTo(before + 1);
    assertThat(status(type, "/free")).isEqualTo(200);
    web.slow.complete("done");
    assertThat(first.join()).isEqualTo(200);
    awaitActive(type, 0);
    assertThat(status(type, "/slow")).isEqualTo(200);
    awaitActive(type, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void aRequestThatFailsGivesItsPlaceBack(String type) {
    assertThat(status(type, "/broken")).isEqualTo(500);
    awaitActive(type, 0);
    assertThat(status(type, "/broken")).isEqualTo(500);
    awaitActive(type, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void actuatorIsNeverRegulated(String type) {
    Ticket ticket = ((Admission.Admitted) regulator(type, "one").ask()).ticket();
    refused(get(type, "/slow"), 503, "1");
    assertThat(status(type, "/actuator/health")).isEqualTo(200);
    assertThat(status(type, "/actuator")).isEqualTo(200);
    regulator(type, "one").done(ticket);
    awaitActive(type, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void moreThanTheRateIs429WithTheTimeToWait(String type) {
    assertThat(status(type, "/rare/bird")).isEqualTo(200);
    EntityExchangeResult<byte[]> result = get(type, "/rare/fish");
    assertThat(result.getStatus().value()).isEqualTo(429);
    assertThat(Integer.parseInt(result.getResponseHeaders().getFirst("Retry-After")))
        .isBetween(3_000, 3_600);
    assertThat(count(type, "rare", "rate")).isEqualTo(1);
    assertThat(count(type, "rare", "admitted")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void aRefusalInAControllerIsAnsweredAsOneAtTheDoor(String type) {
    assertThat(status(type, "/inner")).isEqualTo(200);
    EntityExchangeResult<byte[]> result = get(type, "/inner");
    assertThat(result.getStatus().value()).isEqualTo(429);
    assertThat(Integer.parseInt(result.getResponseHeaders().getFirst("Retry-After")))
        .isBetween(1_500, 1_800);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void aFullMailboxIs503(String type) {
    ProcessRuntime runtime = application(type).getBean(ProcessRuntime.class);
    var clerk = runtime.whereis("clerk").orElseThrow();
    ServerRef<Clerk.Get> ref = ServerRef.of(runtime, clerk);
    assertThat(status(type, "/full")).isEqualTo(200);
    Sys.suspend(clerk);
    var waiting = ref.callAsync(new Clerk.Get(), Duration.ofMinutes(1)).toCompletableFuture();
    refused(get(type, "/full"), 503, "1");
    Sys.resume(clerk);
    assertThat(waiting.join()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactive", "servlet"})
  void anOpenBreakerIs503(String type) {
    assertThat(status(type, "/open")).isEqualTo(200);
    application(type).getBean(CircuitBreaker.class).transitionToOpenState();
    EntityExchangeResult<byte[]> result = get(type, "/open");
    assertThat(result.getStatus().value()).isEqualTo(503);
    assertThat(Integer.parseInt(result.getResponseHeaders().getFirst("Retry-After")))
        .isBetween(1, 60);
  }

  @Test
  void itsMetersAreDocumentedAndHaveADescription() {
    String page = DocumentationPage.read("load.md");
    var meters =
        application("reactive").getBean(MeterRegistry.class).getMeters().stream()
            .filter(meter -> meter.getId().getName().startsWith("otp.regulator."))
            .toList();
    assertThat(meters).hasSize(3 * (4 + 1)); // of each regulator
    assertThat(meters)
        .allSatisfy(
            meter -> {
              assertThat(meter.getId().getDescription()).isNotBlank();
              assertThat(meter.getId().getBaseUnit()).isNotBlank();
              assertThat(page).contains("| `" + meter.getId().getName() + "` |");
            });
  }

  /** With MVC nobody tells the server of it before the answer is written. */
  @Test
  void aClientThatGoesAwayGivesItsPlaceBack() throws IOException {
    String type = "reactive";
    application(type).getBean(Web.class).slow = new CompletableFuture<>();
    int port =
        application(type).getEnvironment().getRequiredProperty("local.server.port", int.class);
    try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
      socket
          .getOutputStream()
          .write("GET /slow HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      awaitActive(type, 1);
    }
    awaitActive(type, 0);
  }

  @Test
  void aRegulatorThatNobodyDeclaredIsNamed() {
    assertThat(application("reactive").getBean(Regulators.class).names())
        .containsExactlyInAnyOrder("one", "rare", "inner");
    org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> regulator("reactive", "two"))
        .withMessage(
            "There is no regulator 'two'. Known: inner, one, rare. Declare it as"
                + " otp.regulators.two.");
  }
}
