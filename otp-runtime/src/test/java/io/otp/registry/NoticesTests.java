package io.otp.registry;

import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.Alias;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Receive;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NoticesTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  @Test // N2
  void whatOnePutsDownHasArrivedWhenOnesDeliveryReturns() {
    var notices = new Notices(otp.runtime());
    otp.run(
        self -> {
          for (int i = 0; i < 8; i++) {
            self.spawnMonitor(
                poster -> {
                  Alias me = poster.alias();
                  for (int n = 0; n < 5_000; n++) {
                    notices.add(me, n);
                    notices.deliver();
                    assertThat(poster.<Object>receive(Duration.ZERO, Receive::take)).contains(n);
                  }
                });
          }
          for (int i = 0; i < 8; i++) {
            assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
          }
        });
  }

  @Test // N1
  void noticeOfAProcessThatWasKilledIsDeliveredByTheNext() {
    var notices = new Notices(otp.runtime());
    otp.run(
        self -> {
          Alias me = self.alias();
          self.spawnMonitor(
              poster -> {
                try {
                  poster.exit(poster.pid(), ExitReason.KILL);
                } catch (Error killed) {
                  notices.add(me, "first");
                  notices.deliver(); // throws
                }
              });
          next(self, Down.class);
          notices.add(me, "second");
          notices.deliver();
          assertThat(next(self)).isEqualTo("first");
          assertThat(next(self)).isEqualTo("second");
        });
  }
}
