package io.otp.autoconfigure.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.otp.autoconfigure.DocumentationPage;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Info;
import io.otp.process.MessageContext;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ObservedMessagesTests {

  sealed interface Message {}

  /** Answers with the logging context and the names of the observations around it. */
  record Where() implements Message, Call<Message, String> {}

  /** Asks another server where it is. */
  record Ask(String name) implements Message, Call<Message, String> {}

  record Crash() implements Message, Cast<Message> {}

  static final class Server implements GenServer<Message, Integer> {
    private final ObservationRegistry registry;

    Server(ObservationRegistry registry) {
      this.registry = registry;
    }

    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Message message, Integer state, Self<Message> self) {
      return switch (message) {
        case Where where -> Next.reply(where, MDC.get("user") + " " + around(registry), state);
        case Ask ask -> {
          String there = ServerRef.<Message>of(self.runtime(), ask.name()).call(new Where());
          yield Next.reply(ask, there, state);
        }
        case Crash _ -> throw new IllegalStateException("as told");
      };
    }
  }

  private static List<String> around(ObservationRegistry registry) {
    var names = new ArrayList<String>();
    ObservationView o = registry.getCurrentObservation();
    while (o != null) {
      names.add(o.getContextView().getName());
      o = o.getContextView().getParentObservation();
    }
    return names;
  }

  /** Keeps what has stopped. */
  static final class Stopped implements ObservationHandler<Observation.Context> {
    final Queue<Observation.Context> contexts = new ConcurrentLinkedQueue<>();

    @Override
    public void onStop(Observation.Context context) {
      contexts.add(context);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }

    Observation.Context of(String name) {
      await().until(() -> contexts.stream().anyMatch(c -> c.getName().equals(name)));
      return contexts.stream().filter(c -> c.getName().equals(name)).findFirst().orElseThrow();
    }
  }

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  OtpAutoConfiguration.class,
                  ThreadLocalAutoConfiguration.class,
                  ObservationAutoConfiguration.class,
                  ProcessObservationAutoConfiguration.class))
          .withBean(Stopped.class)
          .withPropertyValues("otp.observation.enabled=true");

  private static ServerRef<Message> start(AssertableApplicationContext context, String name) {
    var runtime = context.getBean(ProcessRuntime.class);
    var server = new Server(context.getBean(ObservationRegistry.class));
    GenServers.start(runtime, server, NoArgs.NO_ARGS, GenServers.StartOptions.named(name));
    return ServerRef.of(runtime, name);
  }

  private static <T> T observed(
      AssertableApplicationContext context, Call<Message, T> message, ServerRef<Message> to) {
    MDC.put("user", "joe");
    try {
      return Observation.createNotStarted("http", context.getBean(ObservationRegistry.class))
          .observe(() -> to.call(message));
    } finally {
      MDC.clear();
    }
  }

  @Test
  void aTraceGoesOnThroughServersAndTheLoggingContextWithIt() {
    runner.run(
        context -> {
          ServerRef<Message> first = start(context, "first");
          start(context, "second");
          assertThat(observed(context, new Ask("second"), first))
              .isEqualTo("joe [otp.handle, otp.call, otp.handle, otp.call, http]");
        });
  }

  @Test
  void nothingIsLeftAfterTheCallback() {
    runner.run(
        context -> {
          ServerRef<Message> server = start(context, "server");
          assertThat(observed(context, new Where(), server)).startsWith("joe [otp.handle");
          assertThat(server.call(new Where())).isEqualTo("null []");
        });
  }

  @Test
  void saysWhatWasCalledAndHandledAndHowItEnded() {
    runner.run(
        context -> {
          observed(context, new Where(), start(context, "server"));
          Stopped stopped = context.getBean(Stopped.class);
          Observation.Context call = stopped.of("otp.call");
          assertThat(call.getContextualName()).isEqualTo("call Where");
          assertThat(call.getLowCardinalityKeyValue("otp.message").getValue()).isEqualTo("Where");
          assertThat(call.getLowCardinalityKeyValue("otp.outcome").getValue()).isEqualTo("ok");
          assertThat(call.getHighCardinalityKeyValue("otp.to").getValue()).isEqualTo("'server'");
          Observation.Context handle = stopped.of("otp.handle");
          assertThat(handle.getContextualName()).isEqualTo("handle Where");
          assertThat(handle.getLowCardinalityKeyValue("otp.behaviour").getValue())
              .isEqualTo("ObservedMessagesTests$Server");
          assertThat(handle.getLowCardinalityKeyValue("otp.application").getValue())
              .isEqualTo("none");
          assertThat(handle.getHighCardinalityKeyValue("otp.pid").getValue()).startsWith("<0.");
          assertThat(handle.getError()).isNull();
        });
  }

  @Test
  void aFailedCallAndACrashAreErrors() {
    runner.run(
        context -> {
          ServerRef<Message> server = start(context, "server");
          var registry = context.getBean(ObservationRegistry.class);
          Stopped stopped = context.getBean(Stopped.class);
          Observation.createNotStarted("http", registry)
              .observe(
                  () -> {
                    server.cast(new Crash());
                    ServerRef<Message> nobody =
                        ServerRef.of(context.getBean(ProcessRuntime.class), "nobody");
                    assertThatThrownBy(() -> nobody.call(new Where(), Duration.ofSeconds(5)))
                        .isInstanceOf(CallException.class);
                  });
          assertThat(stopped.of("otp.handle").getError()).hasMessageContaining("as told");
          assertThat(stopped.of("otp.handle").getLowCardinalityKeyValue("otp.outcome").getValue())
              .isEqualTo("crash");
          assertThat(stopped.of("otp.call").getLowCardinalityKeyValue("otp.outcome").getValue())
              .isEqualTo("noproc");
          assertThat(stopped.of("otp.call").getError()).isNotNull();
        });
  }

  @Test
  void asynchronousCallsAreObservedTooAndNothingStaysOpen() {
    runner.run(
        context -> {
          ServerRef<Message> server = start(context, "server");
          var registry = context.getBean(ObservationRegistry.class);
          String there =
              Observation.createNotStarted("http", registry)
                  .observe(() -> server.callAsync(new Where()))
                  .toCompletableFuture()
                  .join();
          assertThat(there).isEqualTo("null [otp.handle, otp.call, http]");
          context.getBean(Stopped.class).of("otp.call");
          assertThat(registry.getCurrentObservation()).isNull();
        });
  }

  /** Remembers what was around it when it was sent something. */
  static final class Witness implements GenServer<Message, String> {
    private final ObservationRegistry registry;

    Witness(ObservationRegistry registry) {
      this.registry = registry;
    }

    private String here() {
      return MDC.get("user") + " " + around(registry);
    }

    @Override
    public String init(NoArgs args, Self<Message> self) {
      return "init: " + here();
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return message instanceof Where where
          ? Next.reply(where, state, state)
          : Next.noreply("cast: " + here());
    }

    @Override
    public Next<String> handleInfo(Info info, String state, Self<Message> self) {
      return Next.noreply("info: " + here());
    }
  }

  private static void observed(AssertableApplicationContext context, Runnable action) {
    MDC.put("user", "joe");
    try {
      Observation.createNotStarted("http", context.getBean(ObservationRegistry.class))
          .observe(action);
    } finally {
      MDC.clear();
    }
  }

  @Test
  void everyWayToSendTakesTheTraceAndTheLoggingContext() {
    runner.run(
        context -> {
          var runtime = context.getBean(ProcessRuntime.class);
          var witness = new Witness(context.getBean(ObservationRegistry.class));
          observed(
              context,
              () ->
                  GenServers.start(
                      runtime, witness, NoArgs.NO_ARGS, GenServers.StartOptions.named("witness")));
          ServerRef<Message> server = ServerRef.of(runtime, "witness");
          Pid pid = server.whereis().orElseThrow();
          assertThat(server.call(new Where())).isEqualTo("init: joe [otp.handle, http]");
          observed(context, () -> server.cast(new Crash()));
          assertThat(server.call(new Where())).isEqualTo("cast: joe [otp.handle, http]");
          observed(context, () -> runtime.send(pid, "text"));
          assertThat(server.call(new Where())).isEqualTo("info: joe [otp.handle, http]");
          observed(context, () -> runtime.send("witness", new Crash()));
          assertThat(server.call(new Where())).isEqualTo("cast: joe [otp.handle, http]");
        });
  }

  @Test
  void aTimerDoesNot() {
    runner.run(
        context -> {
          var runtime = context.getBean(ProcessRuntime.class);
          var witness = new Witness(context.getBean(ObservationRegistry.class));
          GenServers.start(
              runtime, witness, NoArgs.NO_ARGS, GenServers.StartOptions.named("witness"));
          ServerRef<Message> server = ServerRef.of(runtime, "witness");
          observed(context, () -> runtime.sendAfter(Duration.ZERO, "witness", "later"));
          await().until(() -> server.call(new Where()).startsWith("info"));
          assertThat(server.call(new Where())).isEqualTo("info: null []");
        });
  }

  @Test
  void theKeysAreDocumented() {
    runner.run(
        context -> {
          observed(context, new Where(), start(context, "server"));
          for (String name : List.of("otp.call", "otp.handle")) {
            Observation.Context observation = context.getBean(Stopped.class).of(name);
            String row =
                DocumentationPage.read("metrics.md")
                    .lines()
                    .filter(line -> line.startsWith("| `" + name + "` | "))
                    .findFirst()
                    .orElseThrow();
            String[] cells = row.split("\\|");
            assertThat(keys(cells[3])).isEqualTo(keys(observation.getLowCardinalityKeyValues()));
            assertThat(keys(cells[4])).isEqualTo(keys(observation.getHighCardinalityKeyValues()));
          }
        });
  }

  private static Set<String> keys(String cell) {
    return Set.of(cell.replace("`", "").trim().split(" "));
  }

  private static Set<String> keys(KeyValues keyValues) {
    return keyValues.stream().map(KeyValue::getKey).collect(Collectors.toSet());
  }

  @Test
  void aNodeMakesNoTracesOfItsOwn() {
    runner.run(
        context -> {
          assertThat(start(context, "server").call(new Where())).isEqualTo("null []");
          assertThat(context.getBean(Stopped.class).contexts).isEmpty();
        });
  }

  @Test
  void theLoggingContextCanStay() {
    runner
        .withPropertyValues("otp.observation.mdc=false")
        .run(
            context ->
                assertThat(observed(context, new Where(), start(context, "server")))
                    .isEqualTo("null [otp.handle, otp.call, http]"));
  }

  @Test
  void itIsOffUnlessAskedFor() {
    runner
        .withPropertyValues("otp.observation.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(MessageContext.class));
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                OtpAutoConfiguration.class, ProcessObservationAutoConfiguration.class))
        .withPropertyValues("otp.observation.enabled=true")
        .run(context -> assertThat(context).doesNotHaveBean(MessageContext.class));
  }
}
