package io.otp.supervisor;

import static io.otp.supervisor.AutoShutdown.ALL_SIGNIFICANT;
import static io.otp.supervisor.AutoShutdown.ANY_SIGNIFICANT;
import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.Strategy.ONE_FOR_ALL;
import static io.otp.supervisor.Strategy.ONE_FOR_ONE;
import static io.otp.supervisor.Strategy.REST_FOR_ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.otp.Rule;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Traces are what OTP 25.2.3 did with the same children. */
class RestartPlanTests {

  static final ExitReason BOOM = new ExitReason.Other("boom");

  static ChildSpec child(String id) {
    return ChildSpec.of(id, _ -> new StartResult.Ignored());
  }

  static ChildSpec child(String id, Restart restart) {
    return child(id).withRestart(restart);
  }

  static ChildSpec significant(String id, Restart restart) {
    return child(id, restart).withSignificant(true);
  }

  /** With so many restarts that it does not give up. */
  static SupervisorSpec spec(Strategy strategy, ChildSpec... children) {
    return SupervisorSpec.of("shop", strategy, children).withIntensity(10, Duration.ofMinutes(1));
  }

  static ExitReason reason(String text) {
    return switch (text) {
      case "normal" -> ExitReason.NORMAL;
      case "shutdown" -> ExitReason.SHUTDOWN;
      case "{shutdown,x}" -> new ExitReason.ShutdownWith("x");
      case "killed" -> ExitReason.KILLED;
      case "noproc" -> ExitReason.NO_PROCESS;
      default -> new ExitReason.Other(text);
    };
  }

  // --- start

  @Test
  @Rule("5.10")
  void startsChildrenInOrderEachAfterTheOneBefore() {
    var run = new PlanRun(spec(ONE_FOR_ONE, child("a"), child("b"), child("c"))).start();
    assertThat(run.fullTrace())
        .isEqualTo("start a, progress a, start b, progress b, start c, progress c");
    assertThat(run.children()).isEqualTo("c, b, a");
  }

  @Test
  @Rule("5.10")
  void asksForTheNextStartOnlyWhenTheOneBeforeIsAnswered() {
    RestartPlan plan =
        RestartPlan.of(spec(ONE_FOR_ONE, child("a"), child("b")), PlanRun.SUPERVISOR);
    assertThat(plan.start()).containsExactly(new Step.Start(plan.spec().children().get(0), null));
    List<Step> next = plan.onStarted(new StartResult.Started(TestPids.pid(7), "info"));
    assertThat(next)
        .hasSize(2)
        .last()
        .isEqualTo(new Step.Start(plan.spec().children().get(1), null));
  }

