package io.otp.process;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Chapter 12: timers and time. The wheel itself is tested by {@link TimerWheelTests}. */
@Timeout(120)
class TimerTests {

  private static final Duration SOON = Duration.ofMillis(5);
  private static final Duration LATER = Duration.ofHours(1);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** A clock that is moved by hand, and whose wall time can be set. */
  private static final class HandClock implements RuntimeClock {
    private final AtomicLong now = new AtomicLong(1_000_000_000L);
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();
    private volatile Instant wall = Instant.EPOCH;

    /** Each is run by whoever reads the time next, before that. */
    private final Queue<Runnable> onRead = new ConcurrentLinkedQueue<>();

    @Override
    public long nanoTime() {
      Runnable next = onRead.poll();
      if (next != null) {
        next.run();
      }
      return now.get();
    }

    @Override
    public Instant instant() {
      return wall;
    }

    @Override
    public boolean onAdvance(Runnable action) {
      return actions.add(action);
    }

    void advance(Duration by) {
      now.addAndGet(by.toNanos());
      actions.forEach(Runnable::run);
    }
  }

  @Test
  @Rule("12.01")
  void messageIsSentAfterTheDelayAndNotBefore() {
    otp.run(
        self -> {
          for (int millis : List.of(0, 1, 5, 17)) {
            long start = System.nanoTime();
            self.sendAfter(Duration.ofMillis(millis), millis);
            assertThat(next(self)).isEqualTo(millis);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(millis * 1_000_000L);
          }
        });
  }

  @Test
  @Rule("12.01")
  void startedTimerSendsItsReference() {
    otp.run(
        self -> {
          Ref timer = self.startTimer(SOON, "wake up");
          assertThat(next(self)).isEqualTo(new TimerExpired(timer, "wake up"));
        });
  }

