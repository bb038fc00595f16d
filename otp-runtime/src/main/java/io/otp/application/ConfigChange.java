package io.otp.application;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * How an application's environment differs from what it was.
 *
 * @param changed the new values of keys that had another one
 * @param added keys that are new, with their values
 * @param removed keys that are gone
 */
public record ConfigChange(
    Map<String, Object> changed, Map<String, Object> added, Set<String> removed) {

  /** Copies them. */
  public ConfigChange {
    changed = Map.copyOf(changed);
    added = Map.copyOf(added);
    removed = Set.copyOf(removed);
  }

  static ConfigChange of(Map<String, Object> before, Map<String, Object> after) {
    var changed = new LinkedHashMap<String, Object>();
    var added = new LinkedHashMap<String, Object>();
    var removed = new LinkedHashSet<>(before.keySet());
    after.forEach(
        (key, value) -> {
          if (!removed.remove(key)) {
            added.put(key, value);
          } else if (!value.equals(before.get(key))) {
            changed.put(key, value);
          }
        });
    return new ConfigChange(changed, added, removed);
  }

  /** Whether nothing differs. */
  public boolean isEmpty() {
    return changed.isEmpty() && added.isEmpty() && removed.isEmpty();
  }
}
