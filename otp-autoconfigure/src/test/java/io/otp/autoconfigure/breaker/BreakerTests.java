package io.otp.autoconfigure.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BreakerTests {

  private static final class HandClock extends Clock {
    private volatile Instant now = Instant.EPOCH;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final ProcessRuntime runtime = ProcessRuntime.builder().name("breakers").build();
  private final HandClock clock = new HandClock();
  private final Breaker breaker = Breaker.of(runtime, "bank");

  /** Opens when two of two failed, for 10 s; one that goes well closes it. */
  private final CircuitBreakerRegistry registry =
      CircuitBreakerRegistry.of(
          CircuitBreakerConfig.custom()
              .clock(clock)
              .failureRateThreshold(100)
              .slidingWindow(2, 2, SlidingWindowType.COUNT_BASED)
              .waitDurationInOpenState(Duration.ofSeconds(10))
              .permittedNumberOfCallsInHalfOpenState(1)
              .ignoreExceptions(IllegalArgumentException.class)
              .build());

  record Pay(boolean answer) implements Call<Pay, Integer> {}

  private static final class Gateway implements GenServer<Pay, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Pay> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Pay message, Integer state, Self<Pay> self) {
      return message.answer() ? Next.reply(message, 7, state) : Next.noreply(state);
    }
  }

  private final ServerRef<Pay> gateway = ServerRef.of(runtime, "gateway");

  @BeforeEach
  void start() {
    Supervisor.start(
        runtime,
        SupervisorSpec.of(
                "top",
                Strategy.ONE_FOR_ONE,
                ChildSpec.worker("gateway", new Gateway()),
                Breaker.childSpec("bank", registry.circuitBreaker("bank")))
            .withIntensity(5, Duration.ofSeconds(5)));
  }

  @AfterEach
  void stop() {
    runtime.close();
  }

  private void timesOut() {
    assertThatExceptionOfType(CallException.CallTimeoutException.class)
        .isThrownBy(() -> breaker.call(gateway, new Pay(false), Duration.ZERO));
  }

  private void open() {
    timesOut();
    timesOut();
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  private void refuses(long millis) {
    assertThatExceptionOfType(BreakerOpenException.class)
        .isThrownBy(() -> breaker.call(gateway, new Pay(true)))
        .withMessage(
            "Breaker 'bank' is open because too much failed behind it. Come again after "
                + millis
                + " ms, or answer that to your own caller.")
        .satisfies(
            e -> {
              assertThat(e.breaker()).isEqualTo("bank");
              assertThat(e.retryAfter()).isEqualTo(Duration.ofMillis(millis));
            });
  }

  @Test // B1
  void timeoutsOpenItAndThenItRefusesAtOnceWithTheTimeToWait() {
    assertThat(breaker.call(gateway, new Pay(true))).isEqualTo(7);
    open();
    refuses(10_000);
    clock.now = clock.now.plusSeconds(4);
    refuses(6_000);
  }

  @Test // B2
  void whenItsTimeIsOverOneMayTryAndClosesItOrNot() {
    open();
    clock.now = clock.now.plusMillis(10_001);
    timesOut();
    refuses(10_000);
    clock.now = clock.now.plusMillis(10_001);
    assertThat(breaker.call(gateway, new Pay(true))).isEqualTo(7);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.call(gateway, new Pay(true))).isEqualTo(7);
  }

  @Test // B1
  void whatItsConfigurationIgnoresDoesNotCount() {
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(
              () ->
                  breaker.run(
                      () -> {
                        throw new IllegalArgumentException();
                      }));
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test // B3
  void transitionsAreTold() throws InterruptedException {
    List<Object> seen = new CopyOnWriteArrayList<>();
    var subscribed = new CountDownLatch(1);
    runtime.spawn(
        self -> {
          breaker.subscribe(self);
          subscribed.countDown();
          while (true) {
            seen.add(self.receive());
          }
        });
    subscribed.await();
    open();
    clock.now = clock.now.plusMillis(10_001);
    assertThat(breaker.call(gateway, new Pay(true))).isEqualTo(7);
    await().until(() -> seen.size() >= 3);
    assertThat(seen)
        .containsExactly(
            new BreakerChanged("bank", State.CLOSED, State.OPEN),
            new BreakerChanged("bank", State.OPEN, State.HALF_OPEN),
            new BreakerChanged("bank", State.HALF_OPEN, State.CLOSED));
  }

  @Test // B4
  void aCallerThatEndsCountsForNothingAndGivesItsPermissionBack() throws InterruptedException {
    open();
    clock.now = clock.now.plusMillis(10_001);
    var inside = new CountDownLatch(1);
    Pid caller =
        runtime.spawn(
            self ->
                breaker.run(
                    () -> {
                      inside.countDown();
                      return self.receive();
                    }));
    inside.await();
    refuses(1_000); // half open, and somebody tries
    runtime.exit(caller, ExitReason.KILL);
    await().ignoreExceptions().until(() -> breaker.call(gateway, new Pay(true)) == 7);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test // B5
  void aRestartedBreakerIsClosedAndTellsOnceOfEachTransition() {
    open();
    Pid before = runtime.whereis("bank").orElseThrow();
    runtime.exit(before, ExitReason.KILL);
    await().until(() -> runtime.whereis("bank").filter(pid -> !pid.equals(before)).isPresent());
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.call(gateway, new Pay(true))).isEqualTo(7);
    open();
    refuses(10_000);
  }
}
