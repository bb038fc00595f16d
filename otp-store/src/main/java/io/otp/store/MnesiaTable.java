package io.otp.store;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.TableType;
import io.otp.table.TermOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * A table of Mnesia on this node: its copy in memory, which is read, and its copy on disk, if it
 * has one. Both are changed by the thread of the store only.
 *
 * @param disc {@code null} for a table that is in memory only
 * @param subscribers who is told of changes, and whether with what was there before
 */
record MnesiaTable<K, V>(
    MnesiaSpec<K, V> spec,
    EtsTable<K, V> memory,
    @Nullable MVMap<byte[], byte[]> disc,
    Map<Pid, Boolean> subscribers) {

  MnesiaTable(MnesiaSpec<K, V> spec, EtsTable<K, V> memory, @Nullable MVMap<byte[], byte[]> disc) {
    this(spec, memory, disc, new ConcurrentHashMap<>());
  }

  /** On the thread: the objects on disk. */
  static <K, V> List<Row<K, V>> load(StoredTable<K, V> stored, MVMap<byte[], byte[]> disc) {
    var rows = new ArrayList<Row<K, V>>();
    for (Cursor<byte[], byte[]> cursor = disc.cursor(null); cursor.hasNext(); ) {
      K key = stored.readKey(cursor.next());
      for (byte[] object : Packed.unpack(cursor.getValue())) {
        rows.add(new Row<>(key, stored.readValue(object)));
      }
    }
    return rows;
  }

  /** On the caller's thread, before a change is handed over: refuses what cannot be kept. */
  void check(String operation, K key, @Nullable V value) {
    if (value != null) {
      memory.checkRow(operation, key, value);
    } else {
      memory.checkKey(operation, key);
      if (spec.type() == TableType.ORDERED_SET) {
        TermOrder.ORDER.compare(key, key); // refuses what has no order
      }
    }
  }

  /** A change on its way into both copies. */
  Step<K, V> step(Change<K, V> change, long activity) {
    return new Step<>(change, activity);
  }

  /**
   * Three calls on the thread: {@link #resolve}, which changes nothing, {@link #toDisc} and {@link
   * #toMemory}. All changes of a transaction are on the disk before the first one is in memory,
   * which can end with its owner.
   */
  static final class Step<K, V> {

    private final Change<K, V> change;
    private final MnesiaTable<K, V> table;
    private final long activity;
    private byte[] key = {};
    private byte @Nullable [] value;

    /** The key that is on the disk, where keys are equal in order and have other bytes. */
    private byte @Nullable [] there;

    /** On the thread of whoever changes: codecs are users' code. */
    private Step(Change<K, V> change, long activity) {
      this.change = change;
      this.table = change.table();
      this.activity = activity;
      if (table.disc != null) {
        key = Packed.encode(table.spec.key(), change.key());
        value = change.value() == null ? null : Packed.encode(table.spec.value(), change.value());
      }
    }

    MnesiaTable<K, V> table() {
      return table;
    }

    void resolve() {
      there = key;
      if (table.disc != null && table.spec.type() == TableType.ORDERED_SET) {
        EtsTable<K, V> memory = table.memory;
        for (Row<K, V> row : memory.select(memory.match().key(change.key()))) {
          there = Packed.encode(table.spec.key(), row.key());
        }
      }
    }

    void toDisc() {
      MVMap<byte[], byte[]> disc = table.disc;
      byte[] before = there;
      if (disc == null || before == null) {
        return;
      }
      byte[] object = value;
      if (object == null) {
        disc.remove(before);
      } else if (change.kind() == TableEvent.Change.DELETE_OBJECT) {
        StoredTable.put(disc, before, Packed.minus(disc.get(before), object));
      } else {
        if (!Arrays.equals(before, key)) {
          disc.remove(before);
        }
        disc.put(key, Packed.plus(disc.get(key), object, table.spec.type()));
      }
    }

    /** And tells subscribers. */
    void toMemory(ProcessRuntime runtime) {
      EtsTable<K, V> memory = table.memory;
      List<Object> before =
          table.subscribers.containsValue(true) ? List.copyOf(memory.lookup(change.key())) : null;
      V object = change.value();
      if (change.kind() == TableEvent.Change.DELETE || object == null) {
        memory.delete(change.key());
      } else if (change.kind() == TableEvent.Change.WRITE) {
        memory.insert(change.key(), object);
      } else {
        memory.deleteObject(change.key(), object);
      }
      table.subscribers.forEach(
          (pid, detailed) ->
              runtime.signal(
                  pid,
                  new TableEvent(
                      table.spec.name(),
                      change.kind(),
                      change.key(),
                      object,
                      detailed ? before : null,
                      activity)));
    }
  }
}
