package io.otp.autoconfigure.observation;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.Call;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;

/** What one process leaves in thread locals is seen by none of 10,000 others. */
class ThreadLocalIsolationTests {

  private static final int OTHERS = 10_000;
  private static final String KEY = "io.otp.tests";
  private static final ThreadLocal<@Nullable String> REGISTERED = new ThreadLocal<>();
  private static final ObservationRegistry OBSERVATIONS = ObservationRegistry.create();

  sealed interface Message {}

  /** Leaves something in every thread local we know of. */
  record Litter() implements Message, Call<Message, String> {}

  /** Looks for what others left. */
  record Look() implements Message, Call<Message, String> {}

  static final class Worker implements GenServer<Message, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Message message, Integer state, Self<Message> self) {
      return switch (message) {
        case Litter litter -> {
          MDC.put("user", "joe");
          REGISTERED.set("joe");
          SecurityContextHolder.getContext()
              .setAuthentication(new TestingAuthenticationToken("joe", "secret"));
          Observation.start("of joe", OBSERVATIONS).openScope();
          Observation.start("of joe too", OBSERVATIONS).openScope();
          yield Next.reply(litter, "done", state);
        }
        case Look look -> Next.reply(look, seen(), state);
      };
    }
  }

  private static final String EVERYTHING = "[mdc, registered, security, observation]";

  private static String seen() {
    var seen = new ArrayList<String>();
    if (MDC.get("user") != null) {
      seen.add("mdc");
    }
    if (REGISTERED.get() != null) {
      seen.add("registered");
    }
    if (SecurityContextHolder.getContext().getAuthentication() != null) {
      seen.add("security");
    }
    if (OBSERVATIONS.getCurrentObservation() != null) {
      seen.add("observation");
    }
    return seen.toString();
  }

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, ThreadLocalAutoConfiguration.class))
          .withPropertyValues("otp.schedulers=1");

  @BeforeEach
  void register() {
    ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, REGISTERED);
  }

  @AfterEach
  void forget() {
    ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
  }

  private static Pid start(ProcessRuntime runtime) {
    var result =
        GenServers.start(runtime, new Worker(), NoArgs.NO_ARGS, GenServers.StartOptions.NONE);
    return ((StartResult.Started) result).pid();
  }

  private static List<String> seenBy(ProcessRuntime runtime, List<Pid> pids) {
    List<CompletableFuture<String>> looks =
        pids.stream()
            .map(pid -> ServerRef.<Message>of(runtime, pid).callAsync(new Look()))
            .map(stage -> stage.toCompletableFuture())
            .toList();
    return looks.stream().map(CompletableFuture::join).distinct().toList();
  }

  @Test
  void tenThousandOthersSeeNothing() {
    runner.run(
        context -> {
          var runtime = context.getBean(ProcessRuntime.class);
          var others = new ArrayList<Pid>();
          for (int i = 0; i < OTHERS; i++) {
            others.add(start(runtime));
          }
          for (int round = 0; round < 5; round++) {
            ServerRef.<Message>of(runtime, start(runtime)).call(new Litter());
            assertThat(seenBy(runtime, others)).containsExactly("[]");
          }
        });
  }

  @Test
  void withoutTheCleanerTheyWouldSeeIt() {
    runner
        .withPropertyValues(
            "spring.autoconfigure.exclude=" + ThreadLocalAutoConfiguration.class.getName())
        .withBean(
            "last",
            io.otp.autoconfigure.ProcessRuntimeCustomizer.class,
            () -> builder -> builder.afterActivation(() -> {}))
        .run(
            context -> {
              var runtime = context.getBean(ProcessRuntime.class);
              var others = new ArrayList<Pid>();
              for (int i = 0; i < 100; i++) {
                others.add(start(runtime));
              }
              // Not each time: another thread may have taken over in between.
              var seen = new HashSet<String>();
              for (int round = 0; round < 1000 && !seen.contains(EVERYTHING); round++) {
                ServerRef.<Message>of(runtime, start(runtime)).call(new Litter());
                seen.addAll(seenBy(runtime, others));
              }
              assertThat(seen).contains(EVERYTHING);
            });
  }

  @Test
  void worksWithoutTheLibraries() {
    runner
        .withClassLoader(new FilteredClassLoader("io.micrometer", "org.springframework.security"))
        .run(
            context -> {
              var runtime = context.getBean(ProcessRuntime.class);
              assertThat(seenBy(runtime, List.of(start(runtime)))).containsExactly("[]");
            });
  }

  @Test
  void anAccessorThatThrowsHurtsNobody() {
    ContextRegistry.getInstance()
        .registerThreadLocalAccessor(
            KEY,
            () -> "x",
            value -> {},
            () -> {
              throw new IllegalStateException("bad accessor");
            });
    runner.run(
        context -> {
          var runtime = context.getBean(ProcessRuntime.class);
          Pid pid = start(runtime);
          for (int i = 0; i < 10; i++) {
            seenBy(runtime, List.of(pid));
          }
          assertThat(runtime.isAlive(pid)).isTrue();
        });
  }
}
