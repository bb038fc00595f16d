package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.TestApplication.inUrl;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.Pid;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an application shows that says nothing about it. */
class ClosedByDefaultTests {

  @Test
  void nothingOfOursIsExposed() {
    try (TestApplication app =
        TestApplication.reactive(
            "management.endpoints.web.exposure.include=health",
            "management.endpoint.health.show-details=never")) {
      for (String path :
          List.of(
              "/otp",
              "/otpprocesses",
              "/otpsupervisors",
              "/otpapplications",
              "/otpreports",
              "/otptables",
              "/otptrace")) {
        app.client.get().uri(path).exchange().expectStatus().isNotFound();
      }
      app.client.get().uri("/otpprocesses/0.1.0").exchange().expectStatus().isNotFound();
      app.get("/health")
          .jsonPath("$.status")
          .isEqualTo("UP")
          .jsonPath("$.components")
          .doesNotExist();
    }
  }

  @Test
  void whatIsExposedCanBeReadAndNoMore() {
    try (TestApplication app = TestApplication.reactive()) {
      Pid pid = app.startIdle(1, "victims").getFirst();
      for (String action : List.of("exit", "kill", "suspend", "resume")) {
        app.post("/otpprocesses/" + inUrl(pid), Map.of("action", action))
            .expectStatus()
            .isEqualTo(405);
      }
      assertThat(app.runtime().isAlive(pid)).isTrue();
      app.get("/otpprocesses/" + inUrl(app.pidOf("till"))).jsonPath("$.state").isEqualTo("******");
    }
  }
}
