package io.otp.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What to measure, and how thoroughly.
 *
 * @param quick whether a first impression will do
 * @param rounds how often every workload is measured on every contender
 * @param workloads those to measure
 * @param contenders those to measure
 * @param jvmOptions given to every JVM that is measured
 */
record Options(
    boolean quick,
    int rounds,
    Set<Workload> workloads,
    Set<Contender> contenders,
    List<String> jvmOptions) {

  static final String USAGE =
      """
      otp-benchmarks/run.sh [--quick] [--rounds=N] [--only=call1,ring] [--systems=otp,erlang] [--jvm=-XX:…]

        --quick     short runs and one round: a first impression within 4 minutes
        --rounds=N  every workload once per round and system, a process each; default 5, quick 1
        --only=     these workloads: %s
        --systems=  these systems: %s
        --jvm=      an option for every measured JVM, may be repeated: --jvm=-XX:+UseCompactObjectHeaders
      """
          .formatted(words(Workload.values()), words(Contender.values()));

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if an argument, workload or system is unknown
   */
  static Options of(String... arguments) {
    boolean quick = Arrays.asList(arguments).contains("--quick");
    int rounds = quick ? 1 : 5;
    Set<Workload> workloads = EnumSet.allOf(Workload.class);
    if (quick) {
      workloads.remove(Workload.RESTART_LONG); // explains what the quick reader does not ask
    }
    Set<Contender> contenders = EnumSet.allOf(Contender.class);
    var jvmOptions = new ArrayList<String>();
    for (var argument : arguments) {
      var value = argument.substring(argument.indexOf('=') + 1);
      switch (argument.split("=", 2)[0]) {
        case "--quick" -> {}
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--only" -> workloads = parse(value, Workload::of);
        case "--systems" -> contenders = parse(value, Contender::of);
        case "--jvm" -> jvmOptions.add(value);
        default ->
            throw new IllegalArgumentException("Unknown argument '" + argument + "'.\n\n" + USAGE);
      }
    }
    return new Options(quick, rounds, workloads, contenders, jvmOptions);
  }

  /** How a workload is to be measured in each process. */
  Timing timing(Workload workload) {
    int operations =
        quick && workload == Workload.IDLE ? workload.operations() / 5 : workload.operations();
    return quick
        ? new Timing(workload, operations, Duration.ofMillis(1500), Duration.ofMillis(200), 3)
        : new Timing(workload, operations, Duration.ofSeconds(4), Duration.ofMillis(500), 5);
  }

  private static <E extends Enum<E>> Set<E> parse(String list, Function<String, E> of) {
    return EnumSet.copyOf(Arrays.stream(list.split(",")).map(of).toList());
  }

  private static String words(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::toString).collect(Collectors.joining(" "));
  }
}
