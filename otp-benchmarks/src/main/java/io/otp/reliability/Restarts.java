package io.otp.reliability;

import io.otp.process.Cast;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/**
 * A million restarts: servers crash as soon as they run. Heap after a collection, threads and
 * metaspace must not grow with the restarts.
 */
public final class Restarts {

  private static final int SUPERVISORS = 4;
  private static final int CHILDREN = 16;
  private static final int SAMPLES = 20;

  /**
   * Samples before this part do not count: code is compiled, tables and pools grow to their size.
   */
  private static final double WARM_UP = 0.25;

  /** From these slopes on, for each restart, and this growth, it is a leak. */
  private static final double HEAP_SLOPE = 8;

  private static final double HEAP_GROWTH = 4 << 20;
  private static final double METASPACE_SLOPE = 1;
  private static final double METASPACE_GROWTH = 1 << 20;
  private static final double THREAD_GROWTH = 16;

  private record Sample(long restarts, double heap, double threads, double metaspace) {}

  private record Crash() implements Cast<Crash> {}

  private final Run run;
  private final int target;
  private final AtomicLong starts = new AtomicLong();
  private final List<Sample> samples = new ArrayList<>();
  private volatile long allowed;

  private Restarts(Run run) {
    this.run = run;
    this.target = run.size(1_000_000, 50_000);
  }

  /** Crashes as long as it is allowed. */
  private final class Crasher implements GenServer<Crash, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Crash> self) {
      if (starts.incrementAndGet() < allowed) {
        self.send(self.pid(), new Crash());
      }
      return 0;
    }

    @Override
    public Next<Integer> handle(Crash message, Integer state, Self<Crash> self) {
      throw new IllegalStateException("as often as can be");
    }
  }

  /** See {@link Run}. */
  public static void main(String[] arguments) throws Exception {
    var run = new Run("restarts", arguments);
    new Restarts(run).run();
    run.end();
  }

  private void run() throws InterruptedException {
    try (var runtime = ProcessRuntime.builder().name("restarts").build()) {
      var crasher = new Crasher();
      var supervisors = new ArrayList<Supervisor>();
      for (int s = 0; s < SUPERVISORS; s++) {
        var children = new ChildSpec[CHILDREN];
        for (int c = 0; c < CHILDREN; c++) {
          children[c] = ChildSpec.worker("c" + c, crasher, NoArgs.NO_ARGS, "c" + s + "." + c);
        }
        var spec =
            SupervisorSpec.of("s" + s, Strategy.ONE_FOR_ONE, children)
                .withIntensity(SupervisorSpec.UNLIMITED, Duration.ofSeconds(1));
        if (!(Supervisor.start(runtime, spec) instanceof StartResult.Started)) {
          run.broken("a supervisor does not start");
        }
        supervisors.add(Supervisor.of(runtime, "s" + s));
      }
      long start = System.nanoTime();
      for (int i = 1; i <= SAMPLES; i++) {
        go(runtime, (long) target * i / SAMPLES);
        sample(runtime);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      run.print("%,d restarts in %.1f s, the samples' collections included", restarts(), seconds);
      judge();
      int children = supervisors.stream().mapToInt(s -> s.countChildren().active()).sum();
      run.check(children == SUPERVISORS * CHILDREN, children + " children are left");
      run.check(
          runtime.stats().processes() == SUPERVISORS * (CHILDREN + 1),
          runtime.stats().processes() + " processes are left");
      run.check(runtime.stats().zombies() == 0, runtime.stats().zombies() + " zombies are left");
      for (Supervisor supervisor : supervisors) {
        for (var child : supervisor.whichChildren()) {
          run.check(child.restarts() > 0, child.id() + " was never restarted");
        }
      }
    }
  }

  private long restarts() {
    return starts.get() - SUPERVISORS * CHILDREN;
  }

  /** Lets them crash until there were so many restarts, and waits until all are up again. */
  private void go(ProcessRuntime runtime, long restarts) throws InterruptedException {
    allowed = restarts + SUPERVISORS * CHILDREN;
    long before = starts.get();
    for (int s = 0; s < SUPERVISORS; s++) {
      for (int c = 0; c < CHILDREN; c++) {
        runtime.whereis("c" + s + "." + c).ifPresent(pid -> runtime.send(pid, new Crash()));
      }
    }
    String wrong =
        Run.await(
            Duration.ofMinutes(10),
            () ->
                starts.get() >= allowed
                        && runtime.stats().processes() == SUPERVISORS * (CHILDREN + 1)
                        && runtime.stats().names() == SUPERVISORS * (CHILDREN + 1)
                    ? ""
                    : starts.get() - before + " starts, then it stands still");
    run.check(wrong.isEmpty(), wrong);
  }

  private void sample(ProcessRuntime runtime) throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(20); // what is queued to be dropped is, and threads end
    }
    double heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    double metaspace = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      metaspace += pool.getName().equals("Metaspace") ? pool.getUsage().getUsed() : 0;
    }
    int threads = ManagementFactory.getThreadMXBean().getThreadCount() + runtime.stats().workers();
    samples.add(new Sample(restarts(), heap, threads, metaspace));
    run.print(
        "%,10d restarts: heap %.2f MiB, threads %d, metaspace %.2f MiB",
        restarts(), heap / (1 << 20), threads, metaspace / (1 << 20));
  }

  private void judge() {
    List<Sample> counted = samples.subList((int) (SAMPLES * WARM_UP), SAMPLES);
    double done = counted.getLast().restarts() - counted.getFirst().restarts();
    double heap = slope(counted, Sample::heap);
    double threads = slope(counted, Sample::threads);
    double metaspace = slope(counted, Sample::metaspace);
    run.print(
        "slopes over the last %,.0f restarts, each: heap %.3f bytes, threads %.6f, metaspace %.3f"
            + " bytes",
        done, heap, threads, metaspace);
    run.check(
        heap < HEAP_SLOPE || heap * done < HEAP_GROWTH,
        "the heap grows by %.1f bytes with each restart".formatted(heap));
    run.check(
        metaspace < METASPACE_SLOPE || metaspace * done < METASPACE_GROWTH,
        "metaspace grows by %.1f bytes with each restart".formatted(metaspace));
    run.check(
        threads * done < THREAD_GROWTH,
        "threads grow by %.1f over %.0f restarts".formatted(threads * done, done));
  }

  /** The least squares' slope of {@code value} for each restart. */
  private static double slope(List<Sample> samples, ToDoubleFunction<Sample> value) {
    double n = samples.size();
    double meanX = samples.stream().mapToDouble(Sample::restarts).sum() / n;
    double meanY = samples.stream().mapToDouble(value).sum() / n;
    double xy = 0;
    double xx = 0;
    for (Sample s : samples) {
      double x = s.restarts() - meanX;
      xy += x * (value.applyAsDouble(s) - meanY);
      xx += x * x;
    }
    return xx == 0 ? 0 : xy / xx;
  }
}