  @Test
  @Rule("5.11")
  void keepsAnIgnoredChildWithoutProcessAndDropsATemporaryOne() {
    var run =
        new PlanRun(spec(ONE_FOR_ONE, child("i"), child("t", TEMPORARY), child("z")))
            .ignoring("i", 1)
            .ignoring("t", 1)
            .start();
    assertThat(run.fullTrace()).isEqualTo("start i ignored, start t ignored, start z, progress z");
    assertThat(run.children()).isEqualTo("z, i:undefined");
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(2, 1, 0, 2));
    assertThat(run.call(plan -> plan.restartChild("i")))
        .isEqualTo(new StartChildResult.Started(run.pid("i"), null));
  }

  @Test
  @Rule("5.12")
  void stopsTheStartedOnesInReverseWhenAStartFails() {
    var run =
        new PlanRun(spec(ONE_FOR_ALL, child("a"), child("b"), child("k"), child("z")))
            .failing("k", 1)
            .start();
    assertThat(run.fullTrace())
        .isEqualTo(
            "start a, progress a, start b, progress b, start k failed, start_error k nope,"
                + " stop b, stop a, exit {shutdown,{failed_to_start_child,k,nope}}");
    assertThat(run.ended())
        .isEqualTo(new ExitReason.ShutdownWith(new FailedToStartChild("k", reason("nope"))));
    assertThat(run.reports.getFirst().offender().pid()).isNull();
  }

  @Test
  @Rule("5.12")
  void reportsAStartedChildThatIsStoppedBadly() {
    var run =
        new PlanRun(spec(ONE_FOR_ONE, child("a"), child("k")))
            .failing("k", 1)
            .stopping("a", BOOM)
            .start();
    assertThat(run.fullTrace())
        .endsWith("stop a, shutdown_error a boom, exit {shutdown,{failed_to_start_child,k,nope}}");
  }

  @Test
  @Rule("5.12")
  void alreadyStartedIsAFailedStart() {
    RestartPlan plan = RestartPlan.of(spec(ONE_FOR_ONE, child("a")), PlanRun.SUPERVISOR);
    plan.start();
    var taken = new StartResult.AlreadyStarted(TestPids.pid(7));
    assertThat(plan.onStarted(taken))
        .last()
        .isEqualTo(
            new Step.Exit(
                new ExitReason.ShutdownWith(
                    new FailedToStartChild("a", new ExitReason.Other(taken)))));
  }

  @Test
  @Rule("5.12")
  void startFunctionThatReturnsNothingFails() {
    assertThatThrownBy(() -> new Step.Start(ChildSpec.of("a", _ -> null), null).run(null))
        .hasMessage("The start function of child 'a' returned null");
  }

  @Test
  @Rule({"5.10", "5.50"})
  void supervisorWithoutChildrenStartsAndEnds() {
    var run = new PlanRun(spec(REST_FOR_ONE)).start().shutDown(BOOM);
    assertThat(run.trace()).isEqualTo("exit boom");
  }

  // --- whether to restart

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PERMANENT | normal       | reported | start a | a",
        "PERMANENT | shutdown     | reported | start a | a",
        "PERMANENT | {shutdown,x} | reported | start a | a",
        "PERMANENT | killed       | reported | start a | a",
        "PERMANENT | noproc       | reported | start a | a",
        "PERMANENT | boom         | reported | start a | a",
        "TRANSIENT | normal       | silent   | ''      | a:undefined",
        "TRANSIENT | shutdown     | silent   | ''      | a:undefined",
        "TRANSIENT | {shutdown,x} | silent   | ''      | a:undefined",
        "TRANSIENT | killed       | reported | start a | a",
        "TRANSIENT | noproc       | reported | start a | a",
        "TRANSIENT | boom         | reported | start a | a",
        "TEMPORARY | normal       | silent   | ''      | ''",
        "TEMPORARY | shutdown     | silent   | ''      | ''",
        "TEMPORARY | {shutdown,x} | silent   | ''      | ''",
        "TEMPORARY | killed       | reported | ''      | ''",
        "TEMPORARY | noproc       | reported | ''      | ''",
        "TEMPORARY | boom         | reported | ''      | ''",
      })
  @Rule({"5.20", "5.91"})
  void restartsByRestartTypeAndReason(
      Restart restart, String reason, String report, String trace, String children) {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a", restart)));
    Pid before = run.pid("a");
    run.exit("a", reason(reason));
    assertThat(run.trace()).isEqualTo(trace);
    assertThat(run.children()).isEqualTo(children);
    assertThat(run.plan.restartsInWindow(0)).isEqualTo(trace.isEmpty() ? 0 : 1);
    if (report.equals("silent")) {
      assertThat(run.reports).isEmpty();
    } else {
      assertThat(run.fullTrace()).startsWith("child_terminated a " + reason);
      assertThat(run.reports.getFirst().offender().pid()).isEqualTo(before);
    }
  }

  @Test
  @Rule("5.20")
  void crashIsAbnormal() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a", TRANSIENT)));
    run.exit("a", ExitReason.of(new IllegalStateException("bad")));
    assertThat(run.fullTrace())
        .isEqualTo("child_terminated a java.lang.IllegalStateException: bad, start a, progress a");
  }

  @ParameterizedTest
  @EnumSource(
      value = Strategy.class,
      names = {"ONE_FOR_ONE", "ONE_FOR_ALL", "REST_FOR_ONE"})
  @Rule("5.21")
  void exitOfAStrangerIsIgnored(Strategy strategy) {
    var run = PlanRun.started(spec(strategy, child("a"), child("b")));
    Pid old = run.pid("a");
    run.exit(TestPids.pid(999), BOOM).exit("a", BOOM).forget();
    run.exit(old, BOOM);
    assertThat(run.fullTrace()).isEmpty();
    assertThat(run.children()).isEqualTo("b, a");
  }

  // --- strategies

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ONE_FOR_ONE  | a | start a",
        "ONE_FOR_ONE  | b | start b",
        "ONE_FOR_ONE  | c | start c",
        "ONE_FOR_ALL  | a | stop c, stop b, start a, start b, start c",
        "ONE_FOR_ALL  | b | stop c, stop a, start a, start b, start c",
        "ONE_FOR_ALL  | c | stop b, stop a, start a, start b, start c",
        "REST_FOR_ONE | a | stop c, stop b, start a, start b, start c",
        "REST_FOR_ONE | b | stop c, start b, start c",
        "REST_FOR_ONE | c | start c",
      })
  @Rule("5.22")
  void restartsTheGroupOfTheStrategy(Strategy strategy, String dies, String trace) {
    var run = PlanRun.started(spec(strategy, child("a"), child("b"), child("c")));
    run.exit(dies, BOOM);
    assertThat(run.trace()).isEqualTo(trace);
    assertThat(run.children()).isEqualTo("c, b, a");
    assertThat(run.plan.restartsInWindow(0)).isEqualTo(1);
  }

  @Test
  @Rule({"5.22", "5.90", "5.92"})
  void reportsTheEndFirstAndEachStartWhenItRuns() {
    var run = PlanRun.started(spec(ONE_FOR_ALL, child("a"), child("b")));
    run.exit("a", BOOM);
    assertThat(run.fullTrace())
        .isEqualTo("child_terminated a boom, stop b, start a, progress a, start b, progress b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ONE_FOR_ALL  | stop z, stop t, start a, start z",
        "REST_FOR_ONE | stop z, stop t, start a, start z",
      })
  @Rule("5.23")
  void temporarySiblingIsStoppedAndForgotten(Strategy strategy, String trace) {
    var run = PlanRun.started(spec(strategy, child("a"), child("t", TEMPORARY), child("z")));
    run.exit("a", BOOM);
    assertThat(run.trace()).isEqualTo(trace);
    assertThat(run.children()).isEqualTo("z, a");
  }

  @Test
  @Rule("5.24")
  void groupRestartStartsWhatHadEndedOrWasStopped() {
    var run =
        PlanRun.started(
            spec(
                ONE_FOR_ALL,
                child("a"),
                child("t", TEMPORARY),
                child("tr", TRANSIENT),
                child("x"),
                child("z")));
    run.exit("tr", ExitReason.NORMAL);
    run.call(plan -> plan.terminateChild("x"));
    assertThat(run.children()).isEqualTo("z, x:undefined, tr:undefined, t, a");
    run.forget().exit("a", BOOM);
    assertThat(run.trace()).isEqualTo("stop z, stop t, start a, start tr, start x, start z");
    assertThat(run.children()).isEqualTo("z, x, tr, a");
  }

  @Test
  @Rule("5.24")
  void restForOneLeavesEarlierEndedChildrenAlone() {
    var run =
        PlanRun.started(
            spec(
                REST_FOR_ONE,
                child("tr", TRANSIENT),
                child("a"),
                child("t", TEMPORARY),
                child("tr2", TRANSIENT),
                child("z")));
    run.exit("tr", ExitReason.NORMAL).exit("tr2", ExitReason.NORMAL).forget().exit("a", BOOM);
    assertThat(run.trace()).isEqualTo("stop z, stop t, start a, start tr2, start z");
    assertThat(run.children()).isEqualTo("z, tr2, a, tr:undefined");
  }

  @ParameterizedTest
  @EnumSource(
      value = Strategy.class,
      names = {"ONE_FOR_ONE", "ONE_FOR_ALL", "REST_FOR_ONE"})
  @Rule("5.25")
  void endOfATemporaryChildConcernsNobodyElse(Strategy strategy) {
    var run = PlanRun.started(spec(strategy, child("a"), child("t", TEMPORARY), child("z")));
    run.exit("t", BOOM);
    assertThat(run.fullTrace()).isEqualTo("child_terminated t boom");
    assertThat(run.children()).isEqualTo("z, a");
  }

  @Test
  @Rule("5.22")
  void childStartedLaterIsLastInStartOrder() {
    var run = PlanRun.started(spec(REST_FOR_ONE, child("a"), child("b")));
    run.call(plan -> plan.startChild(child("c")));
    run.forget().exit("b", BOOM);
    assertThat(run.trace()).isEqualTo("stop c, start b, start c");
  }

  @Test
  @Rule("5.11")
  void childThatIgnoresItsRestartIsKeptWithoutProcess() {
    var run = PlanRun.started(spec(ONE_FOR_ALL, child("a"), child("b"))).ignoring("a", 1);
    run.exit("b", BOOM);
    assertThat(run.trace()).isEqualTo("stop a, start a ignored, start b");
    assertThat(run.children()).isEqualTo("b, a:undefined");
  }

  // --- giving up

  @Test
  @Rule({"5.31", "5.33"})
  void intensityZeroEndsWithTheFirstRestartableExit() {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ONE, child("a"), child("f"), child("z"), child("t", TEMPORARY))
                .withIntensity(0, Duration.ofSeconds(5)));
    run.exit("t", BOOM).forget().exit("f", BOOM);
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated f boom, shutdown f reached_max_restart_intensity, stop z, stop a,"
                + " exit shutdown");
  }

  @ParameterizedTest
  @EnumSource(
      value = Strategy.class,
      names = {"ONE_FOR_ONE", "ONE_FOR_ALL", "REST_FOR_ONE"})
  @Rule({"5.31", "5.32"})
  void groupRestartCountsOnce(Strategy strategy) {
    var run =
        PlanRun.started(
            spec(strategy, child("a"), child("b"), child("c"))
                .withIntensity(2, Duration.ofSeconds(5)));
    run.exit("a", BOOM).exit("b", BOOM);
    assertThat(run.ended()).isNull();
    run.exit("c", BOOM);
    assertThat(run.ended()).isEqualTo(ExitReason.SHUTDOWN);
    assertThat(run.plan.restarts()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"0.00, 1.70, shutdown", "0.50, 1.70,", "0.90, 2.10,"})
  @Rule("5.30")
  void windowIsCountedInWholeSeconds(double first, double later, String ended) {
    var run =
        PlanRun.started(spec(ONE_FOR_ONE, child("a")).withIntensity(1, Duration.ofSeconds(1)));
    run.at(first).exit("a", BOOM).at(first + later).exit("a", BOOM);
    assertThat(run.ended()).isEqualTo(ended == null ? null : ExitReason.SHUTDOWN);
  }

  @Test
  @Rule("5.32")
  void endsThatAreNoRestartsDoNotCount() {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ONE, child("tr", TRANSIENT), child("t", TEMPORARY), child("a"))
                .withIntensity(1, Duration.ofSeconds(5)));
    run.exit("tr", ExitReason.NORMAL).exit("t", BOOM);
    run.call(plan -> plan.terminateChild("a"));
    run.call(plan -> plan.restartChild("a"));
    run.exit("a", BOOM); // the first restart
    assertThat(run.ended()).isNull();
    assertThat(run.children()).isEqualTo("a, tr:undefined");
  }

  @Test
  @Rule("5.33")
  void subSupervisorThatGaveUpIsRestartedOnlyIfPermanent() {
    var permanent = PlanRun.started(spec(ONE_FOR_ONE, child("sub").asSupervisor()));
    assertThat(permanent.exit("sub", ExitReason.SHUTDOWN).trace()).isEqualTo("start sub");
    var transientOne = PlanRun.started(spec(ONE_FOR_ONE, child("sub", TRANSIENT).asSupervisor()));
    assertThat(transientOne.exit("sub", ExitReason.SHUTDOWN).trace()).isEmpty();
    assertThat(transientOne.children()).isEqualTo("sub:undefined");
  }

  // --- a restart that fails

  @Test
  @Rule({"5.40", "5.42"})
  void failedRestartWaitsBehindTheMailbox() {
    var run =
        PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("f"), child("z"))).failing("f", 2);
    Pid old = run.pid("f");
    run.exit("f", BOOM);
    assertThat(run.fullTrace())
        .isEqualTo("child_terminated f boom, start f failed, start_error f nope");
    assertThat(run.children()).isEqualTo("z, f:restarting, a");
    assertThat(run.mailbox()).isEqualTo(1);
    assertThat(run.reports.getLast().offender().pid()).isEqualTo(old);
    assertThat(run.reports.getLast().offender().restarting()).isFalse();

    run.forget().tryAgain();
    assertThat(run.fullTrace()).isEqualTo("start f failed, start_error f nope");
    assertThat(run.reports.getLast().offender().pid()).isEqualTo(old);
    assertThat(run.reports.getLast().offender().restarting()).isTrue();

    run.forget().tryAgain();
    assertThat(run.fullTrace()).isEqualTo("start f, progress f");
    assertThat(run.children()).isEqualTo("z, f, a");
    assertThat(run.mailbox()).isZero();
  }

  @Test
  @Rule("5.41")
  void eachAttemptCountsUntilTheSupervisorGivesUp() {
    var run =
        PlanRun.started(
                spec(ONE_FOR_ONE, child("a"), child("f"), child("z"))
                    .withIntensity(3, Duration.ofSeconds(60)))
            .failing("f", 100);
    run.exit("f", BOOM).settle();
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated f boom, start f failed, start_error f nope, start f failed,"
                + " start_error f nope, start f failed, start_error f nope, shutdown f"
                + " reached_max_restart_intensity, stop z, stop a, exit shutdown");
    assertThat(run.reports.getLast().offender().restarting()).isTrue();
  }

  @Test
  @Rule("5.41")
  void oneForAllCountsEachAttemptOfTheWholeGroup() {
    var run =
        PlanRun.started(
                spec(ONE_FOR_ALL, child("a"), child("f"), child("z"))
                    .withIntensity(2, Duration.ofSeconds(60)))
            .failing("f", 100);
    run.exit("z", BOOM).settle();
    assertThat(run.trace())
        .isEqualTo(
            "stop f, stop a, start a, start f failed, stop a, start a, start f failed, stop a,"
                + " exit shutdown");
    ReportedChild offender = run.reports.getLast().offender();
    assertThat(offender.id()).isEqualTo("f");
    assertThat(offender.pid()).isNull();
    assertThat(offender.restarting()).isTrue();
  }

  @Test
  @Rule("5.42")
  void restartingChildCanOnlyBeTerminated() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"))).failing("a", 1);
    run.exit("a", BOOM).forget();
    assertThat(run.call(plan -> plan.restartChild("a")))
        .isEqualTo(new StartChildResult.Refused(ChildError.RESTARTING));
    assertThat(run.call(plan -> plan.deleteChild("a")))
        .isEqualTo(Optional.of(ChildError.RESTARTING));
    assertThat(run.call(plan -> plan.startChild(child("a"))))
        .isEqualTo(new StartChildResult.Refused(ChildError.ALREADY_PRESENT));
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(1, 0, 0, 1));
    assertThat(run.call(plan -> plan.terminateChild("a"))).isEqualTo(Optional.empty());
    run.settle();
    assertThat(run.fullTrace()).isEmpty();
    assertThat(run.children()).isEqualTo("a:undefined");
  }

  @Test
  @Rule("5.43")
  void oneForAllStartsEverythingAgainWhenAnotherChildFails() {
    var run =
        PlanRun.started(spec(ONE_FOR_ALL, child("a"), child("b"), child("f"), child("z")))
            .failing("f", 2);
    run.exit("z", BOOM);
    assertThat(run.children()).isEqualTo("z:undefined, f:restarting, b, a");
    run.settle();
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated z boom, stop f, stop b, stop a, start a, progress a, start b,"
                + " progress b, start f failed, start_error f nope, stop b, stop a, start a,"
                + " progress a, start b, progress b, start f failed, start_error f nope, stop b,"
                + " stop a, start a, progress a, start b, progress b, start f, progress f, start z,"
                + " progress z");
    assertThat(run.children()).isEqualTo("z, f, b, a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b | stop z, stop f, start b, start f failed, start f failed, start f, start z",
        "f | stop z, start f failed, start f failed, start f, start z",
        "a | stop z, stop f, stop b, start a, start b, start f failed, start f failed, start f,"
            + " start z",
        "z | start z",
      })
  @Rule("5.43")
  void restForOneTriesAgainFromTheChildThatFailed(String dies, String trace) {
    var run =
        PlanRun.started(spec(REST_FOR_ONE, child("a"), child("b"), child("f"), child("z")))
            .failing("f", 2);
    run.exit(dies, BOOM).settle();
    assertThat(run.trace()).isEqualTo(trace);
    assertThat(run.children()).isEqualTo("z, f, b, a");
  }

  @Test
  @Rule("5.43")
  void exitBeforeTheNextAttemptRestartsTheGroupAndMakesTheAttemptNeedless() {
    var run = PlanRun.started(spec(ONE_FOR_ALL, child("a"), child("f"))).failing("f", 1);
    run.exit("f", BOOM).exit("a", ExitReason.KILLED);
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated f boom, stop a, start a, progress a, start f failed, start_error f"
                + " nope, child_terminated a killed, start a, progress a, start f, progress f");
    run.forget().settle();
    assertThat(run.fullTrace()).isEmpty();
  }

  @Test
  @Rule("5.44")
  void lateExitOfARestartingChildIsIgnored() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"))).failing("a", 1);
    Pid old = run.pid("a");
    run.exit("a", BOOM).forget().exit(old, BOOM);
    assertThat(run.fullTrace()).isEmpty();
    assertThat(run.plan.restartsInWindow(0)).isEqualTo(1);
    assertThat(run.settle().trace()).isEqualTo("start a");
  }

  @Test
  @Rule("5.40")
  void shutdownEndsTheAttempts() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("f"))).failing("f", 9);
    run.exit("f", BOOM).forget().shutDown(ExitReason.SHUTDOWN);
    assertThat(run.trace()).isEqualTo("stop a, exit shutdown");
  }

  // --- shutdown

  @ParameterizedTest
  @EnumSource(
      value = Strategy.class,
      names = {"ONE_FOR_ONE", "ONE_FOR_ALL", "REST_FOR_ONE"})
  @Rule({"5.21", "5.50"})
  void stopsInReverseStartOrderThenEndsWithTheReason(Strategy strategy) {
    var run = PlanRun.started(spec(strategy, child("a"), child("b"), child("c")));
    run.call(plan -> plan.startChild(child("d")));
    run.exit("b", BOOM).forget().shutDown(ExitReason.NORMAL);
    assertThat(run.trace()).isEqualTo("stop d, stop c, stop b, stop a, exit normal");
  }

  @Test
  @Rule("5.50")
  void asksForTheNextStopOnlyWhenTheOneBeforeIsDown() {
    RestartPlan plan =
        RestartPlan.of(spec(ONE_FOR_ONE, child("a"), child("b")), PlanRun.SUPERVISOR);
    List<ChildSpec> specs = plan.spec().children();
    plan.start();
    Pid a = TestPids.pid(7);
    Pid b = TestPids.pid(8);
    plan.onStarted(new StartResult.Started(a, null));
    plan.onStarted(new StartResult.Started(b, null));
    assertThat(plan.shutDown(ExitReason.SHUTDOWN))
        .containsExactly(new Step.Terminate(b, specs.get(1)));
    assertThat(plan.onTerminated(b, ExitReason.SHUTDOWN))
        .containsExactly(new Step.Terminate(a, specs.get(0)));
    assertThat(plan.onTerminated(a, ExitReason.SHUTDOWN))
        .containsExactly(new Step.Exit(ExitReason.SHUTDOWN));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5s          | shutdown     | silent   | silent",
        "5s          | normal       | reported | silent",
        "5s          | {shutdown,x} | reported | silent",
        "5s          | killed       | reported | reported",
        "5s          | noproc       | reported | reported",
        "5s          | boom         | reported | reported",
        "infinity    | shutdown     | silent   | silent",
        "infinity    | normal       | reported | silent",
        "infinity    | killed       | reported | reported",
        "brutal-kill | killed       | silent   | silent",
        "brutal-kill | shutdown     | reported | silent",
        "brutal-kill | normal       | reported | silent",
        "brutal-kill | {shutdown,x} | reported | silent",
        "brutal-kill | boom         | reported | reported",
      })
  @Rule("5.53")
  void reportsAChildThatIsStoppedOtherwiseThanTold(
      String shutdown, String reason, String permanent, String other) {
    for (Restart restart : Restart.values()) {
      ChildSpec child = child("a", restart).withShutdown(Shutdown.parse(shutdown));
      var run = PlanRun.started(spec(ONE_FOR_ONE, child)).stopping("a", reason(reason));
      run.shutDown(ExitReason.SHUTDOWN);
      String expected = restart == Restart.PERMANENT ? permanent : other;
      assertThat(run.fullTrace())
          .as("%s", restart)
          .isEqualTo(
              expected.equals("silent")
                  ? "stop a, exit shutdown"
                  : "stop a, shutdown_error a " + reason + ", exit shutdown");
    }
  }

  @Test
  @Rule("5.53")
  void reportsBadStopsInAGroupRestartToo() {
    var run =
        PlanRun.started(spec(ONE_FOR_ALL, child("a"), child("b"))).stopping("b", ExitReason.KILLED);
    run.exit("a", BOOM);
    assertThat(run.fullTrace())
        .startsWith("child_terminated a boom, stop b, shutdown_error b killed, start a");
  }

  // --- significant children

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TRANSIENT | normal       | stop y, stop x, exit shutdown",
        "TRANSIENT | shutdown     | stop y, stop x, exit shutdown",
        "TRANSIENT | {shutdown,x} | stop y, stop x, exit shutdown",
        "TRANSIENT | killed       | start a",
        "TRANSIENT | boom         | start a",
        "TEMPORARY | normal       | stop y, stop x, exit shutdown",
        "TEMPORARY | shutdown     | stop y, stop x, exit shutdown",
        "TEMPORARY | {shutdown,x} | stop y, stop x, exit shutdown",
        "TEMPORARY | killed       | stop y, stop x, exit shutdown",
        "TEMPORARY | boom         | stop y, stop x, exit shutdown",
      })
  @Rule("5.80")
  void anySignificantChildThatIsDoneEndsTheSupervisor(
      Restart restart, String reason, String trace) {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ONE, child("x"), significant("a", restart), significant("y", TRANSIENT))
                .withAutoShutdown(ANY_SIGNIFICANT));
    run.exit("a", reason(reason));
    assertThat(run.trace()).isEqualTo(trace);
  }

  @Test
  @Rule("5.80")
  void otherChildrenNeverEndTheSupervisor() {
    var run =
        PlanRun.started(
            spec(
                    ONE_FOR_ONE,
                    child("x"),
                    significant("a", TRANSIENT),
                    child("y", TRANSIENT),
                    child("t", TEMPORARY))
                .withAutoShutdown(ANY_SIGNIFICANT));
    run.exit("y", ExitReason.NORMAL).exit("t", BOOM);
    assertThat(run.trace()).isEmpty();
    assertThat(run.children()).isEqualTo("y:undefined, a, x");
  }

  @Test
  @Rule("5.80")
  void allSignificantEndsTheSupervisorWithTheLastOne() {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ONE, child("x"), significant("a", TRANSIENT), significant("b", TEMPORARY))
                .withAutoShutdown(ALL_SIGNIFICANT));
    run.exit("a", ExitReason.NORMAL);
    assertThat(run.trace()).isEmpty();
    run.exit("b", BOOM);
    assertThat(run.trace()).isEqualTo("stop x, exit shutdown");
  }

  @Test
  @Rule("5.80")
  void restartingSignificantChildIsStillLeft() {
    var run =
        PlanRun.started(
                spec(ONE_FOR_ONE, significant("a", TRANSIENT), significant("b", TRANSIENT))
                    .withAutoShutdown(ALL_SIGNIFICANT))
            .failing("a", 9);
    run.exit("a", BOOM).exit("b", ExitReason.NORMAL);
    assertThat(run.ended()).isNull();
    assertThat(run.children()).isEqualTo("b:undefined, a:restarting");
    run.call(plan -> plan.terminateChild("a"));
    assertThat(run.ended()).as("stopped, not done").isNull();
  }

  @Test
  @Rule("5.80")
  void stoppedSignificantChildIsNotLeft() {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ONE, significant("a", TRANSIENT), significant("b", TRANSIENT))
                .withAutoShutdown(ALL_SIGNIFICANT));
    run.call(plan -> plan.terminateChild("a"));
    assertThat(run.ended()).isNull();
    run.exit("b", ExitReason.NORMAL);
    assertThat(run.ended()).isEqualTo(ExitReason.SHUTDOWN);
  }

  @ParameterizedTest
  @EnumSource(
      value = AutoShutdown.class,
      names = {"ANY_SIGNIFICANT", "ALL_SIGNIFICANT"})
  @Rule("5.81")
  void stoppingASignificantChildDoesNotEndTheSupervisor(AutoShutdown auto) {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ONE, child("x"), significant("a", TRANSIENT), significant("t", TEMPORARY))
                .withAutoShutdown(auto));
    run.call(plan -> plan.terminateChild("a"));
    run.call(plan -> plan.terminateChild("t"));
    assertThat(run.trace()).isEqualTo("stop a, stop t");
    assertThat(run.children()).isEqualTo("a:undefined, x");
  }

  @ParameterizedTest
  @EnumSource(
      value = AutoShutdown.class,
      names = {"ANY_SIGNIFICANT", "ALL_SIGNIFICANT"})
  @Rule("5.81")
  void significantBystanderOfAGroupRestartDoesNotEndTheSupervisor(AutoShutdown auto) {
    var run =
        PlanRun.started(
            spec(ONE_FOR_ALL, child("x"), significant("a", TRANSIENT), significant("t", TEMPORARY))
                .withAutoShutdown(auto));
    run.exit("x", BOOM);
    assertThat(run.trace()).isEqualTo("stop t, stop a, start x, start a");
    assertThat(run.children()).isEqualTo("a, x");
  }

  @ParameterizedTest
  @CsvSource({"true, exit shutdown", "false, ''"})
  @Rule("5.82")
  void autoShutdownOfASubSupervisorGoesOnOnlyIfThatIsSignificant(
      boolean significant, String trace) {
    var sub = child("sub", TRANSIENT).asSupervisor().withSignificant(significant);
    var run = PlanRun.started(spec(ONE_FOR_ONE, sub).withAutoShutdown(ANY_SIGNIFICANT));
    run.exit("sub", ExitReason.SHUTDOWN);
    assertThat(run.trace()).isEqualTo(trace);
  }

  // --- the machine

  @Test
  void refusesAnEventWhileAnOperationIsInProgress() {
    RestartPlan plan = RestartPlan.of(spec(ONE_FOR_ONE, child("a")), PlanRun.SUPERVISOR);
    plan.start();
    assertThatThrownBy(() -> plan.onExit(TestPids.pid(7), BOOM, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Supervisor 'shop' was told of an event during ");
  }

  @Test
  void remembersHowChildrenFared() {
    var run = PlanRun.started(spec(REST_FOR_ONE, child("a"), child("b"), child("c")));
    run.exit("b", BOOM).exit("b", ExitReason.KILLED);
    assertThat(run.plan.whichChildren())
        .extracting(ChildInfo::id, ChildInfo::restarts, ChildInfo::lastExit)
        .containsExactly(
            tuple("c", 2, ExitReason.SHUTDOWN),
            tuple("b", 2, ExitReason.KILLED),
            tuple("a", 0, null));
    assertThat(run.plan.someChildren(2)).extracting(ChildInfo::id).containsExactly("a", "b");
  }
}
