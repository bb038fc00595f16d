package io.otp.application;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A step of a start that comes after the supervision tree runs: an element of {@code start_phases}.
 *
 * @param name names it within the application
 * @param args what {@link Application#startPhase} gets, immutable, may be {@code null}
 */
public record StartPhase(String name, @Nullable Object args) {

  /** Checks the name. */
  public StartPhase {
    Objects.requireNonNull(name, "name");
    if (name.isBlank()) {
      throw new IllegalArgumentException("A start phase has a blank name. Give it one.");
    }
  }

  /** A phase without arguments. */
  public static StartPhase of(String name) {
    return new StartPhase(name, null);
  }
}
