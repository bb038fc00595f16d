package io.otp.autoconfigure.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.otp.process.Cast;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/** The stream of traces, read by an HTTP client, on both stacks and on both ports. */
class OtpTraceEndpointTests {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static final String OPEN = "management.endpoint.otptrace.access=read-only";

  /** Security, and Tomcat's child context, since Netty's is there too. */
  private static final List<String> NOT_HERE =
      List.of(
          "org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
          "org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration");

  /** The common pool has one thread on a small machine, which a reader keeps. */
  private static final Executor OWN_THREAD = task -> Thread.ofVirtual().start(task);

  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class Configuration {}

  @Test
  void aClientThatHasGoneBeforeItsTraceBeganKeepsNoPlace() {
    try (ProcessRuntime runtime = ProcessRuntime.builder().name("gone").build()) {
      var streams = new TraceStreams(runtime, new TraceEndpointProperties(1, false));
      var controller = new FluxTraceController(streams);
      Map<String, String> all = Map.of("new", "true", "seconds", "600");
      assertThat(controller.trace(all).block(LIMIT)).isNotNull(); // its body is never read
      assertThatThrownBy(() -> streams.start(all, _ -> {})).isInstanceOf(TraceRefusal.class);
      await()
          .atMost(LIMIT)
          .ignoreExceptionsInstanceOf(TraceRefusal.class)
          .untilAsserted(() -> streams.start(all, _ -> {}).close()); // quiet for a second
    }
  }

  record Deposit(long cents) implements Cast<Deposit> {}

  static final class Ledger implements GenServer<Deposit, Long> {
    @Override
    public Long init(NoArgs args, Self<Deposit> self) {
      return 0L;
    }

    @Override
    public Next<Long> handle(Deposit deposit, Long state, Self<Deposit> self) {
      return Next.noreply(state + deposit.cents());
    }
  }

  /** An application with a server named ledger. */
  private static final class App implements AutoCloseable {
    final HttpClient client = HttpClient.newHttpClient();
    final ConfigurableApplicationContext context;
    final ServerRef<Deposit> ledger;
    final Pid pid;
    private final String base;

    App(String type, boolean ownPort, String... properties) {
      Map<String, Object> defaults = new HashMap<>();
      defaults.put("spring.main.web-application-type", type);
      defaults.put("spring.main.banner-mode", "off");
      defaults.put("server.address", "127.0.0.1");
      defaults.put("server.port", "0");
      if (ownPort) {
        defaults.put("management.server.port", "0");
        defaults.put("management.server.address", "127.0.0.1");
      }
      defaults.put("spring.autoconfigure.exclude", String.join(",", NOT_HERE));
      defaults.put("management.endpoints.web.exposure.include", "*");
      for (String property : properties) {
        int equals = property.indexOf('=');
        defaults.put(property.substring(0, equals), property.substring(equals + 1));
      }
      var application = new SpringApplication(Configuration.class);
      application.setDefaultProperties(defaults);
      context = application.run();
      String port =
          context
              .getEnvironment()
              .getRequiredProperty(ownPort ? "local.management.port" : "local.server.port");
      base = "http://127.0.0.1:" + port + "/actuator/otptrace";
      ProcessRuntime runtime = context.getBean(ProcessRuntime.class);
      StartResult result =
          GenServers.start(runtime, new Ledger(), NoArgs.NO_ARGS, StartOptions.named("ledger"));
      pid = ((StartResult.Started) result).pid();
      ledger = ServerRef.of(runtime, pid);
    }

    HttpResponse<String> get(String query) throws Exception {
      return client.send(
          HttpRequest.newBuilder(URI.create(base + query)).timeout(LIMIT).build(),
          BodyHandlers.ofString());
    }

    Stream open(String query) throws Exception {
      HttpResponse<InputStream> response =
          client
              .sendAsync(
                  HttpRequest.newBuilder(URI.create(base + query))
                      .header("Accept", "text/event-stream")
                      .build(),
                  BodyHandlers.ofInputStream())
              .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new Stream(response);
    }

    @Override
    public void close() {
      client.shutdownNow();
      context.close();
    }
  }

