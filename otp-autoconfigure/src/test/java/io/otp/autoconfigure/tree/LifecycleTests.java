package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationExitReport;
import io.otp.application.ApplicationInfo;
import io.otp.application.ApplicationType;
import io.otp.autoconfigure.DrainListener;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.report.ReportAutoConfiguration;
import io.otp.autoconfigure.report.ReportRing;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Report;
import io.otp.process.Sys;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

/** Start, stop and the end of applications with their context. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(120)
class LifecycleTests {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    OtpAutoConfiguration.class,
    ReportAutoConfiguration.class,
    TreeAutoConfiguration.class
  })
  static class Application {
    @Bean
    Recorder.Events events() {
      return new Recorder.Events();
    }

    @Bean
    Recorder recorder(Recorder.Events events) {
      return new Recorder(events);
    }

    @Bean
    Ledger ledger() {
      return new Ledger();
    }
  }

  private static ConfigurableApplicationContext start(List<Class<?>> more, String... properties) {
    return TestApplication.of(
            Stream.concat(Stream.of(Application.class), more.stream()).toArray(Class[]::new),
            properties)
        .run();
  }

  private static ConfigurableApplicationContext start(String... properties) {
    return start(List.of(), properties);
  }

  /** One recorder under a supervisor. */
  private static String[] tree(String key, String name, String... more) {
    return Stream.concat(
            Stream.of(
                key + ".children[0].id=" + name,
                key + ".children[0].server=recorder",
                key + ".children[0].args=" + name),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static List<String> events(ConfigurableApplicationContext context) {
    return context.getBean(Recorder.Events.class).seen();
  }

  private static ServerRef<Recorder.Message> ref(
      ConfigurableApplicationContext context, String name) {
    return ServerRef.of(context.getBean(ProcessRuntime.class), name);
  }

  private static ApplicationInfo status(ConfigurableApplicationContext context, String name) {
    return context.getBean(ApplicationController.class).applications().stream()
        .filter(status -> status.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  // --- order

  @Test
  void applicationsStartAfterWhatTheyDependOnAndStopBeforeIt() {
    List<String> events;
    Recorder.Events seen;
    try (var context =
        start(
            Stream.of(
                    tree("otp.applications.a.supervisor", "a1", "otp.applications.a.depends-on=c"),
                    tree("otp.applications.b.supervisor", "b1", "otp.applications.b.depends-on=a"),
                    tree("otp.applications.c.supervisor", "c1"))
                .flatMap(Stream::of)
                .toArray(String[]::new))) {
      seen = context.getBean(Recorder.Events.class);
      events = seen.seen();
      assertThat(events).containsExactly("start c1", "start a1", "start b1");
    }
    assertThat(seen.seen())
        .containsExactly("start c1", "start a1", "start b1", "stop b1", "stop a1", "stop c1");
  }

  @Test
  void whatWasStartedIsStoppedIfALaterOneDoesNotStart() {
    assertThatException()
        .isThrownBy(
            () ->
                start(
                    List.of(Grabbing.class),
                    Stream.of(
                            tree("otp.applications.a.supervisor", "a1"),
                            new String[] {
                              "otp.supervisors.b.children[0].id=b1",
                              "otp.supervisors.b.children[0].server=failing"
                            })
                        .flatMap(Stream::of)
                        .toArray(String[]::new)))
        .withRootCauseInstanceOf(ApplicationStartException.class);
    assertThat(Grabbing.events.seen()).containsExactly("start a1", "stop a1");
    assertThat(Grabbing.runtime.isClosed()).isTrue();
  }

  @Configuration(proxyBeanMethods = false)
  static class Grabbing {
    static Recorder.Events events;
    static ProcessRuntime runtime;

    @Bean
    StartFailureTests.NoDatabase failing(Recorder.Events events, ProcessRuntime runtime) {
      Grabbing.events = events;
      Grabbing.runtime = runtime;
      return new StartFailureTests.NoDatabase();
    }
  }

  // --- drain

  @Configuration(proxyBeanMethods = false)
  static class Draining {
    @Bean
    @Order(1)
    DrainListener throwing() {
      return () -> {
        throw new IllegalStateException("no drain");
      };
    }

    @Bean
    @Order(2)
    DrainListener slow() {
      return CompletableFuture::new;
    }

    @Bean
    @Order(3)
    DrainListener quick(Recorder.Events events) {
      return () -> {
        events.add("drain");
        return CompletableFuture.completedFuture(null);
      };
    }
  }

  @Test
  void everybodyIsAskedToDrainAndWhoDoesNotIsNamed(CapturedOutput output) {
    Recorder.Events seen;
    try (var context =
        start(
            List.of(Draining.class),
            tree("otp.supervisors.a", "a1", "otp.shutdown.drain-timeout=50ms"))) {
      seen = context.getBean(Recorder.Events.class);
    }
    assertThat(seen.seen()).containsExactly("start a1", "drain", "stop a1");
    assertThat(output)
        .containsPattern("LifecycleTests\\$Draining\\S+ could not let go of its connections")
        .contains("java.lang.IllegalStateException: no drain")
        .containsPattern(
            "LifecycleTests\\$Draining\\S+ has not let go of its connections within the 50 ms of"
                + " otp.shutdown.drain-timeout");
  }

  // --- stopping in time

  /** Does not stop until the test lets it, whatever is asked of it. */
  static final class Stubborn extends Recorder.Events {
    final CountDownLatch released = new CountDownLatch(1);

    @Override
    void atStop(String name, ProcessRuntime runtime) {
      boolean interrupted = false;
      while (released.getCount() > 0) {
        try {
          released.await();
        } catch (InterruptedException e) {
          interrupted = true; // ignored: that is what it is about
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class StubbornConfiguration {
    @Bean
    Stubborn stubborn() {
      return new Stubborn();
    }

    @Bean
    Recorder stubbornServer(Stubborn stubborn) {
      return new Recorder(stubborn);
    }
  }

  @Test
  void whatDoesNotStopIsKilledAndNamed(CapturedOutput output) {
    Set<String> before = Threads.ours();
    var context =
        start(
            List.of(StubbornConfiguration.class),
            "otp.shutdown.timeout=300ms",
            "otp.supervisors.a.children[0].id=mule",
            "otp.supervisors.a.children[0].server=stubbornServer",
            "otp.supervisors.a.children[0].args=mule",
            "otp.supervisors.a.children[0].shutdown=infinity",
            "otp.supervisors.b.children[0].id=sheep",
            "otp.supervisors.b.children[0].server=recorder",
            "otp.supervisors.b.children[0].args=sheep");
    Recorder.Events orderly = context.getBean("events", Recorder.Events.class);
    Stubborn stubborn = context.getBean(Stubborn.class);
    ProcessRuntime runtime = context.getBean(ProcessRuntime.class);
    long start = System.nanoTime();
    context.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(290), PATIENCE);
    assertThat(output)
        .contains(
            "Application 'a' has not stopped within the 300 ms that otp.shutdown.timeout gives to"
                + " all; what is left of it is killed")
        .containsPattern(
            "Application 'a' left \\d processes behind, which were killed: \\[.*mule"
                + " <0\\.\\d+\\.\\d+>.*]")
        .doesNotContain("Application 'b'");
    assertThat(orderly.seen()).containsExactly("start sheep", "stop sheep");
    assertThat(runtime.stats().processes()).isZero();
    stubborn.released.countDown();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(Threads.newSince(before)).isEmpty());
  }

  @Test
  void aChildIsGivenItsOwnTimeWithinTheWhole(CapturedOutput output) {
    var context =
        start(
            List.of(StubbornConfiguration.class),
            "otp.supervisors.a.children[0].id=mule",
            "otp.supervisors.a.children[0].server=stubbornServer",
            "otp.supervisors.a.children[0].args=mule",
            "otp.supervisors.a.children[0].shutdown=100ms");
    Stubborn stubborn = context.getBean(Stubborn.class);
    context.close();
    stubborn.released.countDown();
    assertThat(output).doesNotContain("otp.shutdown.timeout");
  }

  // --- again and again

  @Test
  void theLifecycleStopsAndStartsThreeTimes() {
    try (var context = start(tree("otp.supervisors.a", "a1"))) {
      ServerRef<Recorder.Message> ref = ref(context, "a1");
      for (int i = 0; i < 3; i++) {
        context.stop();
        assertThat(ref.whereis()).isEmpty();
        assertThat(status(context, "a").running()).isFalse();
        context.start();
        assertThat(ref.call(new Recorder.Name())).isEqualTo("a1");
        assertThat(status(context, "a").running()).isTrue();
      }
      context.pause(); // as spring-test does with contexts it does not use
      assertThat(ref.whereis()).isEmpty();
      context.restart();
      assertThat(ref.call(new Recorder.Name())).isEqualTo("a1");
    }
  }

  @Test
  void aClosedContextLeavesNoProcessAndNoThreadBehind() {
    Set<String> before = Threads.ours();
    for (int i = 0; i < 20; i++) {
      ProcessRuntime runtime;
      try (var context = start(tree("otp.supervisors.a", "a1"))) {
        runtime = context.getBean(ProcessRuntime.class);
        assertThat(ref(context, "a1").call(new Recorder.Name())).isEqualTo("a1");
        assertThat(runtime.stats().processes())
            .as("controller, master, supervisor, server")
            .isEqualTo(4);
      }
      assertThat(runtime.stats().processes()).isZero();
      assertThat(runtime.isClosed()).isTrue();
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(Threads.newSince(before)).isEmpty());
  }

  @Test
  void twoContextsAreTwoNodes() {
    try (var other = start(tree("otp.supervisors.a", "a1"))) {
      try (var one = start(tree("otp.supervisors.a", "a1"))) {
        assertThat(ref(one, "a1").whereis()).isNotEqualTo(ref(other, "a1").whereis());
        ref(one, "a1").cast(new Recorder.Stop(ExitReason.other("crash")));
      }
      assertThat(ref(other, "a1").call(new Recorder.Name())).isEqualTo("a1");
    }
  }

  // --- the end of an application

  @Configuration(proxyBeanMethods = false)
  static class Watching {
    @Bean
    CountDownLatch closed() {
      return new CountDownLatch(1);
    }

    @Bean
    Watcher watcher(Recorder.Events events, CountDownLatch closed) {
      return new Watcher(events, closed);
    }
  }

  record Watcher(Recorder.Events events, CountDownLatch closed) implements SmartLifecycle {
    @EventListener
    void on(AvailabilityChangeEvent<?> event) {
      events.add(event.getState().toString());
    }

    @EventListener
    void on(ContextClosedEvent event) {
      events.add("closing");
    }

    @Override
    public void start() {}

    /** The last to be stopped, when the trees have been. */
    @Override
    public void stop() {
      closed.countDown();
    }

    @Override
    public boolean isRunning() {
      return closed.getCount() > 0;
    }

    @Override
    public int getPhase() {
      return ApplicationLifecycle.PHASE - 1;
    }
  }

  private static String[] type(String type) {
    return Stream.of(
            tree(
                "otp.applications.a.supervisor",
                "a1",
                "otp.applications.a.type=" + type,
                "otp.applications.a.supervisor.intensity=0"),
            tree("otp.applications.b.supervisor", "b1", "otp.applications.b.type=temporary"))
        .flatMap(Stream::of)
        .toArray(String[]::new);
  }

  private static void theNodeEnds(String type, CapturedOutput output) throws InterruptedException {
    try (var context = start(List.of(Watching.class), type(type))) {
      Recorder.Events events = context.getBean(Recorder.Events.class);
      CountDownLatch closed = context.getBean(CountDownLatch.class);
      ref(context, "a1").cast(new Recorder.Stop(ExitReason.other("broken")));
      assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(events.seen())
          .containsExactly(
              "start a1",
              "start b1",
              "CORRECT",
              "ACCEPTING_TRAFFIC",
              "stop a1",
              "REFUSING_TRAFFIC",
              "BROKEN",
              "closing",
              "stop b1");
      assertThat(output)
          .contains("Application 'a' ended with shutdown; it is " + type + " and the node ends");
    }
  }

  @Test // 6.07, 13.09
  void thePermanentApplicationTakesTheNodeWithIt(CapturedOutput output)
      throws InterruptedException {
    theNodeEnds("permanent", output);
  }

  @Test
  void theTransientApplicationTakesTheNodeWithItWhenItEndsAbnormally(CapturedOutput output)
      throws InterruptedException {
    theNodeEnds("transient", output);
  }

  private static void theNodeGoesOn(String type, ExitReason reason, CapturedOutput output) {
    try (var context = start(List.of(Watching.class), type(type))) {
      ProcessRuntime runtime = context.getBean(ProcessRuntime.class);
      Sys.terminate(runtime.whereis("a").orElseThrow(), reason, PATIENCE);
      await().atMost(PATIENCE).until(() -> !status(context, "a").running());
      assertThat(status(context, "a").ended()).isEqualTo(reason);
      assertThat(status(context, "b").running()).isTrue();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(output)
                      .contains(
                          "Application 'a' ended with "
                              + reason
                              + "; it is "
                              + type
                              + " and the node goes on"));
      assertThat(ref(context, "b1").call(new Recorder.Name())).isEqualTo("b1");
      assertThat(events(context)).doesNotContain("REFUSING_TRAFFIC", "BROKEN");
    }
  }

  @Test // 13.09
  void theTransientApplicationMayEndNormally(CapturedOutput output) {
    theNodeGoesOn("transient", ExitReason.NORMAL, output);
  }

  @Test // 13.09
  void theTemporaryApplicationMayEnd(CapturedOutput output) {
    theNodeGoesOn("temporary", ExitReason.SHUTDOWN, output);
  }

  @Test // 13.09
  void startsAndEndsOfApplicationsAreReported() {
    var reports = new CopyOnWriteArrayList<Report>();
    try (var context = start(List.of(Watching.class), type("temporary"))) {
      ProcessRuntime runtime = context.getBean(ProcessRuntime.class);
      Pid pid = runtime.whereis("a").orElseThrow();
      assertThat(context.getBean(ReportRing.class).latest(100, _ -> true))
          .filteredOn(entry -> entry.label().equals("application_controller,progress"))
          .extracting(entry -> entry.attributes().get("application"))
          .containsExactly("b", "a");
      runtime.addReportHandler(
          report -> {
            if (report instanceof ApplicationExitReport) {
              reports.add(report);
            }
          });
      Sys.terminate(pid, ExitReason.SHUTDOWN, PATIENCE);
      await().atMost(PATIENCE).until(() -> !reports.isEmpty());
      assertThat(reports)
          .containsExactly(
              new ApplicationExitReport(
                  pid, "a", ApplicationType.TEMPORARY, ExitReason.SHUTDOWN, false));
      assertThat(reports.getFirst().level()).isEqualTo(Report.Level.WARNING);
    }
    assertThat(reports).as("b is stopped, which is no news").hasSize(1);
  }

  /** It takes all masters along, which end their trees. */
  @Test
  void aKilledControllerEndsTheNodeAndHoldsUpNobody(CapturedOutput output) throws Exception {
    ConfigurableApplicationContext context =
        start(tree("otp.supervisors.office", "clerk", "otp.node-exit=close"));
    var runtime = context.getBean(ProcessRuntime.class);
    runtime.walk(
        0,
        Integer.MAX_VALUE,
        process -> {
          if (process.behaviour().equals("application_controller")) {
            runtime.exit(process.pid(), ExitReason.KILL);
          }
          return true;
        });
    await().atMost(PATIENCE).until(() -> !context.isActive());
    await().atMost(PATIENCE).until(runtime::isClosed);
    assertThat(output.getOut()).contains("The applications were not stopped in order: ");
  }
}
