package io.otp.application;

import static io.otp.TestRuntime.await;
import static io.otp.application.ApplicationType.PERMANENT;
import static io.otp.application.ApplicationType.TEMPORARY;
import static io.otp.application.ApplicationType.TRANSIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.application.ApplicationInfo.Status;
import io.otp.event.EventManager;
import io.otp.process.ExitReason;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessKilledError;
import io.otp.process.ProcessRuntime;
import io.otp.process.Report;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Heartbeat;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a comparison with Erlang cannot show: the end of the node, several threads, texts. */
class ApplicationTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static final ExitReason BOOM = ExitReason.other("boom");

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final BlockingQueue<NodeEnd.Cause> nodeEnds = new LinkedBlockingQueue<>();
  private ApplicationController apps;

  @BeforeEach
  void controller() {
    apps = ApplicationController.of(otp.runtime());
    apps.onNodeEnd(nodeEnds::add);
  }

  /** Tells what is done to it. */
  private class Told implements Application<String, String> {
    @Override
    public ApplicationStart<String> start(StartType type, String name, Self<Object> self)
        throws Exception {
      events.add("start " + name);
      return ApplicationStart.of(
          Supervisor.startLink(self, SupervisorSpec.of(name, Strategy.ONE_FOR_ONE)), name);
    }

    @Override
    public String prepStop(String name, Self<Object> self) throws Exception {
      events.add("prepStop " + name);
      return name;
    }

    @Override
    public void stop(String name, Self<Object> self) throws Exception {
      events.add("stop " + name);
    }
  }

  private ApplicationSpec told(String name) {
    return ApplicationSpec.of(name).withModule(new Told(), name);
  }

  private void run(String name, ApplicationType type) {
    assertThat(apps.load(told(name))).isEmpty();
    assertThat(apps.start(name, type)).isEmpty();
  }

  private ApplicationInfo info(String name) {
    return apps.info(name).orElseThrow();
  }

  private Pid pid(String name) {
    return otp.runtime().whereis(name).orElseThrow();
  }

  private static ApplicationSpec failing(String name, ExitReason reason) {
    return ApplicationSpec.of(name)
        .withModule(
            (type, args, self) -> {
              throw new ProcessExit(reason);
            },
            name);
  }

  private NodeEnd.Cause nodeEnd() throws InterruptedException {
    NodeEnd.Cause cause = nodeEnds.poll(TestRuntime.LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(cause).as("why the node ends").isNotNull();
    return cause;
  }

  // --- descriptor

  @Test
  @Rule("6.01")
  void descriptorSaysAllThatIsKnown() {
    ApplicationSpec spec =
        ApplicationSpec.of("shop")
            .withDescription("Sells")
            .withVersion("1.2")
            .withRegistered("till")
            .withApplications("ledger")
            .withOptionalApplications("mail")
            .withIncludedApplications("stock")
            .withEnvironment(Map.of("currency", "EUR"))
            .withStartPhases(StartPhase.of("open"))
            .withMaxTime(Duration.ofHours(1));
    assertThat(spec)
        .isEqualTo(
            new ApplicationSpec(
                "shop",
                "Sells",
                "1.2",
                List.of("till"),
                List.of("ledger"),
                List.of("mail"),
                List.of("stock"),
                Map.of("currency", "EUR"),
                List.of(new StartPhase("open", null)),
                Duration.ofHours(1),
                null));
    apps.load(ApplicationSpec.of("stock"));
    apps.load(spec);
    assertThat(info("shop"))
        .isEqualTo(new ApplicationInfo(spec, Status.LOADED, null, null, null, null));
  }

  @Test
  @Rule("6.01")
  void badDescriptorIsRefusedWithWhatIsAllowed() {
    var shop = ApplicationSpec.of("shop");
    assertRefused(
        () -> ApplicationSpec.of(" "),
        "An application is named ' '. Allowed are 1 to 255 characters.");
    assertRefused(
        () -> shop.withApplications("shop"),
        "Application 'shop' names itself as a dependency. Remove it.");
    assertRefused(
        () -> shop.withApplications("a").withIncludedApplications("a"),
        "Application 'shop' names 'a' twice. An application is required, optional or included,"
            + " once.");
    assertRefused(
        () -> shop.withStartPhases(StartPhase.of("a"), StartPhase.of("a")),
        "Application 'shop' has start phase 'a' twice. Remove one.");
    assertRefused(
        () -> shop.withMaxTime(Duration.ZERO),
        "Application 'shop' may run for PT0S. Allowed is more than 0; leave it out for no limit.");
    assertRefused(() -> StartPhase.of(""), "A start phase has a blank name. Give it one.");
  }

  private static void assertRefused(Runnable what, String text) {
    assertThat(catchThrowable(what::run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(text);
  }

  @Test
  void errorsSayWhatToDo() {
    assertThat(
            List.of(
                new ApplicationError.AlreadyLoaded("a").message(),
                new ApplicationError.NotLoaded("a", "a").message(),
                new ApplicationError.NotLoaded("a", "b").message(),
                new ApplicationError.AlreadyIncluded("a", "b", "c").message(),
                new ApplicationError.Running("a").message(),
                new ApplicationError.AlreadyStarted("a").message(),
                new ApplicationError.NotStarted("a", "a").message(),
                new ApplicationError.NotStarted("a", "b").message(),
                new ApplicationError.StartFailed("a", "A.start", BOOM).message(),
                new ApplicationError.Circular("a", List.of("a", "b")).message(),
                new ApplicationError.NodeStops("a").message()))
        .containsExactly(
            "Application 'a' is loaded already. Unload it first.",
            "Application 'a' is not loaded. Load its ApplicationSpec first.",
            "Application 'a' needs 'b', which is not loaded. Load its ApplicationSpec first.",
            "Application 'a' includes 'b', which 'c' includes already. Make it a dependency of"
                + " both.",
            "Application 'a' runs. Stop it first.",
            "Application 'a' runs already.",
            "Application 'a' does not run.",
            "Application 'a' depends on 'b', which does not run. Start that first, or start both"
                + " with ensureAllStarted.",
            "Application 'a' did not start: A.start failed with boom.",
            "Applications depend on each other in a circle: a → b → a. Remove one dependency.",
            "Application 'a' was not started: all applications are being stopped.");
  }

  // --- start

  /** One whose start goes on when it is let. */
  private ApplicationSpec slow(CountDownLatch begun, CountDownLatch go) {
    return ApplicationSpec.of("slow")
        .withModule(
            new Told() {
              @Override
              public ApplicationStart<String> start(StartType type, String name, Self<Object> self)
                  throws Exception {
                begun.countDown();
                await(go);
                return super.start(type, name, self);
              }
            },
            "slow");
  }

  private static <T> CompletableFuture<T> async(Supplier<T> what) {
    return CompletableFuture.supplyAsync(what, Thread::startVirtualThread);
  }

  @Test
  @Rule("6.03")
  void whoStartsWhatIsStartingWaitsForTheSameStart() {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    apps.load(slow(begun, go));
    var first = async(() -> apps.start("slow"));
    await(begun);
    await("that is known", () -> info("slow").status() == Status.STARTING);
    assertThat(apps.stop("slow")).contains(new ApplicationError.NotStarted("slow", "slow"));
    assertThat(apps.unload("slow")).contains(new ApplicationError.Running("slow"));
    var second = async(() -> apps.start("slow"));
    go.countDown();
    assertThat(TestRuntime.get(first, "the first start")).isEmpty();
    assertThat(TestRuntime.get(second, "the second start"))
        .isIn(Optional.empty(), Optional.of(new ApplicationError.AlreadyStarted("slow")));
    assertThat(events).containsExactly("start slow");
  }

  @Test
  @Rule("6.11")
  void whatIsStartingWhenAllAreStoppedIsStoppedAfterItsStartAndNothingElseStarts() {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    apps.load(slow(begun, go));
    apps.load(failing("other", BOOM));
    var started = async(() -> apps.start("slow"));
    await(begun);
    var stopped = async(() -> apps.stopAll(TestRuntime.LIMIT));
    var refused = Optional.of(new ApplicationError.NodeStops("other"));
    await("nothing starts any more", () -> refused.equals(apps.start("other")));
    go.countDown();
    assertThat(TestRuntime.get(started, "the start")).isEmpty();
    assertThat(TestRuntime.get(stopped, "the stop"))
        .contains(new ApplicationStop("slow", true, List.of()));
    assertThat(events).containsExactly("start slow", "prepStop slow", "stop slow");
  }

  @Test
  @Rule("6.04")
  void circleIsNamed() {
    apps.load(ApplicationSpec.of("x").withApplications("a"));
    apps.load(ApplicationSpec.of("a").withApplications("b"));
    apps.load(ApplicationSpec.of("b").withOptionalApplications("a"));
    assertThat(apps.ensureAllStarted("x", TEMPORARY))
        .isEqualTo(new AllStarted.Failed(new ApplicationError.Circular("a", List.of("a", "b"))));
    assertThat(apps.whichApplications()).isEmpty();
  }

  @Test
  @Rule("6.05")
  void failedStartSaysWhoFailedAndWhy() {
    apps.load(told("a"));
    apps.load(ApplicationSpec.of("b").withSupervisor(SupervisorSpec.of("a", Strategy.ONE_FOR_ONE)));
    apps.start("a");
    assertThat(apps.start("b"))
        .contains(
            new ApplicationError.StartFailed(
                "b",
                "SupervisorApplication.start",
                ExitReason.other(new StartResult.AlreadyStarted(pid("a")))));
    assertThat(ApplicationStart.of(new StartResult.Ignored(), 1))
        .isEqualTo(new ApplicationStart.Failed<>(ExitReason.other(new BadReturn("ignore"))));
  }

  @Test
  @Rule("6.05")
  void topSupervisorIsLinkedToItsMaster() {
    run("a", TEMPORARY);
    Pid supervisor = pid("a");
    Pid master = otp.runtime().info(supervisor).orElseThrow().ancestors().getFirst();
    assertThat(otp.runtime().info(master).orElseThrow().links()).contains(supervisor);
    otp.runtime().exit(master, ExitReason.KILL);
    await("the application ends with its master", () -> !info("a").running());
    assertThat(info("a").ended()).isEqualTo(ExitReason.KILLED);
    assertThat(otp.runtime().isAlive(supervisor)).isFalse();
  }

  // --- the type

  @ParameterizedTest
  @Rule("6.07")
  @CsvSource({
    "PERMANENT, shutdown, true",
    "PERMANENT, normal, true",
    "TRANSIENT, shutdown, true",
    "TRANSIENT, normal, false",
    "TEMPORARY, shutdown, false",
    "TEMPORARY, normal, false"
  })
  void typeSaysWhetherTheNodeEnds(ApplicationType type, String reason, boolean ends)
      throws InterruptedException {
    ExitReason why = reason.equals("normal") ? ExitReason.NORMAL : ExitReason.SHUTDOWN;
    run("other", TEMPORARY);
    run("a", type);
    Pid supervisor = pid("a");
    Sys.terminate(supervisor, why, TestRuntime.LIMIT);
    await("it has ended", () -> !info("a").running());
    assertThat(info("a").status()).isEqualTo(Status.STOPPED);
    assertThat(info("a").ended()).isEqualTo(why);
    await("it is reported", () -> !reportsOf(ApplicationExitReport.class).isEmpty());
    assertThat(reportsOf(ApplicationExitReport.class))
        .containsExactly(new ApplicationExitReport(supervisor, "a", type, why, ends));
    if (ends) {
      assertThat(nodeEnd()).isEqualTo(new NodeEnd.Cause("a", why, false));
    } else {
      assertThat(nodeEnds).isEmpty();
    }
    assertThat(apps.whichApplications()).as("the others go on").containsExactly("other");
  }

  private List<Report> reportsOf(Class<? extends Report> type) {
    return otp.reports().stream().filter(type::isInstance).toList();
  }

  @ParameterizedTest
  @Rule("6.08")
  @CsvSource({
    "PERMANENT, boom, true",
    "PERMANENT, normal, true",
    "TRANSIENT, boom, true",
    "TRANSIENT, normal, false",
    "TEMPORARY, boom, false"
  })
  void failedStartEndsTheNodeToo(ApplicationType type, String reason, boolean ends)
      throws InterruptedException {
    ExitReason why = reason.equals("normal") ? ExitReason.NORMAL : BOOM;
    apps.load(failing("a", why));
    assertThat(apps.start("a", type))
        .hasValueSatisfying(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        ApplicationError.StartFailed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(why)));
    assertThat(info("a").ended()).isEqualTo(why);
    if (ends) {
      assertThat(nodeEnd()).isEqualTo(new NodeEnd.Cause("a", why, true));
    } else {
      assertThat(nodeEnds).isEmpty();
    }
  }

  @ParameterizedTest
  @Rule("6.08")
  @EnumSource(ApplicationType.class)
  void orderlyStopNeverEndsTheNode(ApplicationType type) {
    run("a", type);
    assertThat(apps.stop("a")).isEmpty();
    assertThat(info("a").status()).isEqualTo(Status.STOPPED);
    assertThat(info("a").ended()).isNull();
    assertThat(nodeEnds).isEmpty();
    assertThat(reportsOf(ApplicationExitReport.class)).isEmpty();
  }

  @Test
  @Rule("6.07")
  void withoutAnEmbedderAllIsStoppedAndTheRuntimeCloses() {
    try (var runtime = ProcessRuntime.builder().name("alone").build()) {
      ApplicationController controller = ApplicationController.of(runtime);
      controller.load(told("first"));
      controller.load(told("second"));
      controller.start("first", PERMANENT);
      controller.start("second", PERMANENT);
      runtime.exit(runtime.whereis("first").orElseThrow(), ExitReason.KILL);
      await("the runtime closes", runtime::isClosed);
    }
    assertThat(events).endsWith("prepStop second", "stop second");
  }

  @Test
  @Rule("6.07")
  void controllerThatIsKilledTakesTheNodeDown() throws InterruptedException {
    run("a", TEMPORARY);
    Pid supervisor = pid("a");
    Pid controller = otp.runtime().info(supervisor).orElseThrow().ancestors().getLast();
    otp.runtime().exit(controller, ExitReason.KILL);
    assertThat(nodeEnd())
        .isEqualTo(new NodeEnd.Cause("application_controller", ExitReason.KILLED, false));
    await("its applications stop", () -> events.contains("stop a"));
    assertThat(otp.runtime().isAlive(supervisor)).isFalse();
  }

  // --- stop

  @Test
  @Rule("6.09")
  void failingCallbacksAreReportedAndTheStopGoesOn() {
    class Failing extends Told {
      @Override
      public String prepStop(String name, Self<Object> self) {
        throw new ProcessExit(BOOM);
      }

      @Override
      public void stop(String name, Self<Object> self) throws Exception {
        super.stop(name, self);
        throw new ProcessExit(ExitReason.NORMAL);
      }
    }
    apps.load(ApplicationSpec.of("a").withModule(new Failing(), "a"));
    apps.start("a");
    Pid master = otp.runtime().info(pid("a")).orElseThrow().ancestors().getFirst();
    assertThat(apps.stop("a")).isEmpty();
    assertThat(events).containsExactly("start a", "stop a");
    assertThat(reportsOf(ApplicationCallbackReport.class))
        .containsExactly(
            new ApplicationCallbackReport(master, "a", "Failing.prepStop", BOOM),
            new ApplicationCallbackReport(master, "a", "Failing.stop", ExitReason.NORMAL));
  }

  @Test
  @Rule("6.11")
  void allAreStoppedInReverseStartOrder() {
    for (String name : List.of("c", "a", "b")) {
      run(name, PERMANENT);
    }
    events.clear();
    assertThat(apps.stopAll(TestRuntime.LIMIT))
        .extracting(ApplicationStop::application)
        .containsExactly("b", "a", "c");
    assertThat(events)
        .containsExactly("prepStop b", "stop b", "prepStop a", "stop a", "prepStop c", "stop c");
    assertThat(apps.start("c")).as("it can start again").isEmpty();
  }

  @Test
  @Rule("6.11")
  void whatDoesNotStopInTimeIsKilledAndNamed() {
    var stopping = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    run("first", PERMANENT);
    apps.load(
        ApplicationSpec.of("mule")
            .withModule(
                new Told() {
                  @Override
                  public void stop(String name, Self<Object> self) {
                    stopping.countDown();
                    waitFor(never);
                  }

                  @Override
                  public ApplicationStart<String> start(
                      StartType type, String name, Self<Object> self) throws Exception {
                    self.spawn(left -> left.receive());
                    return super.start(type, name, self);
                  }
                },
                "mule"));
    apps.start("mule", PERMANENT);
    List<ApplicationStop> stops = apps.stopAll(Duration.ofMillis(200));
    never.countDown();
    assertThat(stops).extracting(ApplicationStop::application).containsExactly("mule", "first");
    assertThat(stops.getFirst().inTime()).isFalse();
    assertThat(stops.getFirst().left())
        .singleElement()
        .satisfies(process -> assertThat(process.behaviour()).isEqualTo("raw"));
    assertThat(info("mule").status()).isEqualTo(Status.STOPPED);
    assertThat(nodeEnds).isEmpty();
  }

  @Test
  @Rule("6.11")
  void whatWatchesAChildIsNotSaidToBeLeftBehind() {
    ChildSpec news =
        EventManager.<String>named("news")
            .child("news")
            .withHeartbeat(Heartbeat.every(Duration.ofHours(1)));
    apps.load(
        ApplicationSpec.of("watched")
            .withSupervisor(SupervisorSpec.of("watched", Strategy.ONE_FOR_ONE, news)));
    apps.start("watched", PERMANENT);
    Pid heartbeat = otp.runtime().info(pid("news")).orElseThrow().monitoredBy().getFirst();
    Sys.suspend(heartbeat); // it does not get to know that the child has ended
    assertThat(apps.stopAll(TestRuntime.LIMIT))
        .singleElement()
        .satisfies(stop -> assertThat(stop.left()).isEmpty());
    assertThat(otp.runtime().isAlive(heartbeat)).isFalse();
  }

  private static void waitFor(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException | ProcessKilledError e) {
        // that is what it is about
      }
    }
  }

  // --- phases, included applications

  private class Phased extends Told {
    @Override
    public void startPhase(String phase, StartType type, @Nullable Object args, Self<Object> self) {
      events.add(phase + " " + args);
      if ("fail".equals(args)) {
        throw new ProcessExit(BOOM);
      }
    }
  }

  private ApplicationSpec phased(String name, Object... phasesAndArgs) {
    var phases = new ArrayList<StartPhase>();
    for (int i = 0; i < phasesAndArgs.length; i += 2) {
      phases.add(new StartPhase((String) phasesAndArgs[i], phasesAndArgs[i + 1]));
    }
    return ApplicationSpec.of(name)
        .withModule(new Phased(), name)
        .withStartPhases(phases.toArray(StartPhase[]::new));
  }

  @Test
  @Rule("6.12")
  void failedPhaseStopsTheTreeAndNothingElseIsCalled() {
    apps.load(phased("a", "one", 1, "two", "fail", "three", 3));
    assertThat(apps.start("a"))
        .contains(new ApplicationError.StartFailed("a", "Phased.startPhase(two)", BOOM));
    assertThat(events).containsExactly("start a", "one 1", "two fail");
    assertThat(otp.runtime().whereis("a")).isEmpty();
    assertThat(info("a").status()).isEqualTo(Status.STOPPED);
  }

  @Test
  @Rule("6.13")
  void applicationIsIncludedByOneOnlyAndMustBeLoaded() {
    assertThat(apps.load(ApplicationSpec.of("a").withIncludedApplications("c")))
        .contains(new ApplicationError.NotLoaded("a", "c"));
    assertThat(apps.info("a")).as("nothing changed").isEmpty();
    apps.load(ApplicationSpec.of("c"));
    assertThat(apps.load(ApplicationSpec.of("a").withIncludedApplications("c"))).isEmpty();
    assertThat(apps.load(ApplicationSpec.of("b").withIncludedApplications("c")))
        .contains(new ApplicationError.AlreadyIncluded("b", "c", "a"));
    apps.unload("c");
    assertThat(apps.start("a")).contains(new ApplicationError.NotLoaded("a", "c"));
  }

  @Test
  @Rule("6.13")
  void phaseOfAnIncludedApplicationCanFailTheStart() {
    apps.load(phased("b", "two", "fail"));
    apps.load(phased("a", "one", 1, "two", 2).withIncludedApplications("b"));
    assertThat(apps.start("a"))
        .contains(new ApplicationError.StartFailed("a", "Phased.startPhase(two)", BOOM));
    assertThat(events).containsExactly("start a", "one 1", "two 2", "two fail");
  }

  // --- environment

  @Test
  @Rule("6.14")
  void commandLineGoesBeforeFilesAndTheseBeforeTheSpec() {
    apps.configChange(
        List.of(
            Map.of("a", Map.of("file1", 1, "both", 1, "all", 1)),
            Map.of("a", Map.of("both", 2, "all", 2), "b", Map.of("b", 1))),
        Map.of("a", Map.of("all", 3)));
    apps.load(ApplicationSpec.of("a").withEnvironment(Map.of("all", 0, "file1", 0, "default", 0)));
    assertThat(apps.getAllEnv("a"))
        .isEqualTo(Map.of("all", 3, "both", 2, "file1", 1, "default", 0));
  }

  @Test
  @Rule("6.14")
  void processAsksForTheEnvironmentOfItsApplication() {
    var answer = new CompletableFuture<Optional<Object>>();
    apps.load(
        ApplicationSpec.of("a")
            .withEnvironment(Map.of("currency", "EUR"))
            .withModule(
                new Told() {
                  @Override
                  public ApplicationStart<String> start(
                      StartType type, String name, Self<Object> self) throws Exception {
                    self.spawn(
                        below ->
                            answer.complete(
                                ApplicationController.of(below.runtime()).getEnv("currency")));
                    return super.start(type, name, self);
                  }
                },
                "a"));
    apps.start("a");
    assertThat(TestRuntime.get(answer, "the process asks")).contains("EUR");
    assertThat(apps.getEnv("currency")).as("this thread is no process").isEmpty();
    assertThat(otp.<Optional<Object>>get(self -> apps.getEnv("currency")))
        .as("a process of no application")
        .isEmpty();
  }

  @Test
  @Rule("6.14")
  void mutableValueIsRefused() {
    for (Runnable what :
        List.<Runnable>of(
            () -> apps.setEnv("a", "k", new int[1]),
            () -> apps.setEnvPersistently("a", "k", new int[1]),
            () -> apps.load(ApplicationSpec.of("a").withEnvironment(Map.of("k", new int[1]))),
            () -> apps.configChange(List.of(Map.of("a", Map.of("k", new int[1]))), Map.of()))) {
      assertThat(catchThrowable(what::run)).isInstanceOf(MutableMessageException.class);
    }
  }

  private class Changing extends Told {
    @Override
    public void configChange(ConfigChange change, String name, Self<Object> self) {
      events.add(name + " " + change);
      if (change.added().containsKey("bad")) {
        throw new ProcessExit(BOOM);
      }
    }
  }

  @Test
  @Rule("6.15")
  void everyRunningApplicationWhoseConfigurationDiffersIsTold() {
    for (String name : List.of("a", "b", "same", "stopped")) {
      apps.load(
          ApplicationSpec.of(name)
              .withEnvironment(Map.of("k", 0))
              .withModule(new Changing(), name));
      apps.start(name);
    }
    apps.stop("stopped");
    apps.setEnv("b", "set", 1);
    events.clear();
    Map<String, ExitReason> failures =
        apps.configChange(
            List.of(Map.of("a", Map.of("bad", 1), "b", Map.of("k", 1), "stopped", Map.of("k", 1))),
            Map.of());
    assertThat(failures).isEqualTo(Map.of("a", BOOM));
    assertThat(events)
        .containsExactlyInAnyOrder(
            "a " + new ConfigChange(Map.of(), Map.of("bad", 1), Set.of()),
            "b " + new ConfigChange(Map.of("k", 1), Map.of(), Set.of("set")));
    assertThat(apps.getAllEnv("stopped")).isEqualTo(Map.of("k", 1));
    assertThat(apps.whichApplications()).containsExactly("a", "b", "same");
  }

  @Test
  @Rule("6.16")
  void timeThatIsOverCountsAsNormalEnd() throws InterruptedException {
    apps.load(told("a").withMaxTime(Duration.ofMillis(20)));
    apps.start("a", TRANSIENT);
    await("it has ended", () -> !info("a").running());
    assertThat(info("a").ended()).isEqualTo(ExitReason.NORMAL);
    assertThat(events).containsExactly("start a", "prepStop a", "stop a");
    assertThat(nodeEnds).isEmpty();
    assertThat(apps.start("a", PERMANENT)).isEmpty();
    assertThat(nodeEnd()).isEqualTo(new NodeEnd.Cause("a", ExitReason.NORMAL, false));
  }

  // --- membership

  @Test
  @Rule("6.40")
  void processesBelongToTheApplicationThatStartedThem() {
    run("a", TEMPORARY);
    Pid supervisor = pid("a");
    Pid master = otp.runtime().info(supervisor).orElseThrow().ancestors().getFirst();
    assertThat(apps.applicationOf(supervisor)).contains("a");
    assertThat(apps.applicationOf(master)).contains("a");
    assertThat(otp.<Optional<String>>get(self -> apps.applicationOf(self.pid()))).isEmpty();
    apps.stop("a");
    assertThat(apps.applicationOf(supervisor)).isEmpty();
  }
}
