package io.otp.benchmarks;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a workload is measured inside one process. Runs are repeated until the warm-up time is over,
 * then each repetition is as many runs as fill its time; its figure is nanoseconds per operation.
 *
 * @param workload what to measure
 * @param operations operations of one run
 * @param warmUp least time to run before anything counts
 * @param repetition least time one figure is taken over
 * @param repetitions number of figures
 */
record Timing(
    Workload workload, int operations, Duration warmUp, Duration repetition, int repetitions) {

  /**
   * Reads what {@link #arguments} wrote: workload, operations, milliseconds, milliseconds, number.
   */
  static Timing of(List<String> arguments) {
    return new Timing(
        Workload.of(arguments.get(0)),
        Integer.parseInt(arguments.get(1)),
        Duration.ofMillis(Long.parseLong(arguments.get(2))),
        Duration.ofMillis(Long.parseLong(arguments.get(3))),
        Integer.parseInt(arguments.get(4)));
  }

  Timing withWarmUp(Duration warmUp) {
    return new Timing(workload, operations, warmUp, repetition, repetitions);
  }

  /** The same on a command line; {@code otp_bench.erl} reads it too. */
  List<String> arguments() {
    return List.of(
        workload.toString(),
        Integer.toString(operations),
        Long.toString(warmUp.toMillis()),
        Long.toString(repetition.toMillis()),
        Integer.toString(repetitions));
  }

  /** Measures and prints the line the driver waits for: {@code RESULT call1 1021.300 1019.000}. */
  void report(WorkloadRunner runner, PrintStream out) throws Exception {
    var line = new StringBuilder("RESULT ").append(workload);
    for (double figure : measure(runner)) {
      line.append(String.format(Locale.ROOT, " %.3f", figure));
    }
    out.println(line);
    out.flush();
  }

  private List<Double> measure(WorkloadRunner runner) throws Exception {
    if (workload == Workload.IDLE) {
      return List.of(bytesPerServer(runner));
    }
    long start = System.nanoTime();
    do {
      runner.run(workload, operations);
    } while (System.nanoTime() - start < warmUp.toNanos());
    var figures = new ArrayList<Double>();
    for (int i = 0; i < repetitions; i++) {
      figures.add(nanosPerOperation(runner));
    }
    return figures;
  }

  private double nanosPerOperation(WorkloadRunner runner) throws Exception {
    long spent = 0;
    long done = 0;
    do {
      spent += runner.run(workload, operations);
      done += operations;
    } while (spent < repetition.toNanos());
    return (double) spent / done;
  }

  private double bytesPerServer(WorkloadRunner runner) throws Exception {
    runner.startIdleServers(1_000); // loads classes and starts threads
    long before = usedHeap();
    Object servers = runner.startIdleServers(operations);
    long after = usedHeap();
    Reference.reachabilityFence(servers);
    return (double) (after - before) / operations;
  }

  /** Bytes in use once nothing more can be collected. */
  private static long usedHeap() throws InterruptedException {
    var memory = ManagementFactory.getMemoryMXBean();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      System.gc();
      Thread.sleep(100); // for cleaners and queued clean-up, which free more
      long now = memory.getHeapMemoryUsage().getUsed();
      if (now > used - 100_000) {
        return Math.min(now, used);
      }
      used = now;
    }
    return used;
  }
}
