package io.otp.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a table are meant: the head and guards of a match specification. Immutable; each
 * method gives a narrower one, all parts must hold.
 *
 * {@snippet :
 * List<Row<String, User>> adults =
 *     users.select(users.match().is(CITY, "Oslo").where(user -> user.age() >= 18));
 * }
 *
 * <p>A key, an index and, in an ordered set, a range of keys bound the work: then the table is not
 * searched as a whole. A guard that throws an exception does not match; its exception is lost, as
 * in OTP.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class Match<K, V> {

  /**
   * A range of keys of an ordered set; {@code null} is open.
   *
   * @param from the first key that is meant
   * @param to the last key that is meant
   */
  public record Range<K>(@Nullable K from, @Nullable K to) {}

  /**
   * A part that must have a value.
   *
   * @param component the part
   * @param value its value
   */
  public record Is<V>(Component<? super V, ?> component, @Nullable Object value) {}

  private static final Match<?, ?> ANY = new Match<>(null, null, List.of(), List.of());

  final @Nullable K key;
  final @Nullable Range<K> range;
  final List<Is<V>> components;
  private final List<BiPredicate<? super K, ? super V>> guards;

  private Match(
      @Nullable K key,
      @Nullable Range<K> range,
      List<Is<V>> components,
      List<BiPredicate<? super K, ? super V>> guards) {
    this.key = key;
    this.range = range;
    this.components = components;
    this.guards = guards;
  }

  /** Every object. */
  @SuppressWarnings("unchecked") // it holds nothing of either type
  public static <K, V> Match<K, V> any() {
    return (Match<K, V>) ANY;
  }

  /**
   * Those with this key.
   *
   * @throws IllegalStateException if the match has a key already
   */
  public Match<K, V> key(K key) {
    if (this.key != null) {
      throw new IllegalStateException(
          "A match has one key at most: it has " + this.key + " and cannot have " + key + " too");
    }
    return new Match<>(Objects.requireNonNull(key, "key"), range, components, guards);
  }

  /**
   * Those whose key lies between two keys. For ordered sets; other tables refuse it.
   *
   * @param from the first key that is meant, {@code null} for no limit
   * @param to the last key that is meant, {@code null} for no limit
   * @throws IllegalStateException if the match has a range already
   */
  public Match<K, V> between(@Nullable K from, @Nullable K to) {
    if (range != null) {
      throw new IllegalStateException("A match has one range of keys at most: it has " + range);
    }
    return new Match<>(key, new Range<>(from, to), components, guards);
  }

  /** Those whose part equals {@code value}; does not search if the table has an index of it. */
  public <C> Match<K, V> is(Component<? super V, C> component, @Nullable C value) {
    return new Match<>(key, range, plus(components, new Is<>(component, value)), guards);
  }

  /** Those whose value passes {@code guard}, which must have no side effects. */
  public Match<K, V> where(Predicate<? super V> guard) {
    return where((_, value) -> guard.test(value));
  }

  /** Those that pass {@code guard}, which must have no side effects. */
  public Match<K, V> where(BiPredicate<? super K, ? super V> guard) {
    return new Match<>(key, range, components, plus(guards, guard));
  }

  private static <T> List<T> plus(List<T> list, T item) {
    var longer = new ArrayList<>(list);
    longer.add(item);
    return List.copyOf(longer);
  }

  /** The key that is meant, empty if others are too. */
  public Optional<K> boundKey() {
    return Optional.ofNullable(key);
  }

  /** Whether an object matches, in a table whose keys have an order. */
  public boolean matches(K key, V value, Comparator<? super K> order) {
    if (this.key != null && order.compare(this.key, key) != 0) {
      return false;
    }
    if (range != null
        && (range.from() != null && order.compare(range.from(), key) > 0
            || range.to() != null && order.compare(key, range.to()) > 0)) {
      return false;
    }
    return test(key, value);
  }

  /** Whether an object matches, in a table whose keys are equal by {@code equals}. */
  public boolean matches(K key, V value) {
    return (this.key == null || this.key.equals(key)) && test(key, value);
  }

  /** The key and the range are the table's to check. */
  boolean test(K key, V value) {
    try {
      for (Is<V> is : components) {
        if (!Objects.equals(is.component().of(value), is.value())) {
          return false;
        }
      }
      for (BiPredicate<? super K, ? super V> guard : guards) {
        if (!guard.test(key, value)) {
          return false;
        }
      }
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }
}
