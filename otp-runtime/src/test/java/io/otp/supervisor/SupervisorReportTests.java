package io.otp.supervisor;

import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.RestartPlanTests.BOOM;
import static io.otp.supervisor.RestartPlanTests.child;
import static io.otp.supervisor.RestartPlanTests.significant;
import static io.otp.supervisor.RestartPlanTests.spec;
import static io.otp.supervisor.Strategy.ONE_FOR_ALL;
import static io.otp.supervisor.Strategy.ONE_FOR_ONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SupervisorReportTests {

  @Test
  @Rule("5.90")
  void progressSaysWhoStartedWhat() {
    var run =
        new PlanRun(
                spec(ONE_FOR_ONE, significant("a", TRANSIENT).asSupervisor())
                    .withAutoShutdown(AutoShutdown.ANY_SIGNIFICANT))
            .start();
    Pid a = run.pid("a");
    assertThat(run.progress)
        .containsExactly(
            new ProgressReport(
                PlanRun.SUPERVISOR,
                "shop",
                new ReportedChild(
                    a, false, "a", TRANSIENT, true, Shutdown.INFINITY, ChildType.SUPERVISOR)));
    assertThat(run.progress.getFirst())
        .hasToString(
            "Supervisor 'shop' <0.1.0>: started a <0.2.0> (transient significant supervisor,"
                + " shutdown infinity)");
  }

  @Test
  @Rule("5.90")
  void errorsSayWhatHappenedToWhom() {
    var run =
        PlanRun.started(spec(ONE_FOR_ONE, child("a")).withIntensity(1, Duration.ofSeconds(5)))
            .failing("a", 1);
    Pid a = run.pid("a");
    run.exit("a", BOOM);
    var offender =
        new ReportedChild(
            a,
            false,
            "a",
            Restart.PERMANENT,
            false,
            new Shutdown.After(Duration.ofSeconds(5)),
            ChildType.WORKER);
    assertThat(run.reports.getFirst())
        .isEqualTo(
            new SupervisorReport(
                SupervisorReport.Kind.CHILD_TERMINATED,
                PlanRun.SUPERVISOR,
                "shop",
                BOOM,
                offender,
                0));
    run.settle();
    assertThat(run.reports)
        .map(SupervisorReport::toString)
        .containsExactly(
            "Supervisor 'shop' <0.1.0>: child_terminated, reason boom, child a <0.2.0> (permanent"
                + " worker, shutdown 5s)",
            "Supervisor 'shop' <0.1.0>: start_error, reason nope, child a <0.2.0> (permanent"
                + " worker, shutdown 5s)",
            "Supervisor 'shop' <0.1.0>: shutdown, reason reached_max_restart_intensity, child a"
                + " <0.2.0> restarting (permanent worker, shutdown 5s)");
  }

  @Test
  @Rule("5.72")
  void groupedErrorSaysHowMany() {
    var run = PlanRun.started(SupervisorSpec.dynamic("rooms")).stopping("x", ExitReason.KILLED);
    for (int i = 0; i < 2; i++) {
      run.call(plan -> plan.startChild(child("x", TEMPORARY)));
    }
    run.shutDown(ExitReason.SHUTDOWN);
    assertThat(run.reports)
        .map(SupervisorReport::toString)
        .containsExactly(
            "Supervisor 'rooms' <0.1.0>: shutdown_error, reason killed, 2 children of x (temporary"
                + " worker, shutdown 5s)");
  }

  @ParameterizedTest
  @EnumSource(SupervisorReport.Kind.class)
  void labelIsOtps(SupervisorReport.Kind kind) {
    var report =
        new SupervisorReport(
            kind, PlanRun.SUPERVISOR, "shop", BOOM, ReportedChild.of(child("a"), null, false), 0);
    assertThat(report.label()).isEqualTo("supervisor," + kind.name().toLowerCase());
    assertThat(report.pid()).isEqualTo(PlanRun.SUPERVISOR);
  }

  @Test
  @Rule("5.90")
  void reportsDoNotHoldTheStartFunction() {
    for (Class<?> type :
        new Class<?>[] {SupervisorReport.class, ProgressReport.class, ReportedChild.class}) {
      for (var component : type.getRecordComponents()) {
        assertThat(component.getType()).isNotIn(ChildSpec.class, ChildStart.class, Object.class);
      }
    }
  }

  @Test
  @Rule({"5.90", "5.92"})
  void childTerminatedComesBeforeTheProgressOfTheNewProcess() {
    var run = PlanRun.started(spec(ONE_FOR_ALL, child("a"), child("b")));
    Pid old = run.pid("a");
    run.exit("a", BOOM);
    assertThat(run.fullTrace())
        .isEqualTo("child_terminated a boom, stop b, start a, progress a, start b, progress b");
    assertThat(run.reports.getFirst().offender().pid()).isEqualTo(old);
    assertThat(run.progress.getFirst().started().pid()).isEqualTo(run.pid("a"));
  }
}
