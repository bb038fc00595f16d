package io.otp.reliability;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** The arguments of a program, what it found wrong, and its end. */
final class Run {

  private static final int SHOWN = 20;
  private static final Duration PERIOD = Duration.ofMillis(20);

  final boolean quick;
  final long seed;
  private final String name;
  private final long start = System.nanoTime();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();

  /**
   * @param arguments {@code [--quick] [--seed N]}
   */
  Run(String name, String[] arguments) {
    boolean isQuick = false;
    long number = System.nanoTime();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--quick" -> isQuick = true;
        case "--seed" -> number = Long.parseLong(arguments[++i]);
        default ->
            throw new IllegalArgumentException(
                "'" + arguments[i] + "' is no option; there are --quick and --seed N");
      }
    }
    this.name = name;
    this.quick = isQuick;
    this.seed = number;
    System.out.printf(
        "%s%s, %d processors, %,d MiB of heap, JDK %s, --seed %d%n",
        name,
        quick ? " --quick" : "",
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        Runtime.version(),
        seed);
  }

  /** {@code full}, or {@code small} with {@code --quick}. */
  int size(int full, int small) {
    return quick ? small : full;
  }

  void print(String format, Object... values) {
    System.out.printf(format + "%n", values);
  }

  void broken(String what) {
    broken.add(what);
  }

  void check(boolean holds, String what) {
    if (!holds) {
      broken(what);
    }
  }

  /**
   * Waits until {@code wrong} is empty.
   *
   * @return what it was last, if the limit was over first
   */
  static String await(Duration limit, Supplier<String> wrong) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      String now = wrong.get();
      if (now.isEmpty() || System.nanoTime() - deadline > 0) {
        return now;
      }
      Thread.sleep(PERIOD);
    }
  }

  /** Prints what is broken and ends the JVM, with 0 if nothing is. */
  void end() {
    broken.stream().limit(SHOWN).forEach(what -> System.out.println("BROKEN: " + what));
    System.out.printf(
        "%s in %.1f s%n",
        broken.isEmpty()
            ? "every invariant holds"
            : broken.size() + " INVARIANTS BROKEN in " + name + ", --seed " + seed + ",",
        (System.nanoTime() - start) / 1e9);
    System.exit(broken.isEmpty() ? 0 : 1);
  }
}
