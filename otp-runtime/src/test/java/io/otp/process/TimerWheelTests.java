package io.otp.process;

import static io.otp.process.TimerWheel.HOLD;
import static io.otp.process.TimerWheel.LEVELS;
import static io.otp.process.TimerWheel.TICK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(120)
class TimerWheelTests {

  static final long SECOND = 1_000_000_000;
  static final long YEAR = 365 * 86_400 * SECOND;

  /** A clock moved by hand; {@code runs} makes it look like one that runs by itself. */
  static final class TestClock implements RuntimeClock {
    private final List<Runnable> actions = new ArrayList<>();
    private final boolean runs;
    private final AtomicLong now;

    TestClock(long now, boolean runs) {
      this.now = new AtomicLong(now);
      this.runs = runs;
    }

    void advance(long nanos) {
      now.addAndGet(nanos);
      actions.forEach(Runnable::run);
    }

    @Override
    public long nanoTime() {
      return now.get();
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH.plusNanos(now.get());
    }

    @Override
    public boolean onAdvance(Runnable action) {
      return !runs && actions.add(action);
    }
  }

  static TimerWheel.Timer timer(Runnable onExpire) {
    return new TimerWheel.Timer() {
      @Override
      protected void expire() {
        onExpire.run();
      }
    };
  }

  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + 60 * SECOND;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("gave up waiting").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static long[] boundaryTicks() {
    return LongStream.range(0, LEVELS - 1)
        .map(level -> 1L << 6 * level)
        .flatMap(
            width ->
                LongStream.of(width - 1, width, width + 1, 63 * width, 64 * width - 1, 64 * width))
        .filter(ticks -> ticks < 1L << 41) // so that two of them, in nanoseconds, fit in a long
        .distinct()
        .toArray();
  }

  /** With a clock moved by hand everything is exact, so here is what the wheel promises. */
  @Nested
  class InOrder {

    private final TestClock clock = new TestClock(-7 * SECOND, false);
    @AutoClose private final TimerWheel wheel = new TimerWheel(clock, "test");
    private final List<Object> expired = new ArrayList<>();

    private TimerWheel.Timer timer(Object name) {
      return TimerWheelTests.timer(() -> expired.add(name));
    }

    private TimerWheel.Timer armed(Object name, long nanos) {
      TimerWheel.Timer timer = timer(name);
      assertThat(wheel.schedule(timer, clock.nanoTime() + nanos)).isFalse();
      return timer;
    }

    @Test
    void hasNoThread() {
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().equals("test"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, TICK - 1, TICK, TICK + 1, 5_000_000, 5 * SECOND, 100 * YEAR})
    void i6ExpiresAtItsDeadlineAndNotANanosecondBefore(long nanos) {
      armed("t", nanos);
      clock.advance(nanos - 1);
      assertThat(expired).isEmpty();
      clock.advance(1);
      assertThat(expired).containsExactly("t");
    }

    @ParameterizedTest
    @MethodSource("io.otp.process.TimerWheelTests#boundaryTicks")
    void i5FindsEveryBucketFromEveryCurrentTick(long ticks) {
      for (long current : boundaryTicks()) {
        var clock = new TestClock(current % 1000, false);
        try (var wheel = new TimerWheel(clock, "test")) {
          clock.advance(current * TICK + TICK / 3);
          for (long fraction : new long[] {-1, 0, 1, TICK / 2}) {
            var count = new AtomicInteger();
            long nanos = Math.max(1, ticks * TICK + fraction);
            wheel.schedule(TimerWheelTests.timer(count::incrementAndGet), clock.nanoTime() + nanos);
            clock.advance(nanos - 1);
            assertThat(count).hasValue(0);
            clock.advance(1);
            assertThat(count).hasValue(1);
          }
        }
      }
    }

    @Test
    void i3ExpiresOnceForEachArming() {
      TimerWheel.Timer timer = armed("t", SECOND);
      clock.advance(SECOND);
      clock.advance(YEAR);
      assertThat(expired).hasSize(1);
      assertThat(wheel.schedule(timer, clock.nanoTime() + SECOND)).isFalse();
      clock.advance(SECOND);
      assertThat(expired).hasSize(2);
    }

