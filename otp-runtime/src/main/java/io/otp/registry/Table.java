package io.otp.registry;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a {@link Registry} by key. Any thread; readers lock nothing. {@link Changes} are
 * told under the lock of the key, so that those of one key come in order.
 */
sealed interface Table<K, V> {

  /** One registration. Its value is written by its owner only. */
  final class Slot<K, V> {
    final K key;
    final Pid pid;
    private volatile V value;

    /** Its place among those with its key; guarded by the lock of the key. */
    private long number;

    Slot(K key, Pid pid, V value) {
      this.key = key;
      this.pid = pid;
      this.value = value;
    }

    V value() {
      return value;
    }

    void value(V next) {
      value = next;
    }
  }

  /** Gets what happens to entries; must not block. */
  interface Changes<K, V> {
    void added(Slot<K, V> slot);

    void removed(Slot<K, V> slot);
  }

  /** Adds an entry, or returns the living one that is in its way. */
  @Nullable Slot<K, V> add(Slot<K, V> slot);

  /** Removes an entry; nothing happens if it is not there any more. */
  void remove(Slot<K, V> slot);

  /** Under one key, oldest first, also of those who have just ended. */
  Iterable<Slot<K, V>> get(K key);

  void forEach(Consumer<Slot<K, V>> action);

  /** At most one entry for each key. */
  final class Unique<K, V> implements Table<K, V> {
    private final Map<K, Slot<K, V>> slots = new ConcurrentHashMap<>();
    private final ProcessRuntime runtime;
    private final Changes<K, V> changes;

    Unique(ProcessRuntime runtime, Changes<K, V> changes) {
      this.runtime = runtime;
      this.changes = changes;
    }

    /** An entry whose owner has ended is in nobody's way, whether or not its exit hook has run. */
    @Override
    public @Nullable Slot<K, V> add(Slot<K, V> slot) {
      Slot<K, V> now =
          slots.compute(
              slot.key,
              (key, present) -> {
                if (present != null) {
                  if (runtime.isAlive(present.pid)) {
                    return present;
                  }
                  changes.removed(present);
                }
                changes.added(slot);
                return slot;
              });
      return now == slot ? null : now;
    }

    @Override
    public void remove(Slot<K, V> slot) {
      slots.computeIfPresent(
          slot.key,
          (key, present) -> {
            if (present != slot) {
              return present; // of somebody who came after
            }
            changes.removed(slot);
            return null;
          });
    }

    @Override
    public Iterable<Slot<K, V>> get(K key) {
      Slot<K, V> slot = slots.get(key);
      return slot == null ? List.of() : List.of(slot);
    }

    @Override
    public void forEach(Consumer<Slot<K, V>> action) {
      slots.values().forEach(action);
    }
  }

  /** Any number of entries for each key, in the order in which they came. */
  final class Duplicate<K, V> implements Table<K, V> {

    /** By when they came: adding to and removing from a key with very many stays cheap. */
    private static final class Row<K, V> {
      final Map<Long, Slot<K, V>> slots = new ConcurrentSkipListMap<>();
      long next;
    }

    private final Map<K, Row<K, V>> rows = new ConcurrentHashMap<>();
    private final Changes<K, V> changes;

    Duplicate(Changes<K, V> changes) {
      this.changes = changes;
    }

    @Override
    public @Nullable Slot<K, V> add(Slot<K, V> slot) {
      rows.compute(
          slot.key,
          (key, present) -> {
            Row<K, V> row = present == null ? new Row<>() : present;
            slot.number = row.next++;
            row.slots.put(slot.number, slot);
            changes.added(slot);
            return row;
          });
      return null;
    }

    @Override
    public void remove(Slot<K, V> slot) {
      rows.computeIfPresent(
          slot.key,
          (key, row) -> {
            if (row.slots.remove(slot.number, slot)) {
              changes.removed(slot);
            }
            return row.slots.isEmpty() ? null : row;
          });
    }

    @Override
    public Iterable<Slot<K, V>> get(K key) {
      Row<K, V> row = rows.get(key);
      return row == null ? List.of() : row.slots.values();
    }

    @Override
    public void forEach(Consumer<Slot<K, V>> action) {
      rows.values().forEach(row -> row.slots.values().forEach(action));
    }
  }
}
