package io.otp.autoconfigure.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.otp.autoconfigure.DocumentationPage;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.Cast;
import io.otp.process.ErrorReport;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Report;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildType;
import io.otp.supervisor.ProgressReport;
import io.otp.supervisor.ReportedChild;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.SupervisorReport;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

class ReportTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, ReportAutoConfiguration.class));

  @Configuration(proxyBeanMethods = false)
  static class Listening {
    final Queue<Report> heard = new ConcurrentLinkedQueue<>();

    @EventListener
    void onError(ErrorReport report) {
      heard.add(report);
      throw new IllegalStateException("a listener that fails");
    }
  }

  /** Processes that crash while the context is still being refreshed. */
  @Configuration(proxyBeanMethods = false)
  static class Early {
    @Bean
    Object early(ProcessRuntime runtime) {
      var ended = new CountDownLatch(3);
      for (int i = 0; i < 3; i++) {
        Pid pid = crash(runtime, "early " + i);
        runtime.atExit(pid, _ -> ended.countDown());
      }
      try {
        ended.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return "early";
    }
  }

  private static Pid crash(ProcessRuntime runtime, String why) {
    return runtime.spawn(
        _ -> {
          throw new IllegalStateException(why);
        });
  }

  private static void withLog(String logger, Consumer<List<ILoggingEvent>> body) {
    var log = (Logger) LoggerFactory.getLogger(logger);
    Level before = log.getLevel();
    var appender = new ListAppender<ILoggingEvent>();
    appender.start();
    log.addAppender(appender);
    log.setLevel(Level.DEBUG);
    try {
      body.accept(appender.list);
    } finally {
      log.detachAppender(appender);
      log.setLevel(before);
    }
  }

  record Break() implements Cast<Break> {}

  static final class Fragile implements GenServer<Break, String> {
    @Override
    public String init(NoArgs args, Self<Break> self) {
      return "whole";
    }

    @Override
    public Next<String> handle(Break message, String state, Self<Break> self) {
      throw new IllegalStateException("broken");
    }
  }

  private static ProgressReport progress(ProcessRuntime runtime) {
    var child =
        new ReportedChild(
            runtime.nobody(),
            false,
            "till",
            Restart.PERMANENT,
            false,
            Shutdown.INFINITY,
            ChildType.WORKER);
    return new ProgressReport(runtime.nobody(), "shop", child);
  }

  @Test // 13.01, 13.08, 13.11
  void aReportBecomesALogLineWithItsItems() {
    withLog(
        "otp.emulator",
        lines ->
            runner.run(
                context -> {
                  Pid pid = crash(context.getBean(ProcessRuntime.class), "as told");
                  await().until(() -> !lines.isEmpty());
                  ILoggingEvent line = lines.getFirst();
                  assertThat(line.getLevel()).isEqualTo(Level.ERROR);
                  assertThat(line.getFormattedMessage())
                      .startsWith(
                          "Process "
                              + pid
                              + " crashed: java.lang.IllegalStateException: as told\n"
                              + "java.lang.IllegalStateException: as told\n\tat ")
                      .contains("ReportTests");
                  assertThat(line.getKeyValuePairs())
                      .extracting(pair -> pair.key)
                      .containsExactly("otp.label", "otp.pid", "otp.reason", "otp.stack");
                }));
  }

  @Test // 13.08
  void progressIsLoggedAtDebug() {
    withLog(
        "otp.supervisor",
        lines ->
            runner.run(
                context -> {
                  var runtime = context.getBean(ProcessRuntime.class);
                  runtime.report(progress(runtime));
                  assertThat(lines)
                      .extracting(ILoggingEvent::getLevel)
                      .containsExactly(Level.DEBUG);
                }));
  }

  @Test // 13.02
  void theLoggersLevelDecidesWhatIsLogged() {
    withLog(
        "otp.emulator",
        lines ->
            runner.run(
                context -> {
                  var runtime = context.getBean(ProcessRuntime.class);
                  var log = (Logger) LoggerFactory.getLogger("otp.emulator");
                  log.setLevel(Level.OFF);
                  runtime.report(new ErrorReport(runtime.nobody(), ExitReason.other("hidden")));
                  log.setLevel(Level.ERROR);
                  runtime.report(new ErrorReport(runtime.nobody(), ExitReason.other("shown")));
                  assertThat(lines)
                      .singleElement()
                      .satisfies(line -> assertThat(line.getFormattedMessage()).contains("shown"));
                }));
  }

  @Test // 13.05
  void theFirstWordOfTheLabelNamesTheLogger() {
    withLog(
        "otp",
        lines ->
            runner.run(
                context -> {
                  var runtime = context.getBean(ProcessRuntime.class);
                  runtime.report(new ErrorReport(runtime.nobody(), ExitReason.KILLED));
                  runtime.report(progress(runtime));
                  GenServers.start(
                      runtime, new Fragile(), NoArgs.NO_ARGS, StartOptions.named("vase"));
                  runtime.send("vase", "what no server knows");
                  ServerRef.<Break>of(runtime, "vase").cast(new Break());
                  await().until(() -> lines.size() >= 5);
                  assertThat(lines)
                      .extracting(ILoggingEvent::getLoggerName)
                      .containsExactly(
                          "otp.emulator",
                          "otp.supervisor",
                          "otp.gen_server",
                          "otp.gen_server",
                          "otp.proc_lib");
                }));
  }

  @Test
  void theLogCanBeSwitchedOff() {
    runner
        .withPropertyValues("otp.reports.log=false")
        .run(context -> assertThat(context).doesNotHaveBean(ReportLogger.class));
  }

  @Test // 13.04, 13.10
  void theRingKeepsTheLatest() {
    runner
        .withPropertyValues("otp.reports.ring-size=2")
        .run(
            context -> {
              var runtime = context.getBean(ProcessRuntime.class);
              for (int i = 0; i < 3; i++) {
                runtime.report(new ErrorReport(runtime.nobody(), ExitReason.other("no " + i)));
              }
              assertThat(context.getBean(ReportRing.class).latest(10, _ -> true))
                  .extracting(entry -> entry.attributes().get("reason"))
                  .containsExactly("no 2", "no 1");
              assertThat(context.getBean(ReportRing.class).latest(1, _ -> true)).hasSize(1);
            });
  }

  @Test
  void aRingOfOnesOwnReplacesOurs() {
    runner
        .withBean("mine", ReportRing.class, () -> new ReportRing(7))
        .run(context -> assertThat(context).getBeanNames(ReportRing.class).containsExactly("mine"));
  }

  @Test // 13.03
  void aReportIsAnEventAndAListenerThatFailsHurtsNobody() {
    runner
        .withUserConfiguration(Listening.class)
        .run(
            context -> {
              var runtime = context.getBean(ProcessRuntime.class);
              Queue<Report> heard = context.getBean(Listening.class).heard;
              crash(runtime, "one");
              await().until(() -> heard.size() == 1);
              crash(runtime, "two");
              await().until(() -> heard.size() == 2);
            });
  }

  @Test
  void reportsFromBeforeTheContextIsReadyAreEventsLater() {
    runner
        .withUserConfiguration(Early.class, Listening.class)
        .run(
            context -> {
              Queue<Report> heard = context.getBean(Listening.class).heard;
              await().until(() -> heard.size() == 3);
            });
  }

  @Test // 13.04
  void aListenerThatIsTooSlowCostsEventsAndNothingElse() {
    var first = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var heard = new ConcurrentLinkedQueue<Object>();
    var events =
        new ReportEvents(
            event -> {
              heard.add(event);
              first.countDown();
              awaitQuietly(go);
            });
    events.start();
    var report = new ErrorReport(nobody(), ExitReason.KILLED);
    events.handle(report);
    awaitQuietly(first);
    for (int i = 0; i < ReportEvents.CAPACITY + 50; i++) {
      events.handle(report);
    }
    go.countDown();
    await().until(() -> heard.size() == ReportEvents.CAPACITY + 1);
    events.handle(report);
    await().until(() -> heard.size() == ReportEvents.CAPACITY + 2);
  }

  private static Pid nobody() {
    try (ProcessRuntime runtime = ProcessRuntime.builder().build()) {
      return runtime.nobody();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void everyKindIsDocumented() {
    String page = DocumentationPage.read("metrics.md");
    assertThat(SupervisorReport.Kind.values())
        .allSatisfy(kind -> assertThat(page).contains("`supervisor," + kind.text() + "`"));
    assertThat(page)
        .contains("`proc_lib,crash`", "`emulator,error`", "`gen_server,terminate`")
        .contains("`gen_server,no_handle_info`", "`supervisor,unlinked_child`")
        .contains("`application_controller,exit`", "`application_controller,progress`")
        .contains("`supervisor,progress`", "at most 1,000 reports wait");
    assertThat(ReportEvents.CAPACITY).isEqualTo(1_000);
    assertThat(ReportEntry.ATTRIBUTE).isEqualTo(1_000);
  }
}
