package io.otp.store;

import io.otp.table.TableType;
import io.otp.table.TermOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a transaction has written: in order, and by table and key. */
final class Writes {

  private final Set<Change<?, ?>> all = new LinkedHashSet<>();
  private final Map<String, Map<Object, List<Change<?, ?>>>> byKey = new HashMap<>();

  /** In order. */
  Set<Change<?, ?>> all() {
    return all;
  }

  /** Those under one key, in order. */
  @SuppressWarnings("unchecked") // those of the table
  <K, V> List<Change<K, V>> of(MnesiaTable<K, V> table, K key) {
    return (List<Change<K, V>>)
        (List<?>) byKey.getOrDefault(table.spec().name(), Map.of()).getOrDefault(key, List.of());
  }

  /** As in OTP, what a change makes of no effect is forgotten: nobody is told of it. */
  <K, V> void add(Change<K, V> change) {
    TableType type = change.table().spec().type();
    List<Change<?, ?>> ofKey =
        byKey
            .computeIfAbsent(
                change.table().spec().name(),
                _ ->
                    type == TableType.ORDERED_SET
                        ? new TreeMap<>(TermOrder.ORDER)
                        : new HashMap<>())
            .computeIfAbsent(change.key(), _ -> new ArrayList<>());
    if (change.kind() == TableEvent.Change.DELETE
        || change.kind() == TableEvent.Change.WRITE && type.isSet()) {
      ofKey.forEach(all::remove);
      ofKey.clear();
    }
    Change<K, V> kept = change;
    if (change.kind() == TableEvent.Change.DELETE_OBJECT && type.isSet() && !ofKey.isEmpty()) {
      kept = change.under(Schema.<K>cast(ofKey.getFirst().key())); // 1 for 1.0, as it was written
    }
    ofKey.add(kept);
    all.add(kept);
  }
}
