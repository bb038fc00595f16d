package io.otp.supervisor;

import static io.otp.supervisor.AutoShutdown.ALL_SIGNIFICANT;
import static io.otp.supervisor.AutoShutdown.ANY_SIGNIFICANT;
import static io.otp.supervisor.Restart.PERMANENT;
import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.RestartPlanTests.BOOM;
import static io.otp.supervisor.RestartPlanTests.child;
import static io.otp.supervisor.RestartPlanTests.reason;
import static io.otp.supervisor.RestartPlanTests.significant;
import static io.otp.supervisor.RestartPlanTests.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Simple-one-for-one, and Elixir's dynamic supervisor. Traces are what OTP 25.2.3 did. */
class DynamicPlanTests {

  private static final StartChildResult NO_IDS =
      new StartChildResult.Refused(ChildError.SIMPLE_ONE_FOR_ONE);

  private static ChildSpec template(Restart restart) {
    return ChildSpec.<String>template("w", (_, _) -> new StartResult.Ignored())
        .withRestart(restart);
  }

  private static SupervisorSpec simple(ChildSpec template) {
    return spec(Strategy.SIMPLE_ONE_FOR_ONE, template);
  }

  private static PlanRun with(SupervisorSpec spec, String... children) {
    var run = PlanRun.started(spec);
    for (String child : children) {
      run.call(plan -> plan.startChildWith(child));
    }
    return run.forget();
  }

  private static PlanRun own(SupervisorSpec spec, ChildSpec... children) {
    var run = PlanRun.started(spec);
    for (ChildSpec child : children) {
      run.call(plan -> plan.startChild(child));
    }
    return run.forget();
  }

  private static Object terminate(PlanRun run, Pid pid, boolean alive) {
    return run.call(plan -> plan.terminateChild(pid, alive));
  }

  // --- the template

