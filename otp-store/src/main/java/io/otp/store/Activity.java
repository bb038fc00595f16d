package io.otp.store;

import io.otp.table.Component;
import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the function of a transaction, or of another activity, does with tables. That of a
 * transaction is for its function and the process that runs it, while it runs: afterwards and
 * elsewhere every method ends the process with <code>{aborted, no_transaction}</code>.
 *
 * {@snippet :
 * Outcome<Long> left = mnesia.transaction(tx -> {
 *   long cents = tx.wread(ACCOUNTS, "joe").getFirst();
 *   if (cents < 100) {
 *     throw tx.abort("no funds");
 *   }
 *   tx.write(ACCOUNTS, "joe", cents - 100);
 *   return cents - 100;
 * });
 * }
 *
 * <p>In a transaction reads see what it has written, and take locks: on the record for {@link
 * #read}, on the table for what visits many. It may be ended and begun again at any of these calls,
 * which then throws an {@link Error} that must not be caught.
 */
public interface Activity {

  /** The values under a key; locks the record to read. */
  <K, V> List<V> read(MnesiaSpec<K, V> table, K key);

  /** The same; locks the record to write, for what is going to be written. */
  <K, V> List<V> wread(MnesiaSpec<K, V> table, K key);

  /** Puts an object in; locks the record to write. */
  <K, V> void write(MnesiaSpec<K, V> table, K key, V value);

  /** Removes what is under a key; locks the record to write. */
  <K, V> void delete(MnesiaSpec<K, V> table, K key);

  /** Removes the objects equal to this one; locks the record to write. */
  <K, V> void deleteObject(MnesiaSpec<K, V> table, K key, V value);

  /**
   * The objects that match; locks the table to read, or the record if the match has a key. Of an
   * ordered set in order.
   */
  <K, V> List<Row<K, V>> select(MnesiaSpec<K, V> table, Match<K, V> match);

  /** The objects whose part equals {@code value}: {@code index_read}; locks the table to read. */
  default <K, V, C> List<Row<K, V>> indexRead(
      MnesiaSpec<K, V> table, Component<? super V, C> component, @Nullable C value) {
    return select(table, Match.<K, V>any().is(component, value));
  }

  /** All keys, each once; locks the table to read. */
  default <K, V> List<K> allKeys(MnesiaSpec<K, V> table) {
    return select(table, Match.any()).stream().map(Row::key).distinct().toList();
  }

  /**
   * The first key, of an ordered set the least: {@code mnesia:first/1}; locks the table to read, as
   * the three that follow. A traversal sees what this transaction has written; once it has changed
   * the table each step reads all keys.
   *
   * @return empty if there is none: {@code '$end_of_table'}
   */
  <K, V> Optional<K> first(MnesiaSpec<K, V> table);

  /** The last key; without an order the same as {@link #first}. */
  <K, V> Optional<K> last(MnesiaSpec<K, V> table);

  /**
   * The key after {@code key}, which this transaction may have deleted.
   *
   * @return empty at the end
   * @throws io.otp.table.TableException if the table has no order and the key was not there
   */
  <K, V> Optional<K> next(MnesiaSpec<K, V> table, K key);

  /** The key before {@code key}; without an order the same as {@link #next}. */
  <K, V> Optional<K> prev(MnesiaSpec<K, V> table, K key);

  /** Folds over all objects; locks the table to read. */
  default <K, V, A> A foldl(
      MnesiaSpec<K, V> table, A start, Table.Folder<? super K, ? super V, A> folder) {
    A all = start;
    for (Row<K, V> row : select(table, Match.any())) {
      all = folder.fold(all, row.key(), row.value());
    }
    return all;
  }

  /** Locks a table to read. */
  void readLockTable(MnesiaSpec<?, ?> table);

  /** Locks a table to write. */
  void writeLockTable(MnesiaSpec<?, ?> table);

  /**
   * Aborts the transaction, or the nested one that this activity is of. Never returns: declared to
   * return what it throws, for {@code throw tx.abort(reason)}.
   *
   * @param reason an immutable value
   */
  Error abort(Object reason);

  /**
   * A transaction within this one: if it aborts, what it wrote is undone and this one goes on; what
   * it wrote is seen by others when the outermost one commits. It keeps its locks until then. While
   * it goes on this activity is refused, but for {@link #abort}, which then aborts both.
   */
  <T> Outcome<T> transaction(Function<? super Activity, ? extends T> fun);

  /** Whether this is a transaction. */
  boolean isTransaction();
}
