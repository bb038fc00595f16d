package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationType;
import io.otp.supervisor.AutoShutdown;
import io.otp.supervisor.Heartbeat;
import io.otp.supervisor.InvalidSpecException;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.core.env.Environment;

/**
 * Reads {@code otp.supervisors} and {@code otp.applications}.
 *
 * <p>Not bound as one properties class: a supervisor contains supervisors, which Boot does not
 * bind, and every key below these two is ours, so that a key nobody knows is a mistake to be named.
 * Values go through Boot's binder one by one, so relaxed names, environment variables and
 * conversions are Boot's.
 */
final class TreeReader {

  static final String APPLICATIONS = "otp.applications";
  static final String SUPERVISORS = "otp.supervisors";

  private static final Set<String> APPLICATION_KEYS =
      Set.of(
          "type",
          "description",
          "version",
          "depends-on",
          "optional-depends-on",
          "includes",
          "start-phases",
          "environment",
          "max-time",
          "module",
          "supervisor");

  /** What may be said of an application that is a bean; all else the bean says. */
  private static final Set<String> SETTINGS_KEYS = Set.of("type", "environment");

  private static final Set<String> SUPERVISOR_KEYS =
      Set.of("strategy", "intensity", "period", "auto-shutdown", "context", "children");
  private static final Set<String> CONTEXT_KEYS = Set.of("configuration");
  private static final Set<String> SERVER_KEYS =
      Set.of("id", "server", "name", "args", "restart", "shutdown", "significant", "watchdog");
  private static final Set<String> WATCHDOG_KEYS = Set.of("every", "timeout");
  private static final Set<String> SUBTREE_KEYS =
      Set.of("id", "supervisor", "restart", "shutdown", "significant");
  private static final Set<String> DYNAMIC_KEYS = Set.of("id", "dynamic");
  private static final Set<String> EVENTS_KEYS =
      Set.of("id", "events", "name", "handlers", "restart", "shutdown", "significant");
  private static final Set<String> CHILD_KEYS =
      Stream.of(SERVER_KEYS, SUBTREE_KEYS, DYNAMIC_KEYS, EVENTS_KEYS)
          .flatMap(Set::stream)
          .collect(Collectors.toUnmodifiableSet());
  private static final Set<String> TEMPLATE_KEYS =
      Set.of("server", "restart", "shutdown", "max-children", "intensity", "period", "watchdog");

  private static final String A_DURATION = "a duration such as 10s, 500ms or 2m";
  private static final String A_NUMBER = "a whole number";

  private final Environment environment;
  private final boolean withBeans;

  TreeReader(Environment environment) {
    this(environment, false);
  }

  /**
   * @param withBeans whether there are applications that are beans, of which configuration may say
   *     a little
   */
  TreeReader(Environment environment, boolean withBeans) {
    this.environment = environment;
    this.withBeans = withBeans;
  }

  /** All applications that configuration declares, in its order. */
  List<TreeDefinition.Application> read() {
    var applications = new ArrayList<TreeDefinition.Application>();
    for (Key key : Key.of(environment, APPLICATIONS).children()) {
      if (!withBeans || key.child("supervisor").exists()) {
        applications.add(application(key.last(), key));
      }
    }
    for (Key key : Key.of(environment, SUPERVISORS).children()) {
      applications.add(TreeDefinition.Application.of(tree(key.last(), key)));
    }
    return List.copyOf(applications);
  }

  /** What configuration says of applications that it does not declare, which must be beans. */
  List<TreeDefinition.Settings> settings() {
    var settings = new ArrayList<TreeDefinition.Settings>();
    for (Key key : Key.of(environment, APPLICATIONS).children()) {
      if (!key.child("supervisor").exists()) {
        key.allow(
            "an application without supervisor, which must be an ApplicationSpec bean",
            SETTINGS_KEYS);
        settings.add(new TreeDefinition.Settings(key.last(), type(key), key));
      }
    }
    return List.copyOf(settings);
  }

  private static @Nullable ApplicationType type(Key key) {
    return key.child("type").choice(ApplicationType.class, List.of(ApplicationType.values()));
  }

  static TreeConfigurationException withoutSupervisor(String name, Key key) {
    return new TreeConfigurationException(
        "Application '" + name + "' has no supervisor.",
        "Declare one under " + key.child("supervisor") + ", at least with children.");
  }

