package io.otp.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs the scenarios of a module's {@code src/test/erlang} in one Erlang for all tests, if there is
 * an Erlang.
 */
final class Erlang {

  private static final Path SOURCES = Path.of("src/test/erlang");
  private static final long LIMIT_SECONDS = 180;

  /** Compiles every source file in memory and runs every suite. */
  private static final String RUN =
      """
      Load = fun(F) ->
        {ok, M, B} = compile:file(F, [binary, report]), {module, M} = code:load_binary(M, F, B), M
      end,
      Diff = "../../../../otp-runtime/src/test/erlang/diff.erl",
      Suites = [F || F <- lists:sort(filelib:wildcard("*.erl")), F =/= "diff.erl"],
      Modules = [Load(F) || F <- [Diff | Suites]],
      diff:main([M || M <- Modules, erlang:function_exported(M, scenarios, 0)]).
      """;

  /** Events by scenario by suite; empty without Erlang. */
  private static final Optional<Map<String, Map<String, List<String>>>> RESULTS = run();

  private Erlang() {}

  /** Events by scenario of a suite as Erlang has just told them, empty if there is no Erlang. */
  static Optional<Map<String, List<String>>> run(String suite) {
    return RESULTS.map(
        results -> {
          Map<String, List<String>> scenarios = results.get(suite);
          if (scenarios == null) {
            throw new AssertionError(
                "no scenarios in " + SOURCES.resolve("diff_" + suite + ".erl"));
          }
          return scenarios;
        });
  }

  private static Optional<Map<String, Map<String, List<String>>>> run() {
    try {
      Path output = Files.createTempFile("differential", ".txt");
      try {
        Process erl =
            new ProcessBuilder("erl", "-noshell", "-noinput", "-eval", RUN.replace("\n", " "))
                .directory(SOURCES.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!erl.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          erl.destroyForcibly();
          throw new AssertionError("Erlang did not finish: " + Files.readString(output));
        }
        List<String> lines = Files.readAllLines(output);
        if (lines.isEmpty() || !lines.getLast().equals("=== end")) {
          throw new AssertionError("Erlang failed:\n" + String.join("\n", lines));
        }
        return Optional.of(parse(lines));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      return Optional.empty(); // no such program
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads {@code === suite:scenario} lines and the events behind each. */
  static Map<String, Map<String, List<String>>> parse(List<String> lines) {
    var suites = new LinkedHashMap<String, Map<String, List<String>>>();
    List<String> events = new ArrayList<>();
    for (String line : lines) {
      if (line.equals("=== end")) {
        break;
      }
      if (line.startsWith("=== ")) {
        String[] name = line.substring(4).split(":", 2);
        events = new ArrayList<>();
        suites.computeIfAbsent(name[0], s -> new LinkedHashMap<>()).put(name[1], events);
      } else {
        events.add(line);
      }
    }
    return suites;
  }
}
