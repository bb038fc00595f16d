package io.otp.store;

import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.TableType;
import io.otp.table.TermOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a transaction sees: the tables, and over them what it and those around it have written. */
final class View {

  private final Writes writes;
  private final @Nullable View around;

  View(Writes writes, @Nullable View around) {
    this.writes = writes;
    this.around = around;
  }

  /** What is under a key. */
  <K, V> List<V> values(MnesiaTable<K, V> table, K key) {
    List<V> values = around == null ? table.memory().lookup(key) : around.values(table, key);
    for (Change<K, V> change : writes.of(table, key)) {
      values = change.applyTo(values);
    }
    return values;
  }

  /** The keys of a table under which something has been changed. */
  <K> Map<Object, K> changed(MnesiaTable<K, ?> table) {
    Map<Object, K> changed =
        table.spec().type() == TableType.ORDERED_SET
            ? new TreeMap<>(TermOrder.ORDER)
            : new LinkedHashMap<>();
    if (around != null) {
      changed.putAll(around.changed(table));
    }
    for (Change<?, ?> change : writes.all()) {
      if (change.table() == table) {
        changed.put(change.key(), Schema.<K>cast(change.key()));
      }
    }
    return changed;
  }

  /** The objects that match; of an ordered set in order. */
  <K, V> List<Row<K, V>> select(MnesiaTable<K, V> table, Match<K, V> match) {
    boolean ordered = table.spec().type() == TableType.ORDERED_SET;
    Map<Object, K> changed = changed(table);
    List<Row<K, V>> rows = table.memory().select(match);
    if (changed.isEmpty()) {
      return rows;
    }
    var all = new ArrayList<Row<K, V>>();
    rows.stream().filter(row -> !changed.containsKey(row.key())).forEach(all::add);
    for (K key : changed.values()) {
      for (V value : values(table, key)) {
        if (ordered ? match.matches(key, value, TermOrder.ORDER) : match.matches(key, value)) {
          all.add(new Row<>(key, value));
        }
      }
    }
    if (ordered) {
      all.sort(Comparator.comparing(Row::key, TermOrder.ORDER));
    }
    return List.copyOf(all);
  }
}
