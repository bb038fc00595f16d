package io.otp;

import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Report;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A runtime of its own for each test, and the few things that tests of processes need again and
 * again.
 *
 * <pre>{@code
 * @RegisterExtension final TestRuntime otp = new TestRuntime();
 *
 * @Test
 * void selfIsAlive() {
 *   otp.run(self -> assertThat(self.runtime().isAlive(self.pid())).isTrue());
 * }
 * }</pre>
 */
public final class TestRuntime implements BeforeEachCallback, AfterEachCallback {

  /**
   * How long something that must happen may take; {@code -Dotp.test.limit} gives other seconds, for
   * code that is broken on purpose.
   */
  public static final Duration LIMIT = Duration.ofSeconds(Integer.getInteger("otp.test.limit", 30));

  /** How long nothing is waited for. */
  public static final Duration QUIET = Duration.ofMillis(40);

  private static final String SEED = "otp.test.seed";

  private final UnaryOperator<ProcessRuntime.Builder> options;
  private final Queue<Report> reports = new ConcurrentLinkedQueue<>();
  private ProcessRuntime runtime;

  public TestRuntime() {
    this(builder -> builder);
  }

  public TestRuntime(UnaryOperator<ProcessRuntime.Builder> options) {
    this.options = options;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    reports.clear();
    runtime =
        options.apply(ProcessRuntime.builder().name("test").reportHandler(reports::add)).build();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    long rescued = runtime.stats().rescuedWakeUps();
    runtime.close();
    if (rescued != 0) {
      throw new AssertionError(rescued + " wake-ups were lost and only found by the watchdog");
    }
  }

  public ProcessRuntime runtime() {
    return runtime;
  }

  /** The reports so far. */
  public List<Report> reports() {
    return List.copyOf(reports);
  }

  /** Runs {@code body} in a process and waits for its end; what it throws is thrown here. */
  public void run(Consumer<Self<Object>> body) {
    get(
        self -> {
          body.accept(self);
          return "";
        });
  }

  /** Runs {@code body} in a process and returns its result; what it throws is thrown here. */
  public <T> T get(Function<Self<Object>, T> body) {
    var result = new CompletableFuture<T>();
    runtime.spawn(
        self -> {
          try {
            result.complete(Objects.requireNonNull(body.apply(self)));
          } catch (Throwable t) {
            result.completeExceptionally(t);
          }
        });
    return get(result, "the process ends");
  }

  /** Waits for {@code future}. */
  public static <T> T get(CompletableFuture<T> future, String what) {
    try {
      return future.get(2 * LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException | InterruptedException e) {
      throw new AssertionError("not within the limit: " + what, e);
    }
  }

  /** Waits until {@code condition} holds. */
  public static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + LIMIT + ": " + what);
      }
      LockSupport.parkNanos(100_000);
    }
  }

  /** Waits for {@code latch}; returns true. */
  public static boolean await(CountDownLatch latch) {
    try {
      if (latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        return true;
      }
      throw new AssertionError("not within " + LIMIT + ": " + latch);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes the oldest message, which must come. */
  public static Object next(Self<Object> self) {
    return self.receive(LIMIT, Receive::take)
        .orElseThrow(() -> new AssertionError("no message within " + LIMIT));
  }

  /** Takes the oldest message of {@code type}, which must come; others stay. */
  public static <T> T next(Self<Object> self, Class<T> type) {
    return self.<T>receive(
            LIMIT,
            message -> type.isInstance(message) ? Receive.take(type.cast(message)) : Receive.skip())
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " within " + LIMIT));
  }

  /** Takes what is in the mailbox now. */
  public static List<Object> drain(Self<Object> self) {
    return drain(self, Duration.ZERO);
  }

  /** Takes messages until none comes for {@code quiet}. */
  public static List<Object> drain(Self<Object> self, Duration quiet) {
    var messages = new ArrayList<>();
    while (true) {
      var message = self.receive(quiet, Receive::take);
      if (message.isEmpty()) {
        return messages;
      }
      messages.add(message.get());
    }
  }

  /**
   * Runs {@code action}, with 0 and 1, on two threads at the same moment and then {@code check},
   * again and again for half a second, longer where a busy machine gives it few rounds; throws what
   * they throw.
   */
  public static void race(IntConsumer action, Runnable check) {
    long begin = System.nanoTime();
    var arrived = new AtomicInteger();
    var done = new AtomicInteger();
    var failure = new AtomicReference<Throwable>();
    var other =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  for (int round = 1; meet(arrived, round) && failure.get() == null; round++) {
                    run(() -> action.accept(1), failure);
                    meet(done, round);
                  }
                });
    int round = 0;
    long time = 0;
    while (failure.get() == null
        && (time < 500_000_000 || (round < 2_000 && time < LIMIT.toNanos() / 2))) {
      meet(arrived, ++round);
      run(() -> action.accept(0), failure);
      meet(done, round);
      run(check, failure);
      time = System.nanoTime() - begin;
    }
    System.out.println(round + " races");
    boolean late = failure.compareAndSet(null, new CancellationException());
    meet(arrived, round + 1);
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (!late) {
      throw new AssertionError("in race " + round, failure.get());
    }
  }

  private static void run(Runnable action, AtomicReference<Throwable> failure) {
    try {
      action.run();
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
  }

  /** The two come out of it within a moment. */
  private static boolean meet(AtomicInteger arrived, int round) {
    arrived.incrementAndGet();
    while (arrived.get() < 2 * round) {
      Thread.yield();
    }
    return true;
  }

  /** Random numbers; the seed is printed and can be given with {@code -Dotp.test.seed}. */
  public static Random random(String test) {
    long seed = Long.getLong(SEED, System.nanoTime());
    System.out.println(test + ": -D" + SEED + "=" + seed);
    return new Random(seed);
  }
}