  @Test
  @Rule("12.01")
  void anyProcessMayBeTheReceiver() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.spawn(s -> s.sendAfter(SOON, me, "from a process that has ended"));
          assertThat(next(self)).isEqualTo("from a process that has ended");
          otp.runtime().sendAfter(SOON, me, "from no process");
          assertThat(next(self)).isEqualTo("from no process");
          Ref byPid = otp.runtime().startTimer(SOON, me, "by pid");
          assertThat(next(self)).isEqualTo(new TimerExpired(byPid, "by pid"));
          self.register("me");
          Ref byName = otp.runtime().startTimer(SOON, "me", "by name");
          assertThat(next(self)).isEqualTo(new TimerExpired(byName, "by name"));
        });
  }

  @Test
  @Rule("12.01")
  void negativeDelayIsRefused() {
    otp.run(
        self -> {
          Duration negative = Duration.ofNanos(-1);
          assertThatThrownBy(() -> self.sendAfter(negative, "x"))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> self.startTimer(negative, "x"))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> self.exitAfter(negative, self.pid(), ExitReason.KILL))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> self.sendInterval(Duration.ZERO, "x"))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> otp.runtime().sendAfter(negative, "name", "x"))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> otp.runtime().startTimer(negative, self.pid(), "x"))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  @Test
  @Rule("12.02")
  void cancelTellsWhatWasLeftOnce() {
    otp.run(
        self -> {
          Ref timer = self.sendAfter(LATER, "x");
          assertThat(otp.runtime().readTimer(timer).orElseThrow())
              .isBetween(Duration.ofMinutes(59), LATER);
          assertThat(self.cancelTimer(timer).orElseThrow())
              .isBetween(Duration.ofMinutes(59), LATER);
          assertThat(self.cancelTimer(timer)).isEmpty();
          assertThat(otp.runtime().readTimer(timer)).isEmpty();
          assertThat(self.cancelTimer(Ref.create())).isEmpty();
        });
  }

  @Test
  @Rule("12.02")
  void timerThatHasFiredCannotBeCancelledAndItsMessageStays() {
    otp.run(
        self -> {
          Ref timer = self.sendAfter(Duration.ZERO, "fired");
          await("fired", () -> otp.runtime().readTimer(timer).isEmpty());
          assertThat(self.cancelTimer(timer)).isEmpty();
          assertThat(next(self)).isEqualTo("fired");
        });
  }

  @Test
  @Rule("12.02")
  void anyProcessMayCancel() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Ref timer = self.sendAfter(LATER, "x");
          self.spawn(s -> s.send(me, s.cancelTimer(timer).isPresent()));
          assertThat(next(self)).isEqualTo(true);
          Ref second = self.sendAfter(LATER, "x");
          assertThat(otp.runtime().cancelTimer(second)).isPresent();
        });
  }

  /** timer_bif_SUITE:same_time_yielding_with_cancel */
  @Test
  @Rule({"12.02", "12.03"})
  void cancelledMessageNeverArrivesAndTheOthersDoOnce() {
    var random = TestRuntime.random("cancelledMessageNeverArrivesAndTheOthersDoOnce");
    otp.run(
        self -> {
          int cancelled = 0;
          for (int round = 0; round < 300; round++) {
            var expected = new HashSet<Object>();
            var timers = new ArrayList<Ref>();
            for (int i = 0; i < 20; i++) {
              timers.add(self.sendAfter(Duration.ofNanos(random.nextInt(3_000_000)), i));
            }
            for (int n = random.nextInt(20_000); n > 0; n--) {
              Thread.onSpinWait();
            }
            for (int i = 0; i < 20; i++) {
              if (i % 2 == 0 && self.cancelTimer(timers.get(i)).isPresent()) {
                cancelled++;
              } else {
                expected.add(i);
              }
            }
            while (!expected.isEmpty()) {
              assertThat(expected.remove(next(self))).isTrue();
            }
          }
          System.out.println(cancelled + " cancelled of 3000");
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  /** It looks at the clock, and when it has, the time is over and the message sent. */
  @Test
  @Rule("12.02")
  void cancelThatMeetsTheExpirySaysThatItCameTooLate() {
    var clock = new HandClock();
    try (var runtime = ProcessRuntime.builder().name("hand").clock(clock).build()) {
      var got = new CompletableFuture<Object>();
      Pid pid = runtime.spawn(self -> got.complete(self.receive()));
      Ref timer = runtime.sendAfter(LATER, pid, "tick");
      clock.onRead.add(() -> clock.advance(LATER));
      assertThat(runtime.cancelTimer(timer)).isEmpty();
      assertThat(TestRuntime.get(got, "it was sent")).isEqualTo("tick");
    }
  }

  @Test
  @Rule("12.01")
  void noneOfManyIsEarly() {
    var random = TestRuntime.random("noneOfManyIsEarly");
    otp.run(
        self -> {
          int count = 500;
          for (int i = 0; i < count; i++) {
            Duration delay = Duration.ofNanos(100_000_000 + random.nextInt(50_000_000));
            self.sendAfter(delay, System.nanoTime() + delay.toNanos());
          }
          for (int i = 0; i < count; i++) {
            long due = next(self, Long.class);
            assertThat(System.nanoTime() - due).as("late by").isNotNegative();
          }
        });
  }

  @Test
  @Rule({"12.04", "12.08", "12.09"})
  void timerOfProcessThatDiesIsGoneAtOnce() {
    otp.run(
        self -> {
          for (int i = 0; i < 100; i++) {
            Pid victim =
                self.spawn(
                    s -> {
                      for (int n = 0; n < 10; n++) {
                        s.cancelTimer(s.sendAfter(LATER, n));
                        s.sendAfter(LATER, n);
                        s.startTimer(LATER, n);
                        s.sendInterval(LATER, n);
                      }
                      s.receive();
                    });
            Ref timer = otp.runtime().sendAfter(LATER, victim, "late");
            assertThat(otp.runtime().readTimer(timer)).isPresent();
            self.monitor(victim);
            self.exit(victim, ExitReason.KILL);
            next(self, Down.class);
            assertThat(otp.runtime().readTimer(timer)).isEmpty();
            assertThat(otp.runtime().cancelTimer(timer)).isEmpty();
            Ref late = otp.runtime().sendAfter(LATER, victim, "too late");
            assertThat(otp.runtime().readTimer(late)).isEmpty();
          }
        });
    await("none outlives its process", () -> otp.runtime().stats().timers() == 0);
  }

  @Test
  @Rule({"12.04", "12.09"})
  void timersStartedWhileReceiverDiesDoNotOutliveIt() {
    for (int round = 0; round < 1_000; round++) {
      Pid victim = otp.runtime().spawn(Self::receive);
      var done = new CountDownLatch(2);
      for (int t = 0; t < 2; t++) {
        otp.runtime()
            .spawn(
                self -> {
                  for (int i = 0; i < 10; i++) {
                    Ref timer = otp.runtime().sendAfter(LATER, victim, i);
                    if (i % 3 == 0) {
                      otp.runtime().cancelTimer(timer);
                    }
                  }
                  done.countDown();
                });
      }
      otp.runtime().exit(victim, ExitReason.KILL);
      await(done);
    }
    await("none outlives its process", () -> otp.runtime().stats().timers() == 0);
  }

  @Test
  @Rule("12.04")
  void waitOfBehaviourEndsWithIt() {
    otp.run(
        self -> {
          Self.Monitored server =
              self.spawn(
                  new TestBehaviour() {
                    @Override
                    protected ExitReason init(Self<Object> s) {
                      timeoutAfter(LATER, s);
                      return null;
                    }
                  },
                  SpawnOptions.MONITOR);
          await("armed", () -> otp.runtime().stats().timers() == 1);
          self.exit(server.pid(), ExitReason.SHUTDOWN);
          self.receive();
        });
    await("none outlives its process", () -> otp.runtime().stats().timers() == 0);
  }

  /** timer_bif_SUITE:registered_process */
  @Test
  @Rule({"12.05", "1.43"})
  void nameIsLookedUpWhenTheTimeHasCome() {
    var clock = new HandClock();
    try (var runtime = ProcessRuntime.builder().name("hand").clock(clock).build()) {
      var first = new CompletableFuture<Object>();
      var second = new CompletableFuture<Object>();
      Pid a = runtime.spawn(self -> first.complete(self.receive()));
      runtime.register("role", a);
      Ref timer = runtime.sendAfter(LATER, "role", "tick");
      runtime.exit(a, ExitReason.KILL);
      await("the holder has ended", () -> runtime.whereis("role").isEmpty());
      assertThat(runtime.readTimer(timer)).as("not cancelled by a holder's death").isPresent();
      runtime.register("role", runtime.spawn(self -> second.complete(self.receive())));
      clock.advance(LATER);
      assertThat(TestRuntime.get(second, "the new holder gets it")).isEqualTo("tick");
      assertThat(first).isNotDone();
      Ref nobody = runtime.sendAfter(SOON, "nobody", "dropped");
      clock.advance(SOON);
      assertThat(runtime.readTimer(nobody)).isEmpty();
    }
  }

  @Test
  @Rule("12.06")
  void timersOfOneMomentFireOnceEach() {
    otp.run(
        self -> {
          int count = 10_000;
          for (int i = 0; i < count; i++) {
            self.sendAfter(SOON, i);
          }
          var seen = new HashSet<Object>();
          for (int i = 0; i < count; i++) {
            assertThat(seen.add(next(self))).isTrue();
          }
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("12.07")
  void wallClockMovesNoTimer() {
    var clock = new HandClock();
    try (var runtime = ProcessRuntime.builder().name("hand").clock(clock).build()) {
      var got = new CompletableFuture<Object>();
      Pid pid = runtime.spawn(self -> got.complete(self.receive()));
      Ref timer = runtime.sendAfter(LATER, pid, "tick");
      clock.wall = Instant.EPOCH.plus(Duration.ofDays(365));
      clock.advance(Duration.ZERO);
      assertThat(runtime.readTimer(timer)).contains(LATER);
      clock.wall = Instant.EPOCH.minus(Duration.ofDays(365));
      clock.advance(LATER.minusNanos(1));
      assertThat(got).isNotDone();
      clock.advance(Duration.ofNanos(1));
      assertThat(TestRuntime.get(got, "it fires")).isEqualTo("tick");
    }
  }

  @Test
  @Rule("12.08")
  void intervalRepeatsWithoutDriftUntilCancelled() {
    var clock = new HandClock();
    try (var runtime = ProcessRuntime.builder().name("hand").clock(clock).build()) {
      var messages = new CopyOnWriteArrayList<Object>();
      var timer = new CompletableFuture<Ref>();
      runtime.spawn(
          self -> {
            timer.complete(self.sendInterval(Duration.ofMillis(10), "tick"));
            while (true) {
              messages.add(self.receive());
            }
          });
      Ref interval = TestRuntime.get(timer, "started");
      for (int i = 1; i <= 100; i++) {
        clock.advance(Duration.ofMillis(10));
        int ticks = i;
        await("tick " + i, () -> messages.size() == ticks);
      }
      clock.advance(Duration.ofMillis(14)); // late by 4 ms
      await("late tick", () -> messages.size() == 101);
      clock.advance(Duration.ofMillis(6)); // the next is in time
      await("tick in time", () -> messages.size() == 102);
      clock.advance(Duration.ofMillis(95)); // the machine stood still
      await("one for all that were missed", () -> messages.size() == 103);
      assertThat(runtime.readTimer(interval)).contains(Duration.ofMillis(5));
      assertThat(runtime.cancelTimer(interval)).contains(Duration.ofMillis(5));
      assertThat(runtime.cancelTimer(interval)).isEmpty();
      clock.advance(LATER);
      assertThat(messages).hasSize(103);
      assertThat(runtime.stats().timers()).isZero();
    }
  }

  @Test
  @Rule("12.08")
  void cancellingRacingIntervalStopsIt() {
    otp.run(
        self -> {
          for (int i = 0; i < 200; i++) {
            Ref timer = self.sendInterval(Duration.ofMillis(1), "tick");
            assertThat(next(self)).isEqualTo("tick");
            assertThat(self.cancelTimer(timer)).isPresent();
            drain(self);
            assertThat(self.receive(Duration.ofMillis(3), Receive::take)).isEmpty();
          }
        });
  }

  /** By another thread, while it looks at the clock to be armed again. */
  @Test
  @Rule("12.08")
  void intervalThatIsCancelledWhileItFiresIsNotArmedAgain() {
    var clock = new HandClock();
    try (var runtime = ProcessRuntime.builder().name("hand").clock(clock).build()) {
      var timer = new CompletableFuture<Ref>();
      runtime.spawn(
          self -> {
            timer.complete(self.sendInterval(LATER, "tick"));
            self.receive(message -> Receive.skip());
          });
      Ref interval = TestRuntime.get(timer, "started");
      Thread canceller = Thread.ofPlatform().unstarted(() -> runtime.cancelTimer(interval));
      clock.onRead.add(() -> {}); // the wheel looks what is due
      clock.onRead.add(
          () -> {
            canceller.start();
            await(
                "it cancels, or waits to",
                () -> canceller.getState() == Thread.State.BLOCKED || !canceller.isAlive());
          });
      clock.advance(LATER);
      await("it is cancelled", () -> canceller.getState() == Thread.State.TERMINATED);
      assertThat(runtime.stats().timers()).isZero();
    }
  }

  @Test
  @Rule("12.08")
  void exitAfterSendsAnExitSignal() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid peer = self.spawn(Self::receive);
          Ref ref = self.monitor(peer);
          self.exitAfter(SOON, peer, ExitReason.SHUTDOWN);
          assertThat(next(self)).isEqualTo(new Down(ref, peer, ExitReason.SHUTDOWN));
          self.exitAfter(SOON, self.pid(), ExitReason.SHUTDOWN);
          assertThat(next(self)).isEqualTo(new Exit(self.pid(), ExitReason.SHUTDOWN));
          Ref kill = self.exitAfter(LATER, self.pid(), ExitReason.KILL);
          assertThat(self.cancelTimer(kill)).isPresent();
        });
  }

  @Test
  @Rule("12.09")
  void aMillionTimersMayBePending() {
    otp.run(
        self -> {
          int count = 1_000_000;
          var timers = new ArrayList<Ref>(count);
          for (int i = 0; i < count; i++) {
            timers.add(self.sendAfter(LATER.plusNanos(i * 977L), "never"));
          }
          assertThat(otp.runtime().stats().timers()).isGreaterThanOrEqualTo(count);
          self.sendAfter(SOON, "soon");
          assertThat(next(self)).isEqualTo("soon");
          for (Ref timer : timers) {
            assertThat(self.cancelTimer(timer)).isPresent();
          }
          assertThat(otp.runtime().stats().timers()).isLessThan(10);
        });
  }

  @Test
  @Rule("12.09")
  void timersNeedNoThreads() {
    int before = Thread.activeCount();
    otp.run(
        self -> {
          for (int i = 0; i < 10_000; i++) {
            self.sendAfter(SOON, i);
          }
          assertThat(Thread.activeCount()).isLessThan(before + 10);
          for (int i = 0; i < 10_000; i++) {
            next(self);
          }
        });
  }

  @Test
  @Rule("12.10")
  void referencesAreUniqueAndOrdered() {
    var threads = new ArrayList<CompletableFuture<List<Ref>>>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          CompletableFuture.supplyAsync(
              () -> {
                var refs = new ArrayList<Ref>();
                for (int i = 0; i < 20_000; i++) {
                  refs.add(Ref.create());
                }
                return refs;
              }));
    }
    var all = new HashSet<Ref>();
    for (var thread : threads) {
      List<Ref> refs = TestRuntime.get(thread, "made");
      for (int i = 1; i < refs.size(); i++) {
        assertThat(refs.get(i)).isGreaterThan(refs.get(i - 1));
      }
      all.addAll(refs);
    }
    assertThat(all).hasSize(80_000);
  }

  @Test
  @Rule("12.01")
  void longDelaysAreAccepted() {
    otp.run(
        self -> {
          for (Duration delay :
              List.of(Duration.ofDays(49 * 365), Duration.ofSeconds(Long.MAX_VALUE))) {
            Ref timer = self.sendAfter(delay, "never");
            Optional<Duration> left = otp.runtime().readTimer(timer);
            assertThat(left.orElseThrow()).isGreaterThan(Duration.ofDays(48 * 365));
            assertThat(self.receive(QUIET, Receive::take)).isEmpty();
            assertThat(self.cancelTimer(timer)).isPresent();
          }
        });
  }
}
