package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.TestApplication.inUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.process.Pid;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtpEndpointsOnMvcTests {

  @Test
  void theEndpointsAreTheSameOnMvc() {
    try (TestApplication app =
        TestApplication.servlet("management.endpoint.otpprocesses.access=unrestricted")) {
      app.get("/otp").jsonPath("$.name").isEqualTo("shop-node");
      app.get("/otpprocesses?sort=age&limit=2").jsonPath("$.processes.length()").isEqualTo(2);
      app.get("/otpsupervisors").jsonPath("$.supervisors[0].name").isEqualTo("shop");
      app.get("/otpreports").jsonPath("$.reports").isArray();
      app.get("/health").jsonPath("$.components.otp.components.shop.status").isEqualTo("UP");
      assertThat(app.refusal("/otpprocesses?limit=0", 400)).contains("from 1 to 1000");
      Pid pid = app.startIdle(1, "victims").getFirst();
      app.post("/otpprocesses/" + inUrl(pid), Map.of("action", "kill")).expectStatus().isOk();
      await().until(() -> !app.runtime().isAlive(pid));
    }
  }
}
