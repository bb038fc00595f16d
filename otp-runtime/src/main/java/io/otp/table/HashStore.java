package io.otp.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keys by hash, without an order that anybody could name but with one that does not change: by hash
 * and, among equal hashes, by age. That is what lets a traversal go on from a key, which {@code
 * java.util.concurrent.ConcurrentHashMap} cannot.
 *
 * <p>Threads. A bucket is an immutable array, a write puts another in its place under the lock of
 * its stripe; a reader takes the bucket it finds. Invariants:
 *
 * <ul>
 *   <li>H1 A key is in bucket {@code hash >>> shift}: the top bits, so that buckets in order are
 *       keys in the order of their unsigned hashes, in a table of any size.
 *   <li>H2 Within a bucket cells are in the order of their unsigned hashes; those of equal hash are
 *       next to each other, the older ones first.
 *   <li>H3 A stripe is {@code hash >>> 27}: a bucket is of one stripe, as there are never fewer
 *       buckets than stripes.
 *   <li>H4 While the table is fixed a key keeps its cell, without values once it is deleted.
 *   <li>H5 Growing holds all stripes, and a reader that has the array from before sees what was
 *       there then; so it takes the array anew for each bucket.
 * </ul>
 */
final class HashStore<K, V> extends Store<K, V> {

  private static final int STRIPE_BITS = 5;
  private static final int STRIPES = 1 << STRIPE_BITS;
  private static final int MAX_BITS = 28;

  private static final class Buckets<K, V> extends AtomicReferenceArray<Cell<K, V> @Nullable []> {
    private static final long serialVersionUID = 1L;
    final int bits;

    Buckets(int bits) {
      super(1 << bits);
      this.bits = bits;
    }

    int index(int hash) {
      return hash >>> 32 - bits;
    }
  }

  private volatile Buckets<K, V> buckets = new Buckets<>(STRIPE_BITS);
  private final LongAdder cells = new LongAdder();
  private volatile boolean tombstones;

  /** Spreads a hash code to its top bits; different codes stay different. */
  static int hash(Object key) {
    int h = key.hashCode();
    h = (h ^ h >>> 16) * 0x85ebca6b;
    h = (h ^ h >>> 13) * 0xc2b2ae35;
    return h ^ h >>> 16;
  }

  @Override
  int stripes() {
    return STRIPES;
  }

  /** Which lock guards {@code key} (H3). */
  static int stripeOf(Object key) {
    return hash(key) >>> 32 - STRIPE_BITS;
  }

  private @Nullable Cell<K, V> find(K key) {
    int hash = hash(key);
    Buckets<K, V> all = buckets;
    return find(all.get(all.index(hash)), key, hash);
  }

  private static <K, V> @Nullable Cell<K, V> find(Cell<K, V> @Nullable [] bucket, K key, int hash) {
    int i = indexOf(bucket, key, hash);
    return bucket == null || i < 0 ? null : bucket[i];
  }

  private static <K, V> int indexOf(Cell<K, V> @Nullable [] bucket, K key, int hash) {
    if (bucket != null) {
      for (int i = 0; i < bucket.length; i++) {
        if (bucket[i].hash() == hash && bucket[i].key().equals(key)) {
          return i;
        }
      }
    }
    return -1;
  }

  @Override
  @Nullable Cell<K, V> get(K key) {
    Cell<K, V> cell = find(key);
    return cell == null || cell.values() == null ? null : cell;
  }

