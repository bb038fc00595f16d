package io.otp.table;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the objects that have a part. May for a moment name a key too many, never one too
 * few: a write adds before it puts the object in, and removes after. Written under the lock of the
 * key.
 */
final class Index<K, V> {

  private static final Object NONE = new Object();

  final Component<? super V, ?> component;
  private final Map<Object, Set<K>> keys = new ConcurrentHashMap<>();

  Index(Component<? super V, ?> component) {
    this.component = component;
  }

  private Object part(V value) {
    Object part = component.of(value);
    return part == null ? NONE : part;
  }

  void add(K key, @Nullable Values<V> values) {
    for (Values<V> v = values; v != null; v = v.before()) {
      keys.compute(
          part(v.newest()),
          (_, set) -> {
            Set<K> all = set == null ? ConcurrentHashMap.newKeySet(2) : set;
            all.add(key);
            return all;
          });
    }
  }

  /**
   * Forgets what {@code now} does not have any more.
   *
   * @param key as it was written before; {@code newKey} may be another that is equal in the order
   */
  void remove(K key, @Nullable Values<V> before, K newKey, @Nullable Values<V> now) {
    for (Values<V> v = before; v != null; v = v.before()) {
      Object part = part(v.newest());
      if (!key.equals(newKey) || !has(now, part)) {
        keys.computeIfPresent(
            part,
            (_, set) -> {
              set.remove(key);
              return set.isEmpty() ? null : set;
            });
      }
    }
  }

  private boolean has(@Nullable Values<V> values, Object part) {
    for (Values<V> v = values; v != null; v = v.before()) {
      if (part.equals(part(v.newest()))) {
        return true;
      }
    }
    return false;
  }

  Collection<K> keys(@Nullable Object part) {
    Set<K> set = keys.get(part == null ? NONE : part);
    return set == null ? List.of() : List.copyOf(set);
  }
}
