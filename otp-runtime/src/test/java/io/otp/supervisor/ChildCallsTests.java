package io.otp.supervisor;

import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.RestartPlanTests.BOOM;
import static io.otp.supervisor.RestartPlanTests.child;
import static io.otp.supervisor.RestartPlanTests.significant;
import static io.otp.supervisor.RestartPlanTests.spec;
import static io.otp.supervisor.Strategy.ONE_FOR_ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The calls on a supervisor whose children have ids; answers are those of OTP 25.2.3. */
class ChildCallsTests {

  private static final StartChildResult IGNORED = new StartChildResult.Ignored();
  private static final StartChildResult NOPE =
      new StartChildResult.Failed(new ExitReason.Other("nope"));

  private final PlanRun run = PlanRun.started(spec(ONE_FOR_ONE, child("a")));

  private Object start(ChildSpec child) {
    return run.call(plan -> plan.startChild(child));
  }

  private Object terminate(String id) {
    return run.call(plan -> plan.terminateChild(id));
  }

  private Object restart(String id) {
    return run.call(plan -> plan.restartChild(id));
  }

  private Object delete(String id) {
    return run.call(plan -> plan.deleteChild(id));
  }

  private StartChildResult started(String id) {
    return new StartChildResult.Started(run.pid(id), null);
  }

  private static StartChildResult refused(ChildError error) {
    return new StartChildResult.Refused(error);
  }

  @Test
  @Rule({"5.60", "5.61", "5.62"})
  void oneChildThroughItsWholeLife() {
    assertThat(start(child("b"))).isEqualTo(started("b"));
    assertThat(start(child("b"))).isEqualTo(new StartChildResult.AlreadyStarted(run.pid("b")));
    assertThat(terminate("b")).isEqualTo(Optional.empty());
    assertThat(start(child("b"))).isEqualTo(refused(ChildError.ALREADY_PRESENT));
    assertThat(restart("b")).isEqualTo(started("b"));
    assertThat(restart("b")).isEqualTo(refused(ChildError.RUNNING));
    assertThat(delete("b")).isEqualTo(Optional.of(ChildError.RUNNING));
    assertThat(terminate("b")).isEqualTo(Optional.empty());
    assertThat(terminate("b")).as("stopped already").isEqualTo(Optional.empty());
    assertThat(delete("b")).isEqualTo(Optional.empty());
    assertThat(delete("b")).isEqualTo(Optional.of(ChildError.NOT_FOUND));
    assertThat(restart("b")).isEqualTo(refused(ChildError.NOT_FOUND));
    assertThat(terminate("b")).isEqualTo(Optional.of(ChildError.NOT_FOUND));
    assertThat(run.trace()).isEqualTo("start b, stop b, start b, stop b");
  }

  @Test
  @Rule("5.60")
  void nothingIsKeptOfAChildThatFailsToStart() {
    run.failing("n", 1);
    assertThat(start(child("n"))).isEqualTo(NOPE);
    assertThat(run.children()).isEqualTo("a");
    assertThat(run.reports).as("the caller is told, not the log").isEmpty();
    assertThat(start(child("n", TEMPORARY))).isEqualTo(started("n"));
  }

  @Test
  @Rule("5.60")
  void ignoredChildIsKeptUnlessTemporary() {
    run.ignoring("i", 1).ignoring("j", 1);
    assertThat(start(child("i"))).isEqualTo(IGNORED);
    assertThat(start(child("i"))).isEqualTo(refused(ChildError.ALREADY_PRESENT));
    assertThat(start(child("j", TEMPORARY))).isEqualTo(IGNORED);
    assertThat(run.children()).isEqualTo("i:undefined, a");
  }

  @Test
  @Rule("5.60")
  void startInfoReachesTheCaller() {
    RestartPlan plan = RestartPlan.of(spec(ONE_FOR_ONE), PlanRun.SUPERVISOR);
    plan.startChild(child("b"));
    Pid pid = TestPids.pid(7);
    assertThat(plan.onStarted(new StartResult.Started(pid, "info")))
        .last()
        .isEqualTo(new Step.Reply(new StartChildResult.Started(pid, "info")));
  }

  @Test
  @Rule("5.60")
  void nameThatIsTakenElsewhereIsAFailedStart() {
    RestartPlan plan = RestartPlan.of(spec(ONE_FOR_ONE), PlanRun.SUPERVISOR);
    plan.startChild(child("b"));
    var taken = new StartResult.AlreadyStarted(TestPids.pid(7));
    assertThat(plan.onStarted(taken))
        .containsExactly(new Step.Reply(new StartChildResult.Failed(new ExitReason.Other(taken))));
    assertThat(plan.whichChildren()).isEmpty();
  }

