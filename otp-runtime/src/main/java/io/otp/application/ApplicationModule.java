package io.otp.application;

import java.util.Objects;

/**
 * An application's code and its start arguments: <code>{mod, {Module, Args}}</code>.
 *
 * @param callbacks the code
 * @param args what {@link Application#start} gets, immutable
 */
public record ApplicationModule<A, S>(Application<A, S> callbacks, A args) {

  /** Checks that both are there. */
  public ApplicationModule {
    Objects.requireNonNull(callbacks, "callbacks");
    Objects.requireNonNull(args, "args");
  }

  /** What errors and reports call it. */
  String name() {
    String name = callbacks.getClass().getSimpleName();
    return name.isEmpty() ? callbacks.getClass().getName() : name; // an anonymous class
  }
}
