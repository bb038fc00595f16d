package io.otp.table;

import org.jspecify.annotations.Nullable;

/**
 * Where a table keeps its objects. Any thread reads at any time without a lock; a write to a key
 * holds the lock of its stripe, {@link #maintain} and {@link #sweep} hold all.
 *
 * <p>A position says where a traversal goes on. It means the same whatever is written meanwhile: a
 * key that is there during a whole traversal is visited exactly once.
 */
abstract class Store<K, V> {

  /** How many locks there are: 1, or those of {@link HashStore#stripeOf}. */
  abstract int stripes();

  /** What is under a key, {@code null} if nothing. */
  abstract @Nullable Cell<K, V> get(K key);

  /** Puts {@code values} under a key. */
  abstract void put(K key, Values<V> values);

  /**
   * Removes a key.
   *
   * @param fixed whether a traversal may stand on it
   */
  abstract void remove(K key, boolean fixed);

  /** The first key of a traversal. */
  abstract @Nullable K first();

  /** The last key of a traversal; the first if there is no order. */
  abstract @Nullable K last();

  /**
   * Whether {@link #after} and {@link #before} can tell what is next to {@code key}, though it may
   * not be there.
   */
  abstract boolean isPosition(K key);

  /** The key that is visited after {@code key}. */
  abstract @Nullable K after(K key);

  /** The key before {@code key}; the same as {@link #after} if there is no order. */
  abstract @Nullable K before(K key);

  /**
   * About {@code count} keys.
   *
   * @param position where to go on, {@code null} to begin
   * @param range of keys of an ordered set, {@code null} for all
   */
  abstract BaseTable.Chunk<K, V> chunk(
      @Nullable Object position, Match.@Nullable Range<K> range, int count);

  /** Another store without objects, in which a traversal goes on that stands on a key of this. */
  abstract Store<K, V> emptied();

  /** Whether {@link #maintain} has something to do. */
  boolean wantsMaintenance() {
    return false;
  }

  /** Grows. */
  void maintain() {}

  /** No traversal holds the table any more. */
  void sweep() {}
}
