package io.otp.table;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A table of objects, each with a key: what tables in memory ({@link EtsTable}) and on disk have in
 * common.
 *
 * {@snippet :
 * users.insert("joe", new User("Joe", 30, "Oslo"));
 * Optional<User> joe = users.get("joe");
 * List<Row<String, User>> inOslo = users.select(users.match().is(CITY, "Oslo"));
 * }
 *
 * <p>Any thread may use a table, within the table's {@link TableAccess}. Each operation on one key
 * is atomic and isolated, and so are {@link #insertAll}, {@link #insertNewAll} and {@link
 * #deleteAllObjects}: nobody sees a part of them done. What visits many objects (select, fold,
 * list) is not: each object is seen as it is at some moment meanwhile, and one that is there all
 * the time is seen exactly once. Keys and values must be immutable. {@code equals}, {@code
 * hashCode} and the order of keys are run while a part of the table is locked: they must be quick
 * and use no table.
 *
 * <p>Every method throws {@link TableException} if the table is gone or the caller may not do this
 * with it, {@link io.otp.process.MutableMessageException} for a key or value that cannot be shown
 * immutable, and {@link io.otp.process.ProcessKilledError} if the process that calls has been
 * ended.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public interface Table<K, V> {

  /** Its name; need not be unique. */
  String name();

  /** What it keeps under a key. */
  TableType type();

  // --- one key

  /**
   * Puts an object in. In a set it replaces the one of the same key; in a bag it is dropped if
   * there is an equal one.
   */
  void insert(K key, V value);

  /** Puts objects in, in order, all at once: if one is refused none is put in. */
  void insertAll(Collection<Row<K, V>> rows);

  /**
   * Puts an object in unless its key is there.
   *
   * @return whether it was put in
   */
  boolean insertNew(K key, V value);

  /** Puts objects in, all at once, unless one of their keys is there: then none is put in. */
  boolean insertNewAll(Collection<Row<K, V>> rows);

  /** The values under a key, in the order in which they came; empty if there are none. */
  List<V> lookup(K key);

  /**
   * The value under a key of a set.
   *
   * @throws TableException if this is a bag
   */
  Optional<V> get(K key);

  /**
   * A part of the value under a key of a set: {@code lookup_element}.
   *
   * @throws TableException if there is no such key, or this is a bag
   */
  <T> T lookupElement(K key, Function<? super V, ? extends T> element);

  /** Whether a key is there. */
  boolean member(K key);

  /** Takes all values out that are under a key, and returns them. */
  List<V> take(K key);

  /** Removes all that is under a key; nothing happens if there is nothing. */
  void delete(K key);

  /** Removes the values under a key that are equal to {@code value}: {@code delete_object}. */
  void deleteObject(K key, V value);

  /** Removes everything, at once. */
  void deleteAllObjects();

  /**
   * Counts: {@code update_counter}.
   *
   * @return what the number is now
   * @throws TableException if there is no such key, the number would not fit into a long, or this
   *     is a bag
   */
  default long updateCounter(K key, Counter.Update<V> update) {
    return updateCounter(key, List.of(update)).getFirst();
  }

  /** Counts; first puts {@code missing} in if the key is not there. */
  default long updateCounter(K key, Counter.Update<V> update, V missing) {
    return updateCounter(key, List.of(update), missing).getFirst();
  }

  /**
   * Does several updates of one object, all or none, in order.
   *
   * @return what each number was after its update
   */
  List<Long> updateCounter(K key, List<Counter.Update<V>> updates);

  /** The same; first puts {@code missing} in if the key is not there. */
  List<Long> updateCounter(K key, List<Counter.Update<V>> updates, V missing);

  /**
   * Changes the value under a key of a set: {@code update_element}.
   *
   * @param change may be run several times; must have no side effects
   * @return whether the key was there
   * @throws TableException if this is a bag
   */
  boolean updateElement(K key, UnaryOperator<V> change);

  // --- many keys

  /** The match of all objects, to be made narrower. */
  default Match<K, V> match() {
    return Match.any();
  }

  /** The objects that match. */
  default List<Row<K, V>> select(Match<K, V> match) {
    return select(match, Row::new);
  }

  /**
   * What {@code body} makes of the objects that match. What it throws is thrown here; OTP has
   * {@code 'EXIT'} in its place.
   */
  <T> List<T> select(Match<K, V> match, BiFunction<? super K, ? super V, ? extends T> body);

  /**
   * The first objects that match, and how to go on.
   *
   * @param limit how many at least, unless there are no more; the objects of one key come together
   * @return empty if none match: {@code '$end_of_table'}
   */
  default Optional<Page<Row<K, V>>> select(Match<K, V> match, int limit) {
    return select(match, Row::new, limit);
  }

  /** What {@code body} makes of the first objects that match, and how to go on. */
  <T> Optional<Page<T>> select(
      Match<K, V> match, BiFunction<? super K, ? super V, ? extends T> body, int limit);

  /** How many objects match. */
  long selectCount(Match<K, V> match);

  /**
   * Removes the objects that match, one after another.
   *
   * @return how many
   */
  long selectDelete(Match<K, V> match);

  /**
   * Changes the objects that match, one after another; keys stay.
   *
   * @param change may be run several times for an object; must have no side effects
   * @return how many
   * @throws TableException if this is a bag
   */
  long selectReplace(Match<K, V> match, BiFunction<? super K, ? super V, ? extends V> change);

  /** Folds over all objects, in the order of a traversal: {@code foldl}. */
  <A> A fold(A start, Folder<? super K, ? super V, A> folder);

  /** One step of {@link #fold}. */
  @FunctionalInterface
  interface Folder<K, V, A> {
    /** What comes of {@code soFar} and an object. */
    A fold(A soFar, K key, V value);
  }

  /** All objects: {@code tab2list}. */
  default List<Row<K, V>> toList() {
    return select(match());
  }

  // --- traversal

  /** The first key, empty if the table is. */
  Optional<K> first();

  /** The last key; without an order the same as {@link #first}. */
  Optional<K> last();

  /**
   * The key after {@code key}.
   *
   * @return empty at the end: {@code '$end_of_table'}
   * @throws TableException if the key is not there. In an ordered set it need not be; in other
   *     tables it may have been deleted if the table has been fixed since before
   */
  Optional<K> next(K key);

  /** The key before {@code key}; without an order the same as {@link #next}. */
  Optional<K> prev(K key);

  /** How many objects; exact while nobody writes. */
  long size();

  /**
   * This table with the types of {@code spec}.
   *
   * @throws TableException if it has other types of keys or values
   */
  <L, W> Table<L, W> as(TableSpec<L, W> spec);
}
