package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.autoconfigure.tree.NodeExit;
import io.otp.process.ExitReason;
import io.otp.supervisor.HeartbeatReport;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

class OtpHealthTests {

  @Test
  void aTemporaryApplicationThatEndedIsDownAndTheOthersGoOn() {
    try (TestApplication app =
        TestApplication.reactive(
            "otp.applications.extra.type=temporary",
            "otp.applications.extra.supervisor.children[0].id=kiosk",
            "otp.applications.extra.supervisor.children[0].server=till")) {
      app.get("/health").jsonPath("$.components.otp.status").isEqualTo("UP");
      app.runtime().exit(app.pidOf("extra"), ExitReason.KILL);
      await()
          .untilAsserted(
              () ->
                  app.client
                      .get()
                      .uri("/health")
                      .exchange()
                      .expectStatus()
                      .isEqualTo(503)
                      .expectBody()
                      .jsonPath("$.components.otp.components.extra.status")
                      .isEqualTo("DOWN")
                      .jsonPath("$.components.otp.components.extra.details.ended")
                      .isEqualTo("killed")
                      .jsonPath("$.components.otp.components.extra.details.type")
                      .isEqualTo("temporary")
                      .jsonPath("$.components.otp.components.shop.status")
                      .isEqualTo("UP"));
      app.get("/health/readiness").jsonPath("$.status").isEqualTo("UP");
    }
  }

  @Test
  void childrenThatDidNotAnswerTheirHeartbeatAreNamed() {
    try (TestApplication app = TestApplication.reactive()) {
      for (int i = 1; i <= 11; i++) { // the last 10 are kept
        app.runtime()
            .report(
                new HeartbeatReport(app.pidOf("till"), "till-" + i, "shop", Duration.ofSeconds(5)));
      }
      String missed = "$.components.otp.components.shop.details.missedHeartbeats";
      app.get("/health")
          .jsonPath("$.components.otp.components.shop.status")
          .isEqualTo("UP")
          .jsonPath(missed + ".length()")
          .isEqualTo(10)
          .jsonPath(missed + "[0].child")
          .isEqualTo("till-2")
          .jsonPath(missed + "[9].at")
          .isNotEmpty();
    }
  }

  @Test
  void aPermanentApplicationThatEndedBreaksLivenessAndRefusesTraffic() throws Exception {
    GaveUp.HOLD = new CountDownLatch(1);
    GaveUp.ASKED = new CountDownLatch(1);
    try (TestApplication app =
        TestApplication.reactive(
            "spring.main.sources=" + GaveUp.class.getName(), "otp.supervisors.shop.intensity=0")) {
      app.till("till").cast(new Till.Crash("the end"));
      assertThat(GaveUp.ASKED.await(30, TimeUnit.SECONDS)).isTrue();
      expectDown(app, "/health/liveness");
      expectDown(app, "/health/readiness");
      expectDown(app, "/health/otp");
      GaveUp.HOLD.countDown();
    }
  }

  private static void expectDown(TestApplication app, String path) {
    app.client.get().uri(path).exchange().expectStatus().isEqualTo(503);
  }

  /** A node that is asked to end, and waits so that we can look at it. */
  @SpringBootConfiguration
  @EnableAutoConfiguration
  static class GaveUp {
    static volatile CountDownLatch HOLD = new CountDownLatch(0);
    static volatile CountDownLatch ASKED = new CountDownLatch(0);

    @Bean
    NodeExit nodeExit() {
      return (application, reason) -> {
        ASKED.countDown();
        try {
          HOLD.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      };
    }
  }
}
