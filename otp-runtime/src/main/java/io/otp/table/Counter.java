package io.otp.table;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A number in a value that {@link Table#updateCounter} counts.
 *
 * {@snippet :
 * record Hits(long count, String page) {
 *   Hits withCount(long count) { return new Hits(count, page); }
 * }
 *
 * static final Counter<Hits> COUNT = Counter.of("count", Hits::count, Hits::withCount);
 *
 * long now = hits.updateCounter("home", COUNT.add(1));
 * }
 *
 * @param <V> the values
 */
public final class Counter<V> {

  private final String name;
  private final ToLongFunction<? super V> get;
  private final BiFunction<? super V, Long, ? extends V> with;

  private Counter(
      String name, ToLongFunction<? super V> get, BiFunction<? super V, Long, ? extends V> with) {
    this.name = Objects.requireNonNull(name, "name");
    this.get = Objects.requireNonNull(get, "get");
    this.with = Objects.requireNonNull(with, "with");
  }

  /**
   * A number in a value.
   *
   * @param name what errors call it
   * @param get reads it
   * @param with gives the value with another number; may be run several times for one update
   */
  public static <V> Counter<V> of(
      String name, ToLongFunction<? super V> get, BiFunction<? super V, Long, ? extends V> with) {
    return new Counter<>(name, get, with);
  }

  /** For tables whose values are numbers. */
  public static Counter<Long> ofLong() {
    return new Counter<>("value", value -> value, (_, number) -> number);
  }

  /** Adds {@code increment}, which may be negative. */
  public Update<V> add(long increment) {
    return new Update<>(this, increment, null, 0);
  }

  /**
   * A step of an update: <code>{Pos, Incr}</code> or <code>{Pos, Incr, Threshold, SetValue}</code>.
   *
   * @param counter the number
   * @param increment what is added
   * @param threshold what the sum may reach: not be above it if {@code increment} is not negative,
   *     not be below it else; {@code null} for none
   * @param setValue what the number becomes if it would pass the threshold
   */
  public record Update<V>(
      Counter<V> counter, long increment, @Nullable Long threshold, long setValue) {

    /** The same step that sets the number to {@code setValue} if it would pass the threshold. */
    public Update<V> wrap(long threshold, long setValue) {
      return new Update<>(counter, increment, threshold, setValue);
    }

    V apply(V value) {
      return counter.with.apply(value, sum(counter.get.applyAsLong(value)));
    }

    private long sum(long number) {
      if (threshold == null) {
        return Math.addExact(number, increment);
      }
      long sum = number + increment;
      boolean overflow = increment >= 0 ? sum < number : sum > number;
      boolean passes = increment >= 0 ? sum > threshold : sum < threshold;
      return overflow || passes ? setValue : sum;
    }

    long read(V value) {
      return counter.get.applyAsLong(value);
    }
  }

  @Override
  public String toString() {
    return "Counter[" + name + "]";
  }
}
