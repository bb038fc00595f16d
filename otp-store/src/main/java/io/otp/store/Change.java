package io.otp.store;

import io.otp.table.TableType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change of a table.
 *
 * @param value {@code null} to remove all under the key
 */
record Change<K, V>(MnesiaTable<K, V> table, TableEvent.Change kind, K key, @Nullable V value) {

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
