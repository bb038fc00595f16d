package io.otp.autoconfigure.tree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The order in which applications are started: each after those it depends on, else as declared. Stopped in reverse. */
final class StartOrder {

  private final Map<String, TreeDefinition.Application> byName = new LinkedHashMap<>();
  private final List<TreeDefinition.Application> ordered = new ArrayList<>();
  private final List<String> path = new ArrayList<>();

  private StartOrder(List<TreeDefinition.Application> applications) {
    applications.forEach(application -> byName.put(application.name(), application));
  }

  /**
   * Orders applications.
   *
   * @throws TreeConfigurationException for a dependency that does not exist or that leads back
   */
  static List<TreeDefinition.Application> of(List<TreeDefinition.Application> applications) {
    var order = new StartOrder(applications);
    applications.forEach(order::visit);
    return List.copyOf(order.ordered);
  }

  private void visit(TreeDefinition.Application application) {
    if (ordered.contains(application)) {
      return;
    }
    if (path.contains(application.name())) {
      String cycle =
          String.join(" → ", path.subList(path.indexOf(application.name()), path.size())) + " → " + application.name();
      throw new TreeConfigurationException(
          "Applications depend on each other in a circle: " + cycle + ".",
          "Remove one dependency; fix " + application.key() + ".depends-on.");
    }
    path.add(application.name());
    for (String name : application.dependsOn()) {
      TreeDefinition.Application dependency = byName.get(name);
      if (dependency == null) {
        throw new TreeConfigurationException(
            "Application '" + application.name() + "' depends on '" + name + "', which is not declared.",
            "Known: " + String.join(", ", byName.keySet()) + ". Fix " + application.key() + ".depends-on.");
      }
      visit(dependency);
    }
    path.removeLast();
    ordered.add(application);
  }
}
