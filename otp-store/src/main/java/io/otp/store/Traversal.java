package io.otp.store;

import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.TableException;
import io.otp.table.TableType;
import io.otp.table.TermOrder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of a table one after another, as a transaction sees them that has locked it: those of
 * the table in its order, a key that the transaction has deleted keeps its place and is passed
 * over; then, without an order, those that it has put in.
 */
final class Traversal<K, V> {

  private final View view;
  private final MnesiaTable<K, V> table;
  private final EtsTable<K, V> memory;
  private final Map<Object, K> changed;
  private final boolean ordered;

  Traversal(View view, MnesiaTable<K, V> table) {
    this.view = view;
    this.table = table;
    this.memory = table.memory();
    this.changed = view.changed(table);
    this.ordered = table.spec().type() == TableType.ORDERED_SET;
  }

  Optional<K> first() {
    return changed.isEmpty() ? memory.first() : firstOf(keys());
  }

  Optional<K> last() {
    return changed.isEmpty() ? memory.last() : firstOf(ordered ? keys().reversed() : keys());
  }

  Optional<K> next(K key) {
    return changed.isEmpty() ? memory.next(key) : firstOf(after("next", key, keys()));
  }

  Optional<K> prev(K key) {
    return changed.isEmpty()
        ? memory.prev(key)
        : firstOf(after("prev", key, ordered ? keys().reversed() : keys()));
  }

  /** Those of the table and those that were changed, each once. */
  private List<K> keys() {
    var keys = new LinkedHashSet<K>();
    for (Row<K, V> row : memory.select(memory.match())) {
      if (!ordered || !changed.containsKey(row.key())) {
        keys.add(row.key());
      }
    }
    keys.addAll(changed.values());
    var list = new ArrayList<K>(keys);
    if (ordered) {
      list.sort(TermOrder.ORDER);
    }
    return list;
  }

  private Optional<K> firstOf(List<K> keys) {
    return keys.stream().filter(key -> !view.values(table, key).isEmpty()).findFirst();
  }

  private List<K> after(String operation, K key, List<K> keys) {
    memory.checkKey(operation, key);
    if (!ordered) {
      int at = keys.indexOf(key);
      if (at < 0) {
        throw new TableException(
            table.spec().name(),
            TableException.Reason.NO_KEY,
            operation
                + ": table '"
                + table.spec().name()
                + "' has no key "
                + key
                + ". What comes after a key that is not there is known in an ordered_set only.");
      }
      return keys.subList(at + 1, keys.size());
    }
    int sign = operation.equals("next") ? 1 : -1;
    return keys.stream().filter(k -> sign * TermOrder.ORDER.compare(k, key) > 0).toList();
  }
}
