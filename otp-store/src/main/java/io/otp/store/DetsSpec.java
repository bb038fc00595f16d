package io.otp.store;

import io.otp.table.TableType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How a table on disk is opened: the arguments of {@code dets:open_file/2}. Immutable; {@code
 * withX} gives another.
 *
 * {@snippet :
 * record User(String name, int age) {}
 *
 * static final DetsSpec<String, User> USERS =
 *     DetsSpec.set("users", Path.of("data/users.dets"), Codec.ofString(), Codec.record(User.class));
 * }
 *
 * @param name what it is called; two that are open at a time have two names
 * @param file where it is; made with its folder if it is not there
 * @param type what it keeps under a key; not an ordered set
 * @param key how keys are written
 * @param value how values are written
 * @param repair what to do if it was not closed, default {@link Repair#AUTO}
 * @param autoSave how long a change may be in memory only, at least 1 ms, default 3 seconds
 */
public record DetsSpec<K, V>(
    String name,
    Path file,
    TableType type,
    Codec<K> key,
    Codec<V> value,
    Repair repair,
    Duration autoSave) {

  /** How long a change may be in memory only by default. */
  public static final Duration AUTO_SAVE = Duration.ofSeconds(3);

  /**
   * With all arguments.
   *
   * @throws IllegalArgumentException if the name is empty, the type is an ordered set or {@code
   *     autoSave} is less than 1 ms
   */
  public DetsSpec {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(repair, "repair");
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "A table in " + file + " has an empty name. Give it a name of 1 character or more.");
    }
    if (type == TableType.ORDERED_SET) {
      throw new IllegalArgumentException(
          "Table '"
              + name
              + "' cannot be an ordered_set on disk. Allowed are set, bag and duplicate_bag.");
    }
    if (autoSave.toMillis() < 1) {
      throw new IllegalArgumentException(
          "Table '"
              + name
              + "' cannot be saved every "
              + autoSave
              + "; the least is 1 ms. Call sync where nothing may be lost.");
    }
  }

  /** A table of a type. */
  public static <K, V> DetsSpec<K, V> of(
      TableType type, String name, Path file, Codec<K> key, Codec<V> value) {
    return new DetsSpec<>(name, file, type, key, value, Repair.AUTO, AUTO_SAVE);
  }

  /** A {@link TableType#SET}. */
  public static <K, V> DetsSpec<K, V> set(String name, Path file, Codec<K> key, Codec<V> value) {
    return of(TableType.SET, name, file, key, value);
  }

  /** A {@link TableType#BAG}. */
  public static <K, V> DetsSpec<K, V> bag(String name, Path file, Codec<K> key, Codec<V> value) {
    return of(TableType.BAG, name, file, key, value);
  }

  /** A {@link TableType#DUPLICATE_BAG}. */
  public static <K, V> DetsSpec<K, V> duplicateBag(
      String name, Path file, Codec<K> key, Codec<V> value) {
    return of(TableType.DUPLICATE_BAG, name, file, key, value);
  }

  /** With another way to treat a table that was not closed. */
  public DetsSpec<K, V> withRepair(Repair repair) {
    return new DetsSpec<>(name, file, type, key, value, repair, autoSave);
  }

  /** With another time that a change may be in memory only. */
  public DetsSpec<K, V> withAutoSave(Duration autoSave) {
    return new DetsSpec<>(name, file, type, key, value, repair, autoSave);
  }

  StoredTable<K, V> stored() {
    return new StoredTable<>("objects", type, key, value);
  }

  /** Whether both mean the same table. */
  boolean isSameAs(DetsSpec<?, ?> other) {
    return file.toAbsolutePath().normalize().equals(other.file.toAbsolutePath().normalize())
        && type == other.type
        && key.type() == other.key.type()
        && value.type() == other.value.type()
        && key.shape().equals(other.key.shape())
        && value.shape().equals(other.value.shape());
  }
}
