package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which applications others include. One that configuration includes is the last child of the
 * supervisor of the including one; one that a bean includes is started by that bean's code.
 */
final class Included {

  private final Map<String, TreeDefinition.Application> declared = new LinkedHashMap<>();

  /** By what is included. */
  private final Map<String, String> includedBy = new LinkedHashMap<>();

  private final Map<String, List<String>> includes = new LinkedHashMap<>();

  /**
   * Looks at who includes whom.
   *
   * @throws TreeConfigurationException for an application that is not declared, is included twice,
   *     or includes itself by way of others
   */
  Included(List<TreeDefinition.Application> applications, List<ApplicationSpec> beans) {
    applications.forEach(application -> declared.put(application.name(), application));
    for (ApplicationSpec bean : beans) {
      bean.includedApplications()
          .forEach(name -> add(bean.name(), name, "ApplicationSpec bean '" + bean.name() + "'"));
    }
    for (TreeDefinition.Application application : applications) {
      Key key = application.key().child("includes");
      for (String name : application.includes()) {
        if (!declared.containsKey(name)) {
          var known = new ArrayList<>(declared.keySet());
          known.remove(application.name());
          throw new TreeConfigurationException(
              "Application '"
                  + application.name()
                  + "' includes '"
                  + name
                  + "', which configuration does not declare.",
              Suggestion.of(name, known)
                  + (known.isEmpty()
                      ? "There is no other."
                      : "Known: " + String.join(", ", known) + ".")
                  + " Fix "
                  + key.cited()
                  + ".");
        }
        add(application.name(), name, key.cited());
      }
    }
  }

  private void add(String application, String name, String cited) {
    String before = includedBy.putIfAbsent(name, application);
    if (before != null) {
      throw new TreeConfigurationException(
          "Application '" + name + "' is included by '" + before + "' and '" + application + "'.",
          "Let both depend on it instead. Fix " + cited + ".");
    }
    includes.computeIfAbsent(application, _ -> new ArrayList<>()).add(name);
    for (String by = application; by != null; by = includedBy.get(by)) {
      if (by.equals(name)) {
        throw new TreeConfigurationException(
            "Application '" + name + "' includes itself.", "Fix " + cited + ".");
      }
    }
  }

  boolean contains(String application) {
    return includedBy.containsKey(application);
  }

  /**
   * Fails for an application that depends on an included one: that never runs by itself.
   *
   * @throws TreeConfigurationException for such a one
   */
  void checkNoneDependsOnIt(StartOrder.Node application) {
    for (String name : application.dependsOn()) {
      String by = includedBy.get(name);
      if (by != null) {
        throw new TreeConfigurationException(
            "Application '"
                + application.name()
                + "' depends on '"
                + name
                + "', which '"
                + by
                + "' includes, so that it does not run by itself.",
            "Depend on '" + by + "'. Fix " + application.dependsOnCited() + ".");
      }
    }
  }

  /** The same applications, with what one includes before it. */
  List<StartOrder.Node> first(List<StartOrder.Node> ordered) {
    Map<String, StartOrder.Node> byName = new LinkedHashMap<>();
    ordered.forEach(node -> byName.put(node.name(), node));
    Set<StartOrder.Node> found = new LinkedHashSet<>();
    ordered.forEach(node -> add(node, byName, found));
    return List.copyOf(found);
  }

  private void add(
      StartOrder.Node node, Map<String, StartOrder.Node> byName, Set<StartOrder.Node> found) {
    for (String name : includes.getOrDefault(node.name(), List.of())) {
      StartOrder.Node below = byName.get(name);
      if (below != null) {
        add(below, byName, found);
      }
    }
    found.add(node);
  }

  /** The tree of an application with those of the applications that it includes. */
  TreeDefinition.Tree treeOf(TreeDefinition.Application application) {
    TreeDefinition.Tree tree = application.supervisor();
    for (String name : application.includes()) {
      TreeDefinition.Application below = Objects.requireNonNull(declared.get(name));
      tree =
          tree.withChild(
              new TreeDefinition.Subtree(name, treeOf(below), null, null, false, below.key()));
    }
    return tree;
  }
}
