package io.otp.autoconfigure.load;

import io.otp.autoconfigure.tree.RegulatorDefinition;
import io.otp.load.Regulator;
import io.otp.process.ProcessRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The regulators that configuration declares, to be injected.
 *
 * {@snippet :
 * Page page = regulators.get("search").run(() -> index.search(words));
 * }
 */
public final class Regulators {

  private final List<RegulatorDefinition> definitions;
  private final Map<String, Regulator> regulators = new LinkedHashMap<>();

  Regulators(ProcessRuntime runtime, List<RegulatorDefinition> definitions) {
    this.definitions = List.copyOf(definitions);
    for (RegulatorDefinition definition : definitions) {
      regulators.put(definition.name(), Regulator.of(runtime, definition.name()));
    }
  }

  /**
   * The one that is declared as {@code otp.regulators.<name>}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Regulator get(String name) {
    Regulator regulator = regulators.get(name);
    if (regulator == null) {
      throw new IllegalArgumentException(
          "There is no regulator '"
              + name
              + "'. Known: "
              + String.join(", ", new TreeSet<>(regulators.keySet()))
              + ". Declare it as otp.regulators."
              + name
              + ".");
    }
    return regulator;
  }

  /** What they are called. */
  public Set<String> names() {
    return Set.copyOf(regulators.keySet());
  }

  List<RegulatorDefinition> definitions() {
    return definitions;
  }
}
