package io.otp.table;

import org.jspecify.annotations.Nullable;

/**
 * A key and what is under it at one moment. Immutable: a write puts another cell in its place. For
 * packages that add a kind of table.
 *
 * @param key the key
 * @param hash of the key
 * @param values {@code null} in what a deleted key leaves in a fixed table, so that a traversal
 *     that stands on it can go on
 */
public record Cell<K, V>(K key, int hash, @Nullable Values<V> values) {}
