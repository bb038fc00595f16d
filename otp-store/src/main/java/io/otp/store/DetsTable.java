package io.otp.store;

import io.otp.process.Immutable;
import io.otp.process.ProcessRuntime;
import io.otp.table.BaseTable;
import io.otp.table.Cell;
import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.Table;
import io.otp.table.TableException;
import io.otp.table.TableSpec;
import io.otp.table.TableType;
import io.otp.table.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * A table on disk: {@code dets}. Opened with {@link Dets#open}, used as a table in memory by every
 * process that has got it, and open until the last process that has opened it closes it or ends.
 * May be sent in messages.
 *
 * <p><b>Durability.</b> A change is seen by everybody when the call returns, and is on the disk
 * after {@link #sync}, after the table's {@code autoSave} time, and when the table is closed. If
 * the JVM or the machine ends before, the table is what it was after some moment between its last
 * save and the end: nothing that was saved is lost, and no object is half written.
 *
 * <p>Every operation is done by the thread of the table's file. The end of a process does not
 * interrupt it: what was handed over is done, once and wholly.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/dets.html">dets</a>
 */
@Immutable // as an address: like a pid, it can be sent
public final class DetsTable<K, V> extends BaseTable<K, V> {

  private static final String SIZE = "size";

  private final Dets dets;
  private final DetsSpec<K, V> how;
  private final StoredTable<K, V> stored;
  private final StoreFile file;
  private final MVMap<byte[], byte[]> map;
  private volatile long size;

  /** On the thread of the file. */
  DetsTable(Dets dets, ProcessRuntime runtime, DetsSpec<K, V> how, StoreFile file) {
    super(runtime, TableSpec.of(how.type(), how.name(), how.key().type(), how.value().type()));
    this.dets = dets;
    this.how = how;
    this.stored = how.stored();
    this.file = file;
    this.map = file.map(stored.mapName());
    Map<String, String> header = file.header();
    String known = header.get(SIZE);
    size =
        known == null || file.wasRepaired()
            ? StoredTable.count(map, how.type())
            : Long.parseLong(known);
    file.beforeSave(() -> header.put(SIZE, String.valueOf(size)));
  }

  StoreFile file() {
    return file;
  }

  @Override
  public String name() {
    return how.name();
  }

  @Override
  public TableType type() {
    return how.type();
  }

  // --- the disk

  private <T extends @Nullable Object> T call(String operation, Supplier<T> work) {
    try {
      return file.call(runtime, work);
    } catch (StoreException e) {
      throw gone(operation, e);
    }
  }

  private RuntimeException gone(String operation, StoreException e) {
    return e.reason() != StoreException.Reason.CLOSED
        ? e
        : new TableException(
            name(),
            TableException.Reason.GONE,
            operation
                + ": table '"
                + name()
                + "' is closed, nobody has it open any more. Open it with Dets.open and use what"
                + " that returns.");
  }

  /**
   * Writes all changes to the disk: {@code dets:sync/1}. When this returns, everything that was
   * done in the table before is there, also after a loss of power.
   *
   * @throws StoreException if the disk refuses
   */
  public void sync() {
    try {
      file.sync(runtime);
    } catch (StoreException e) {
      throw gone("sync", e);
    }
  }

  /**
   * Ends this process' use of the table: {@code dets:close/1}. Who has opened it several times
   * closes it as often. With the last one the table is saved and its file is closed; this waits for
   * that.
   *
   * @throws TableException if this process does not have it open
   */
  public void close() {
    dets.close(this);
  }

  // --- the steps

  private byte[] bytes(K key) {
    return Packed.encode(how.key(), key);
  }

  private byte @Nullable [] pack(@Nullable Values<V> values) {
    return values == null
        ? null
        : Packed.pack(
            values.toList().stream().map(value -> Packed.encode(how.value(), value)).toList());
  }

  private Cell<K, V> cell(K key, byte[] packed) {
    Values<V> values = null;
    for (byte[] object : Packed.unpack(packed)) {
      values = Values.plus(values, stored.readValue(object));
    }
    return new Cell<>(key, key.hashCode(), values);
  }

  @Override
  protected @Nullable Cell<K, V> read(String operation, K key, boolean toWrite) {
    byte[] bytes = bytes(key);
    byte[] packed = this.<byte @Nullable []>call(operation, () -> map.get(bytes));
    if (packed == null) {
      return null;
    }
    Cell<K, V> cell = cell(key, packed);
    if (toWrite && !Arrays.equals(pack(cell.values()), packed)) {
      throw new StoreException(
          StoreException.Reason.SHAPE,
          operation
              + ": the codec of the values of table '"
              + name()
              + "' does not write what it has read as the bytes that it has read: whether it has"
              + " been changed meanwhile cannot be known. Let it write equal values as equal"
              + " bytes.");
    }
    return cell;
  }

  @Override
  protected boolean swap(
      String operation, K key, @Nullable Cell<K, V> seen, @Nullable Values<V> now) {
    byte[] bytes = bytes(key);
    byte[] before = seen == null ? null : pack(seen.values());
    byte[] after = pack(now);
    return call(
        operation,
        () -> {
          if (!Arrays.equals(map.get(bytes), before)) {
            return false;
          }
          put(bytes, before, after);
          return true;
        });
  }

  /** On the thread. */
  private void put(byte[] key, byte @Nullable [] before, byte @Nullable [] after) {
    StoredTable.put(map, key, after);
    size += Packed.count(after) - Packed.count(before);
  }

  @Override
  protected Chunk<K, V> chunk(
      String operation,
      @Nullable Object position,
      Match.@Nullable Range<K> range,
      boolean toWrite) {
    List<byte[][]> found = call(operation, () -> after((byte[]) position));
    var cells = new ArrayList<Cell<K, V>>(found.size());
    for (byte[][] entry : found) {
      cells.add(cell(stored.readKey(entry[0]), entry[1]));
    }
    return new Chunk<>(cells, found.size() < CHUNK ? null : found.getLast()[0]);
  }

  /** On the thread: keys and what is under them. */
  private List<byte[][]> after(byte @Nullable [] position) {
    var found = new ArrayList<byte[][]>();
    byte[] from = position == null ? map.firstKey() : map.higherKey(position);
    if (from != null) {
      Cursor<byte[], byte[]> cursor = map.cursor(from);
      while (cursor.hasNext() && found.size() < CHUNK) {
        byte[] key = cursor.next();
        found.add(new byte[][] {key, cursor.getValue()});
      }
    }
    return found;
  }

  @Override
  protected @Nullable Collection<K> indexed(String operation, Match.Is<V> is) {
    return null;
  }

  @Override
  protected boolean write(String operation, List<Row<K, V>> rows, boolean onlyNew) {
    List<byte[][]> entries = encode(rows);
    return call(
        operation,
        () -> {
          if (onlyNew && entries.stream().anyMatch(entry -> map.containsKey(entry[0]))) {
            return false;
          }
          putAll(entries);
          return true;
        });
  }

  private List<byte[][]> encode(List<Row<K, V>> rows) {
    return rows.stream()
        .map(row -> new byte[][] {bytes(row.key()), Packed.encode(how.value(), row.value())})
        .toList();
  }

  /** On the thread. */
  private void putAll(List<byte[][]> entries) {
    for (byte[][] entry : entries) {
      byte[] before = map.get(entry[0]);
      put(entry[0], before, Packed.plus(before, entry[1], how.type()));
    }
  }

  @Override
  public void deleteAllObjects() {
    call("delete_all_objects", this::clear);
  }

  /** On the thread. */
  private boolean clear() {
    map.clear();
    size = 0;
    return true;
  }

  // --- traversal: in the order of the bytes of keys, which every key has a place in

  @Override
  public Optional<K> first() {
    return key("first", MVMap::firstKey);
  }

  @Override
  public Optional<K> last() {
    return key("last", MVMap::lastKey);
  }

  /** {@inheritDoc} Here the key need not be there, so that a traversal need not fix the table. */
  @Override
  public Optional<K> next(K key) {
    byte[] bytes = bytes(checkKey("next", key));
    return key("next", map -> map.higherKey(bytes));
  }

  /** {@inheritDoc} Here the key need not be there. */
  @Override
  public Optional<K> prev(K key) {
    byte[] bytes = bytes(checkKey("prev", key));
    return key("prev", map -> map.lowerKey(bytes));
  }

  private Optional<K> key(
      String operation, Function<MVMap<byte[], byte[]>, byte @Nullable []> where) {
    byte[] bytes = this.<byte @Nullable []>call(operation, () -> where.apply(map));
    return Optional.ofNullable(bytes).map(stored::readKey);
  }

  // --- from and to memory

  /**
   * Replaces what is in this table by what is in another, at once: {@code dets:from_ets/2}.
   *
   * @param table of the same type, or whose objects this type can hold
   */
  public void fromEts(Table<K, V> table) {
    List<byte[][]> entries = encode(table.toList());
    call(
        "from_ets",
        () -> {
          clear();
          putAll(entries);
          return true;
        });
  }

  /**
   * Inserts what is in this table into another, one object after another: {@code dets:to_ets/2}.
   */
  public void toEts(Table<K, V> table) {
    fold(
        true,
        (_, key, value) -> {
          table.insert(key, value);
          return true;
        });
  }

  // --- looking

  @Override
  public long size() {
    if (file.isClosed()) {
      throw gone("info", new StoreException(StoreException.Reason.CLOSED, ""));
    }
    return size;
  }

  /** What is known of it, empty if it is closed. */
  public Optional<DetsInfo> info() {
    if (file.isClosed()) {
      return Optional.empty();
    }
    long bytes;
    try {
      bytes = Files.size(how.file());
    } catch (IOException e) {
      bytes = 0;
    }
    return Optional.of(
        new DetsInfo(
            name(),
            how.file(),
            type(),
            size,
            bytes,
            dets.users(this),
            how.key().shape(),
            how.value().shape(),
            file.wasRepaired()));
  }

  @Override
  @SuppressWarnings("unchecked") // its types are looked at
  public <L, W> DetsTable<L, W> as(TableSpec<L, W> other) {
    if (!spec.hasTypesOf(other)) {
      throw new TableException(
          name(),
          TableException.Reason.ARGUMENT,
          "Table '"
              + name()
              + "' has keys of "
              + how.key().type().getTypeName()
              + " and values of "
              + how.value().type().getTypeName()
              + ", not those of "
              + other
              + ". Use the types it was opened with.");
    }
    return (DetsTable<L, W>) this;
  }

  @Override
  public String toString() {
    return "DetsTable['" + name() + "' " + type() + " " + how.file() + "]";
  }
}
