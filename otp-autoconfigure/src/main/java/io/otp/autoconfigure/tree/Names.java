package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.tree.TreeDefinition.Named;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names that trees register: each can be had by one process only. */
final class Names {

  private static final int MAX_LENGTH = 255;

  private Names() {}

  /**
   * Checks names.
   *
   * @throws TreeConfigurationException for one that is used twice or that cannot be a name
   */
  static void check(List<Named> names) {
    Map<String, Object> used = new HashMap<>();
    for (Named named : names) {
      String name = named.name();
      if (name.length() > MAX_LENGTH || name.equals("undefined")) {
        throw new TreeConfigurationException(
            "'" + name + "' cannot be the name of a process.",
            "Use 1 to "
                + MAX_LENGTH
                + " characters and not 'undefined', which means no name. Fix "
                + named.where()
                + ".");
      }
      Object before = used.putIfAbsent(name, named.where());
      if (before != null) {
        throw new TreeConfigurationException(
            "The name '"
                + name
                + "' is used twice, by "
                + before
                + " and "
                + named.where()
                + "; a name belongs to one process.",
            "Call one of them something else: a supervisor and a dynamic child are called as their"
                + " id, a server by its name, which is its id unless you set it.");
      }
    }
  }
}
