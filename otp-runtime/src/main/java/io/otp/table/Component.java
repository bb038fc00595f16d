package io.otp.table;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A named part of a value, to select by and to keep an index of.
 *
 * {@snippet :
 * record User(String name, int age) {}
 *
 * static final Component<User, Integer> AGE = Component.of("age", User::age);
 * }
 *
 * @param <V> the values
 * @param <C> the part
 */
public final class Component<V, C> {

  private final String name;
  private final Function<? super V, ? extends @Nullable C> get;

  private Component(String name, Function<? super V, ? extends @Nullable C> get) {
    this.name = Objects.requireNonNull(name, "name");
    this.get = Objects.requireNonNull(get, "get");
  }

  /**
   * A part of a value.
   *
   * @param name what errors and tools call it
   * @param get a plain accessor: it is also run while a table is locked
   */
  public static <V, C> Component<V, C> of(
      String name, Function<? super V, ? extends @Nullable C> get) {
    return new Component<>(name, get);
  }

  /** What errors and tools call it. */
  public String name() {
    return name;
  }

  @Nullable C of(V value) {
    return get.apply(value);
  }

  @Override
  public String toString() {
    return "Component[" + name + "]";
  }
}