  @Test
  @Rule("5.70")
  void startsNothingByItself() {
    var run = new PlanRun(simple(template(PERMANENT))).start();
    assertThat(run.fullTrace()).isEmpty();
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(1, 0, 0, 0));
  }

  @Test
  @Rule("5.70")
  void restartsWithTheSameArguments() {
    var run = with(simple(template(PERMANENT)), "a", "b");
    run.exit("a", BOOM);
    assertThat(run.fullTrace()).isEqualTo("child_terminated w boom, start a");
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(1, 2, 0, 2));
  }

  @Test
  @Rule("5.70")
  void argumentsReachTheStartFunction() throws Exception {
    var seen = new ArrayList<Object>();
    var template =
        ChildSpec.<String>template(
            "w",
            (args, _) -> {
              seen.add(args);
              return new StartResult.Ignored();
            });
    RestartPlan plan = RestartPlan.of(simple(template), PlanRun.SUPERVISOR);
    for (String args : new String[] {"x", null}) {
      Step.Start start = (Step.Start) plan.startChildWith(args).getFirst();
      Pid pid = TestPids.pid(9);
      start.run(null);
      plan.onStarted(new StartResult.Started(pid, null));
      ((Step.Start) plan.onExit(pid, BOOM, 0).getLast()).run(null);
      plan.onStarted(new StartResult.Ignored());
    }
    assertThat(seen).containsExactly("x", "x", null, null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PERMANENT | normal       | child_terminated w normal, start a",
        "PERMANENT | boom         | child_terminated w boom, start a",
        "TRANSIENT | normal       | ''",
        "TRANSIENT | shutdown     | ''",
        "TRANSIENT | {shutdown,x} | ''",
        "TRANSIENT | killed       | child_terminated w killed, start a",
        "TEMPORARY | normal       | ''",
        "TEMPORARY | killed       | child_terminated w killed",
        "TEMPORARY | boom         | child_terminated w boom",
      })
  @Rule({"5.20", "5.71", "5.90", "5.91", "5.96"})
  void childThatIsNotRestartedVanishes(Restart restart, String reason, String trace) {
    var run = with(simple(template(restart)), "a", "b");
    run.exit("a", reason(reason));
    assertThat(run.fullTrace()).isEqualTo(trace);
    assertThat(run.plan.countChildren().active()).isEqualTo(trace.contains("start") ? 2 : 1);
  }

  @Test
  @Rule("5.64")
  void argumentsOfATemporaryChildAreNotKept() {
    var run = with(simple(template(TEMPORARY)), "a");
    assertThat(run.plan.changeSpec(simple(template(PERMANENT)))).isEmpty();
    run.call(plan -> plan.startChildWith("new"));
    run.forget().exit("a", ExitReason.NORMAL).exit("new", ExitReason.NORMAL);
    assertThat(run.fullTrace())
        .as("still temporary, for want of arguments")
        .isEqualTo("child_terminated w normal, start new");
    assertThat(run.plan.countChildren().active()).isEqualTo(1);
  }

  @Test
  @Rule("5.71")
  void childrenHaveNoIds() {
    var run = with(simple(template(PERMANENT).asSupervisor()), "a");
    Pid a = run.pid("a");
    assertThat(run.call(plan -> plan.terminateChild("w")))
        .isEqualTo(Optional.of(ChildError.SIMPLE_ONE_FOR_ONE));
    assertThat(run.call(plan -> plan.restartChild("w"))).isEqualTo(NO_IDS);
    assertThat(run.call(plan -> plan.deleteChild("w")))
        .isEqualTo(Optional.of(ChildError.SIMPLE_ONE_FOR_ONE));
    assertThat(run.call(plan -> plan.startChild(child("x")))).isEqualTo(NO_IDS);
    assertThat(run.plan.whichChildren())
        .containsExactly(
            new ChildInfo(
                null,
                ChildStatus.RUNNING,
                a,
                PERMANENT,
                ChildType.SUPERVISOR,
                List.of(DynamicPlanTests.class.getName()),
                0,
                null));
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(1, 1, 1, 0));
    assertThat(run.plan.childSpec("w")).contains(run.plan.spec().children().getFirst());
    assertThat(run.plan.childSpec(a)).contains(run.plan.spec().children().getFirst());
    assertThat(run.plan.childSpec("other")).isEmpty();
  }

  @Test
  @Rule("5.71")
  void terminatesByPid() {
    var run = with(simple(template(PERMANENT)), "a", "b");
    Pid a = run.pid("a");
    assertThat(terminate(run, a, true)).isEqualTo(Optional.empty());
    assertThat(terminate(run, a, false)).as("dead by now").isEqualTo(Optional.empty());
    assertThat(terminate(run, TestPids.pid(99), false)).isEqualTo(Optional.empty());
    assertThat(terminate(run, TestPids.pid(98), true)).isEqualTo(Optional.of(ChildError.NOT_FOUND));
    assertThat(run.fullTrace()).isEqualTo("stop a");
    assertThat(run.children()).isEqualTo("-");
    assertThat(run.plan.restartsInWindow(0)).isZero();
  }

  @Test
  @Rule("5.53")
  void reportsAChildThatIsTerminatedOtherwiseThanTold() {
    var run = with(simple(template(PERMANENT)), "a").stopping("a", BOOM);
    Pid a = run.pid("a");
    assertThat(terminate(run, a, true)).isEqualTo(Optional.empty());
    assertThat(run.fullTrace()).isEqualTo("stop a, shutdown_error w boom");
    assertThat(run.reports.getFirst().offender().pid()).isEqualTo(a);
  }

  @Test
  @Rule({"5.60", "5.71"})
  void nothingIsKeptOfAChildThatDoesNotStart() {
    var run = with(simple(template(PERMANENT))).ignoring("i", 1).failing("f", 1);
    assertThat(run.call(plan -> plan.startChildWith("i")))
        .isEqualTo(new StartChildResult.Ignored());
    assertThat(run.call(plan -> plan.startChildWith("f")))
        .isEqualTo(new StartChildResult.Failed(reason("nope")));
    assertThat(run.fullTrace()).isEqualTo("start i ignored, start f failed");
    assertThat(run.plan.whichChildren()).isEmpty();
  }

  @Test
  @Rule("5.21")
  void exitOfAStrangerIsIgnored() {
    var run = with(simple(template(PERMANENT)), "a");
    assertThat(run.exit(TestPids.pid(99), BOOM).fullTrace()).isEmpty();
  }

  // --- restarts that fail, giving up

  @Test
  @Rule({"5.40", "5.42", "5.44"})
  void failedRestartWaitsBehindTheMailbox() {
    var run = with(simple(template(PERMANENT)), "a", "b").failing("a", 2);
    Pid old = run.pid("a");
    run.exit("a", BOOM);
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(1, 1, 0, 2));
    assertThat(run.plan.whichChildren())
        .extracting(ChildInfo::status)
        .containsExactlyInAnyOrder(ChildStatus.RESTARTING, ChildStatus.RUNNING);
    run.exit(old, BOOM).settle();
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated w boom, start a failed, start_error w nope, start a failed,"
                + " start_error w nope, start a");
    assertThat(run.reports)
        .extracting(report -> report.offender().restarting())
        .containsExactly(false, false, true);
    assertThat(run.reports).extracting(report -> report.offender().pid()).containsOnly(old);
    assertThat(run.plan.countChildren().active()).isEqualTo(2);
  }

  @Test
  @Rule("5.42")
  void terminatingARestartingChildEndsTheAttempts() {
    var run = with(simple(template(PERMANENT)), "a", "b").failing("a", 9);
    Pid old = run.pid("a");
    run.exit("a", BOOM).forget();
    assertThat(terminate(run, old, false)).isEqualTo(Optional.empty());
    run.settle();
    assertThat(run.fullTrace()).isEmpty();
    assertThat(run.plan.countChildren())
        .as("OTP 25 says active 0 here")
        .isEqualTo(new ChildCounts(1, 1, 0, 1));
  }

  @Test
  @Rule("5.71")
  void childThatIgnoresItsRestartIsForgotten() {
    var run = with(simple(template(PERMANENT)), "a", "b").ignoring("a", 1);
    run.exit("a", BOOM);
    assertThat(run.children()).isEqualTo("-");
    run.shutDown(ExitReason.NORMAL);
    assertThat(run.trace()).isEqualTo("start a ignored, stop b, exit normal");
  }

  @Test
  @Rule({"5.32", "5.33"})
  void restartsAreCountedPerSupervisor() {
    var run =
        with(simple(template(PERMANENT)).withIntensity(1, Duration.ofSeconds(5)), "a", "b", "c");
    run.exit("a", BOOM).forget().exit("b", BOOM);
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated w boom, shutdown w reached_max_restart_intensity, stop c, stop a,"
                + " exit shutdown");
  }

  @Test
  @Rule({"5.41", "5.33"})
  void givesUpOnAChildThatNeverStartsAgain() {
    var run =
        with(simple(template(PERMANENT)).withIntensity(2, Duration.ofSeconds(5)), "a", "b")
            .failing("a", 9);
    run.exit("a", BOOM).settle();
    assertThat(run.trace()).isEqualTo("start a failed, start a failed, stop b, exit shutdown");
    assertThat(run.reports.getLast().offender().restarting()).isTrue();
  }

  // --- shutdown

  @Test
  @Rule({"5.53", "5.72"})
  void stopsAllAtOnceAndReportsByReason() {
    var run =
        with(simple(template(PERMANENT)), "a", "b", "c", "d", "e")
            .stopping("a", BOOM)
            .stopping("b", BOOM)
            .stopping("c", ExitReason.NORMAL)
            .stopping("d", ExitReason.KILLED);
    run.shutDown(ExitReason.NORMAL);
    assertThat(run.fullTrace())
        .isEqualTo(
            "stop a, stop b, stop c, stop d, stop e, shutdown_error w boom x2, shutdown_error w"
                + " normal x1, shutdown_error w killed x1, exit normal");
    assertThat(run.reports).extracting(report -> report.offender().pid()).containsOnlyNulls();
  }

  @Test
  @Rule({"5.53", "5.72"})
  void temporaryChildrenMayEndNormallyWhenStopped() {
    var run =
        with(simple(template(TEMPORARY).withShutdown(Shutdown.BRUTAL_KILL)), "a", "b", "c")
            .stopping("b", ExitReason.NORMAL);
    run.shutDown(ExitReason.SHUTDOWN);
    assertThat(run.fullTrace()).isEqualTo("stop a, stop b, stop c, exit shutdown");
  }

  @Test
  @Rule({"5.72", "5.40"})
  void doesNotWaitForRestartingChildren() {
    var run = with(simple(template(PERMANENT)), "a", "b").failing("a", 9);
    run.exit("a", BOOM).forget().shutDown(ExitReason.SHUTDOWN);
    assertThat(run.fullTrace()).isEqualTo("stop b, exit shutdown");
    var alone = with(simple(template(PERMANENT)), "a").failing("a", 9);
    alone.exit("a", BOOM).forget().shutDown(ExitReason.SHUTDOWN);
    assertThat(alone.fullTrace()).isEqualTo("exit shutdown");
  }

  // --- significance

  @ParameterizedTest
  @CsvSource({"ANY_SIGNIFICANT, 1", "ALL_SIGNIFICANT, 2"})
  @Rule("5.80")
  void significantTemplateEndsTheSupervisor(AutoShutdown auto, int deaths) {
    var run =
        with(simple(template(TEMPORARY).withSignificant(true)).withAutoShutdown(auto), "a", "b");
    run.exit("a", ExitReason.NORMAL);
    assertThat(run.ended()).isEqualTo(deaths == 1 ? ExitReason.SHUTDOWN : null);
    if (deaths == 2) {
      run.exit("b", BOOM);
      assertThat(run.ended()).isEqualTo(ExitReason.SHUTDOWN);
    }
  }

  @Test
  @Rule("5.81")
  void terminatingTheLastSignificantChildDoesNot() {
    var run =
        with(
            simple(template(TEMPORARY).withSignificant(true)).withAutoShutdown(ALL_SIGNIFICANT),
            "a");
    terminate(run, run.pid("a"), true);
    assertThat(run.ended()).isNull();
  }

  // --- how many

  @Test
  @Rule("5.73")
  void aMillionChildrenStartAndEndInAnyOrder() {
    RestartPlan plan = RestartPlan.of(simple(template(TEMPORARY)), PlanRun.SUPERVISOR);
    int count = 1_000_000;
    var pids = new Pid[count];
    for (int i = 0; i < count; i++) {
      pids[i] = TestPids.pid(i + 2L);
      plan.startChildWith("x");
      plan.onStarted(new StartResult.Started(pids[i], null));
    }
    assertThat(plan.countChildren()).isEqualTo(new ChildCounts(1, count, 0, count));
    assertThat(plan.someChildren(3)).hasSize(3);
    for (int i = 0; i < count; i += 2) {
      plan.onExit(pids[i], ExitReason.NORMAL, 0);
    }
    for (int i = count - 1; i > 0; i -= 2) {
      plan.terminateChild(pids[i], true);
      plan.onTerminated(pids[i], ExitReason.SHUTDOWN);
    }
    assertThat(plan.whichChildren()).isEmpty();
  }

  // --- each child with its own spec

  @Test
  @Rule("5.96")
  void eachChildBringsItsOwnSpecAndIdsDoNotMatter() {
    var run =
        own(
            SupervisorSpec.dynamic("rooms"),
            child("x"),
            child("x", TRANSIENT).asSupervisor(),
            child("t", TEMPORARY));
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(3, 3, 1, 2));
    assertThat(run.plan.whichChildren()).extracting(ChildInfo::id).containsOnlyNulls();
    run.exit("t", BOOM);
    assertThat(run.fullTrace()).isEqualTo("child_terminated t boom");
    run.forget().exit("x", ExitReason.NORMAL);
    assertThat(run.fullTrace()).isEmpty();
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(1, 1, 0, 1));
  }

  @Test
  @Rule("5.96")
  void ownSpecDecidesAboutRestartAndStop() {
    var run =
        own(
            SupervisorSpec.dynamic("rooms"),
            child("p").withShutdown(Shutdown.INFINITY),
            child("k", TEMPORARY).withShutdown(Shutdown.BRUTAL_KILL));
    run.exit("p", ExitReason.NORMAL);
    assertThat(run.fullTrace()).isEqualTo("child_terminated p normal, start p");
    assertThat(run.plan.childSpec(run.pid("p")).orElseThrow().shutdown())
        .isEqualTo(Shutdown.INFINITY);
    run.forget().stopping("k", BOOM).shutDown(ExitReason.SHUTDOWN);
    assertThat(run.fullTrace())
        .isEqualTo("stop k, stop p, shutdown_error k boom x1, exit shutdown");
  }

  @Test
  @Rule("5.96")
  void refusesMoreThanMaxChildren() {
    var run = own(SupervisorSpec.dynamic("rooms").withMaxChildren(2), child("a"), child("b"));
    Object full = new StartChildResult.Refused(ChildError.MAX_CHILDREN);
    assertThat(run.call(plan -> plan.startChild(child("c")))).isEqualTo(full);
    run.failing("a", 1).exit("a", BOOM);
    assertThat(run.call(plan -> plan.startChild(child("c")))).as("a restarts").isEqualTo(full);
    terminate(run, run.pid("b"), true);
    run.ignoring("i", 1);
    assertThat(run.call(plan -> plan.startChild(child("i"))))
        .as("not counted")
        .isEqualTo(new StartChildResult.Ignored());
    assertThat(run.call(plan -> plan.startChild(child("c"))))
        .isEqualTo(new StartChildResult.Started(run.pid("c"), null));
    var none = with(simple(template(TEMPORARY)).withMaxChildren(0));
    assertThat(none.call(plan -> plan.startChildWith("a"))).isEqualTo(full);
  }

  @Test
  @Rule("5.96")
  void unknownPidIsNotFoundDeadOrAlive() {
    var run = own(SupervisorSpec.dynamic("rooms"), child("a"));
    assertThat(terminate(run, TestPids.pid(99), false))
        .isEqualTo(Optional.of(ChildError.NOT_FOUND));
    assertThat(terminate(run, run.pid("a"), true)).isEqualTo(Optional.empty());
  }

  @Test
  @Rule({"5.05", "5.96"})
  void refusesASpecThatDoesNotFit() {
    var run = own(SupervisorSpec.dynamic("rooms"));
    for (ChildSpec wrong : List.of(significant("s", TRANSIENT), template(PERMANENT))) {
      assertThat(run.call(plan -> plan.startChild(wrong)))
          .isInstanceOf(StartChildResult.Invalid.class);
    }
    assertThat(run.call(plan -> plan.startChildWith("args")))
        .isInstanceOf(StartChildResult.Invalid.class);
    assertThat(run.fullTrace()).isEmpty();
  }

  @Test
  @Rule({"5.80", "5.96"})
  void allSignificantCountsSignificantChildrenOnly() {
    var run =
        own(
            SupervisorSpec.dynamic("rooms").withAutoShutdown(ALL_SIGNIFICANT),
            child("x"),
            significant("a", TRANSIENT),
            significant("b", TEMPORARY));
    run.exit("a", BOOM).exit("a", ExitReason.NORMAL);
    assertThat(run.ended()).isNull();
    run.exit("b", ExitReason.NORMAL);
    assertThat(run.ended()).isEqualTo(ExitReason.SHUTDOWN);
    assertThat(run.trace()).isEqualTo("start a, stop x, exit shutdown");
    assertThat(
            own(
                    SupervisorSpec.dynamic("rooms").withAutoShutdown(ANY_SIGNIFICANT),
                    significant("a", TRANSIENT),
                    significant("b", TEMPORARY))
                .exit("b", ExitReason.NORMAL)
                .ended())
        .isEqualTo(ExitReason.SHUTDOWN);
  }

  @Test
  @Rule({"5.64", "5.96"})
  void ownStartFunctionOfATemporaryChildIsNotKept() {
    var run = own(SupervisorSpec.dynamic("rooms"), child("t", TEMPORARY));
    assertThat(run.plan.childSpec(run.pid("t"))).contains(child("t", TEMPORARY).withoutStart());
  }

  @Test
  void remembersHowRestartedChildrenFared() {
    var run = with(simple(template(PERMANENT)), "a");
    run.exit("a", BOOM).failing("a", 1).exit("a", ExitReason.KILLED).settle();
    ChildInfo info = run.plan.whichChildren().getFirst();
    assertThat(info.restarts()).isEqualTo(2);
    assertThat(info.lastExit()).isEqualTo(ExitReason.KILLED);
  }

  @Test
  void samePidTwiceIsOneChild() {
    RestartPlan plan =
        RestartPlan.of(
            SupervisorSpec.dynamic("rooms").withAutoShutdown(ALL_SIGNIFICANT), PlanRun.SUPERVISOR);
    Pid pid = TestPids.pid(7);
    for (int i = 0; i < 2; i++) {
      plan.startChild(significant("a", TRANSIENT));
      plan.onStarted(new StartResult.Started(pid, null));
    }
    assertThat(plan.countChildren()).isEqualTo(new ChildCounts(1, 1, 0, 1));
    assertThat(plan.onExit(pid, ExitReason.NORMAL, 0))
        .containsExactly(new Step.Exit(ExitReason.SHUTDOWN));
  }
}
