package io.otp.soak;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.sun.management.HotSpotDiagnosticMXBean;
import io.otp.process.ProcessRuntime;
import io.otp.process.RuntimeStats;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/**
 * Random processes spawn, send, call, link, monitor, kill and block for minutes, in rounds of some
 * seconds; after each round the books of all must balance, see {@link Round}. Run it with {@code
 * otp-benchmarks/soak.sh}.
 */
public final class Soak {

  private static final Duration ACTING = Duration.ofSeconds(4);
  private static final Duration SETTLING = Duration.ofSeconds(60);

  private final long seed;
  private final int population;
  private final Count.Totals totals = new Count.Totals();
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final ProcessRuntime runtime;
  private long lost;
  private int mostWorkers;
  private int mostZombies;

  private Soak(long seed, int population, int slots) {
    this.seed = seed;
    this.population = population;
    runtime = ProcessRuntime.builder().name("soak").schedulers(slots).build();
  }

  /**
   * Runs it and exits with 0 if the books balance, 1 if they do not, 2 if it hangs.
   *
   * @param args {@code [minutes] [--seconds N] [--slots N] [--processes N] [--seed N]}
   */
  public static void main(String[] args) throws Exception {
    Duration time = Duration.ofMinutes(10);
    int slots = Runtime.getRuntime().availableProcessors();
    int population = 300;
    long seed = System.nanoTime();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--seconds" -> time = Duration.ofSeconds(Integer.parseInt(args[++i]));
        case "--slots" -> slots = Integer.parseInt(args[++i]);
        case "--processes" -> population = Integer.parseInt(args[++i]);
        case "--seed" -> seed = Long.parseLong(args[++i]);
        default -> time = Duration.ofMinutes(Integer.parseInt(args[i]));
      }
    }
    System.out.printf(
        "soak: %s, %d slots, %d processors, %d processes, --seed %d%n",
        time.toString().substring(2).toLowerCase(Locale.ROOT),
        slots,
        Runtime.getRuntime().availableProcessors(),
        population,
        seed);
    var soak = new Soak(seed, population, slots);
    soak.watchLog();
    System.exit(soak.run(time));
  }

  private int run(Duration time) throws Exception {
    long start = System.nanoTime();
    var random = new Random(seed);
    Thread.ofPlatform().daemon().start(this::watchProgress);
    int rounds = 0;
    while (System.nanoTime() - start < time.toNanos() && wrong.isEmpty()) {
      runRound(++rounds, random.nextLong());
    }
    runtime.close();
    awaitNoWorkers();
    printBalance(rounds, Duration.ofNanos(System.nanoTime() - start));
    wrong.stream().limit(50).forEach(what -> System.out.println("WRONG: " + what));
    System.out.println(wrong.isEmpty() ? "balanced" : wrong.size() + " IMBALANCES, --seed " + seed);
    return wrong.isEmpty() ? 0 : 1;
  }

  private void runRound(int number, long roundSeed) throws Exception {
    long start = System.nanoTime();
    long[] before = counts();
    var round = new Round(runtime, totals, roundSeed, population, numbers, this::wrong);
    round.act(ACTING);
    long stopped = System.nanoTime();
    RuntimeStats stats = runtime.stats();
    mostWorkers = Math.max(mostWorkers, stats.workers());
    mostZombies = Math.max(mostZombies, stats.zombies());
    List<String> open = round.settle(SETTLING);
    long settled = System.nanoTime();
    if (!open.isEmpty()) {
      open.forEach(this::wrong);
      dump("round " + number + " does not come to rest", round);
    }
    List<String> left = round.finish(SETTLING);
    if (!left.isEmpty()) {
      left.forEach(this::wrong);
      dump("round " + number + " leaves something", round);
    }
    lost += round.lost();
    print(number, before, (stopped - start) / 1e9, (settled - stopped) / 1e9);
  }

  private void wrong(String what) {
    wrong.add(what);
    if (wrong.size() <= 20) {
      System.out.println("WRONG: " + what);
    }
  }

  // --- printing

  private long[] counts() {
    var counts = new long[Count.values().length];
    for (Count count : Count.values()) {
      counts[count.ordinal()] = totals.get(count);
    }
    return counts;
  }

  private void print(int round, long[] before, double acted, double settled) {
    var line = new StringBuilder("round %3d, per second:".formatted(round));
    for (Count count :
        List.of(
            Count.STARTED,
            Count.SENT,
            Count.CALLS,
            Count.LINKS,
            Count.MONITORS,
            Count.SIGNALS,
            Count.FOREIGN_BLOCKS)) {
      line.append(
          " %s %,d"
              .formatted(
                  count.text(), Math.round((totals.get(count) - before[count.ordinal()]) / acted)));
    }
    System.out.println(line.append("; at rest after %.2f s".formatted(settled)));
  }

  private void printBalance(int rounds, Duration time) {
    RuntimeStats stats = runtime.stats();
    System.out.printf(
        "balance after %d rounds in %d s, --seed %d%n", rounds, time.toSeconds(), seed);
    for (Count count : Count.values()) {
      System.out.printf("  %-16s %,15d%n", count.text(), totals.get(count));
    }
    System.out.printf(
        "  messages: sent %,d = received %,d + lost with their receivers or dropped %,d%n",
        totals.get(Count.SENT), totals.get(Count.RECEIVED), lost);
    System.out.printf(
        "  calls: %,d = replied %,d + timed out %,d + failed %,d + callers ended %,d%n",
        totals.get(Count.CALLS),
        totals.get(Count.REPLIES),
        totals.get(Count.TIMEOUTS),
        totals.get(Count.CALLS_FAILED),
        totals.get(Count.CALLERS_ENDED));
    System.out.printf(
        "  processes: started %,d = ended normally %,d + abnormally %,d%n",
        stats.spawned(), stats.exitedNormally(), stats.exitedAbnormally());
    System.out.printf(
        "  left: processes %d, names %d, timers %d, zombies %d, workers %d; most workers %d, most"
            + " zombies %d%n",
        stats.processes(),
        stats.names(),
        stats.timers(),
        stats.zombies(),
        stats.workers(),
        mostWorkers,
        mostZombies);
    System.out.printf(
        "  retaken slots %,d, lost wake-ups %d, dead letters %,d%n",
        stats.retakenSlots(), stats.rescuedWakeUps(), stats.deadLetters());
    if (totals.get(Count.SENT) != totals.get(Count.RECEIVED) + lost) {
      wrong("messages do not add up");
    }
  }

  private void awaitNoWorkers() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (runtime.stats().workers() != 0) {
      if (System.nanoTime() - deadline > 0) {
        wrong(runtime.stats().workers() + " workers are left after the runtime was closed");
        return;
      }
      Thread.sleep(20);
    }
  }

  // --- looking after it

  /** Where nothing is counted for long, it hangs. */
  private void watchProgress() {
    long last = -1;
    for (int same = 0; ; ) {
      try {
        Thread.sleep(1_000);
      } catch (InterruptedException e) {
        return;
      }
      long sum = totals.sum();
      same = sum == last ? same + 1 : 0;
      last = sum;
      if (same == 3 * SETTLING.toSeconds()) {
        dump("nothing has happened for " + same + " s", null);
        System.exit(2);
      }
    }
  }

  private void dump(String why, @org.jspecify.annotations.Nullable Round round) {
    System.out.println("--- " + why + ": " + runtime.stats());
    if (round != null) {
      for (Ledger book : round.restless().stream().limit(10).toList()) {
        System.out.println("  " + book + ": " + runtime.info(book.pid()));
      }
    }
    int[] shown = {0};
    runtime.walk(
        0,
        Integer.MAX_VALUE,
        process -> {
          System.out.println("  " + process);
          return ++shown[0] < 50;
        });
    Path file =
        Path.of("target", "soak-threads-" + System.currentTimeMillis() + ".txt").toAbsolutePath();
    try {
      Files.createDirectories(file.getParent());
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
      System.out.println("  threads: " + file);
    } catch (IOException e) {
      System.out.println("  no thread dump: " + e);
    }
  }

  /**
   * The runtime warns of zombies and slow callbacks, which are meant to be here; an error is a bug.
   */
  private void watchLog() {
    Logger logger = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    logger.setLevel(Level.ERROR);
    var appender =
        new AppenderBase<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            wrong("logged: " + event.getFormattedMessage());
          }
        };
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
  }
}