    @Test
    void i3CancelledDoesNotExpire() {
      TimerWheel.Timer timer = armed("t", SECOND);
      assertThat(wheel.cancel(timer)).isTrue();
      assertThat(wheel.cancel(timer)).isFalse();
      clock.advance(YEAR);
      assertThat(expired).isEmpty();
    }

    @Test
    void cancelIsFalseForATimerNeverArmed() {
      assertThat(wheel.cancel(timer("t"))).isFalse();
    }

    @Test
    void i3CancelIsFalseAfterAndDuringExpire() {
      var timer = new TimerWheel.Timer[1];
      timer[0] = TimerWheelTests.timer(() -> expired.add(wheel.cancel(timer[0])));
      wheel.schedule(timer[0], clock.nanoTime());
      clock.advance(0);
      assertThat(expired).containsExactly(false);
      assertThat(wheel.cancel(timer[0])).isFalse();
    }

    @Test
    void canBeArmedAfterItWasCancelled() {
      TimerWheel.Timer timer = armed("t", 100 * SECOND);
      for (int i = 1; i <= 100; i++) {
        wheel.cancel(timer);
        wheel.schedule(timer, clock.nanoTime() + i * SECOND);
      }
      clock.advance(100 * SECOND - 1);
      assertThat(expired).isEmpty();
      clock.advance(1);
      assertThat(expired).hasSize(1);
    }

    @Test
    void i4LaterDeadlineMovesIt() {
      TimerWheel.Timer timer = armed("t", SECOND);
      assertThat(wheel.schedule(timer, clock.nanoTime() + 2 * SECOND)).isTrue();
      clock.advance(2 * SECOND - 1);
      assertThat(expired).isEmpty();
      clock.advance(1);
      assertThat(expired).hasSize(1);
    }

    @Test
    void i4EarlierDeadlineMovesIt() {
      TimerWheel.Timer timer = armed("t", YEAR);
      assertThat(wheel.schedule(timer, clock.nanoTime() + 2)).isTrue();
      clock.advance(1);
      assertThat(expired).isEmpty();
      clock.advance(1);
      assertThat(expired).hasSize(1);
      clock.advance(2 * YEAR);
      assertThat(expired).hasSize(1);
    }

    @Test
    void i4LaterThenBeforeTheBucketItWasLeftIn() {
      TimerWheel.Timer timer = armed("t", 10 * SECOND);
      wheel.schedule(timer, clock.nanoTime() + 20 * SECOND);
      wheel.schedule(timer, clock.nanoTime() + 5 * SECOND);
      clock.advance(5 * SECOND);
      assertThat(expired).hasSize(1);
    }

    @Test
    void i9ExpiresInOrderOfDeadlines() {
      clock.advance(SECOND);
      armed("year", YEAR);
      armed("second", SECOND);
      armed("now", 0);
      armed("nanosecond", 1);
      armed("2 nanoseconds", 2);
      armed("past", -1);
      clock.advance(2 * YEAR);
      assertThat(expired)
          .containsExactly("past", "now", "nanosecond", "2 nanoseconds", "second", "year");
    }

    @Test
    void i9ExpiresFirstWhatWasArmedFirst() {
      for (int i = 0; i < 1000; i++) {
        armed(i, 10 * SECOND - i * TICK);
        clock.advance(TICK);
      }
      clock.advance(10 * SECOND);
      assertThat(expired).isEqualTo(IntStream.range(0, 1000).boxed().toList());
    }

    @Test
    void i9LaterDeadlineInTheSameTickKeepsTheOrder() {
      TimerWheel.Timer first = armed("first", 1);
      TimerWheel.Timer second = armed("second", 2);
      armed("third", 3);
      wheel.schedule(first, clock.nanoTime() + 5);
      wheel.schedule(second, clock.nanoTime() + 6);
      clock.advance(4);
      assertThat(expired).containsExactly("third");
      clock.advance(2);
      assertThat(expired).containsExactly("third", "first", "second");
    }

    @Test
    void expiresWhatExpireArmsAmongTheOthers() {
      long start = clock.nanoTime();
      var third = timer("3 s");
      wheel.schedule(
          TimerWheelTests.timer(() -> wheel.schedule(third, start + 3 * SECOND)), start + SECOND);
      armed("2 s", 2 * SECOND);
      armed("4 s", 4 * SECOND);
      clock.advance(10 * SECOND);
      assertThat(expired).containsExactly("2 s", "3 s", "4 s");
    }

