package io.otp.autoconfigure.tree;

import io.otp.supervisor.AutoShutdown;
import io.otp.supervisor.InvalidSpecException;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;

/**
 * Reads {@code otp.supervisors} and {@code otp.applications}.
 *
 * <p>Not bound as one properties class: a supervisor contains supervisors, which Boot does not bind, and every key below these two
 * is ours, so that a key nobody knows is a mistake to be named. Values go through Boot's binder one by one, so relaxed names,
 * environment variables, conversions and their error reports are Boot's.
 */
final class TreeReader {

  private static final Set<String> APPLICATION_KEYS = Set.of("type", "depends-on", "supervisor");
  private static final Set<String> SUPERVISOR_KEYS =
      Set.of("strategy", "intensity", "period", "auto-shutdown", "children");
  private static final Set<String> CHILD_KEYS =
      Set.of("id", "server", "name", "args", "restart", "shutdown", "significant", "supervisor", "dynamic");
  private static final Set<String> DYNAMIC_KEYS =
      Set.of("server", "restart", "shutdown", "max-children", "intensity", "period");

  private final Binder binder;

  TreeReader(Binder binder) {
    this.binder = binder;
  }

  /** All applications that configuration declares, in its order. */
  List<TreeDefinition.Application> read() {
    var applications = new ArrayList<TreeDefinition.Application>();
    for (String name : keys("otp.applications")) {
      String key = "otp.applications." + name;
      check(key, APPLICATION_KEYS, "an application");
      String supervisor = key + ".supervisor";
      if (keys(supervisor).isEmpty()) {
        throw new TreeConfigurationException(
            "Application '" + name + "' has no supervisor.",
            "Declare one under " + supervisor + ", at least with children.");
      }
      applications.add(
          new TreeDefinition.Application(
              name,
              value(key + ".type", ApplicationType.class, ApplicationType.PERMANENT),
              binder.bind(key + ".depends-on", Bindable.listOf(String.class)).orElseGet(List::of),
              tree(name, supervisor),
              key));
    }
    for (String name : keys("otp.supervisors")) {
      String key = "otp.supervisors." + name;
      applications.add(
          new TreeDefinition.Application(name, ApplicationType.PERMANENT, List.of(), tree(name, key), key));
    }
    return List.copyOf(applications);
  }

  private TreeDefinition.Tree tree(String name, String key) {
    check(key, SUPERVISOR_KEYS, "a supervisor");
    Strategy strategy = value(key + ".strategy", Strategy.class, Strategy.ONE_FOR_ONE);
    if (strategy == Strategy.SIMPLE_ONE_FOR_ONE) {
      throw new TreeConfigurationException(
          "Supervisor '" + name + "' has the strategy simple-one-for-one, which is not for configuration.",
          "Declare a child {id: …, dynamic: {server: …}} instead of " + key + ".strategy.");
    }
    int intensity = value(key + ".intensity", Integer.class, 1);
    Duration period = value(key + ".period", Duration.class, Duration.ofSeconds(5));
    checkFlags(name, intensity, period, key);
    var children = new ArrayList<TreeDefinition.Child>();
    for (int i = 0; !keys(key + ".children[" + i + "]").isEmpty(); i++) {
      children.add(child(name, key + ".children[" + i + "]"));
    }
    return new TreeDefinition.Tree(
        name,
        strategy,
        intensity,
        period,
        value(key + ".auto-shutdown", AutoShutdown.class, AutoShutdown.NEVER),
        List.copyOf(children),
        key);
  }

  private static void checkFlags(String name, int intensity, Duration period, String key) {
    try {
      SupervisorSpec.of(name, Strategy.ONE_FOR_ONE).withIntensity(intensity, period);
    } catch (InvalidSpecException e) {
      throw new TreeConfigurationException(e.error().message(), "Fix " + key + ".intensity or " + key + ".period.");
    }
  }

