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
final class StartOrder {

  private final Map<String, TreeDefinition.Application> byName = new LinkedHashMap<>();
  private final Collection<String> others;
  private final List<TreeDefinition.Application> ordered = new ArrayList<>();
  private final List<String> path = new ArrayList<>();

  private StartOrder(List<TreeDefinition.Application> applications, Collection<String> others) {
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
  static List<TreeDefinition.Application> of(
      List<TreeDefinition.Application> applications, Collection<String> others) {
    var order = new StartOrder(applications, others);
    applications.forEach(order::visit);
    return List.copyOf(order.ordered);
  }

  private void visit(TreeDefinition.Application application) {
    if (ordered.contains(application)) {
      return;
    }
    Key key = application.key().child("depends-on");
    if (path.contains(application.name())) {
      String cycle =
          String.join(" → ", path.subList(path.indexOf(application.name()), path.size()))
              + " → "
              + application.name();
      throw new TreeConfigurationException(
          "Applications depend on each other in a circle: " + cycle + ".",
          "Remove one dependency. Fix " + key.cited() + ".");
    }
    path.add(application.name());
    for (String name : application.dependsOn()) {
      TreeDefinition.Application dependency = byName.get(name);
      if (dependency != null) {
        visit(dependency);
      } else if (!others.contains(name)) {
        var known = new ArrayList<>(byName.keySet());
        known.addAll(others);
        known.remove(application.name());
        throw new TreeConfigurationException(
            "Application '"
                + application.name()
                + "' depends on '"
                + name
                + "', which is not declared.",
            Suggestion.of(name, known)
                + "Known: "
                + String.join(", ", known)
                + ". Fix "
                + key.cited()
                + ".");
      }
    }
    path.removeLast();
    ordered.add(application);
  }
}
