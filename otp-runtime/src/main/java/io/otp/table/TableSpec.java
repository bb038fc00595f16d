package io.otp.table;

import io.otp.process.Pid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a table is made: the arguments of {@code ets:new/2}. Immutable; {@code withX} gives another.
 *
 * {@snippet :
 * static final TableSpec<String, User> USERS =
 *     TableSpec.set("users", String.class, User.class).withIndex(CITY).withName();
 *
 * EtsTable<String, User> users = Tables.create(self, USERS);
 * }
 *
 * @param <K> the keys: immutable, with {@code equals} and {@code hashCode}
 * @param <V> the values: immutable, best a record; in a bag with {@code equals}
 */
public final class TableSpec<K, V> {

  final String name;
  final Class<K> keyType;
  final Class<V> valueType;
  final TableType type;
  final Comparator<? super K> order;
  final TableAccess access;
  final boolean named;
  final @Nullable Pid heir;
  final @Nullable Object heirData;
  final List<Component<? super V, ?>> indexes;

  private TableSpec(
      String name,
      Class<K> keyType,
      Class<V> valueType,
      TableType type,
      Comparator<? super K> order,
      TableAccess access,
      boolean named,
      @Nullable Pid heir,
      @Nullable Object heirData,
      List<Component<? super V, ?>> indexes) {
    this.name = Objects.requireNonNull(name, "name");
    this.keyType = Objects.requireNonNull(keyType, "keyType");
    this.valueType = Objects.requireNonNull(valueType, "valueType");
    this.type = Objects.requireNonNull(type, "type");
    this.order = Objects.requireNonNull(order, "order");
    this.access = Objects.requireNonNull(access, "access");
    this.named = named;
    this.heir = heir;
    this.heirData = heirData;
    this.indexes = indexes;
  }

  /**
   * A protected table of a type, without a heir; it is found by its name only {@link #withName}.
   */
  public static <K, V> TableSpec<K, V> of(
      TableType type, String name, Class<K> keyType, Class<V> valueType) {
    return new TableSpec<>(
        name,
        keyType,
        valueType,
        type,
        TermOrder.ORDER,
        TableAccess.PROTECTED,
        false,
        null,
        null,
        List.of());
  }

  /** A {@link TableType#SET}. */
  public static <K, V> TableSpec<K, V> set(String name, Class<K> keyType, Class<V> valueType) {
    return of(TableType.SET, name, keyType, valueType);
  }

  /** A {@link TableType#ORDERED_SET} whose keys are ordered as {@link TermOrder} says. */
  public static <K, V> TableSpec<K, V> orderedSet(
      String name, Class<K> keyType, Class<V> valueType) {
    return of(TableType.ORDERED_SET, name, keyType, valueType);
  }

  /** A {@link TableType#BAG}. */
  public static <K, V> TableSpec<K, V> bag(String name, Class<K> keyType, Class<V> valueType) {
    return of(TableType.BAG, name, keyType, valueType);
  }

  /** A {@link TableType#DUPLICATE_BAG}. */
  public static <K, V> TableSpec<K, V> duplicateBag(
      String name, Class<K> keyType, Class<V> valueType) {
    return of(TableType.DUPLICATE_BAG, name, keyType, valueType);
  }

  /** With other rights; default {@link TableAccess#PROTECTED}. */
  public TableSpec<K, V> withAccess(TableAccess access) {
    return new TableSpec<>(
        name, keyType, valueType, type, order, access, named, heir, heirData, indexes);
  }

  /** Found by its name, which only one table of a runtime can have: {@code named_table}. */
  public TableSpec<K, V> withName() {
    return new TableSpec<>(
        name, keyType, valueType, type, order, access, true, heir, heirData, indexes);
  }

  /** As {@link #withName()}, with another name. */
  public TableSpec<K, V> withName(String name) {
    return new TableSpec<>(
        name, keyType, valueType, type, order, access, true, heir, heirData, indexes);
  }

  /**
   * With a process that takes the table when its owner ends, and is told so by a {@link
   * TableTransfer}.
   *
   * @param data what the heir is told, immutable
   */
  public TableSpec<K, V> withHeir(Pid heir, @Nullable Object data) {
    return new TableSpec<>(
        name, keyType, valueType, type, order, access, named, heir, data, indexes);
  }

  /** With an index of a part of the values: selections by it do not search the table. */
  public TableSpec<K, V> withIndex(Component<? super V, ?> component) {
    var more = new ArrayList<>(indexes);
    more.add(Objects.requireNonNull(component, "component"));
    return new TableSpec<>(
        name, keyType, valueType, type, order, access, named, heir, heirData, List.copyOf(more));
  }

  /**
   * With an order of its own for the keys of an ordered set. Unlike OTP, where all terms have one
   * order.
   *
   * @param order must be quick and must not use tables
   * @throws IllegalStateException if this is no ordered set
   */
  public TableSpec<K, V> withOrder(Comparator<? super K> order) {
    if (type != TableType.ORDERED_SET) {
      throw new IllegalStateException(
          "Table '" + name + "' is a " + type + "; only an ordered_set has an order of keys");
    }
    return new TableSpec<>(
        name, keyType, valueType, type, order, access, named, heir, heirData, indexes);
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** Whether keys and values of another table have the same types. */
  public boolean hasTypesOf(TableSpec<?, ?> other) {
    return keyType == other.keyType && valueType == other.valueType;
  }

  @Override
  public String toString() {
    return "TableSpec["
        + type
        + " '"
        + name
        + "' of "
        + keyType.getSimpleName()
        + " to "
        + valueType.getSimpleName()
        + "]";
  }
}
