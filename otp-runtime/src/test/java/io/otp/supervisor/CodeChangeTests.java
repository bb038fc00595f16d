package io.otp.supervisor;

import static io.otp.supervisor.AutoShutdown.ANY_SIGNIFICANT;
import static io.otp.supervisor.Restart.PERMANENT;
import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.RestartPlanTests.BOOM;
import static io.otp.supervisor.RestartPlanTests.child;
import static io.otp.supervisor.RestartPlanTests.significant;
import static io.otp.supervisor.RestartPlanTests.spec;
import static io.otp.supervisor.Strategy.ONE_FOR_ALL;
import static io.otp.supervisor.Strategy.ONE_FOR_ONE;
import static io.otp.supervisor.Strategy.REST_FOR_ONE;
import static io.otp.supervisor.Strategy.SIMPLE_ONE_FOR_ONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code sys:change_code} of a supervisor did in OTP 25.2.3 when its init returned that. */
class CodeChangeTests {

  private static ChildSpec template(Restart restart) {
    return ChildSpec.<String>template("w", (_, _) -> new StartResult.Ignored())
        .withRestart(restart);
  }

  @Test
  @Rule("5.95")
  void newOrderFirstThenTheChildrenNotMentioned() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b"), child("c"), child("d")));
    Pid a = run.pid("a");
    assertThat(
            run.plan.changeSpec(
                spec(ONE_FOR_ONE, child("new1"), child("d"), child("a"), child("new2"))))
        .isEmpty();
    assertThat(run.children()).isEqualTo("c, b, new2:undefined, a, d, new1:undefined");
    assertThat(run.fullTrace()).as("nothing is started or stopped").isEmpty();
    assertThat(run.plan.whichChildren()).extracting(ChildInfo::pid).contains(a);
    run.shutDown(ExitReason.NORMAL);
    assertThat(run.trace()).isEqualTo("stop c, stop b, stop a, stop d, exit normal");
  }

  @Test
  @Rule("5.95")
  void newChildrenAreStartedWhenAsked() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a")));
    run.plan.changeSpec(spec(ONE_FOR_ONE, child("a"), child("t", TEMPORARY)));
    assertThat(run.children()).isEqualTo("t:undefined, a");
    assertThat(run.call(plan -> plan.restartChild("t")))
        .isEqualTo(new StartChildResult.Started(run.pid("t"), null));
  }

  @Test
  @Rule("5.95")
  void newSpecAppliesToTheRunningChild() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b")));
    run.plan.changeSpec(spec(ONE_FOR_ONE, child("a", TEMPORARY), child("b")));
    run.exit("a", BOOM);
    assertThat(run.fullTrace()).isEqualTo("child_terminated a boom");
    assertThat(run.children()).isEqualTo("b");
  }

  @Test
  @Rule("5.95")
  void newStrategyAppliesToTheNextExit() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b")));
    run.plan.changeSpec(spec(ONE_FOR_ALL, child("a"), child("b")));
    assertThat(run.exit("b", BOOM).trace()).isEqualTo("stop a, start a, start b");
  }

  @Test
  @Rule("5.95")
  void childrenNotMentionedStay() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b")));
    run.plan.changeSpec(spec(ONE_FOR_ONE));
    assertThat(run.children()).isEqualTo("b, a");
    assertThat(run.exit("b", BOOM).trace()).isEqualTo("start b");
  }

  @Test
  @Rule("5.95")
  void restartsSoFarCountAgainstTheNewIntensity() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b")));
    for (int i = 0; i < 5; i++) {
      run.exit("a", BOOM);
    }
    run.plan.changeSpec(
        spec(ONE_FOR_ONE, child("a"), child("b")).withIntensity(5, Duration.ofMinutes(1)));
    run.forget().exit("b", BOOM);
    assertThat(run.fullTrace())
        .isEqualTo(
            "child_terminated b boom, shutdown b reached_max_restart_intensity, stop a, exit"
                + " shutdown");
  }

  @Test
  @Rule({"5.80", "5.95"})
  void autoShutdownFollowsTheNewFlags() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b", TRANSIENT)));
    SupervisorSpec any =
        spec(ONE_FOR_ONE, child("a"), significant("b", TRANSIENT))
            .withAutoShutdown(ANY_SIGNIFICANT);
    run.plan.changeSpec(any);
    assertThat(run.exit("b", ExitReason.NORMAL).trace()).isEqualTo("stop a, exit shutdown");

    var back = PlanRun.started(any);
    assertThat(back.plan.changeSpec(spec(ONE_FOR_ONE, child("a")))).isEmpty();
    assertThat(back.exit("b", ExitReason.NORMAL).trace()).isEmpty();
    assertThat(back.children()).isEqualTo("b:undefined, a");
  }

  @Test
  @Rule("5.95")
  void badSpecChangesNothing() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a"), child("b")));
    assertThat(run.plan.changeSpec(spec(ONE_FOR_ALL, significant("a", TRANSIENT))))
        .hasValueSatisfying(error -> assertThat(error.error()).isEqualTo("bad_combination"));
    assertThat(run.exit("b", BOOM).trace()).isEqualTo("start b");
    assertThat(run.children()).isEqualTo("b, a");
  }

  @Test
  @Rule("5.95")
  void nameStays() {
    var run = PlanRun.started(spec(ONE_FOR_ONE, child("a")));
    run.plan.changeSpec(SupervisorSpec.of("other", ONE_FOR_ALL, child("a")));
    assertThat(run.plan.spec().name()).isEqualTo("shop");
    assertThat(run.plan.spec().strategy()).isEqualTo(ONE_FOR_ALL);
  }

  @Test
  @Rule("5.95")
  void restartingChildIsTriedAgainWithTheNewSpec() {
    var run = PlanRun.started(spec(REST_FOR_ONE, child("a"), child("b"))).failing("a", 1);
    run.exit("a", BOOM).forget();
    run.plan.changeSpec(spec(ONE_FOR_ONE, child("b"), child("a")));
    assertThat(run.children()).isEqualTo("a:restarting, b:undefined");
    assertThat(run.settle().trace()).isEqualTo("start a");
  }

  @Test
  @Rule("5.95")
  void newTemplateAppliesToRunningChildren() {
    var run = PlanRun.started(spec(SIMPLE_ONE_FOR_ONE, template(PERMANENT)));
    run.call(plan -> plan.startChildWith("a"));
    assertThat(run.plan.changeSpec(spec(SIMPLE_ONE_FOR_ONE, template(TRANSIENT)))).isEmpty();
    assertThat(run.forget().exit("a", ExitReason.NORMAL).fullTrace()).isEmpty();
    assertThat(run.plan.whichChildren()).isEmpty();
  }

  @Test
  @Rule("5.95")
  void kindOfSupervisorCannotChange() {
    var fixed = spec(ONE_FOR_ONE, child("a"));
    var simple = spec(SIMPLE_ONE_FOR_ONE, template(PERMANENT));
    var dynamic = SupervisorSpec.dynamic("shop");
    for (SupervisorSpec from : List.of(fixed, simple, dynamic)) {
      for (SupervisorSpec to : List.of(fixed, simple, dynamic)) {
        var run = PlanRun.started(from);
        assertThat(run.plan.changeSpec(to).isEmpty()).isEqualTo(from == to);
      }
    }
    assertThat(PlanRun.started(fixed).plan.changeSpec(simple).orElseThrow())
        .hasToString(
            "invalid_strategy: Supervisor 'shop' (one-for-one) cannot change from children with ids"
                + " to children of a template while it runs. Allowed is a change between"
                + " one-for-one, one-for-all and rest-for-one. Restart the supervisor instead.");
  }
}
