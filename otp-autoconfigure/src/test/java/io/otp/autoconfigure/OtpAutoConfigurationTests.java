package io.otp.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.RuntimeClock;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The node as a bean. */
class OtpAutoConfigurationTests {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(OtpAutoConfiguration.class));

  record Ping() implements Call<Ping, String> {}

  static final class Pong implements GenServer<Ping, String> {
    @Override
    public String init(NoArgs args, Self<Ping> self) {
      return "pong";
    }

    @Override
    public Next<String> handle(Ping ping, String state, Self<Ping> self) {
      return Next.reply(ping, state, state);
    }
  }

  private static ServerRef<Ping> pong(ProcessRuntime runtime) {
    GenServers.start(runtime, new Pong(), NoArgs.NO_ARGS, StartOptions.named("pong"));
    return ServerRef.of(runtime, "pong");
  }

  @Test
  void theNodeIsCalledAsTheApplication() {
    runner
        .withPropertyValues("spring.application.name=shop")
        .run(context -> assertThat(context.getBean(ProcessRuntime.class).name()).isEqualTo("shop"));
    runner
        .withPropertyValues("spring.application.name=shop", "otp.node-name=till")
        .run(context -> assertThat(context.getBean(ProcessRuntime.class).name()).isEqualTo("till"));
    runner.run(
        context -> assertThat(context.getBean(ProcessRuntime.class).name()).isEqualTo("otp"));
  }

  @Test
  void backsOffFromARuntimeOfYourOwn() {
    runner
        .withBean("mine", ProcessRuntime.class, () -> ProcessRuntime.builder().name("mine").build())
        .run(
            context ->
                assertThat(context).getBeanNames(ProcessRuntime.class).containsExactly("mine"));
  }

  @Test
  void closesTheRuntimeWithTheContext() {
    var runtime = new ProcessRuntime[1];
    runner.run(context -> runtime[0] = context.getBean(ProcessRuntime.class));
    assertThat(runtime[0].isClosed()).isTrue();
  }

  @Configuration(proxyBeanMethods = false)
  static class Customizers {
    final List<String> called = new ArrayList<>();

    @Bean
    List<String> called() {
      return called;
    }

    @Bean
    @Order(2)
    ProcessRuntimeCustomizer second() {
      return builder -> {
        called.add("second");
        builder.name("second");
      };
    }

    @Bean
    @Order(1)
    ProcessRuntimeCustomizer first() {
      return builder -> {
        called.add("first");
        builder.name("first");
      };
    }
  }

  @Test
  void customizersComeLastAndInOrder() {
    runner
        .withUserConfiguration(Customizers.class)
        .withPropertyValues("otp.node-name=property")
        .run(
            context -> {
              assertThat(context.getBean(ProcessRuntime.class).name()).isEqualTo("second");
              assertThat(context.getBean("called")).isEqualTo(List.of("first", "second"));
            });
  }

  /** A clock that stands still. */
  record Still(Instant instant) implements RuntimeClock {
    @Override
    public long nanoTime() {
      return 0;
    }
  }

  @Test
  void usesAClockThatIsABean() {
    var clock = new Still(Instant.parse("2001-02-03T04:05:06Z"));
    runner
        .withBean(RuntimeClock.class, () -> clock)
        .run(
            context ->
                assertThat(context.getBean(ProcessRuntime.class).startedAt())
                    .isEqualTo(clock.instant()));
  }

  /** Can be changed by whoever has the list. */
  record Basket(List<String> lines) implements Cast<Ping> {}

  /** Says that it cannot. */
  @Immutable
  record Promise(List<String> lines) implements Cast<Ping> {}

  @Test
  void refusesWhatCannotBeShownImmutable() {
    runner.run(
        context -> {
          Pid pong = pong(context.getBean(ProcessRuntime.class)).whereis().orElseThrow();
          assertThatThrownBy(
                  () ->
                      context
                          .getBean(ProcessRuntime.class)
                          .send(pong, new Basket(new ArrayList<>(List.of("bread")))))
              .isInstanceOf(MutableMessageException.class)
              .hasMessageStartingWith(
                  "Message " + Basket.class.getName() + " cannot be shown immutable")
              .hasMessageContaining("lines = List.copyOf(lines)");
        });
  }

  @Test
  void warnsOrLooksAway() {
    for (String mode : List.of("warn", "off")) {
      runner
          .withPropertyValues("otp.messages.immutability=" + mode)
          .run(
              context -> {
                var runtime = context.getBean(ProcessRuntime.class);
                Pid nobody = runtime.nobody();
                runtime.send(nobody, new Basket(new ArrayList<>(List.of("bread"))));
              });
    }
  }

  @Test
  void believesWhatTheApplicationSaysOfItsTypes() {
    runner
        .withPropertyValues("otp.messages.immutable-types=" + Basket.class.getName())
        .run(
            context -> {
              var runtime = context.getBean(ProcessRuntime.class);
              runtime.send(runtime.nobody(), new Basket(new ArrayList<>()));
            });
  }

  @Test
  void theDebugModeFindsWhatIsChangedAfterItsSend() {
    runner
        .withPropertyValues("otp.messages.debug=true")
        .run(
            context -> {
              var runtime = context.getBean(ProcessRuntime.class);
              Pid pong = pong(runtime).whereis().orElseThrow();
              var end = new CompletableFuture<ExitReason>();
              runtime.atExit(pong, end::complete);
              Sys.suspend(pong);
              var lines = new ArrayList<>(List.of("bread"));
              runtime.send(pong, new Promise(lines));
              lines.add("butter");
              Sys.resume(pong);
              assertThat(end.get(30, TimeUnit.SECONDS).toString())
                  .contains(
                      "Message "
                          + Promise.class.getName()
                          + " was changed after it was sent. An object that was sent belongs to"
                          + " nobody: look for who still holds it");
            });
  }

  @Test
  void refusesACallOnAReactorThread() {
    runner.run(
        context -> {
          ServerRef<Ping> pong = pong(context.getBean(ProcessRuntime.class));
          Mono<String> call = Mono.fromCallable(() -> pong.call(new Ping()));
          assertThatIllegalStateException()
              .isThrownBy(() -> call.subscribeOn(Schedulers.parallel()).block(PATIENCE))
              .withMessageMatching(
                  "A call to 'pong' would block thread 'parallel-\\d+', which must not block. Use"
                      + " callAsync, which returns a CompletionStage, or move the call to a thread"
                      + " that may\\.");
          assertThat(call.subscribeOn(Schedulers.boundedElastic()).block(PATIENCE))
              .isEqualTo("pong");
        });
  }

  @Test
  void callAsyncWorksOnAReactorThread() {
    runner.run(
        context -> {
          ServerRef<Ping> pong = pong(context.getBean(ProcessRuntime.class));
          Mono<String> call =
              Mono.defer(() -> Mono.fromCompletionStage(pong.callAsync(new Ping())));
          assertThat(call.subscribeOn(Schedulers.parallel()).block(PATIENCE)).isEqualTo("pong");
        });
  }
}
