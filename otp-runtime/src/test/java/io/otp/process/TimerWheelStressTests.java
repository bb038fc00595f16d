package io.otp.process;

import static io.otp.process.TimerWheel.TICK;
import static io.otp.process.TimerWheelTests.SECOND;
import static io.otp.process.TimerWheelTests.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Arms and cancels from many threads; {@code otp.stress.seconds} says how long, 2 by default. */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class TimerWheelStressTests {

  private static final long NANOS = Long.getLong("otp.stress.seconds", 2) * SECOND;
  private static final int THREADS = 6;

  private interface Load {
    void run(int thread) throws Exception;
  }

  @Nested
  class RealThreads {

    private final TimerWheel wheel = new TimerWheel(RuntimeClock.system(), "stressed");
    private final ExecutorService platform = Executors.newCachedThreadPool();
    private final ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
    private final long seed = new Random().nextLong();
    private final long end = System.nanoTime() + NANOS;

    RealThreads() {
      System.out.println("TimerWheelStressTests seed " + seed);
    }

    @AfterEach
    void close() {
      wheel.close();
      platform.close();
      virtual.close();
    }

    /** Calls {@code load} in threads of both kinds, with their numbers, and waits for them. */
    private void inThreads(Load load) throws Exception {
      var running = new ArrayList<Future<?>>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        Callable<@Nullable Void> task =
            () -> {
              load.run(thread);
              return null;
            };
        running.add((t % 2 == 0 ? platform : virtual).submit(task));
      }
      for (Future<?> future : running) {
        future.get();
      }
    }

    /** Waits until what is armed has expired. */
    private void settle() {
      await(() -> wheel.armed() == 0);
      var expired = new CountDownLatch(1); // after all that were claimed
      wheel.schedule(TimerWheelTests.timer(expired::countDown), System.nanoTime());
      await(expired);
    }

    /** Mostly in the next ticks, where expiry interferes; some far, some past. */
    private static long delay(Random random) {
      return switch (random.nextInt(16)) {
        case 0 -> -random.nextLong(SECOND);
        case 1 -> random.nextLong(1000 * SECOND);
        case 2 -> random.nextLong(100 * TICK);
        default -> random.nextLong(2 * TICK);
      };
    }

    /** A timer that one thread arms and cancels, so that it knows what has to happen. */
    private final class Owned extends TimerWheel.Timer {
      final List<Long> expired = new ArrayList<>();

      /** The deadlines that expire, as far as known. */
      final List<Long> expected = new ArrayList<>();

      @Override
      protected void expire() {
        expired.add(System.nanoTime());
      }

      void schedule(long deadline) {
        if (wheel.schedule(this, deadline)) {
          expected.removeLast();
        }
        expected.add(deadline);
      }

      void cancel() {
        if (wheel.cancel(this)) {
          expected.removeLast();
        }
      }

      int check() {
        assertThat(expired).hasSameSizeAs(expected);
        for (int i = 0; i < expired.size(); i++) {
          assertThat(expired.get(i) - expected.get(i)).as("late by").isNotNegative();
        }
        return expired.size();
      }
    }

    @Test
    void i3i6EveryArmingExpiresOnceAndNotEarlyOrIsCancelledOnceOrMovedOnce() throws Exception {
      long expiries = 0;
      for (int round = 0; System.nanoTime() < end; round++) {
        var timers = new Owned[THREADS][50];
        long roundSeed = seed + 1000L * round;
        inThreads(
            thread -> {
              var random = new Random(roundSeed + thread);
              Owned[] mine = timers[thread];
              Arrays.setAll(mine, i -> new Owned());
              for (int i = 0; i < 20_000; i++) {
                Owned timer = mine[random.nextInt(mine.length)];
                if (random.nextInt(4) == 0) {
                  timer.cancel();
                } else {
                  timer.schedule(System.nanoTime() + delay(random));
                }
              }
              for (Owned timer : mine) {
                timer.schedule(System.nanoTime() + random.nextLong(50 * TICK));
              }
            });
        settle();
        for (Owned[] mine : timers) {
          for (Owned timer : mine) {
            expiries += timer.check();
          }
        }
      }
      assertThat(expiries).isPositive();
    }

    /** A timer that all threads arm and cancel. */
    private static final class Shared extends TimerWheel.Timer {
      final AtomicInteger armed = new AtomicInteger();
      final AtomicInteger ended = new AtomicInteger();

      @Override
      protected void expire() {
        ended.incrementAndGet();
      }
    }

    @Test
    void i1i3EveryArmingEndsOnceHoweverManyThreadsArmAndCancel() throws Exception {
      for (int round = 0; System.nanoTime() < end; round++) {
        var timers = new Shared[1 + round % 10];
        Arrays.setAll(timers, i -> new Shared());
        long roundSeed = seed + 1000L * round;
        inThreads(
            thread -> {
              var random = new Random(roundSeed + thread);
              for (int i = 0; i < 20_000; i++) {
                Shared timer = timers[random.nextInt(timers.length)];
                if (random.nextInt(3) == 0) {
                  if (wheel.cancel(timer)) {
                    timer.ended.incrementAndGet();
                  }
                } else if (!wheel.schedule(timer, System.nanoTime() + delay(random))) {
                  timer.armed.incrementAndGet();
                }
              }
            });
        for (Shared timer : timers) {
          if (wheel.cancel(timer)) {
            timer.ended.incrementAndGet();
          }
        }
        settle();
        for (Shared timer : timers) {
          assertThat(timer.ended).hasValue(timer.armed.get());
        }
      }
    }

    /** A timer that is due is given a later deadline while the thread expires it, or not. */
    @Test
    void i3LaterDeadlineOrExpiryButNotBoth() throws Exception {
      var timers = new Owned[2];
      Arrays.setAll(timers, i -> new Owned());
      inThreads(
          thread -> {
            if (thread < timers.length) {
              while (System.nanoTime() < end) {
                timers[thread].schedule(System.nanoTime() - TICK / 4);
                timers[thread].schedule(System.nanoTime() + 20 * TICK);
              }
            }
          });
      settle();
      for (Owned timer : timers) {
        timer.check();
      }
    }

    /** Arms when the thread has just expired something and prepares to sleep. */
    @Test
    void i7NoTimerIsSleptThrough() {
      var random = new Random(seed);
      var expiries = new AtomicInteger();
      TimerWheel.Timer timer = TimerWheelTests.timer(expiries::incrementAndGet);
      for (int i = 0; System.nanoTime() < end; i++) {
        int before = i;
        wheel.schedule(timer, System.nanoTime());
        await(() -> expiries.get() != before);
        long start = System.nanoTime() + random.nextLong(4000);
        while (System.nanoTime() < start) {
          Thread.onSpinWait();
        }
      }
    }

    @Test
    void i2RetainsNothingThatIsCancelled() throws Exception {
      int size = 1 << 16;
      long each = 2 * Runtime.getRuntime().maxMemory() / size / THREADS;
      inThreads(
          thread -> {
            for (long i = 0; i < each; i++) {
              var payload = new byte[size];
              TimerWheel.Timer timer = TimerWheelTests.timer(() -> payload[0]++);
              wheel.schedule(timer, System.nanoTime() + 3600 * SECOND + i * TICK);
              assertThat(wheel.cancel(timer)).isTrue();
            }
          });
      assertThat(wheel.armed()).isZero();
    }
  }

  /** All interleavings up to a bound of arming and cancelling a timer: I1, I2. */
  public static class ArmAndCancel {

    private final TimerWheelTests.TestClock clock = new TimerWheelTests.TestClock(0, true);
    private final TimerWheel wheel = new TimerWheel(clock, "checked", 4);
    private final AtomicInteger expiries = new AtomicInteger();
    private final TimerWheel.Timer timer = TimerWheelTests.timer(expiries::incrementAndGet);

    @Operation
    public boolean schedule(@Param(gen = IntGen.class, conf = "0:2") int ticks) {
      return wheel.schedule(timer, ticks * TICK);
    }

    @Operation
    public boolean cancel() {
      return wheel.cancel(timer);
    }

    @Validate
    public void expiresIfArmedAndNeverAgain() {
      int armed = wheel.remainingNanos(timer) >= 0 ? 1 : 0;
      clock.advance(10 * TICK);
      wheel.pass();
      if (expiries.get() != armed || wheel.wake.get() != Long.MAX_VALUE) {
        throw new IllegalStateException(armed + " " + expiries + " " + wheel.wake);
      }
    }
  }

  /** The same with passes of the thread: I3, I4, I6 as the results, I7 in the end. */
  public static class ArmAndExpire {

    private final TimerWheelTests.TestClock clock = new TimerWheelTests.TestClock(0, true);
    private final TimerWheel wheel = new TimerWheel(clock, "checked", 4);
    private final AtomicInteger expiries = new AtomicInteger();
    private final TimerWheel.Timer timer = TimerWheelTests.timer(expiries::incrementAndGet);

    public ArmAndExpire() {
      wheel.schedule(timer, 0); // due in the first pass
    }

    @Operation
    public boolean schedule(@Param(gen = IntGen.class, conf = "0:2") int ticks) {
      return wheel.schedule(timer, ticks * TICK);
    }

    @Operation
    public boolean cancel() {
      return wheel.cancel(timer);
    }

    @Operation(nonParallelGroup = "thread")
    public int pass() {
      int before = expiries.get();
      clock.advance(TICK);
      wheel.pass();
      return expiries.get() - before;
    }

    @Validate
    public void wakesInTime() {
      long remaining = wheel.remainingNanos(timer);
      if (remaining >= 0 && wheel.wake.get() > (clock.nanoTime() + remaining) / TICK) {
        throw new IllegalStateException("slept through");
      }
    }
  }

  @Test
  void i1i2ArmingAndCancellingIsLinearizable() {
    new ModelCheckingOptions()
        .iterations((int) (3 * NANOS / SECOND))
        .invocationsPerIteration(300)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(0)
        .check(ArmAndCancel.class);
  }

  @Test
  void i3i4i6i7ArmingAndExpiringIsLinearizable() {
    new ModelCheckingOptions()
        .iterations((int) (5 * NANOS / SECOND))
        .invocationsPerIteration(1000)
        .threads(2)
        .actorsBefore(0)
        .actorsPerThread(1)
        .actorsAfter(0)
        .check(ArmAndExpire.class);
  }
}