  private TreeDefinition.Child child(String supervisor, String key) {
    check(key, CHILD_KEYS, "a child");
    String id = text(key + ".id");
    if (id == null || id.isBlank()) {
      throw new TreeConfigurationException(
          "A child of supervisor '" + supervisor + "' has no id.", "Add " + key + ".id.");
    }
    String server = text(key + ".server");
    boolean subtree = !keys(key + ".supervisor").isEmpty();
    boolean dynamic = !keys(key + ".dynamic").isEmpty();
    if ((server != null ? 1 : 0) + (subtree ? 1 : 0) + (dynamic ? 1 : 0) != 1) {
      throw new TreeConfigurationException(
          "Child '" + id + "' of supervisor '" + supervisor + "' must be exactly one of server, supervisor and dynamic.",
          "Write " + key + ".server, " + key + ".supervisor or " + key + ".dynamic.");
    }
    Restart restart = value(key + ".restart", Restart.class);
    boolean significant = value(key + ".significant", Boolean.class, false);
    Shutdown shutdown = shutdown(key + ".shutdown");
    if (server != null) {
      String name = text(key + ".name");
      return new TreeDefinition.Server(
          id, server, name == null ? id : name, hasArgs(key), restart, shutdown, significant, key);
    }
    return subtree
        ? new TreeDefinition.Subtree(
            id, tree(id, key + ".supervisor"), restart, shutdown, significant, key)
        : dynamic(supervisor, id, key + ".dynamic");
  }

  private boolean hasArgs(String key) {
    return !keys(key + ".args").isEmpty() || text(key + ".args") != null;
  }

  private TreeDefinition.Dynamic dynamic(String supervisor, String id, String key) {
    check(key, DYNAMIC_KEYS, "a dynamic child");
    String server = text(key + ".server");
    if (server == null) {
      throw new TreeConfigurationException(
          "Dynamic child '" + id + "' of supervisor '" + supervisor + "' has no server.",
          "Add " + key + ".server with the name of a GenServer bean.");
    }
    int intensity = value(key + ".intensity", Integer.class, 1);
    Duration period = value(key + ".period", Duration.class, Duration.ofSeconds(5));
    checkFlags(id, intensity, period, key);
    int max = value(key + ".max-children", Integer.class, SupervisorSpec.UNLIMITED);
    if (max < 1) {
      throw new TreeConfigurationException(
          "Dynamic child '" + id + "' of supervisor '" + supervisor + "' may have " + max + " children.",
          "Set " + key + ".max-children to 1 or more, or leave it out for no limit.");
    }
    return new TreeDefinition.Dynamic(
        id,
        server,
        value(key + ".restart", Restart.class, Restart.TEMPORARY),
        shutdown(key + ".shutdown"),
        max,
        intensity,
        period,
        key);
  }

  private @Nullable Shutdown shutdown(String key) {
    String text = text(key);
    if (text == null) {
      return null;
    }
    try {
      return Shutdown.parse(text);
    } catch (InvalidSpecException e) {
      throw new TreeConfigurationException(
          "'" + text + "' is no shutdown.",
          "Set " + key + " to a duration such as 30s or 500ms, to brutal-kill or to infinity.");
    }
  }

  private @Nullable String text(String key) {
    return value(key, String.class);
  }

  private <T> @Nullable T value(String key, Class<T> type) {
    return binder.bind(key, Bindable.of(type)).orElse(null);
  }

  private <T> T value(String key, Class<T> type, T byDefault) {
    T value = value(key, type);
    return value == null ? byDefault : value;
  }

  private Set<String> keys(String key) {
    return binder.bind(key, Bindable.mapOf(String.class, Object.class)).map(Map::keySet).orElseGet(Set::of);
  }

  private void check(String key, Set<String> allowed, String what) {
    for (String found : keys(key)) {
      String name = found.contains("[") ? found.substring(0, found.indexOf('[')) : found;
      if (allowed.stream().noneMatch(known -> uniform(known).equals(uniform(name)))) {
        throw new TreeConfigurationException(
            "'" + found + "' is not a property of " + what + ".",
            "Remove " + key + "." + found + ", or use one of: " + String.join(", ", allowed.stream().sorted().toList())
                + ".");
      }
    }
  }

  /** Boot's relaxed form. */
  private static String uniform(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