  /** A stream that is read line by line. */
  private record Stream(HttpResponse<InputStream> response, BufferedReader reader)
      implements AutoCloseable {

    Stream(HttpResponse<InputStream> response) {
      this(
          response,
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
    }

    /** What comes until the next event of that name is complete. */
    String event(String name) throws Exception {
      return CompletableFuture.supplyAsync(() -> read(name), OWN_THREAD)
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private String read(String name) {
      var lines = new ArrayList<String>();
      try {
        for (String line; (line = reader.readLine()) != null; ) {
          if (!line.isEmpty()) {
            lines.add(line);
          } else if (lines.contains("event:" + name)) {
            return lines.stream().filter(l -> l.startsWith("data:")).findFirst().orElseThrow();
          } else {
            lines.clear();
          }
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      throw new AssertionError("the stream ended without an event " + name + ": " + lines);
    }

    @Override
    public void close() throws IOException {
      response.body().close();
    }
  }

  @ParameterizedTest
  @CsvSource({"servlet,false", "servlet,true", "reactive,false", "reactive,true"})
  void eventsOfTheChosenAreStreamedUntilTheCount(String type, boolean ownPort) throws Exception {
    try (App app = new App(type, ownPort, OPEN);
        Stream stream = app.open("?name=ledger&flags=receive,call&max=3&seconds=60")) {
      assertThat(stream.response().statusCode()).isEqualTo(200);
      assertThat(stream.response().headers().firstValue("content-type").orElseThrow())
          .startsWith("text/event-stream");
      app.ledger.cast(new Deposit(4711));
      assertThat(stream.event("trace"))
          .contains("\"number\":1,", "\"kind\":\"receive\"", "\"name\":\"ledger\"")
          .contains("\"pid\":\"" + app.pid + "\"")
          .contains("OtpTraceEndpointTests$Deposit")
          .doesNotContain("4711");
      assertThat(stream.event("trace"))
          .contains("\"kind\":\"call\"", "OtpTraceEndpointTests$Ledger:handle");
      assertThat(stream.event("trace")).contains("\"kind\":\"return_from\"");
      assertThat(stream.event("end")).isEqualTo("data:{\"end\":\"count\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"servlet", "reactive"})
  void clientThatGoesEndsTheTrace(String type) throws Exception {
    try (App app = new App(type, true, OPEN, "management.endpoint.otptrace.max-sessions=1")) {
      Stream first = app.open("?name=ledger&seconds=600");
      app.ledger.cast(new Deposit(1));
      first.event("trace");
      HttpResponse<String> second = app.get("?name=ledger");
      assertThat(second.statusCode()).isEqualTo(429);
      assertThat(second.body())
          .contains(
              "1 traces run already, which is what management.endpoint.otptrace.max-sessions"
                  + " allows. End one, or wait until it has ended by itself.");
      first.close();
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                try (Stream again = app.open("?name=ledger&max=1&seconds=600")) {
                  return again.response().statusCode() == 200;
                }
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"servlet", "reactive"})
  void streamEndsWithItsTimeAndIsKeptOpenUntilThen(String type) throws Exception {
    try (App app = new App(type, false, OPEN);
        Stream stream = app.open("?new=true&flags=procs&seconds=2")) {
      assertThat(stream.event("end")).isEqualTo("data:{\"end\":\"time\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"servlet", "reactive"})
  void streamDoesNotKeepTheApplicationFromStopping(String type) throws Exception {
    try (App app = new App(type, false, OPEN);
        Stream stream = app.open("?name=ledger&flags=receive&seconds=600")) {
      app.ledger.cast(new Deposit(1));
      stream.event("trace");
      var stopped = CompletableFuture.runAsync(app.context::close, OWN_THREAD);
      assertThat(stream.event("end")).isEqualTo("data:{\"end\":\"closed\"}");
      stopped.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"servlet", "reactive"})
  void refusalsSayWhatIsAllowed(String type) throws Exception {
    try (App app = new App(type, false, OPEN)) {
      Map<String, String> refusals =
          Map.of(
              "",
              "Say which processes to trace: pid, name, behaviour or application, or new=true for"
                  + " all that are started from now on.",
              "?name=ledger&max=0",
              "max=0 is not allowed, it must be a number from 1 to 10000.",
              "?name=ledger&max=many",
              "max=many is not allowed, it must be a number from 1 to 10000.",
              "?name=ledger&seconds=601",
              "seconds=601 is not allowed, it must be a number from 1 to 600.",
              "?name=ledger&flags=send,all",
              "flags=send,all is not allowed, it must be some of send, receive, call and procs,"
                  + " with commas between them.",
              "?new=maybe",
              "new=maybe is not allowed, it must be true or false.",
              "?nam=ledger",
              "There is no parameter nam. Known: [application, behaviour, flags, max, name, new,"
                  + " pid, seconds].");
      for (var refusal : refusals.entrySet()) {
        HttpResponse<String> response = app.get(refusal.getKey());
        assertThat(response.statusCode()).as(refusal.getKey()).isEqualTo(400);
        assertThat(response.body()).isEqualTo("{\"error\":\"" + refusal.getValue() + "\"}");
      }
      HttpResponse<String> nobody = app.get("?pid=0.99999.1");
      assertThat(nobody.statusCode()).isEqualTo(404);
      assertThat(nobody.body())
          .isEqualTo(
              "{\"error\":\"There is no process 0.99999.1. Ask otpprocesses for those that"
                  + " live.\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"servlet", "reactive"})
  void closedByDefaultThoughExposed(String type) throws Exception {
    try (App app = new App(type, false)) {
      assertThat(app.get("?name=ledger").statusCode()).isEqualTo(404);
      assertThat(app.context.getBeansOfType(OtpTraceEndpoint.class)).isEmpty();
    }
    try (App app = new App(type, false, OPEN, "management.endpoints.web.exposure.include=health")) {
      assertThat(app.get("?name=ledger").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void messagesAreShownOnlyWhereThatIsAllowed() throws Exception {
    try (App app =
            new App("reactive", false, OPEN, "management.endpoint.otptrace.show-messages=true");
        Stream stream =
            app.open(
                "?pid=" + app.pid.toString().replaceAll("[<>]", "") + "&flags=receive&max=1")) {
      app.ledger.cast(new Deposit(4711));
      assertThat(stream.event("trace")).contains("Deposit[cents=4711]");
    }
  }

  @Test
  void tooManyTracesAreRefusedAtTheStart() {
    assertThatThrownBy(
            () -> new App("servlet", false, OPEN, "management.endpoint.otptrace.max-sessions=9"))
        .rootCause()
        .hasMessage(
            "management.endpoint.otptrace.max-sessions=9 is not allowed, it must be 1 to 8");
  }
}
