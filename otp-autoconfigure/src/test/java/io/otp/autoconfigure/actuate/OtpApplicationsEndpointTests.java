package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationSpec;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OtpApplicationsEndpointTests {

  private TestApplication app;

  @BeforeEach
  void start() {
    app =
        TestApplication.reactive(
            "otp.applications.extra.type=temporary",
            "otp.applications.extra.description=More of it",
            "otp.applications.extra.version=1.2",
            "otp.applications.extra.depends-on=shop",
            "otp.applications.extra.optional-depends-on=mail",
            "otp.applications.extra.includes=stock",
            "otp.applications.extra.supervisor.intensity=1",
            "otp.applications.stock.supervisor.intensity=1");
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void showsAllThatAreLoaded() {
    Pid supervisor = app.pidOf("extra");
    app.get("/otpapplications")
        .jsonPath("$.applications.length()")
        .isEqualTo(3)
        .jsonPath("$.applications[0].name")
        .isEqualTo("shop")
        .jsonPath("$.applications[0].type")
        .isEqualTo("permanent")
        .jsonPath("$.applications[0].description")
        .isEqualTo("")
        .jsonPath("$.applications[1].name")
        .isEqualTo("extra")
        .jsonPath("$.applications[1].description")
        .isEqualTo("More of it")
        .jsonPath("$.applications[1].version")
        .isEqualTo("1.2")
        .jsonPath("$.applications[1].type")
        .isEqualTo("temporary")
        .jsonPath("$.applications[1].status")
        .isEqualTo("running")
        .jsonPath("$.applications[1].dependencies[0]")
        .isEqualTo("shop")
        .jsonPath("$.applications[1].optionalDependencies[0]")
        .isEqualTo("mail")
        .jsonPath("$.applications[1].included[0]")
        .isEqualTo("stock")
        .jsonPath("$.applications[1].context")
        .isEmpty()
        .jsonPath("$.applications[1].supervisor")
        .isEqualTo(supervisor.toString())
        .jsonPath("$.applications[1].startedAt")
        .isNotEmpty()
        .jsonPath("$.applications[1].lastExit")
        .isEmpty()
        .jsonPath("$.applications[2].name")
        .isEqualTo("stock")
        .jsonPath("$.applications[2].status")
        .isEqualTo("loaded")
        .jsonPath("$.applications[2].type")
        .isEmpty()
        .jsonPath("$.applications[2].startedAt")
        .isEmpty();
    app.get("/health").jsonPath("$.components.otp.components.stock").doesNotExist();
  }

  @Test
  void saysWhyOneHasEnded() {
    app.runtime().exit(app.pidOf("extra"), ExitReason.KILL);
    var controller = app.context.getBean(ApplicationController.class);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !controller.info("extra").orElseThrow().running());
    app.get("/otpapplications/extra")
        .jsonPath("$.status")
        .isEqualTo("stopped")
        .jsonPath("$.lastExit")
        .isEqualTo("killed")
        .jsonPath("$.supervisor")
        .isEmpty()
        .jsonPath("$.startedAt")
        .isNotEmpty();
  }

  @Test
  void aLibraryHasNoSupervisorAndIsUp() {
    var controller = app.context.getBean(ApplicationController.class);
    controller.load(ApplicationSpec.of("library"));
    assertThat(controller.start("library")).isEmpty();
    app.get("/otpapplications/library")
        .jsonPath("$.status")
        .isEqualTo("running")
        .jsonPath("$.supervisor")
        .isEmpty();
    app.get("/health").jsonPath("$.components.otp.components.library.status").isEqualTo("UP");
  }

  @Test
  void whoIsNotThereIsNamed() {
    assertThat(app.refusal("/otpapplications/nobody", 404))
        .contains(
            "There is no application nobody; GET otpapplications lists those that are loaded");
    app.client.delete().uri("/otpapplications/extra").exchange().expectStatus().isEqualTo(405);
  }
}
