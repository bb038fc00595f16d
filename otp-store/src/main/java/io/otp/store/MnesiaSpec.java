package io.otp.store;

import io.otp.table.Component;
import io.otp.table.TableAccess;
import io.otp.table.TableSpec;
import io.otp.table.TableType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A table of {@link Mnesia}: the arguments of {@code mnesia:create_table/2}, and what transactions
 * call the table by. Immutable; {@code withX} gives another.
 *
 * {@snippet :
 * record Account(String owner, long cents) {}
 *
 * static final Component<Account, String> OWNER = Component.of("owner", Account::owner);
 * static final MnesiaSpec<String, Account> ACCOUNTS =
 *     MnesiaSpec.set("accounts", Codec.ofString(), Codec.record(Account.class))
 *         .withCopies(Copies.DISC)
 *         .withIndex(OWNER);
 * }
 *
 * @param name unique in its Mnesia
 * @param type set, ordered set or bag
 * @param key how keys are written
 * @param value how values are written
 * @param copies where it is, default {@link Copies#RAM}
 * @param indexes parts of the values that it has an index of
 */
public record MnesiaSpec<K, V>(
    String name,
    TableType type,
    Codec<K> key,
    Codec<V> value,
    Copies copies,
    List<Component<? super V, ?>> indexes) {

  /**
   * With all arguments.
   *
   * @throws IllegalArgumentException if the name is empty or the type is a duplicate bag
   */
  public MnesiaSpec {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(copies, "copies");
    indexes = List.copyOf(indexes);
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "A table has an empty name. Give it a name of 1 character or more.");
    }
    if (type == TableType.DUPLICATE_BAG) {
      throw new IllegalArgumentException(
          "Table '"
              + name
              + "' of Mnesia cannot be a duplicate_bag. Allowed are set, ordered_set and bag.");
    }
  }

  /** A table in memory. */
  public static <K, V> MnesiaSpec<K, V> of(
      TableType type, String name, Codec<K> key, Codec<V> value) {
    return new MnesiaSpec<>(name, type, key, value, Copies.RAM, List.of());
  }

  /** A {@link TableType#SET}. */
  public static <K, V> MnesiaSpec<K, V> set(String name, Codec<K> key, Codec<V> value) {
    return of(TableType.SET, name, key, value);
  }

  /** A {@link TableType#ORDERED_SET}. */
  public static <K, V> MnesiaSpec<K, V> orderedSet(String name, Codec<K> key, Codec<V> value) {
    return of(TableType.ORDERED_SET, name, key, value);
  }

  /** A {@link TableType#BAG}. */
  public static <K, V> MnesiaSpec<K, V> bag(String name, Codec<K> key, Codec<V> value) {
    return of(TableType.BAG, name, key, value);
  }

  /** In another place. */
  public MnesiaSpec<K, V> withCopies(Copies copies) {
    return new MnesiaSpec<>(name, type, key, value, copies, indexes);
  }

  /** With an index of a part of the values. */
  public MnesiaSpec<K, V> withIndex(Component<? super V, ?> component) {
    var more = new ArrayList<>(indexes);
    more.add(component);
    return new MnesiaSpec<>(name, type, key, value, copies, more);
  }

  StoredTable<K, V> stored() {
    return new StoredTable<>(name, type, key, value);
  }

  /** The table in memory. */
  TableSpec<K, V> inMemory() {
    TableSpec<K, V> spec =
        TableSpec.of(type, name, key.type(), value.type()).withAccess(TableAccess.PUBLIC);
    for (Component<? super V, ?> component : indexes) {
      spec = spec.withIndex(component);
    }
    return spec;
  }

  boolean isSameAs(MnesiaSpec<?, ?> other) {
    return type == other.type
        && copies == other.copies
        && key.type() == other.key.type()
        && value.type() == other.value.type()
        && key.shape().equals(other.key.shape())
        && value.shape().equals(other.value.shape());
  }
}