  @Test
  @Rule({"5.03", "5.05", "5.60"})
  void specThatDoesNotFitTheSupervisorIsRefused() {
    assertThat(start(significant("s", TRANSIENT)))
        .isInstanceOfSatisfying(
            StartChildResult.Invalid.class,
            invalid -> assertThat(invalid.error().error()).isEqualTo("bad_combination"));
    var template = ChildSpec.<String>template("t", (_, _) -> new StartResult.Ignored());
    assertThat(start(template))
        .isInstanceOfSatisfying(
            StartChildResult.Invalid.class,
            invalid ->
                assertThat(invalid.error())
                    .hasToString(
                        "invalid_mfa: Supervisor 'shop' cannot start child 't': it needs start"
                            + " arguments, which only the template of a simple-one-for-one"
                            + " supervisor gets. Use ChildSpec.of."));
    assertThat(run.call(plan -> plan.startChildWith("args")))
        .isInstanceOfSatisfying(
            StartChildResult.Invalid.class,
            invalid ->
                assertThat(invalid.error())
                    .hasToString(
                        "invalid_child_spec: Supervisor 'shop' has no template and was asked to"
                            + " start a child from arguments. Allowed is a child spec. Pass a"
                            + " ChildSpec, or make it simple-one-for-one with a template."));
    assertThat(run.children()).isEqualTo("a");
  }

  @Test
  @Rule("5.61")
  void terminatedTemporaryChildIsForgotten() {
    start(child("t", TEMPORARY));
    assertThat(terminate("t")).isEqualTo(Optional.empty());
    assertThat(terminate("t")).isEqualTo(Optional.of(ChildError.NOT_FOUND));
    assertThat(run.children()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource({"ONE_FOR_ONE", "ONE_FOR_ALL", "REST_FOR_ONE"})
  @Rule("5.61")
  void terminatingIsNoRestartAndConcernsNobodyElse(Strategy strategy) {
    var group = PlanRun.started(spec(strategy, child("a"), child("b"), child("c")));
    group.call(plan -> plan.terminateChild("b"));
    assertThat(group.trace()).isEqualTo("stop b");
    assertThat(group.plan.restartsInWindow(0)).isZero();
    group.call(plan -> plan.restartChild("b"));
    assertThat(group.trace()).isEqualTo("stop b, start b");
  }

  @Test
  @Rule({"5.53", "5.61"})
  void terminatedChildThatEndsBadlyIsReportedAndTheAnswerIsStillOk() {
    run.stopping("a", BOOM);
    assertThat(terminate("a")).isEqualTo(Optional.empty());
    assertThat(run.fullTrace()).isEqualTo("stop a, shutdown_error a boom");
  }

  @Test
  @Rule("5.61")
  void pidIsNoIdHere() {
    assertThat(run.call(plan -> plan.terminateChild(run.pid("a"), true)))
        .isEqualTo(Optional.of(ChildError.NOT_FOUND));
    assertThat(run.plan.childSpec(run.pid("a"))).isEmpty();
  }

  @Test
  @Rule("5.62")
  void restartThatFailsLeavesTheChildAsItWas() {
    terminate("a");
    run.failing("a", 1).ignoring("a", 1).forget();
    assertThat(restart("a")).isEqualTo(NOPE);
    assertThat(restart("a")).isEqualTo(IGNORED);
    assertThat(run.children()).isEqualTo("a:undefined");
    assertThat(restart("a")).isEqualTo(started("a"));
    assertThat(run.fullTrace()).isEqualTo("start a failed, start a ignored, start a, progress a");
    assertThat(run.mailbox()).as("not tried again").isZero();
  }

  @Test
  @Rule("5.63")
  void showsChildrenNewestFirst() {
    start(child("b", TRANSIENT).asSupervisor().withModules(java.util.List.of("x.B")));
    run.exit("b", ExitReason.NORMAL);
    assertThat(run.plan.whichChildren())
        .containsExactly(
            new ChildInfo(
                "b",
                ChildStatus.UNDEFINED,
                null,
                TRANSIENT,
                ChildType.SUPERVISOR,
                java.util.List.of("x.B"),
                0,
                ExitReason.NORMAL),
            new ChildInfo(
                "a",
                ChildStatus.RUNNING,
                run.pid("a"),
                Restart.PERMANENT,
                ChildType.WORKER,
                java.util.List.of(RestartPlanTests.class.getName()),
                0,
                null));
    assertThat(run.plan.countChildren()).isEqualTo(new ChildCounts(2, 1, 1, 1));
  }

  @Test
  @Rule("5.63")
  void givesTheSpecBackWithItsDefaults() {
    ChildSpec b = child("b");
    start(b);
    assertThat(run.plan.childSpec("b")).contains(b);
    assertThat(run.plan.childSpec("q")).isEmpty();
  }

  @Test
  @Rule("5.64")
  void startFunctionOfATemporaryChildIsNotKept() {
    ChildSpec t = child("t", TEMPORARY);
    start(t);
    ChildSpec kept = run.plan.childSpec("t").orElseThrow();
    assertThat(kept).isEqualTo(t.withoutStart()).isNotEqualTo(t);
    assertThatThrownBy(() -> new Step.Start(kept, null).run(null))
        .hasMessage("The start function of a temporary child is not kept");
  }
}
