package io.otp.autoconfigure.tree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The order in which applications are started: each after those it depends on, else as declared.
 * Stopped in reverse.
 */
final class StartOrder<T extends StartOrder.Node> {

  /** What is ordered. */
  interface Node {
    String name();

    /** What is started before it. */
    List<String> dependsOn();

    /** What is started before it if it exists. */
    List<String> optionalDependsOn();

    /** What says so, for the texts of errors. */
    String dependsOnCited();
  }

  private final Map<String, T> byName = new LinkedHashMap<>();
  private final Collection<String> others;
  private final List<T> ordered = new ArrayList<>();
  private final List<String> path = new ArrayList<>();

  private StartOrder(List<? extends T> applications, Collection<String> others) {
    applications.forEach(application -> byName.put(application.name(), application));
    this.others = others;
  }

  /**
   * Orders applications.
   *
   * @param others what they may depend on besides each other, and what depends on nothing: it is
   *     started before all of them
   * @throws TreeConfigurationException for a dependency that does not exist or that leads back
   */
  static <T extends Node> List<T> of(List<? extends T> applications, Collection<String> others) {
    var order = new StartOrder<T>(applications, others);
    applications.forEach(order::visit);
    return List.copyOf(order.ordered);
  }

  private void visit(T application) {
    if (ordered.contains(application)) {
      return;
    }
    if (path.contains(application.name())) {
      String cycle =
          String.join(" → ", path.subList(path.indexOf(application.name()), path.size()))
              + " → "
              + application.name();
      throw new TreeConfigurationException(
          "Applications depend on each other in a circle: " + cycle + ".",
          "Remove one dependency. Fix " + application.dependsOnCited() + ".");
    }
    path.add(application.name());
    for (String name : application.dependsOn()) {
      T dependency = byName.get(name);
      if (dependency != null) {
        visit(dependency);
      } else if (!others.contains(name)) {
        throw unknown(application, name);
      }
    }
    for (String name : application.optionalDependsOn()) {
      T dependency = byName.get(name);
      if (dependency != null) {
        visit(dependency);
      }
    }
    path.removeLast();
    ordered.add(application);
  }

  private TreeConfigurationException unknown(T application, String name) {
    var known = new ArrayList<>(byName.keySet());
    known.addAll(others);
    known.remove(application.name());
    return new TreeConfigurationException(
        "Application '"
            + application.name()
            + "' depends on '"
            + name
            + "', which is not declared.",
        Suggestion.of(name, known)
            + (known.isEmpty() ? "There is no other." : "Known: " + String.join(", ", known) + ".")
            + " Fix "
            + application.dependsOnCited()
            + ".");
  }
}
