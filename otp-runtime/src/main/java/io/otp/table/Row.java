package io.otp.table;

/**
 * An object of a table: what is a tuple in {@code ets}.
 *
 * @param key its key
 * @param value the rest of it
 */
public record Row<K, V>(K key, V value) {

  /** An object. */
  public static <K, V> Row<K, V> of(K key, V value) {
    return new Row<>(key, value);
  }
}
