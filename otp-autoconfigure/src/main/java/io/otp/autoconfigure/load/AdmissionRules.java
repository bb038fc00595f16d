package io.otp.autoconfigure.load;

import io.otp.autoconfigure.tree.RegulatorDefinition;
import io.otp.load.Regulator;
import java.time.Duration;
import java.util.List;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/** Which regulators a web request must ask, in the order of the configuration. */
final class AdmissionRules {

  /** One regulator, and which requests ask it. */
  record Rule(Regulator regulator, List<PathPattern> patterns, Duration timeout) {
    boolean matches(PathContainer path) {
      return patterns.stream().anyMatch(pattern -> pattern.matches(path));
    }
  }

  private final List<Rule> rules;
  private final List<ExemptPaths> exempt;

  AdmissionRules(Regulators regulators, List<ExemptPaths> exempt) {
    this.exempt = List.copyOf(exempt);
    this.rules =
        regulators.definitions().stream()
            .filter(definition -> !definition.paths().isEmpty())
            .map(
                definition ->
                    new Rule(
                        regulators.get(definition.name()),
                        patterns(definition),
                        definition.timeout()))
            .toList();
  }

  private static List<PathPattern> patterns(RegulatorDefinition definition) {
    return definition.paths().stream().map(path -> pattern(path, definition)).toList();
  }

  private static PathPattern pattern(String path, RegulatorDefinition definition) {
    try {
      return PathPatternParser.defaultInstance.parse(path);
    } catch (PatternParseException e) {
      throw new IllegalStateException(
          definition.key()
              + ".paths has '"
              + path
              + "', which is no pattern: "
              + e.toDetailedString()
              + ". Write one as in /api/** or /orders/{id}.",
          e);
    }
  }

  /** Those that {@code path}, within the application, must pass. */
  List<Rule> of(PathContainer path) {
    List<Rule> matching = rules.stream().filter(rule -> rule.matches(path)).toList();
    if (matching.isEmpty() || exempt.stream().anyMatch(paths -> paths.test(path.value()))) {
      return List.of();
    }
    return matching;
  }
}
