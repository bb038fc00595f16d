package io.otp.autoconfigure.context;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The context of a supervisor, as it was declared.
 *
 * @param supervisor the name of the supervisor
 * @param configuration its configuration classes
 * @param where what declares it, for texts
 */
public record ContextSpec(String supervisor, List<Class<?>> configuration, String where) {

  /** Copies the classes. */
  public ContextSpec {
    configuration = List.copyOf(configuration);
  }

  /** The simple names of the configuration classes. */
  public String classes() {
    return configuration.stream().map(Class::getSimpleName).collect(Collectors.joining(", "));
  }
}
