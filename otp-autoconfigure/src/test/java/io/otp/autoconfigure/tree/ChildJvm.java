package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program in a JVM of its own, with the class path of the tests.
 *
 * @param exitCode what it ended with
 * @param output what it printed
 */
record ChildJvm(int exitCode, String output) {

  /** DevTools is on the class path, and would start the program a second time. */
  static final String NO_RESTART = "-Dspring.devtools.restart.enabled=false";

  /** Runs to its end. */
  static ChildJvm run(String classPath, List<String> options, Class<?> main, String... args)
      throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath, "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(args));
    Path output = Files.createTempFile("otp-child", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(3, TimeUnit.MINUTES);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = read(output);
      assertThat(ended).as("It did not end: " + text).isTrue();
      return new ChildJvm(process.exitValue(), text);
    } finally {
      Files.delete(output);
    }
  }

  private static String read(Path output) throws IOException {
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  /** The class path of this JVM. */
  static String classPath() {
    return System.getProperty("java.class.path");
  }
}
