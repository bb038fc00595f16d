package io.otp.reliability;

import io.otp.process.Cast;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A million timers: a part is cancelled at random moments, the others fire. None is early, none is
 * lost, none fires twice, and none fires that was cancelled in time.
 */
public final class Timers {

  private static final int RECEIVERS = 100;

  private final Run run;
  private final int timers;
  private final long longest;
  private final Ref[] cancellable;
  private final long[] due;
  private final long[] late;
  private final AtomicIntegerArray fired;
  private final AtomicLong received = new AtomicLong();

  private Timers(Run run) {
    this.run = run;
    timers = run.size(1_000_000, 100_000);
    longest = TimeUnit.SECONDS.toNanos(run.size(30, 3));
    cancellable = new Ref[timers];
    due = new long[timers];
    late = new long[timers];
    fired = new AtomicIntegerArray(timers);
  }

  record Tick(int number) implements Cast<Tick> {}

  /** Notes when a timer fires. */
  private final class Receiver implements GenServer<Tick, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Tick> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Tick tick, Integer state, Self<Tick> self) {
      late[tick.number()] = System.nanoTime() - due[tick.number()];
      fired.incrementAndGet(tick.number());
      received.incrementAndGet();
      return Next.noreply(state);
    }
  }

  /** See {@link Run}. */
  public static void main(String[] arguments) throws Exception {
    var run = new Run("timers", arguments);
    new Timers(run).run();
    run.end();
  }

  private void run() throws InterruptedException {
    try (var runtime = ProcessRuntime.builder().name("timers").build()) {
      var pids = new Pid[RECEIVERS];
      var receiver = new Receiver();
      for (int i = 0; i < RECEIVERS; i++) {
        pids[i] =
            ((StartResult.Started)
                    GenServers.start(runtime, receiver, NoArgs.NO_ARGS, StartOptions.NONE))
                .pid();
      }
      var random = new Random(run.seed);
      long start = System.nanoTime();
      int chosen = 0;
      int most = 0;
      for (int i = 0; i < timers; i++) {
        long delay = (long) (random.nextDouble() * longest);
        due[i] = System.nanoTime() + delay;
        Ref ref = runtime.sendAfter(Duration.ofNanos(delay), pids[i % RECEIVERS], new Tick(i));
        if (random.nextInt(10) < 3) {
          cancellable[i] = ref;
          chosen++;
        }
        if (i % 50_000 == 0) {
          most = Math.max(most, (int) runtime.stats().timers());
        }
      }
      double set = (System.nanoTime() - start) / 1e9;
      most = Math.max(most, (int) runtime.stats().timers());
      run.print(
          "%,d timers of up to %d s set in %.2f s, at most %,d at once",
          timers, TimeUnit.NANOSECONDS.toSeconds(longest), set, most);
      int[] cancelled = cancel(runtime, random, start);
      awaitAll(runtime, cancelled[0]);
      judge(chosen, cancelled);
    }
  }

  /**
   * Cancels the chosen ones in random order, spread over the time in which they fire.
   *
   * @return how many in time and how many too late
   */
  private int[] cancel(ProcessRuntime runtime, Random random, long start)
      throws InterruptedException {
    List<Integer> order = new ArrayList<>(timers);
    for (int i = 0; i < timers; i++) {
      if (cancellable[i] != null) {
        order.add(i);
      }
    }
    Collections.shuffle(order, random);
    var counts = new int[2];
    int done = 0;
    for (int i : order) {
      boolean inTime = runtime.cancelTimer(cancellable[i]).isPresent();
      counts[inTime ? 0 : 1]++;
      fired.addAndGet(i, inTime ? 1 << 16 : 0);
      cancellable[i] = null;
      if (++done % 200 == 0 && System.nanoTime() - start < longest * 3 / 4) {
        Thread.sleep(2);
      }
    }
    return counts;
  }

  private void awaitAll(ProcessRuntime runtime, int cancelled) throws InterruptedException {
    long expected = timers - (long) cancelled;
    String left =
        Run.await(
            Duration.ofNanos(longest).plusSeconds(60),
            () -> received.get() >= expected ? "" : expected - received.get() + " timers are lost");
    run.check(left.isEmpty(), left);
    Thread.sleep(1_000); // one that fires twice, or although it was cancelled, has time to
    long armed = runtime.stats().timers();
    run.check(armed == 0, armed + " timers are armed when all have fired or been cancelled");
  }

  private void judge(int chosen, int[] cancelled) {
    int early = 0;
    int wrong = 0;
    var lateness = new long[timers];
    int n = 0;
    for (int i = 0; i < timers; i++) {
      int state = fired.get(i);
      if (state == 1) {
        early += late[i] < 0 ? 1 : 0;
        lateness[n++] = late[i];
      } else if (state != 1 << 16) {
        wrong++;
      }
    }
    run.check(early == 0, early + " timers fired early");
    run.check(
        wrong == 0, wrong + " timers fired not at all, twice, or although they were cancelled");
    run.print(
        "%,d to be cancelled: %,d in time, %,d too late; %,d fired",
        chosen, cancelled[0], cancelled[1], received.get());
    long[] sorted = Arrays.copyOf(lateness, n);
    Arrays.sort(sorted);
    run.print(
        "late by: median %.2f ms, 90 %% %.2f, 99 %% %.2f, 99.9 %% %.2f, worst %.2f ms",
        at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 0.999), at(sorted, 1));
  }

  private static double at(long[] sorted, double part) {
    return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1) * part)] / 1e6;
  }
}
