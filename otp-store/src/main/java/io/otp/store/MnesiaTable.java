package io.otp.store;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.TableException;
import io.otp.table.TableType;
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
  void check(ProcessRuntime runtime, String operation, K key, @Nullable V value) {
    checkType(operation, "key", key, spec.key().type());
    runtime.checkMessage(key);
    if (value != null) {
      checkType(operation, "value", value, spec.value().type());
      runtime.checkMessage(value);
    }
  }

  private void checkType(String operation, String what, Object actual, Class<?> allowed) {
    if (!allowed.isInstance(actual)) {
      throw new TableException(
          spec.name(),
          TableException.Reason.ARGUMENT,
          operation
              + " of table '"
              + spec.name()
              + "': "
              + actual
              + " ("
              + actual.getClass().getTypeName()
              + ") cannot be a "
              + what
              + ", it must be a "
              + allowed.getTypeName()
              + ". Pass one, or create the table with other types.");
    }
  }

  /**
   * A change as the disk gets it. Made on the thread of whoever changes: codecs are users' code.
   */
  record Encoded(byte[] key, byte @Nullable [] value) {}

  @Nullable Encoded encode(Change<K, V> change) {
    return disc == null
        ? null
        : new Encoded(
            Packed.encode(spec.key(), change.key()),
            change.value() == null ? null : Packed.encode(spec.value(), change.value()));
  }

  /** On the thread: makes a change in both copies, and tells subscribers. */
  void apply(ProcessRuntime runtime, Change<K, V> change, @Nullable Encoded encoded, long id) {
    List<Object> before =
        subscribers.containsValue(true) ? List.copyOf(memory.lookup(change.key())) : null;
    if (disc != null && encoded != null) {
      putOnDisc(disc, change, encoded);
    }
    V value = change.value();
    if (change.kind() == TableEvent.Change.DELETE || value == null) {
      memory.delete(change.key());
    } else if (change.kind() == TableEvent.Change.WRITE) {
      memory.insert(change.key(), value);
    } else {
      memory.deleteObject(change.key(), value);
    }
    subscribers.forEach(
        (pid, detailed) ->
            runtime.signal(
                pid,
                new TableEvent(
                    spec.name(),
                    change.kind(),
                    change.key(),
                    value,
                    detailed ? before : null,
                    id)));
  }

  private void putOnDisc(MVMap<byte[], byte[]> disc, Change<K, V> change, Encoded encoded) {
    byte[] key = encoded.key();
    byte[] value = encoded.value();
    if (spec.type() == TableType.ORDERED_SET) {
      removeEqual(disc, change.key(), key);
    }
    if (value == null) {
      disc.remove(key);
    } else if (change.kind() == TableEvent.Change.WRITE) {
      disc.put(key, Packed.plus(disc.get(key), value, spec.type()));
    } else {
      StoredTable.put(disc, key, Packed.minus(disc.get(key), value));
    }
  }

  /** 1 and 1.0 are one key in order and two on disk. */
  private void removeEqual(MVMap<byte[], byte[]> disc, K key, byte[] bytes) {
    for (Row<K, V> row : memory.select(memory.match().key(key))) {
      byte[] there = Packed.encode(spec.key(), row.key());
      if (!Arrays.equals(there, bytes)) {
        disc.remove(there);
      }
    }
  }
}
