package io.otp.autoconfigure.tree;

import io.otp.load.Regulator;
import io.otp.load.RegulatorOptions;
import io.otp.load.RegulatorOptions.QueueDelay;
import io.otp.load.RegulatorOptions.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.core.env.Environment;

/** Reads {@code otp.regulators}, as strictly as {@link TreeReader} reads trees. */
public final class RegulatorReader {

  static final String REGULATORS = "otp.regulators";

  private static final Set<String> KEYS =
      Set.of("limit", "rate", "period", "burst", "queue", "target", "interval", "timeout", "paths");

  private static final String A_NUMBER = "a whole number";
  private static final String A_DURATION = "a duration such as 10s, 500ms or 2m";

  private RegulatorReader() {}

  /** Whether any is declared. */
  public static boolean isAny(Environment environment) {
    return Key.of(environment, REGULATORS).exists();
  }

  /**
   * All that are declared, in the order of the configuration.
   *
   * @throws TreeConfigurationException if one cannot be
   */
  public static List<RegulatorDefinition> read(Environment environment) {
    return Key.of(environment, REGULATORS).children().stream()
        .map(RegulatorReader::regulator)
        .toList();
  }

  private static RegulatorDefinition regulator(Key key) {
    key.children();
    key.allow("a regulator", KEYS);
    together(key, "target", "interval");
    Duration timeout = duration(key, "timeout");
    if (timeout != null && timeout.isNegative()) {
      throw key.child("timeout").refused("0 or more", List.of());
    }
    return new RegulatorDefinition(
        key.last(),
        options(key),
        paths(key.child("paths")),
        timeout == null ? Regulator.TIMEOUT : timeout,
        key.toString());
  }

  private static RegulatorOptions options(Key key) {
    try {
      Integer permits = number(key, "rate");
      Duration period = duration(key, "period");
      Integer burst = number(key, "burst");
      if (permits == null && (period != null || burst != null)) {
        throw new IllegalArgumentException(
            (period != null ? "A period" : "A burst")
                + " without a rate has no effect: give a rate");
      }
      Rate rate =
          permits == null
              ? null
              : new Rate(
                  permits,
                  period == null ? Duration.ofSeconds(1) : period,
                  burst == null ? permits : burst);
      Duration target = duration(key, "target");
      Duration interval = duration(key, "interval");
      QueueDelay delay =
          target == null || interval == null ? null : new QueueDelay(target, interval);
      Integer queue = number(key, "queue");
      return new RegulatorOptions(number(key, "limit"), rate, queue == null ? 0 : queue, delay);
    } catch (IllegalArgumentException e) {
      throw new TreeConfigurationException(
          "Regulator '" + key.last() + "': " + e.getMessage() + ".", "Fix " + key.cited() + ".");
    }
  }

  private static void together(Key key, String one, String other) {
    if (key.child(one).exists() != key.child(other).exists()) {
      String missing = key.child(one).exists() ? other : one;
      String there = key.child(one).exists() ? one : other;
      throw new TreeConfigurationException(
          "Regulator '" + key.last() + "' has a " + there + " and no " + missing + ".",
          "Add " + key.child(missing) + ", or remove " + key.child(there).cited() + ".");
    }
  }

  private static List<String> paths(Key key) {
    List<String> paths = new ArrayList<>();
    for (String path : key.bind(Bindable.listOf(String.class)).orElseGet(List::of)) {
      if (!path.startsWith("/")) {
        throw new TreeConfigurationException(
            key + " has '" + path + "', which is no path.",
            "Begin it with /, as in /api/** or /orders/{id}. Fix " + key.cited() + ".");
      }
      paths.add(path);
    }
    return List.copyOf(paths);
  }

  private static @Nullable Integer number(Key key, String name) {
    return key.child(name).value(Integer.class, A_NUMBER);
  }

  private static @Nullable Duration duration(Key key, String name) {
    return key.child(name).value(Duration.class, A_DURATION);
  }
}
