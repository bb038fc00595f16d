package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.TestApplication.inUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessStatus;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ProcessActionsTests {

  private static TestApplication app;

  @BeforeAll
  static void start() {
    app =
        TestApplication.reactive(
            "management.endpoint.otpprocesses.access=unrestricted",
            "management.endpoint.otpprocesses.show-state=always");
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private static String pathOf(Pid pid) {
    return "/otpprocesses/" + inUrl(pid);
  }

  private ExitReason reasonAfter(Map<String, String> action) {
    Pid pid = app.startIdle(1, "victims").getFirst();
    var reason = new AtomicReference<ExitReason>();
    app.runtime().atExit(pid, reason::set);
    app.post(pathOf(pid), action)
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.pid")
        .isEqualTo(pid.toString())
        .jsonPath("$.action")
        .isEqualTo(action.get("action"));
    await().until(() -> reason.get() != null);
    return reason.get();
  }

  @Test
  void exitEndsWithTheReasonGiven() {
    assertThat(reasonAfter(Map.of("action", "exit", "reason", "too old")))
        .isEqualTo(ExitReason.other("too old"));
    assertThat(reasonAfter(Map.of("action", "exit"))).isEqualTo(ExitReason.SHUTDOWN);
    assertThat(reasonAfter(Map.of("action", "exit", "reason", "shutdown")))
        .isEqualTo(ExitReason.SHUTDOWN);
  }

  @Test
  void killCannotBeTrapped() {
    assertThat(reasonAfter(Map.of("action", "kill"))).isEqualTo(ExitReason.KILLED);
    assertThat(reasonAfter(Map.of("action", "exit", "reason", "kill")))
        .isEqualTo(ExitReason.KILLED);
  }

  @Test
  void normalIsIgnoredByWhoDoesNotTrapExits() {
    Pid pid = app.startIdle(1, "victims").getFirst();
    app.post(pathOf(pid), Map.of("action", "exit", "reason", "normal"))
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.reason")
        .isEqualTo("normal");
    assertThat(app.runtime().isAlive(pid)).isTrue();
  }

  @Test
  void suspendsAndResumes() {
    Pid pid = app.pidOf("till");
    app.post(pathOf(pid), Map.of("action", "suspend")).expectStatus().isOk();
    await()
        .until(
            () ->
                app.runtime().info(pid).orElseThrow().summary().status()
                    == ProcessStatus.SUSPENDED);
    app.post(pathOf(pid), Map.of("action", "resume")).expectStatus().isOk();
    assertThat(app.till("till").call(new Till.Count())).isZero();
  }

  @Test
  void aRawProcessObeysNoSystemMessages() {
    Pid raw = app.runtime().spawn(self -> self.receive());
    app.post(pathOf(raw), Map.of("action", "suspend"))
        .expectStatus()
        .isEqualTo(409)
        .expectBody()
        .jsonPath("$.error")
        .isEqualTo(
            "Process "
                + raw
                + " cannot be told to suspend: it is a raw process, which receives for itself and"
                + " obeys no system messages");
    app.post(pathOf(raw), Map.of("action", "kill")).expectStatus().isOk();
  }

  @Test
  void saysWhatIsAllowed() {
    app.post(pathOf(app.pidOf("till")), Map.of("action", "dance"))
        .expectStatus()
        .isBadRequest()
        .expectBody()
        .jsonPath("$.error")
        .isEqualTo("action=dance is not allowed; it must be exit, kill, suspend or resume");
    app.post(pathOf(app.pidOf("till")), Map.of()).expectStatus().isBadRequest();
    app.post("/otpprocesses/0.999999.0", Map.of("action", "kill"))
        .expectStatus()
        .isNotFound()
        .expectBody()
        .jsonPath("$.error")
        .isNotEmpty();
  }

  @Test
  void theStateIsShownWhereItMayBe() {
    app.till("safe").cast(new Till.Put(42));
    assertThat(app.till("safe").call(new Till.Count())).isEqualTo(42);
    app.get(pathOf(app.pidOf("safe"))).jsonPath("$.state").isEqualTo("42");
    app.get(pathOf(app.pidOf("shop")))
        .jsonPath("$.otpBehaviour")
        .isEqualTo("supervisor")
        .jsonPath("$.trapExits")
        .isEqualTo(true);
  }
}
