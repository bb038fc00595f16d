package io.otp.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.NameTakenException;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A probe finds what was sent to it, and says what it holds where it does not. */
class ProbeTests {

  private static final Duration QUIET = Duration.ofMillis(40);

  record Changed(String account, long cents) {}

  @RegisterExtension final OtpExtension otp = new OtpExtension(false, Duration.ofMillis(300));

  /** For what comes; a busy machine has time. */
  @RegisterExtension final OtpExtension patient = OtpExtension.withSystemClock();

  private void send(Probe probe, Object... messages) {
    for (Object message : messages) {
      probe.as(
          self -> {
            self.send(probe.pid(), message);
            return true;
          });
    }
  }

  @Test
  void takesWhatItFindsAndLeavesTheRestInOrder() {
    Probe probe = patient.probe();
    for (Object message : new Object[] {"a", new Changed("joe", 1), "b", new Changed("ann", 2)}) {
      patient.runtime().send(probe.pid(), message);
    }
    probe.receives(new Changed("ann", 2));
    assertThat(probe.receives(Changed.class)).isEqualTo(new Changed("joe", 1));
    assertThat(probe.receives("b"::equals, "the second letter")).isEqualTo("b");
    assertThat(probe.mailbox()).containsExactly("a");
    probe.receives("a");
    probe.receivesNothing(QUIET);
  }

  @Test
  void waitsForWhatComesLater() {
    Probe probe = patient.probe();
    patient.runtime().sendAfter(Duration.ofMillis(50), probe.pid(), "later");
    probe.receives("later");
  }

  @Test
  void saysWhatItHoldsInstead() {
    Probe probe = otp.probe();
    otp.runtime().send(probe.pid(), new Changed("joe", 1));
    otp.eventually("it is there", () -> probe.mailbox().size() == 1);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> probe.receives(new Changed("joe", 2)))
        .withMessage(
            "Expected Changed[account=joe, cents=2] within 300 ms, but the mailbox holds"
                + " [Changed[account=joe, cents=1]]");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> probe.receives(Down.class))
        .withMessageStartingWith("Expected a Down within 300 ms, but the mailbox holds [Changed");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> probe.receives(_ -> false, "a miracle"))
        .withMessageStartingWith("Expected a miracle within 300 ms, but");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> probe.receivesNothing(QUIET))
        .withMessage("Expected nothing for 40 ms, but got Changed[account=joe, cents=1]");
  }

  @Test
  void linksAndMonitorsShowUpAsMessages() {
    Probe probe = patient.probe();
    Pid watched = patient.runtime().spawn(self -> self.receive());
    Ref monitor = probe.monitor(watched);
    probe.link(watched);
    patient.runtime().exit(watched, ExitReason.other("bad luck"));
    Down down = probe.receives(Down.class);
    assertThat(down.ref()).isEqualTo(monitor);
    assertThat(down.reason()).isEqualTo(ExitReason.other("bad luck"));
    assertThat(probe.receives(Exit.class).from()).isEqualTo(watched);
  }

  @Test
  void doesAsItsProcessWhatItIsTold() {
    Probe probe = patient.probe();
    assertThat(probe.<Pid>as(self -> self.pid())).isEqualTo(probe.pid());
    probe.as(
        self -> {
          self.register("probe");
          return true;
        });
    assertThat(patient.runtime().whereis("probe")).contains(probe.pid());
    Probe other = patient.probe();
    assertThatThrownBy(
            () ->
                other.as(
                    self -> {
                      self.register("probe");
                      return true;
                    }))
        .isInstanceOf(NameTakenException.class);
    other.receivesNothing(QUIET); // and lives
  }
}
