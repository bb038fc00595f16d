package io.otp.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever the runtime measures with the clock follows it, and nothing else does. */
class ManualClockTests {

  private static final Duration QUIET = Duration.ofMillis(40);
  private static final Duration HOUR = Duration.ofHours(1);

  @RegisterExtension final OtpExtension otp = OtpExtension.withManualClock();

  @Test
  void standsStillUntilItIsMoved() {
    Instant start = otp.clock().instant();
    assertThat(start).isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));
    otp.clock().advance(HOUR);
    assertThat(otp.clock().instant()).isEqualTo(start.plus(HOUR));
    assertThat(otp.clock().nanoTime()).isEqualTo(HOUR.toNanos());
    assertThat(otp.runtime().startedAt()).isEqualTo(start);
  }

  @Test
  void doesNotGoBack() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> otp.clock().advance(Duration.ofSeconds(-1)))
        .withMessage("The time cannot go back by PT1S");
  }

  @Test
  void firesTimersInOrderAndNotBeforeTheirTime() {
    Probe probe = otp.probe();
    otp.runtime().sendAfter(HOUR.multipliedBy(2), probe.pid(), "second");
    otp.runtime().sendAfter(HOUR, probe.pid(), "first");
    otp.clock().advance(HOUR.minusNanos(1));
    probe.receivesNothing(QUIET);
    otp.clock().advance(Duration.ofMillis(10));
    probe.receives("first");
    probe.receivesNothing(QUIET);
    otp.runtime().sendAfter(HOUR, probe.pid(), "third");
    otp.clock().advance(Duration.ofDays(1));
    otp.eventually("both are there", () -> probe.mailbox().size() == 2);
    assertThat(probe.mailbox()).containsExactly("second", "third");
  }

  @Test
  void aTimerOfADayAndOneOfAMillisecond() {
    Probe probe = otp.probe();
    otp.runtime().sendAfter(Duration.ofDays(400), probe.pid(), "long");
    otp.runtime().sendAfter(Duration.ofMillis(1), probe.pid(), "short");
    otp.clock().advance(Duration.ofMillis(2));
    probe.receives("short");
    otp.clock().advance(Duration.ofDays(399));
    probe.receivesNothing(QUIET);
    otp.clock().advance(Duration.ofDays(1));
    probe.receives("long");
  }

  record Never() implements Call<Never, String> {}

  /** Does not answer. */
  static final class Mute implements GenServer<Never, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Never> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Never message, Integer state, Self<Never> self) {
      return Next.noreply(state);
    }
  }

  @Test
  void aCallThatAProcessMakesTimesOutByIt() throws Exception {
    ServerRef<Never> mute = otp.start(new Mute());
    var ended = new CompletableFuture<ExitReason>();
    Pid caller =
        otp.runtime()
            .spawn(
                _ -> {
                  try {
                    mute.call(new Never(), HOUR);
                  } catch (CallException e) {
                    ended.complete(e.cause());
                  }
                });
    otp.eventually(
        "the call has come",
        () -> otp.runtime().summary(mute.whereis().orElseThrow()).orElseThrow().handled() >= 2);
    otp.clock().advance(HOUR.minusSeconds(1));
    assertThat(otp.runtime().isAlive(caller)).isTrue();
    assertThat(ended).isNotDone();
    otp.clock().advance(Duration.ofSeconds(2));
    assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo(ExitReason.TIMEOUT);
  }

  @Test
  void theWindowOfRestartsFollowsIt() {
    otp.start(
        SupervisorSpec.of("tree", Strategy.ONE_FOR_ONE, ChildSpec.worker("mute", new Mute()))
            .withIntensity(1, Duration.ofSeconds(10)));
    ServerRef<Never> mute = ServerRef.of(otp.runtime(), "mute");
    for (int i = 0; i < 5; i++) { // one each 11 s is fewer than one in 10
      Optional<Pid> before = mute.whereis();
      otp.runtime().exit(before.orElseThrow(), ExitReason.KILL);
      otp.eventually(
          "it is there again", () -> mute.whereis().isPresent() && !mute.whereis().equals(before));
      otp.clock().advance(Duration.ofSeconds(11));
    }
    assertThat(otp.runtime().whereis("tree")).isPresent();
  }
}
