package io.otp.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Measures everything and says what came out. Started by {@code run.sh}; needs the property {@code
 * benchmarks.target}, the directory where the compiled Erlang modules are ({@code ebin}) and where
 * {@code results.json} and {@code results.md} go.
 *
 * <p>Rounds contain workloads, workloads contain contenders: what disturbs the machine for a minute
 * disturbs all of them. Each measurement has a process of its own, and each round begins with
 * another contender. Only one process runs at a time; the driver itself sleeps meanwhile.
 */
final class Driver {
  /** Of one process. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** Of a quick round; with the build before it, four minutes. */
  private static final Duration QUICK_LIMIT = Duration.ofSeconds(205);

  /** Starting, repetitions and ending of a process. */
  private static final Duration BESIDES_WARM_UP = Duration.ofSeconds(2);

  private final Options options;
  private final Path target;
  private final Results results = new Results();
  private final Map<Contender, String> absences = new EnumMap<>(Contender.class);
  private final long start = System.nanoTime();
  private boolean failed;

  private Driver(Options options, Path target) {
    this.options = options;
    this.target = target;
  }

  public static void main(String[] arguments) throws Exception {
    if (Arrays.asList(arguments).contains("--help")) {
      System.out.print(Options.USAGE);
      return;
    }
    Options options;
    try {
      options = Options.of(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    var driver = new Driver(options, Path.of(System.getProperty("benchmarks.target")));
    driver.measure();
    driver.report();
    System.exit(driver.failed ? 1 : 0);
  }

  private record Measurement(int round, Workload workload, Contender contender) {}

  private void measure() throws Exception {
    for (var contender : options.contenders()) {
      contender.absence(beams()).ifPresent(reason -> absent(contender, reason));
    }
    var plan = plan();
    for (int i = 0; i < plan.size(); i++) {
      if (!absences.containsKey(plan.get(i).contender())) {
        measure(plan.get(i), plan.size() - i);
      }
    }
  }

  private List<Measurement> plan() {
    var plan = new ArrayList<Measurement>();
    for (int round = 1; round <= options.rounds(); round++) {
      var contenders = new ArrayList<>(options.contenders());
      contenders.removeAll(absences.keySet());
      Collections.rotate(contenders, 1 - round);
      for (var workload : options.workloads()) {
        for (var contender : contenders) {
          if (workload.contenders().contains(contender)) {
            plan.add(new Measurement(round, workload, contender));
          }
        }
      }
    }
    return plan;
  }

  private void measure(Measurement measurement, int left) throws Exception {
    var contender = measurement.contender();
    var workload = measurement.workload();
    var output = run(contender, inTime(options.timing(workload), left));
    var result = afterWord("RESULT", output);
    var absence = afterWord("ABSENT", output);
    if (result.isPresent()) {
      log("round %d %s %s", measurement.round(), contender, result.get());
      var figures = Arrays.stream(result.get().split(" ")).skip(1).map(Double::valueOf).toList();
      results.add(workload, contender, figures);
    } else if (absence.isPresent()) {
      absent(contender, absence.get());
    } else {
      failed = true;
      var printed = String.join("\n", output);
      log("round %d %s %s FAILED%n%s", measurement.round(), contender, workload, printed);
    }
  }

  /** Shortens the warm-up where a quick run would otherwise end too late. */
  private Timing inTime(Timing timing, int left) {
    if (!options.quick()) {
      return timing;
    }
    var end = QUICK_LIMIT.multipliedBy(options.rounds());
    var share = end.minusNanos(System.nanoTime() - start).dividedBy(left);
    var warmUp = share.minus(BESIDES_WARM_UP);
    return warmUp.compareTo(timing.warmUp()) < 0
        ? timing.withWarmUp(warmUp.isNegative() ? Duration.ZERO : warmUp)
        : timing;
  }

  /** What a process printed, at most {@link #LIMIT} after its start. */
  private List<String> run(Contender contender, Timing timing) throws Exception {
    var output = target.resolve("output.txt");
    var process =
        new ProcessBuilder(contender.command(beams(), options.jvmOptions(), timing.arguments()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    var killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    Runtime.getRuntime().removeShutdownHook(killer);
    var lines = new ArrayList<>(Files.readAllLines(output));
    if (!ended) {
      lines.add("killed after " + LIMIT);
    }
    return lines;
  }

  private static Optional<String> afterWord(String word, List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .findFirst();
  }

  private void absent(Contender contender, String reason) {
    absences.put(contender, reason);
    log("%s is not measured: %s", contender, reason);
  }

  private void report() throws IOException {
    var report = new Report(results, options.workloads(), options.contenders(), absences);
    var page = heading() + "\n\n" + report.table();
    Files.writeString(target.resolve("results.json"), report.json());
    Files.writeString(target.resolve("results.md"), page);
    System.out.println(page);
    System.out.println("Written: " + target.resolve("results.json") + ", results.md");
  }

  private String heading() {
    return "%s, %d cores, %s %s, Java %s, %s"
        .formatted(
            LocalDate.now(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.version(),
            options.quick() ? "quick" : options.rounds() + " rounds");
  }

  private Path beams() {
    return target.resolve("ebin");
  }

  private static void log(String format, Object... arguments) {
    System.err.printf(format + "%n", arguments);
  }
}
