package io.otp.store;

import io.otp.table.TableType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change of a table. Equal to itself only: the same may be made twice.
 *
 * @param value {@code null} to remove all under the key
 */
record Change<K, V>(MnesiaTable<K, V> table, TableEvent.Change kind, K key, @Nullable V value) {

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  /** The same of an equal key. */
  Change<K, V> under(K other) {
    return new Change<>(table, kind, other, value);
  }

  /** What is under the key after it. */
  List<V> applyTo(List<V> values) {
    if (kind == TableEvent.Change.DELETE || value == null) {
      return List.of();
    }
    V object = Objects.requireNonNull(value);
    if (kind == TableEvent.Change.DELETE_OBJECT) {
      return values.stream().filter(v -> !v.equals(object)).toList();
    }
    if (table.spec().type() != TableType.BAG) {
      return List.of(object);
    }
    if (values.contains(object)) {
      return values;
    }
    var more = new ArrayList<>(values);
    more.add(object);
    return List.copyOf(more);
  }
}
