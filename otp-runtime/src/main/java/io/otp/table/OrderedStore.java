package io.otp.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * An ordered set. One lock for all keys, since nothing but the order says which keys are equal; a
 * cell has the key that was written last, the map may still have an equal one.
 */
final class OrderedStore<K, V> extends Store<K, V> {

  private final ConcurrentNavigableMap<K, Cell<K, V>> map;
  private final Comparator<? super K> order;

  OrderedStore(Comparator<? super K> order) {
    this.order = order;
    this.map = new ConcurrentSkipListMap<>(order);
  }

  @Override
  int stripes() {
    return 1;
  }

  @Override
  @Nullable Cell<K, V> get(K key) {
    return map.get(key);
  }

  @Override
  void put(K key, Values<V> values) {
    map.put(key, new Cell<>(key, 0, values));
  }

  @Override
  void remove(K key, boolean fixed) {
    map.remove(key);
  }

  @Override
  @Nullable K first() {
    return key(map.firstEntry());
  }

  @Override
  @Nullable K last() {
    return key(map.lastEntry());
  }

  @Override
  OrderedStore<K, V> emptied() {
    return new OrderedStore<>(order);
  }

  @Override
  boolean isPosition(K key) {
    order.compare(key, key); // refuses what has no order
    return true;
  }

  @Override
  @Nullable K after(K key) {
    return key(map.higherEntry(key));
  }

  @Override
  @Nullable K before(K key) {
    return key(map.lowerEntry(key));
  }

  private static <K, V> @Nullable K key(Map.@Nullable Entry<K, Cell<K, V>> entry) {
    return entry == null ? null : entry.getValue().key();
  }

  @Override
  @SuppressWarnings("unchecked") // its positions are keys
  BaseTable.Chunk<K, V> chunk(
      @Nullable Object position, Match.@Nullable Range<K> range, int count) {
    ConcurrentNavigableMap<K, Cell<K, V>> rest = map;
    if (range != null && range.to() != null) {
      rest = rest.headMap(range.to(), true);
    }
    if (position != null) {
      K key = (K) position;
      if (range != null && range.to() != null && order.compare(key, range.to()) >= 0) {
        return new BaseTable.Chunk<>(List.of(), null);
      }
      rest = rest.tailMap(key, false);
    } else if (range != null && range.from() != null) {
      if (range.to() != null && order.compare(range.from(), range.to()) > 0) {
        return new BaseTable.Chunk<>(List.of(), null);
      }
      rest = rest.tailMap(range.from(), true);
    }
    var cells = new ArrayList<Cell<K, V>>();
    for (Cell<K, V> cell : rest.values()) {
      if (cells.size() == count) {
        return new BaseTable.Chunk<>(cells, cells.getLast().key());
      }
      cells.add(cell);
    }
    return new BaseTable.Chunk<>(cells, null);
  }
}
