package io.otp.benchmarks;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who is measured, whether it is here, and how its process is started. */
enum Contender {
  /** This runtime, behaviours: an idle process holds no thread. */
  OTP,
  /** This runtime, raw processes: one virtual thread each. */
  OTP_RAW,
  ERLANG,
  /** Pekko as it comes. */
  PEKKO,
  /** Pekko with as many threads as cores and 64 messages per turn. */
  PEKKO_TUNED;

  /** So that no heap ever grows or shrinks while something is timed. */
  private static final List<String> JVM_OPTIONS = List.of("-XX:+UseG1GC", "-Xms4g", "-Xmx4g");

  /** Room for {@link Workload#IDLE}; Erlang's default is 262,144 processes. */
  private static final String ERLANG_PROCESS_LIMIT = "4000000";

  static Contender of(String id) {
    return Arrays.stream(values())
        .filter(contender -> contender.toString().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no system '" + id + "'. Known: " + Arrays.toString(values()) + "."));
  }

  boolean isOwn() {
    return this == OTP || this == OTP_RAW;
  }

  /** Why it cannot be measured on this machine, if so. */
  Optional<String> absence(Path beams) {
    return switch (this) {
      case ERLANG -> erlangAbsence(beams);
      case PEKKO, PEKKO_TUNED ->
          Contender.class.getResource("/org/apache/pekko/actor/typed/ActorSystem.class") == null
              ? Optional.of("Pekko is not on the class path")
              : Optional.empty();
      case OTP, OTP_RAW -> Optional.empty();
    };
  }

  /**
   * The command line whose process measures one workload and prints {@code RESULT}.
   *
   * @param beams directory of the compiled Erlang modules
   * @param jvmOptions options on top of those every JVM gets
   * @param arguments of the measurement, see {@link Timing#of}
   */
  List<String> command(Path beams, List<String> jvmOptions, List<String> arguments) {
    var command = new ArrayList<String>();
    if (this == ERLANG) {
      command.addAll(List.of("erl", "-noshell", "-noinput", "-pa", beams.toString()));
      command.addAll(List.of("+P", ERLANG_PROCESS_LIMIT, "-run", "otp_bench", "main"));
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(JVM_OPTIONS);
      if (!isOwn()) {
        command.add("--sun-misc-unsafe-memory-access=allow"); // Scala's lazy vals, else a warning
      }
      command.addAll(jvmOptions);
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add((isOwn() ? OtpBenchmark.class : PekkoBenchmark.class).getName());
      command.add(toString());
    }
    command.addAll(arguments);
    return command;
  }

  private static Optional<String> erlangAbsence(Path beams) {
    boolean installed =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "erl")));
    if (!installed) {
      return Optional.of("there is no 'erl' on the PATH (Debian: erlang-nox)");
    }
    return Files.exists(beams.resolve("otp_bench.beam"))
        ? Optional.empty()
        : Optional.of("otp_bench.erl is not compiled (is there an 'erlc'?)");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
