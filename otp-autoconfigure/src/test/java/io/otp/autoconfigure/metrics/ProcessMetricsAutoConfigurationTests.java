package io.otp.autoconfigure.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.otp.autoconfigure.DocumentationPage;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ProcessMetricsAutoConfigurationTests {

  sealed interface Message {}

  record Get() implements Message, Call<Message, Integer> {}

  record Crash() implements Message, Cast<Message> {}

  static final class Clerk implements GenServer<Message, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      return 1;
    }

    @Override
    public Next<Integer> handle(Message message, Integer state, Self<Message> self) {
      return switch (message) {
        case Get get -> Next.reply(get, state, state);
        case Crash _ -> throw new IllegalStateException("as told");
      };
    }
  }

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  OtpAutoConfiguration.class,
                  TreeAutoConfiguration.class,
                  MetricsAutoConfiguration.class,
                  ProcessMetricsAutoConfiguration.class))
          .withBean(SimpleMeterRegistry.class)
          .withBean("clerk", Clerk.class)
          .withPropertyValues(
              "otp.metrics.sample-every=1",
              "otp.supervisors.office.intensity=3",
              "otp.supervisors.office.children[0].id=clerk",
              "otp.supervisors.office.children[0].server=clerk");

  private static MeterRegistry registry(AssertableApplicationContext context) {
    return context.getBean(MeterRegistry.class);
  }

  private static ServerRef<Message> clerk(AssertableApplicationContext context) {
    return ServerRef.of(context.getBean(ProcessRuntime.class), "clerk");
  }

  private static final String CLERK = "ProcessMetricsAutoConfigurationTests$Clerk";

  private static double count(MeterRegistry registry, String name, String... tags) {
    FunctionCounter counter = registry.find(name).tags(tags).functionCounter();
    return counter == null ? -1 : counter.count();
  }

  /** The meters of the page of metrics, with their tags. */
  private static Map<String, Set<String>> documented() {
    Map<String, Set<String>> meters = new TreeMap<>();
    Pattern.compile(
            "(?m)^\\| `(otp\\.[a-z.]+)` \\| (gauge|counter|timer|summary)[^|]*\\|([^|]*)\\|")
        .matcher(DocumentationPage.read("metrics.md"))
        .results()
        .forEach(
            row ->
                meters.put(
                    row.group(1),
                    Pattern.compile("`([a-z]+)`")
                        .matcher(row.group(3))
                        .results()
                        .map(tag -> tag.group(1))
                        .collect(Collectors.toSet())));
    return meters;
  }

  @Test
  void everyMeterIsDocumentedAndHasADescriptionAndABaseUnit() {
    runner.run(
        context -> {
          clerk(context).call(new Get());
          assertThatThrownBy(
                  () ->
                      ServerRef.<Message>of(context.getBean(ProcessRuntime.class), "nobody")
                          .call(new Get()))
              .isInstanceOf(CallException.class);
          await().until(() -> registry(context).find("otp.callback.duration").timer() != null);
          await().until(() -> registry(context).find("otp.supervisor.giveups").meter() != null);
          List<Meter> meters =
              registry(context).getMeters().stream()
                  .filter(meter -> meter.getId().getName().startsWith("otp."))
                  .toList();
          Map<String, Set<String>> tags = new TreeMap<>();
          for (Meter meter : meters) {
            assertThat(meter.getId().getDescription()).as(meter.getId().toString()).isNotBlank();
            assertThat(meter.getId().getBaseUnit()).as(meter.getId().toString()).isNotBlank();
            tags.put(
                meter.getId().getName(),
                meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet()));
          }
          assertThat(tags).isEqualTo(documented());
        });
  }

  @Test
  void countsRestartsExitsAndGiveUpsWhereTheyHappen() {
    runner.run(
        context -> {
          MeterRegistry registry = registry(context); // the context is closed at the end
          ServerRef<Message> clerk = clerk(context);
          for (int i = 1; i <= 3; i++) {
            int restarts = i;
            clerk.cast(new Crash());
            await()
                .until(
                    () ->
                        count(registry, "otp.supervisor.restarts", "application", "office")
                            == restarts);
          }
          String[] crashes = {"behaviour", CLERK, "reason", "crash"};
          assertThat(count(registry, "otp.processes.exited", crashes)).isEqualTo(3);
          assertThat(count(registry, "otp.processes.spawned", "behaviour", CLERK)).isEqualTo(4);
          assertThat(count(registry, "otp.supervisor.giveups", "behaviour", "supervisor")).isZero();
          clerk.cast(new Crash());
          await()
              .until(() -> count(registry, "otp.supervisor.giveups", "application", "office") == 1);
        });
  }

  @Test
  void showsProcessesByBehaviourAndApplication() {
    runner.run(
        context -> {
          String[] tags = {"behaviour", CLERK, "application", "office"};
          await().until(() -> registry(context).find("otp.processes").tags(tags).gauge() != null);
          Gauge gauge = registry(context).get("otp.processes").tags(tags).gauge();
          assertThat(gauge.value()).isEqualTo(1);
        });
  }

  @Test
  void measuresCallsAndCallbacks() {
    runner.run(
        context -> {
          for (int i = 0; i < 10; i++) {
            clerk(context).call(new Get());
          }
          Timer call = registry(context).get("otp.call.duration").tag("behaviour", CLERK).timer();
          assertThat(call.count()).isEqualTo(10);
          await()
              .until(
                  () ->
                      registry(context)
                              .get("otp.callback.duration")
                              .tag("behaviour", CLERK)
                              .timer()
                              .count()
                          >= 10);
          assertThat(
                  registry(context).get("otp.mailbox.wait").tag("behaviour", CLERK).timer().count())
              .isEqualTo(10);
          assertThat(
                  registry(context).get("otp.callback.duration").timer().getId().getDescription())
              .isEqualTo("How long callbacks took");
        });
  }

  @Test
  void noTagGrowsWithTheNumberOfProcesses() {
    runner.run(
        context -> {
          var runtime = context.getBean(ProcessRuntime.class);
          long before = runtime.stats().processes();
          for (int i = 0; i < 300; i++) {
            int n = i;
            Pid pid = runtime.spawn(self -> self.register("worker-" + n));
            runtime.exit(pid, ExitReason.other("reason " + i));
          }
          await().until(() -> runtime.stats().processes() == before);
          await().until(() -> registry(context).find("otp.processes").gauges().size() > 2);
          Set<Tag> tags = new HashSet<>();
          registry(context).getMeters().forEach(meter -> tags.addAll(meter.getId().getTags()));
          assertThat(tags).hasSizeLessThan(20);
          assertThat(tags.stream().map(Tag::getKey).distinct().toList())
              .contains("behaviour", "application", "reason")
              .doesNotContain("pid", "name");
        });
  }

  @Test
  void saysHowOftenItMeasures() {
    runner
        .withPropertyValues("otp.metrics.sample-every=128")
        .run(
            context -> {
              for (int i = 0; i < 2_000; i++) {
                clerk(context).call(new Get());
              }
              await().until(() -> registry(context).find("otp.callback.duration").timer() != null);
              Timer timer = registry(context).get("otp.callback.duration").timer();
              assertThat(timer.getId().getDescription()).endsWith("; 1 in 128 is measured");
              assertThat(timer.count()).isLessThan(500);
            });
    runner
        .withPropertyValues("otp.metrics.sample-every=0")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("otp.metrics.sample-every is 0, it must be at least 1"));
  }

  @Test
  void withoutARegistryOrSwitchedOffThereIsNothing() {
    runner
        .withPropertyValues("otp.metrics.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(SampledMeters.class));
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                OtpAutoConfiguration.class, ProcessMetricsAutoConfiguration.class))
        .run(context -> assertThat(context).doesNotHaveBean(RuntimeMeters.class));
    runner
        .withClassLoader(new FilteredClassLoader("io.micrometer"))
        .run(context -> assertThat(context).hasSingleBean(ProcessRuntime.class));
  }
}
