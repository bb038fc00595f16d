package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationController;
import io.otp.process.ExitReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.core.env.Environment;

/**
 * What Spring's environment says below {@code otp.applications.<name>.environment}: the
 * configuration of the node's applications. Its precedence is Spring's: the command line goes
 * before the environment's variables, these before files, a profile's file before others; the
 * {@code ApplicationSpec} comes last.
 *
 * {@snippet :
 * @EventListener
 * void on(RatesChanged event) {                     // a property source has new values
 *   applicationEnvironment.configChange();          // tells the running applications
 * }
 * }
 */
public final class ApplicationEnvironment {

  private static final Bindable<Map<String, Object>> VALUES =
      Bindable.mapOf(String.class, Object.class);

  private final Environment environment;
  private final ApplicationController controller;

  ApplicationEnvironment(Environment environment, ApplicationController controller) {
    this.environment = environment;
    this.controller = controller;
  }

  /**
   * Reads it again, with what property sources say now, and tells each running application for
   * which something changed; see {@link ApplicationController#configChange}. Values that were set
   * at run time are gone.
   *
   * @return the applications whose {@code configChange} failed, with the reason
   */
  public Map<String, ExitReason> configChange() {
    return controller.configChange(List.of(read()), Map.of());
  }

  private Map<String, Map<String, Object>> read() {
    var values = new LinkedHashMap<String, Map<String, Object>>();
    for (Key application : Key.of(environment, TreeReader.APPLICATIONS).children()) {
      Key key = application.child("environment");
      if (key.exists()) {
        key.children();
        var entries = new LinkedHashMap<String, Object>();
        key.bind(VALUES)
            .orElseGet(Map::of)
            .forEach((name, value) -> entries.put(name, immutable(value)));
        values.put(application.last(), entries);
      }
    }
    return values;
  }

  /** Boot binds a list whose type it does not know as a map from "0", "1", … */
  private static Object immutable(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(ApplicationEnvironment::immutable).toList();
    }
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    var entries = new LinkedHashMap<String, Object>();
    boolean isList = !map.isEmpty();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      isList &= entry.getKey().equals(String.valueOf(entries.size()));
      entries.put(String.valueOf(entry.getKey()), immutable(entry.getValue()));
    }
    return isList ? List.copyOf(entries.values()) : Map.copyOf(entries);
  }
}
