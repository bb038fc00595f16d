package io.otp.table;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The objects under one key, oldest last: adding one costs the same however many there are. For
 * packages that add a kind of table.
 *
 * @param newest the one that came last
 * @param before those that came before it, {@code null} if there are none
 * @param size how many
 */
public record Values<V>(V newest, @Nullable Values<V> before, int size) {

  /** One object. */
  public static <V> Values<V> of(V value) {
    return new Values<>(value, null, 1);
  }

  /** With one more. */
  public static <V> Values<V> plus(@Nullable Values<V> values, V value) {
    return new Values<>(value, values, values == null ? 1 : values.size + 1);
  }

  /** Whether an equal one is there. */
  public boolean contains(V value) {
    for (Values<V> v = this; v != null; v = v.before) {
      if (v.newest.equals(value)) {
        return true;
      }
    }
    return false;
  }

  /** Those that {@code wanted} wants, in order; itself if it wants all. */
  public @Nullable Values<V> filter(Predicate<V> wanted) {
    Values<V> kept = null;
    for (V value : toList()) {
      if (wanted.test(value)) {
        kept = plus(kept, value);
      }
    }
    return kept != null && kept.size == size ? this : kept;
  }

  /** In the order in which they came. */
  public List<V> toList() {
    if (before == null) {
      return List.of(newest);
    }
    Object[] array = new Object[size];
    int i = size;
    for (Values<V> v = this; v != null; v = v.before) {
      array[--i] = v.newest;
    }
    @SuppressWarnings("unchecked") // filled with what is of type V
    List<V> list = (List<V>) List.of(Arrays.copyOf(array, size));
    return list;
  }
}
