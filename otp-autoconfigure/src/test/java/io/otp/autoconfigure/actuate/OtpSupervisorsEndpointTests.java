package io.otp.autoconfigure.actuate;

import static io.otp.server.NoArgs.NO_ARGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.autoconfigure.context.SupervisorConfiguration;
import io.otp.pool.PoolOptions;
import io.otp.pool.WorkerPool;
import io.otp.process.Pid;
import io.otp.supervisor.Supervisor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OtpSupervisorsEndpointTests {

  private TestApplication app;

  @BeforeEach
  void start() {
    app = TestApplication.reactive();
  }

  @AfterEach
  void stop() {
    app.close();
  }

  private void crash(String name) {
    Pid before = app.pidOf(name);
    app.till(name).cast(new Till.Crash("as told"));
    await().until(() -> app.runtime().whereis(name).filter(pid -> pid != before).isPresent());
  }

  @Test // 7.13
  void showsTheTreeWithWhatIsBelow() {
    app.get("/otpsupervisors")
        .jsonPath("$.supervisors.length()")
        .isEqualTo(1)
        .jsonPath("$.supervisors[0].name")
        .isEqualTo("shop")
        .jsonPath("$.supervisors[0].pid")
        .isEqualTo(app.pidOf("shop").toString())
        .jsonPath("$.supervisors[0].strategy")
        .isEqualTo("rest_for_one")
        .jsonPath("$.supervisors[0].intensity")
        .isEqualTo(3)
        .jsonPath("$.supervisors[0].period")
        .isEqualTo("PT1M")
        .jsonPath("$.supervisors[0].restartsInPeriod")
        .isEqualTo(0)
        .jsonPath("$.supervisors[0].counts.active")
        .isEqualTo(2)
        .jsonPath("$.supervisors[0].children[0].id")
        .isEqualTo("till")
        .jsonPath("$.supervisors[0].children[0].type")
        .isEqualTo("worker")
        .jsonPath("$.supervisors[0].children[0].restart")
        .isEqualTo("permanent")
        .jsonPath("$.supervisors[0].children[0].status")
        .isEqualTo("running")
        .jsonPath("$.supervisors[0].children[0].children")
        .doesNotExist()
        .jsonPath("$.supervisors[0].children[1].type")
        .isEqualTo("supervisor")
        .jsonPath("$.supervisors[0].children[1].name")
        .isEqualTo("back")
        .jsonPath("$.supervisors[0].children[1].children[0].id")
        .isEqualTo("safe");
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  static class Back {}

  @Test
  void showsTheContextThatASupervisorOwns() {
    try (TestApplication owning =
        TestApplication.reactive(
            "otp.supervisors.shop.children[1].supervisor.context.configuration="
                + Back.class.getName())) {
      owning
          .get("/otpsupervisors")
          .jsonPath("$.supervisors[0].context")
          .isEmpty()
          .jsonPath("$.supervisors[0].children[1].context")
          .isEqualTo("back#1");
    }
  }

  @Test
  void countsRestartsAndRemembersTheLastExit() {
    crash("till");
    app.get("/otpsupervisors/shop")
        .jsonPath("$.restartsInPeriod")
        .isEqualTo(1)
        .jsonPath("$.children[0].restarts")
        .isEqualTo(1)
        .jsonPath("$.children[0].lastExit")
        .isEqualTo("java.lang.IllegalStateException: as told")
        .jsonPath("$.children[0].pid")
        .isEqualTo(app.pidOf("till").toString());
    app.get("/health")
        .jsonPath("$.components.otp.components.shop.details.nearRestartLimit")
        .doesNotExist();
    crash("till");
    crash("till");
    app.get("/health")
        .jsonPath("$.components.otp.components.shop.status")
        .isEqualTo("UP")
        .jsonPath("$.components.otp.components.shop.details.nearRestartLimit[0].supervisor")
        .isEqualTo("shop")
        .jsonPath("$.components.otp.components.shop.details.nearRestartLimit[0].restartsInPeriod")
        .isEqualTo(3);
  }

  @Test
  void oneMayBeNamedOrGivenByItsPid() {
    app.get("/otpsupervisors/back").jsonPath("$.children[0].id").isEqualTo("safe");
    app.get("/otpsupervisors/" + TestApplication.inUrl(app.pidOf("back")))
        .jsonPath("$.name")
        .isEqualTo("back");
    assertThat(app.refusal("/otpsupervisors/till", 404)).contains("There is no supervisor till");
    assertThat(app.refusal("/otpsupervisors?limit=0", 400)).contains("from 1 to 1000");
  }

  @Test
  void aSupervisorThatDoesNotAnswerIsShownAsSuch() {
    io.otp.process.Sys.suspend(app.pidOf("back"));
    app.get("/otpsupervisors")
        .jsonPath("$.supervisors[0].children[1].problem")
        .isNotEmpty()
        .jsonPath("$.supervisors[0].children[1].children")
        .doesNotExist();
    app.get("/health")
        .jsonPath("$.components.otp.components.shop.details.notAnswering[0]")
        .isEqualTo(app.pidOf("back").toString());
  }

  @Test // declared as a supervisor for its time to stop, but no supervisor: the question killed it
  void aPoolIsShownAndIsNotAskedForChildren() {
    Supervisor shop = Supervisor.of(app.runtime(), "shop");
    shop.startChild(WorkerPool.childSpec("tills", new Till(), NO_ARGS, PoolOptions.DEFAULT));
    Pid pool = app.pidOf("tills");
    app.get("/otpsupervisors")
        .jsonPath("$.supervisors[0].children[2].id")
        .isEqualTo("tills")
        .jsonPath("$.supervisors[0].children[2].type")
        .isEqualTo("supervisor")
        .jsonPath("$.supervisors[0].children[2].problem")
        .doesNotExist();
    app.get("/health")
        .jsonPath("$.components.otp.components.shop.details.notAnswering")
        .doesNotExist();
    assertThat(WorkerPool.<Till.Message>of(app.runtime(), "tills").status().idle()).isEqualTo(5);
    assertThat(app.pidOf("tills")).isEqualTo(pool);
    assertThat(app.refusal("/otpsupervisors/tills", 404)).contains("tills");
  }
}