  private static TreeDefinition.Application application(String name, Key key) {
    key.children();
    key.allow("an application", APPLICATION_KEYS);
    Key supervisor = key.child("supervisor");
    if (!supervisor.exists()) {
      throw withoutSupervisor(name, key);
    }
    ApplicationType type = type(key);
    Key maxTime = key.child("max-time");
    Duration time = maxTime.value(Duration.class, A_DURATION);
    if (time != null && !time.isPositive()) {
      throw maxTime.refused("more than 0; without it there is no limit", List.of());
    }
    return new TreeDefinition.Application(
        name,
        type == null ? ApplicationType.PERMANENT : type,
        text(key.child("description")),
        text(key.child("version")),
        names(key.child("depends-on")),
        names(key.child("optional-depends-on")),
        names(key.child("includes")),
        names(key.child("start-phases")),
        time,
        key.child("module").text(),
        tree(name, supervisor),
        key);
  }

  private static String text(Key key) {
    String text = key.text();
    return text == null ? "" : text;
  }

  private static List<String> names(Key key) {
    return key.bind(Bindable.listOf(String.class)).orElseGet(List::of);
  }

  private static TreeDefinition.Tree tree(String name, Key key) {
    key.children();
    key.allow("a supervisor", SUPERVISOR_KEYS);
    Strategy strategy =
        key.child("strategy")
            .choice(
                Strategy.class,
                List.of(Strategy.ONE_FOR_ONE, Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE));
    AutoShutdown autoShutdown =
        key.child("auto-shutdown").choice(AutoShutdown.class, List.of(AutoShutdown.values()));
    Limits limits = limits(name, key);
    var children = new ArrayList<TreeDefinition.Child>();
    for (Key child : key.child("children").elements("id")) {
      children.add(child(name, child));
    }
    return new TreeDefinition.Tree(
        name,
        strategy == null ? Strategy.ONE_FOR_ONE : strategy,
        limits.intensity(),
        limits.period(),
        autoShutdown == null ? AutoShutdown.NEVER : autoShutdown,
        context(name, key.child("context")),
        List.copyOf(children),
        key);
  }

  private static TreeDefinition.@Nullable Context context(String supervisor, Key key) {
    if (!key.exists()) {
      return null;
    }
    key.children();
    key.allow("a context", CONTEXT_KEYS);
    Key classes = key.child("configuration");
    List<String> names = classes.bind(Bindable.listOf(String.class)).orElseGet(List::of);
    if (names.isEmpty()) {
      throw new TreeConfigurationException(
          "The context of supervisor '" + supervisor + "' has no configuration classes.",
          "Add "
              + classes
              + " with the names of @SupervisorConfiguration classes, or remove "
              + key
              + ".");
    }
    return new TreeDefinition.Context(names, classes);
  }

  private record Limits(int intensity, Duration period) {}

  private static Limits limits(String name, Key key) {
    Integer intensity = key.child("intensity").value(Integer.class, A_NUMBER);
    Duration period = key.child("period").value(Duration.class, A_DURATION);
    var limits =
        new Limits(
            intensity == null ? 1 : intensity, period == null ? Duration.ofSeconds(5) : period);
    try {
      SupervisorSpec.of(name, Strategy.ONE_FOR_ONE)
          .withIntensity(limits.intensity(), limits.period());
    } catch (InvalidSpecException e) {
      throw new TreeConfigurationException(
          e.error().message(), "Fix " + key.child(e.error().key()).cited() + ".");
    }
    return limits;
  }

  private static TreeDefinition.Child child(String supervisor, Key key) {
    key.children();
    String id = key.child("id").text();
    if (id == null || id.isBlank()) {
      throw new TreeConfigurationException(
          "A child of supervisor '" + supervisor + "' has no id.", "Add " + key.child("id") + ".");
    }
    boolean server = key.child("server").exists();
    boolean subtree = key.child("supervisor").exists();
    boolean dynamic = key.child("dynamic").exists();
    boolean events = key.child("events").exists();
    if ((server ? 1 : 0) + (subtree ? 1 : 0) + (dynamic ? 1 : 0) + (events ? 1 : 0) != 1) {
      key.allow("a child", CHILD_KEYS); // a misspelt one is the likely reason
      throw new TreeConfigurationException(
          "Child '"
              + id
              + "' of supervisor '"
              + supervisor
              + "' must have exactly one of server, supervisor, dynamic and events.",
          "Write "
              + key.child("server")
              + ", "
              + key.child("supervisor")
              + ", "
              + key.child("dynamic")
              + " or "
              + key.child("events")
              + ".");
    }
    if (events) {
      return events(id, key);
    }
    return server ? server(id, key) : subtree ? subtree(id, key) : dynamic(supervisor, id, key);
  }

