package io.otp.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;

/**
 * Runs the same named scenarios in Erlang and here and compares what happened, event by event.
 *
 * <p>A suite {@code x} is {@code src/test/erlang/diff_x.erl}, whose functions tell events with
 * {@code diff:ev}, and a subclass of this, whose {@link #scenarios} do the same with {@link
 * Trace#ev}. What Erlang told when it was last asked is kept in {@code
 * src/test/resources/differential/x.golden}; it is what is compared with where there is no Erlang.
 * To record it anew:
 *
 * <pre>mvn -pl otp-runtime test -Dtest='*DifferentialTests' -Dotp.differential.record=true</pre>
 */
abstract class DifferentialTests {

  private static final String GET_ERLANG =
      "no Erlang to compare with; on Debian and Ubuntu: apt-get install erlang-nox";

  /** A scenario runs in a process of its own, in a runtime of its own. */
  @FunctionalInterface
  interface Scenario {
    void run(Self<Object> self, Trace trace) throws Exception;
  }

  private final Map<String, Scenario> scenarios = new LinkedHashMap<>();

  /** The suite's name. */
  abstract String suite();

  /** Declares every scenario with {@link #scenario}. */
  abstract void scenarios();

  final void scenario(String name, Scenario scenario) {
    if (scenarios.put(name, scenario) != null) {
      throw new IllegalArgumentException("scenario " + name + " is declared twice");
    }
  }

  private Map<String, Scenario> declared() {
    if (scenarios.isEmpty()) {
      scenarios();
    }
    return scenarios;
  }

  /**
   * A test for each scenario: for a {@code @TestFactory} of the subclass, which names the rules.
   */
  final Stream<DynamicTest> compare() {
    Map<String, List<String>> erlang = erlang();
    return declared().entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(),
                    () ->
                        assertThat(run(entry.getKey(), entry.getValue()))
                            .isEqualTo(erlang.get(entry.getKey()))));
  }

  private Map<String, List<String>> erlang() {
    return Erlang.run(suite()).orElseGet(this::golden);
  }

  private static List<String> run(String name, Scenario scenario) throws Exception {
    var trace = new Trace();
    var end = new CompletableFuture<String>();
    try (var runtime = ProcessRuntime.builder().name(name).build()) {
      runtime.spawn(
          self -> {
            try {
              scenario.run(self, trace);
              end.complete("");
            } catch (Throwable t) {
              end.completeExceptionally(new AssertionError("after " + trace.lines(), t));
            }
          });
      end.get(3 * Trace.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    return trace.lines();
  }

  @Test
  void sameScenariosAsInErlang() {
    assertThat(declared().keySet()).isEqualTo(erlang().keySet());
  }

  @Test
  void recordedEventsAreWhatErlangTells() throws IOException {
    Optional<Map<String, List<String>>> live = Erlang.run(suite());
    if (live.isEmpty() && System.getProperty("ci") != null) {
      throw new AssertionError(GET_ERLANG);
    }
    assumeTrue(live.isPresent(), GET_ERLANG);
    if (Boolean.getBoolean("otp.differential.record")) {
      record(live.get());
    }
    assertThat(golden()).isEqualTo(live.get());
  }

  private Path file() {
    return Path.of("src/test/resources/differential", suite() + ".golden");
  }

  private Map<String, List<String>> golden() {
    try {
      return Erlang.parse(Files.readAllLines(file())).getOrDefault(suite(), Map.of());
    } catch (IOException e) {
      return Map.of();
    }
  }

  private void record(Map<String, List<String>> events) throws IOException {
    var lines = new ArrayList<String>();
    events.forEach(
        (name, told) -> {
          lines.add("=== " + suite() + ":" + name);
          lines.addAll(told);
        });
    lines.add("=== end");
    Files.createDirectories(file().getParent());
    Files.write(file(), lines);
  }
}
