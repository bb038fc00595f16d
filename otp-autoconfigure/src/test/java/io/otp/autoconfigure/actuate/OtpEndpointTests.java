package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OtpEndpointTests {

  private static TestApplication app;

  @BeforeAll
  static void start() {
    app = TestApplication.reactive("otp.max-processes=5000", "otp.schedulers=3");
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void showsTheNode() {
    app.get("/otp")
        .jsonPath("$.name")
        .isEqualTo("shop-node")
        .jsonPath("$.version")
        .isNotEmpty()
        .jsonPath("$.uptime")
        .isNotEmpty()
        .jsonPath("$.processes.count")
        .isEqualTo(6)
        .jsonPath("$.processes.limit")
        .isEqualTo(5000)
        .jsonPath("$.names.count")
        .isEqualTo(4)
        .jsonPath("$.timers.count")
        .isNumber()
        .jsonPath("$.schedulers.slots")
        .isEqualTo(3)
        .jsonPath("$.schedulers.runQueue")
        .isNumber()
        .jsonPath("$.totals.spawned")
        .isNumber()
        .jsonPath("$.totals.rescuedWakeUps")
        .isEqualTo(0)
        .jsonPath("$.zombies")
        .isEqualTo(0)
        .jsonPath("$.applications[0].name")
        .isEqualTo("shop")
        .jsonPath("$.applications[0].type")
        .isEqualTo("permanent")
        .jsonPath("$.applications[0].running")
        .isEqualTo(true);
  }

  @Test
  void reportsAreShownTheLatestFirst() {
    app.till("safe").cast(new Till.Crash("for the report"));
    await()
        .untilAsserted(
            () ->
                app.get("/otpreports?level=error")
                    .jsonPath("$.reports[0].label")
                    .isEqualTo("supervisor,child_terminated"));
    app.get("/otpreports?level=error&limit=3")
        .jsonPath("$.reports.length()")
        .isEqualTo(3)
        .jsonPath("$.reports[0].level")
        .isEqualTo("error")
        .jsonPath("$.reports[1].label")
        .isEqualTo("proc_lib,crash")
        .jsonPath("$.reports[2].label")
        .isEqualTo("gen_server,terminate")
        .jsonPath("$.reports[2].attributes.lastMessage")
        .isEqualTo("Crash[why=for the report]")
        .jsonPath("$.reports[2].attributes.state")
        .isEqualTo("0")
        .jsonPath("$.reports[2].time")
        .isNotEmpty();
    app.get("/otpreports").jsonPath("$.reports[?(@.level == 'info')]").isNotEmpty();
    assertThat(app.refusal("/otpreports?level=bad", 400))
        .contains("level=bad is not allowed; it must be error, warning or info");
  }

  @Test
  void livenessAndReadinessAreGroups() {
    app.get("/health/liveness").jsonPath("$.status").isEqualTo("UP");
    app.get("/health/readiness").jsonPath("$.status").isEqualTo("UP");
    app.get("/health/otp/shop").jsonPath("$.status").isEqualTo("UP");
  }
}