    @Test
    void expiresAnIntervalAsOftenAsItIsDue() {
      long start = clock.nanoTime();
      var interval = new TimerWheel.Timer[1];
      interval[0] =
          TimerWheelTests.timer(
              () -> {
                expired.add("tick");
                wheel.schedule(interval[0], start + (expired.size() + 1) * SECOND);
              });
      wheel.schedule(interval[0], start + SECOND);
      clock.advance(100 * SECOND);
      assertThat(expired).hasSize(100);
      assertThat(wheel.remainingNanos(interval[0])).isEqualTo(SECOND);
    }

    @Test
    void expireCanCancelWhatIsDueAtTheSameTime() {
      TimerWheel.Timer[] other = new TimerWheel.Timer[1];
      wheel.schedule(
          TimerWheelTests.timer(() -> expired.add(wheel.cancel(other[0]))), clock.nanoTime() + 5);
      other[0] = armed("other", 5);
      clock.advance(5);
      assertThat(expired).containsExactly(true);
    }

    @Test
    void expireCanMoveTheClock() {
      wheel.schedule(TimerWheelTests.timer(() -> clock.advance(SECOND)), clock.nanoTime() + 5);
      armed("6", 6);
      armed("late", 5 + SECOND);
      clock.advance(5);
      assertThat(expired).containsExactly("6", "late");
    }