  private static TreeDefinition.Server server(String id, Key key) {
    key.allow("a child that is a server", SERVER_KEYS);
    String name = key.child("name").text();
    return new TreeDefinition.Server(
        id,
        bean(key.child("server")),
        name == null || name.isBlank() ? id : name,
        key.child("args"),
        restart(key),
        shutdown(key),
        significant(key),
        heartbeat(key.child("watchdog")),
        key);
  }

  private static @Nullable Heartbeat heartbeat(Key key) {
    if (!key.exists()) {
      return null;
    }
    key.children();
    key.allow("a watchdog", WATCHDOG_KEYS);
    Duration every = positive(key.child("every"));
    if (every == null) {
      throw new TreeConfigurationException(
          key + " does not say how often.", "Add " + key.child("every") + ", such as 10s.");
    }
    Duration timeout = positive(key.child("timeout"));
    return timeout == null ? Heartbeat.every(every) : new Heartbeat(every, timeout);
  }

  private static @Nullable Duration positive(Key key) {
    Duration time = key.value(Duration.class, A_DURATION);
    if (time != null && !time.isPositive()) {
      throw key.refused("more than 0", List.of());
    }
    return time;
  }

  private static TreeDefinition.Events events(String id, Key key) {
    key.allow("a child that is an event manager", EVENTS_KEYS);
    String name = key.child("name").text();
    return new TreeDefinition.Events(
        id,
        bean(key.child("events")),
        name == null || name.isBlank() ? id : name,
        key.child("handlers").bind(Bindable.listOf(String.class)).orElseGet(List::of),
        restart(key),
        shutdown(key),
        significant(key),
        key);
  }

  private static TreeDefinition.Subtree subtree(String id, Key key) {
    key.allow("a child that is a supervisor", SUBTREE_KEYS);
    return new TreeDefinition.Subtree(
        id, tree(id, key.child("supervisor")), restart(key), shutdown(key), significant(key), key);
  }

  private static TreeDefinition.Dynamic dynamic(String supervisor, String id, Key child) {
    child.allow("a child that is dynamic, which has its properties below dynamic", DYNAMIC_KEYS);
    Key key = child.child("dynamic");
    key.children();
    key.allow("a dynamic child", TEMPLATE_KEYS);
    if (!key.child("server").exists()) {
      throw new TreeConfigurationException(
          "Dynamic child '" + id + "' of supervisor '" + supervisor + "' has no server.",
          "Add " + key.child("server") + " with the name of a GenServer or StateMachine bean.");
    }
    Integer max = key.child("max-children").value(Integer.class, A_NUMBER);
    if (max != null && max < 1) {
      throw key.child("max-children").refused("1 or more; without it there is no limit", List.of());
    }
    Limits limits = limits(id, key);
    Restart restart = restart(key);
    return new TreeDefinition.Dynamic(
        id,
        bean(key.child("server")),
        restart == null ? Restart.TEMPORARY : restart,
        shutdown(key),
        max == null ? SupervisorSpec.UNLIMITED : max,
        limits.intensity(),
        limits.period(),
        heartbeat(key.child("watchdog")),
        key);
  }

  private static String bean(Key key) {
    String bean = key.text();
    return bean == null ? "" : bean;
  }

  private static @Nullable Restart restart(Key child) {
    return child.child("restart").choice(Restart.class, List.of(Restart.values()));
  }

  private static boolean significant(Key child) {
    return Boolean.TRUE.equals(child.child("significant").value(Boolean.class, "true or false"));
  }

  private static @Nullable Shutdown shutdown(Key child) {
    Key key = child.child("shutdown");
    String text = key.text();
    try {
      return text == null || text.isBlank() ? null : Shutdown.parse(text);
    } catch (InvalidSpecException e) {
      throw key.refused(
          "a duration such as 30s or 500ms, brutal-kill or infinity",
          List.of("brutal-kill", "infinity"));
    }
  }
}