  @Override
  void put(K key, Values<V> values) {
    int hash = hash(key);
    Buckets<K, V> all = buckets;
    int index = all.index(hash);
    Cell<K, V>[] bucket = all.get(index);
    int at = indexOf(bucket, key, hash);
    var cell = new Cell<>(key, hash, values);
    if (bucket != null && at >= 0) {
      all.set(index, with(bucket, at, cell));
      return;
    }
    all.set(index, bucket == null ? single(cell) : insert(bucket, cell));
    cells.increment();
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of a generic type
  private static <K, V> Cell<K, V>[] single(Cell<K, V> cell) {
    return new Cell[] {cell};
  }

  private static <K, V> Cell<K, V>[] with(Cell<K, V>[] bucket, int at, Cell<K, V> cell) {
    Cell<K, V>[] copy = bucket.clone();
    copy[at] = cell;
    return copy;
  }

  /** H2. */
  private static <K, V> Cell<K, V>[] insert(Cell<K, V>[] bucket, Cell<K, V> cell) {
    int at = 0;
    while (at < bucket.length && Integer.compareUnsigned(bucket[at].hash(), cell.hash()) <= 0) {
      at++;
    }
    Cell<K, V>[] longer = Arrays.copyOf(bucket, bucket.length + 1);
    System.arraycopy(bucket, at, longer, at + 1, bucket.length - at);
    longer[at] = cell;
    return longer;
  }

  @Override
  void remove(K key, boolean fixed) {
    int hash = hash(key);
    Buckets<K, V> all = buckets;
    int index = all.index(hash);
    Cell<K, V>[] bucket = all.get(index);
    int at = indexOf(bucket, key, hash);
    if (bucket == null || at < 0) {
      return;
    }
    if (fixed) { // H4
      tombstones = true;
      all.set(index, with(bucket, at, new Cell<>(bucket[at].key(), hash, null)));
      return;
    }
    all.set(index, without(bucket, at));
    cells.decrement();
  }

  private static <K, V> Cell<K, V> @Nullable [] without(Cell<K, V>[] bucket, int at) {
    if (bucket.length == 1) {
      return null;
    }
    Cell<K, V>[] shorter = Arrays.copyOf(bucket, bucket.length - 1);
    System.arraycopy(bucket, at + 1, shorter, at, bucket.length - at - 1);
    return shorter;
  }

  // --- traversal

  @Override
  @Nullable K first() {
    return firstFrom(0);
  }

  @Override
  @Nullable K last() {
    return first();
  }

  /** The first key whose unsigned hash is at least {@code from}. */
  private @Nullable K firstFrom(long from) {
    while (from >>> 32 == 0) {
      Buckets<K, V> all = buckets; // H5
      int index = all.index((int) from);
      Cell<K, V>[] bucket = all.get(index);
      if (bucket != null) {
        for (Cell<K, V> cell : bucket) {
          if (cell.values() != null && Integer.toUnsignedLong(cell.hash()) >= from) {
            return cell.key();
          }
        }
      }
      from = (index + 1L) << 32 - all.bits;
    }
    return null;
  }

  @Override
  boolean isPosition(K key) {
    return find(key) != null;
  }

  @Override
  @Nullable K after(K key) {
    int hash = hash(key);
    Buckets<K, V> all = buckets;
    int index = all.index(hash);
    Cell<K, V>[] bucket = all.get(index);
    int at = indexOf(bucket, key, hash);
    if (bucket != null && at >= 0) {
      for (int i = at + 1; i < bucket.length; i++) {
        if (bucket[i].values() != null) {
          return bucket[i].key();
        }
      }
    }
    return firstFrom((index + 1L) << 32 - all.bits);
  }

  @Override
  @Nullable K before(K key) {
    return after(key);
  }

  /** Ends between buckets only, so that a position is a hash and no key needs to stay. */
  @Override
  BaseTable.Chunk<K, V> chunk(
      @Nullable Object position, Match.@Nullable Range<K> range, int count) {
    long from = position == null ? 0 : (Long) position;
    var found = new ArrayList<Cell<K, V>>();
    while (from >>> 32 == 0 && found.size() < count) {
      Buckets<K, V> all = buckets; // H5
      int index = all.index((int) from);
      Cell<K, V>[] bucket = all.get(index);
      if (bucket != null) {
        for (Cell<K, V> cell : bucket) {
          if (cell.values() != null && Integer.toUnsignedLong(cell.hash()) >= from) {
            found.add(cell);
          }
        }
      }
      from = (index + 1L) << 32 - all.bits;
    }
    return new BaseTable.Chunk<>(found, from >>> 32 == 0 ? (Object) from : null);
  }

  // --- size

  /** H4: with a cell without values for each key. */
  @Override
  HashStore<K, V> emptied() {
    Buckets<K, V> all = buckets;
    var rest = new Buckets<K, V>(all.bits);
    var store = new HashStore<K, V>();
    for (int i = 0; i < all.length(); i++) {
      Cell<K, V>[] bucket = all.get(i);
      if (bucket != null) {
        Cell<K, V>[] left = bucket.clone();
        Arrays.setAll(left, n -> new Cell<>(left[n].key(), left[n].hash(), null));
        rest.setPlain(i, left);
        store.cells.add(left.length);
      }
    }
    store.buckets = rest;
    store.tombstones = true;
    return store;
  }

  @Override
  boolean wantsMaintenance() {
    Buckets<K, V> all = buckets;
    return all.bits < MAX_BITS && cells.sum() > all.length();
  }

  @Override
  void maintain() {
    Buckets<K, V> old = buckets;
    if (!wantsMaintenance()) {
      return; // another thread was first
    }
    var all = new Buckets<K, V>(Math.min(old.bits + 2, MAX_BITS));
    for (int i = 0; i < old.length(); i++) {
      Cell<K, V>[] bucket = old.get(i);
      if (bucket != null) {
        for (Cell<K, V> cell : bucket) {
          int index = all.index(cell.hash());
          Cell<K, V>[] to = all.get(index);
          all.setPlain(index, to == null ? single(cell) : insert(to, cell)); // keeps H2
        }
      }
    }
    buckets = all;
  }

  @Override
  void sweep() {
    if (!tombstones) {
      return;
    }
    tombstones = false;
    Buckets<K, V> all = buckets;
    for (int i = 0; i < all.length(); i++) {
      Cell<K, V>[] bucket = all.get(i);
      if (bucket == null) {
        continue;
      }
      Cell<K, V>[] rest =
          Arrays.stream(bucket).filter(cell -> cell.values() != null).toArray(HashStore::array);
      if (rest.length < bucket.length) {
        cells.add(rest.length - bucket.length);
        all.set(i, rest.length == 0 ? null : rest);
      }
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of a generic type
  private static <K, V> Cell<K, V>[] array(int length) {
    return new Cell[length];
  }
}