    @Test
    void oneThreadExpiresAtATime() throws InterruptedException {
      var inside = new AtomicInteger();
      var count = new AtomicInteger();
      for (int i = 0; i < 10_000; i++) {
        wheel.schedule(
            TimerWheelTests.timer(
                () -> {
                  assertThat(inside.incrementAndGet()).isOne();
                  count.incrementAndGet();
                  inside.decrementAndGet();
                }),
            clock.nanoTime() + i * 1000);
      }
      var threads = new ArrayList<Thread>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Thread.startVirtualThread(
                () -> {
                  while (count.get() < 10_000) {
                    clock.advance(1000);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(count).hasValue(10_000);
    }

    @Test
    void everythingDueHasExpiredWhenTheClockWasMoved() {
      // Also if another thread is expiring it: this one waits.
      Thread test = Thread.currentThread();
      var expiring = new CountDownLatch(1);
      wheel.schedule(
          TimerWheelTests.timer(
              () -> {
                expiring.countDown();
                await(() -> test.getState() == Thread.State.WAITING);
              }),
          clock.nanoTime());
      armed("due", 0);
      Thread.startVirtualThread(() -> clock.advance(0));
      await(expiring);
      clock.advance(0);
      assertThat(expired).containsExactly("due");
    }

    @Test
    void remainingIsExactAndNeverNegative() {
      TimerWheel.Timer timer = timer("t");
      assertThat(wheel.remainingNanos(timer)).isEqualTo(-1);
      wheel.schedule(timer, clock.nanoTime() + 5);
      assertThat(wheel.remainingNanos(timer)).isEqualTo(5);
      wheel.schedule(timer, clock.nanoTime() - 5);
      assertThat(wheel.remainingNanos(timer)).isZero();
      clock.advance(0);
      assertThat(wheel.remainingNanos(timer)).isEqualTo(-1);
    }

    @Test
    void farDeadlineExpiresInItsTime() {
      armed("200 years", 200 * YEAR);
      for (int year = 0; year < 199; year++) {
        clock.advance(YEAR);
      }
      clock.advance(YEAR - 1);
      assertThat(expired).isEmpty();
      clock.advance(1);
      assertThat(expired).hasSize(1);
    }

    @Test
    void deadlineThatOverflowedDoesNotCome() {
      clock.advance(YEAR);
      TimerWheel.Timer timer = armed("t", Long.MAX_VALUE);
      clock.advance(200 * YEAR);
      assertThat(expired).isEmpty();
      assertThat(wheel.remainingNanos(timer)).isGreaterThan(90 * YEAR);
      assertThat(wheel.cancel(timer)).isTrue();
    }

    @Test
    void countsWhatIsArmed() {
      TimerWheel.Timer one = armed(1, SECOND);
      armed(2, 2 * SECOND);
      wheel.schedule(one, clock.nanoTime() + 3 * SECOND);
      assertThat(wheel.armed()).isEqualTo(2);
      clock.advance(2 * SECOND);
      assertThat(wheel.armed()).isEqualTo(1);
      wheel.cancel(one);
      wheel.cancel(one);
      assertThat(wheel.armed()).isZero();
    }

    @Test
    void throwingExpireIsLoggedAndStopsNothing() {
      var logged = new ListAppender<ILoggingEvent>();
      logged.start();
      var logger = (Logger) LoggerFactory.getLogger(TimerWheel.class);
      logger.addAppender(logged);
      logger.setAdditive(false);
      try {
        wheel.schedule(
            TimerWheelTests.timer(
                () -> {
                  throw new AssertionError("boom");
                }),
            clock.nanoTime());
        armed("next", 0);
        clock.advance(0);
      } finally {
        logger.setAdditive(true);
        logger.detachAppender(logged);
      }
      assertThat(expired).containsExactly("next");
      assertThat(logged.list).hasSize(1);
      assertThat(logged.list.getFirst().getFormattedMessage())
          .endsWith("of timer wheel 'test' threw from expire()");
      assertThat(logged.list.getFirst().getThrowableProxy().getMessage()).isEqualTo("boom");
    }

    @Test
    void i10ClosingDisarms() {
      TimerWheel.Timer timer = armed("t", SECOND);
      wheel.close();
      wheel.close();
      assertThat(wheel.armed()).isZero();
      assertThat(wheel.cancel(timer)).isFalse();
      assertThat(wheel.remainingNanos(timer)).isEqualTo(-1);
      clock.advance(YEAR);
      assertThat(expired).isEmpty();
      assertThatThrownBy(() -> wheel.schedule(timer, clock.nanoTime()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Timer wheel 'test' is closed: no timer can be armed any more");
    }

    @Test
    void i10ExpireCanClose() {
      wheel.schedule(TimerWheelTests.timer(wheel::close), clock.nanoTime());
      armed("t", 0);
      clock.advance(0);
      assertThat(expired).isEmpty();
      assertThat(wheel.armed()).isZero();
    }

    @Test
    void i2ReleasesWhatIsCancelledOrExpired() {
      var released = new ArrayList<WeakReference<TimerWheel.Timer>>();
      var kept = new ArrayList<TimerWheel.Timer>();
      for (int i = 0; i < 1000; i++) {
        for (long nanos : new long[] {SECOND, 300 * SECOND, YEAR}) {
          kept.add(armed("kept", nanos));
          TimerWheel.Timer cancelled = armed("cancelled", nanos);
          wheel.schedule(cancelled, clock.nanoTime() + nanos + i * SECOND);
          released.add(new WeakReference<>(cancelled));
          wheel.cancel(cancelled);
        }
        released.add(new WeakReference<>(armed("expired", 1)));
      }
      clock.advance(2 * SECOND);
      await(
          () -> {
            System.gc();
            return released.stream().allMatch(reference -> reference.get() == null);
          });
      assertThat(wheel.armed()).isEqualTo(2000);
      assertThat(kept).hasSize(3000);
    }

    /** Compares with a map of deadlines. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void doesWhatAMapOfDeadlinesDoes(int round) {
      long seed = new Random().nextLong();
      System.out.println("TimerWheelTests.InOrder seed " + seed + ", round " + round);
      var random = new Random(seed);
      var timers = new TimerWheel.Timer[200];
      Arrays.setAll(timers, this::timer);
      Map<Object, Long> model = new HashMap<>();
      for (int step = 0; step < 20_000; step++) {
        int i = random.nextInt(timers.length);
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            long deadline = clock.nanoTime() + randomNanos(random, round * 13);
            assertThat(wheel.schedule(timers[i], deadline))
                .isEqualTo(model.put(i, deadline) != null);
          }
          case 2 -> assertThat(wheel.cancel(timers[i])).isEqualTo(model.remove(i) != null);
          default -> {
            clock.advance(randomNanos(random, round * 12));
            var due = new ArrayList<Object>();
            for (Object name : model.keySet()) {
              if (model.get(name) <= clock.nanoTime()) {
                due.add(name);
              }
            }
            due.sort(Comparator.comparing(model::get));
            assertThat(expired)
                .extracting(model::get)
                .isEqualTo(due.stream().map(model::get).toList());
            assertThat(expired).containsExactlyInAnyOrderElementsOf(due);
            model.keySet().removeAll(due);
            expired.clear();
          }
        }
        assertThat(wheel.armed()).isEqualTo(model.size());
      }
    }
  }

  /** What the thread does, without a thread: its passes are called here. */
  @Nested
  class Passes {

    private final TestClock clock = new TestClock(3 * SECOND, true);
    @AutoClose private final TimerWheel wheel = new TimerWheel(clock, "test", 4);
    @AutoClose private final ExecutorService armers = Executors.newFixedThreadPool(4);
    private final List<Object> expired = new ArrayList<>();

    private TimerWheel.Timer armed(Object name, long nanos) {
      TimerWheel.Timer timer = timer(() -> expired.add(name));
      wheel.schedule(timer, clock.nanoTime() + nanos);
      return timer;
    }

    private void pass(long nanos) {
      clock.advance(nanos);
      wheel.pass();
    }

    @ParameterizedTest
    @ValueSource(longs = {-YEAR, 0, 1, TICK - 8, 40 * TICK, 70 * TICK + 5, SECOND, 200 * YEAR})
    void i6ExpiresAtTheEndOfTheTick(long nanos) {
      pass(TICK / 2);
      armed("t", nanos);
      pass(Math.max(0, nanos));
      assertThat(expired).isEmpty();
      pass(TICK);
      assertThat(expired).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("io.otp.process.TimerWheelTests#boundaryTicks")
    void i6IsNeverEarlyAndLessThanATickLate(long ticks) {
      for (long current : boundaryTicks()) {
        var clock = new TestClock(0, true);
        try (var wheel = new TimerWheel(clock, "test", 1)) {
          clock.advance(current * TICK + TICK / 3);
          wheel.pass();
          var count = new AtomicInteger();
          wheel.schedule(timer(count::incrementAndGet), clock.nanoTime() + ticks * TICK + 1);
          clock.advance(ticks * TICK);
          wheel.pass();
          assertThat(count).hasValue(0);
          clock.advance(TICK);
          wheel.pass();
          assertThat(count).hasValue(1);
        }
      }
    }

    @Test
    void i4LaterDeadlineIsFoundEarlyAndLinkedAgain() {
      TimerWheel.Timer timer = armed("t", SECOND);
      assertThat(wheel.schedule(timer, clock.nanoTime() + 5 * SECOND)).isTrue();
      long slept = wheel.wake.get();
      pass(2 * SECOND);
      assertThat(expired).isEmpty();
      assertThat(wheel.wake.get()).isGreaterThan(slept);
      assertThat(wheel.armed()).isOne();
      pass(3 * SECOND + TICK);
      assertThat(expired).hasSize(1);
    }

    @Test
    void i7SleepsForEverWhenNothingIsArmed() {
      wheel.pass();
      assertThat(wheel.wake).hasValue(Long.MAX_VALUE);
    }

    @Test
    void i7SleepsThroughTheTickBeforeTheFirstDeadline() {
      wheel.pass();
      armed("far", YEAR);
      assertThat(wheel.wake).hasValue(YEAR / TICK);
      armed("near", SECOND);
      assertThat(wheel.wake).hasValue(SECOND / TICK);
      armed("middle", 2 * SECOND);
      assertThat(wheel.wake).hasValue(SECOND / TICK);
    }

    @Test
    void i7PassesOncePerLevelOnTheWayToAFarDeadline() {
      armed("t", YEAR);
      int passes = 0;
      for (; expired.isEmpty(); passes++) {
        wheel.pass();
        clock.advance(
            Math.max(0, ((wheel.wake.get() + 1) * TICK) - (clock.nanoTime() - 3 * SECOND)));
        wheel.pass();
      }
      assertThat(passes).isLessThanOrEqualTo(LEVELS);
    }

    @Test
    void i7CancellingDoesNotWake() {
      wheel.pass();
      TimerWheel.Timer timer = armed("t", 5 * SECOND);
      long slept = wheel.wake.get();
      for (int i = 0; i < 1000; i++) {
        wheel.cancel(timer);
        clock.advance(1000);
        wheel.schedule(timer, clock.nanoTime() + 5 * SECOND);
        assertThat(wheel.wake).hasValue(slept);
      }
    }

    @Test
    void i8ArmsWhatIsAlreadyDueForTheNextPass() {
      var interval = new TimerWheel.Timer[1];
      interval[0] =
          timer(
              () -> {
                expired.add("again");
                wheel.schedule(interval[0], clock.nanoTime() - SECOND);
              });
      wheel.schedule(interval[0], clock.nanoTime());
      for (int i = 0; i < HOLD; i++) { // so that it is armed again in the middle of the pass
        armed("other", 3 * TICK);
      }
      pass(72 * TICK);
      assertThat(expired).hasSize(1 + HOLD).containsOnlyOnce("again");
      wheel.pass();
      assertThat(expired).hasSize(1 + HOLD);
      pass(TICK);
      assertThat(expired).hasSize(2 + HOLD);
    }

    @Test
    void i10ExpireCanClose() {
      wheel.schedule(timer(wheel::close), clock.nanoTime());
      armed("t", 0);
      pass(TICK);
      assertThat(expired).isEmpty();
    }

    @Test
    void expiresAMillionTimersOnceEach() {
      int count = 1_000_000;
      long seed = new Random().nextLong();
      System.out.println("TimerWheelTests.Passes seed " + seed);
      var random = new Random(seed);
      var times = new byte[count];
      for (int i = 0; i < count; i++) {
        int name = i;
        long deadline = clock.nanoTime() + random.nextLong(3600 * SECOND);
        wheel.schedule(
            timer(
                () -> {
                  times[name]++;
                  if (deadline > clock.nanoTime()) {
                    expired.add(name);
                  }
                }),
            deadline);
      }
      assertThat(wheel.armed()).isEqualTo(count);
      while (wheel.armed() > 0) {
        pass(random.nextLong(20 * SECOND));
      }
      assertThat(expired).as("expired early").isEmpty();
      for (byte expiries : times) {
        if (expiries != 1) {
          assertThat(expiries).isOne();
        }
      }
    }

    /** Compares with a map of deadlines; arms from four threads, hence in several stripes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void doesWhatAMapOfDeadlinesDoes(int round) throws Exception {
      long seed = new Random().nextLong();
      System.out.println("TimerWheelTests.Passes seed " + seed + ", round " + round);
      var random = new Random(seed);
      var timers = new TimerWheel.Timer[200];
      Arrays.setAll(timers, i -> timer(() -> expired.add(i)));
      Map<Object, Long> model = new HashMap<>();
      for (int step = 0; step < 5_000; step++) {
        int i = random.nextInt(timers.length);
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            long deadline = clock.nanoTime() + randomNanos(random, round * 13);
            assertThat(armers.submit(() -> wheel.schedule(timers[i], deadline)).get())
                .isEqualTo(model.put(i, deadline) != null);
          }
          case 2 -> assertThat(wheel.cancel(timers[i])).isEqualTo(model.remove(i) != null);
          default -> {
            pass(randomNanos(random, round * 12));
            for (Object name : expired) {
              assertThat(model.remove(name)).isNotNull().isLessThanOrEqualTo(clock.nanoTime());
            }
            expired.clear();
            for (long deadline : model.values()) { // all others may be a tick late
              assertThat(deadline).isGreaterThan(clock.nanoTime() - TICK - 4);
            }
          }
        }
        assertThat(wheel.armed()).isEqualTo(model.size());
      }
    }
  }

  @Nested
  class WithAThread {

    private final AtomicInteger looks = new AtomicInteger();

    /** Counts who looks at it: the thread, once or twice a pass. */
    private final RuntimeClock clock =
        new RuntimeClock() {
          @Override
          public long nanoTime() {
            looks.incrementAndGet();
            return System.nanoTime();
          }

          @Override
          public Instant instant() {
            return Instant.now();
          }
        };

    @AutoClose private final TimerWheel wheel = new TimerWheel(clock, "wheel of test");

    private final Thread thread =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("wheel of test"))
            .findAny()
            .orElseThrow();

    private CountDownLatch armed(long nanos) {
      var latch = new CountDownLatch(1);
      wheel.schedule(timer(latch::countDown), System.nanoTime() + nanos);
      return latch;
    }

    private void awaitState(Thread.State state) {
      await(() -> thread.getState() == state);
    }

    @Test
    void isADaemon() {
      assertThat(thread.isDaemon()).isTrue();
      assertThat(thread.isVirtual()).isFalse();
    }

    @Test
    void expiresOnItsThread() {
      var on = new AtomicReference<Thread>();
      wheel.schedule(timer(() -> on.set(Thread.currentThread())), System.nanoTime());
      await(() -> on.get() == thread);
    }

    @Test
    void isNotEarly() {
      for (int i = 0; i < 50; i++) {
        long deadline = System.nanoTime() + i * TICK / 7;
        var at = new AtomicLong();
        wheel.schedule(timer(() -> at.set(System.nanoTime())), deadline);
        await(() -> at.get() != 0);
        assertThat(at.get() - deadline).isNotNegative();
      }
    }

    @Test
    void i7WaitsForEverWhenNothingIsArmed() {
      awaitState(Thread.State.WAITING);
      await(armed(TICK));
      awaitState(Thread.State.WAITING);
    }

    @Test
    void i7DoesNotTickWhileNothingIsDue() {
      awaitState(Thread.State.WAITING);
      int before = looks.get();
      armed(Duration.ofDays(1).toNanos());
      await(armed(SECOND / 2));
      awaitState(Thread.State.TIMED_WAITING);
      assertThat(looks.get() - before).isLessThan(50); // 500 ticks passed
    }

    @Test
    void i7EarlierTimerWakes() {
      armed(Duration.ofDays(1).toNanos());
      awaitState(Thread.State.TIMED_WAITING);
      await(armed(TICK));
    }

    @Test
    void i7EarlierDeadlineWakes() {
      var latch = new CountDownLatch(1);
      TimerWheel.Timer timer = timer(latch::countDown);
      wheel.schedule(timer, System.nanoTime() + YEAR);
      awaitState(Thread.State.TIMED_WAITING);
      wheel.schedule(timer, System.nanoTime() + TICK);
      await(latch);
    }

    @Test
    void i7ArmingAndCancellingDoesNotWakeItEachTime() {
      awaitState(Thread.State.WAITING);
      int before = looks.get();
      TimerWheel.Timer timer = timer(() -> {});
      for (int i = 0; i < 100_000; i++) {
        wheel.schedule(timer, System.nanoTime() + 60 * SECOND);
        wheel.cancel(timer);
      }
      awaitState(Thread.State.TIMED_WAITING);
      assertThat(looks.get() - before).isLessThan(10);
    }

    @Test
    void interruptDoesNotKeepItAwake() {
      var latch = new CountDownLatch(1);
      wheel.schedule(
          timer(
              () -> {
                Thread.currentThread().interrupt();
                latch.countDown();
              }),
          System.nanoTime());
      await(latch);
      awaitState(Thread.State.WAITING);
      await(armed(TICK));
    }

    @Test
    void throwingExpireDoesNotStopIt() {
      var logger = (Logger) LoggerFactory.getLogger(TimerWheel.class);
      logger.setLevel(Level.OFF);
      try {
        for (int i = 0; i < 200; i++) { // more than are claimed at once
          wheel.schedule(
              timer(
                  () -> {
                    throw new StackOverflowError();
                  }),
              System.nanoTime());
        }
        await(() -> wheel.armed() == 0);
        await(armed(0));
      } finally {
        logger.setLevel(null);
      }
    }

    @Test
    void i10ClosingEndsTheThread() {
      armed(SECOND);
      wheel.close();
      assertThat(thread.isAlive()).isFalse();
      assertThat(wheel.armed()).isZero();
    }

    @Test
    void i10ClosingWaitsForExpire() {
      Thread test = Thread.currentThread();
      var expiring = new CountDownLatch(1);
      var expired = new AtomicBoolean();
      wheel.schedule(
          timer(
              () -> {
                expiring.countDown();
                await(() -> test.getState() == Thread.State.TIMED_WAITING);
                expired.set(true);
              }),
          System.nanoTime());
      await(expiring);
      wheel.close();
      assertThat(expired).isTrue();
    }

    @Test
    void i10ExpireCanClose() throws InterruptedException {
      wheel.schedule(timer(wheel::close), System.nanoTime());
      thread.join(60_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  static long randomNanos(Random random, int bits) {
    return random.nextLong() >>> 64 - 1 - random.nextInt(bits);
  }
}
