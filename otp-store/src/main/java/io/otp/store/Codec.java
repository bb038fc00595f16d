package io.otp.store;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * How values of a type are written to a file and read from it.
 *
 * {@snippet :
 * enum Level { FREE, PAID }
 * record User(String name, int age, Level level, Optional<String> email) {}
 *
 * static final Codec<User> USER = Codec.record(User.class);
 * }
 *
 * <p>A file keeps the {@linkplain #shape() shape} of what is in it, such as <code>
 * {name:?string,age:int,level:?enum(FREE,PAID),email:?optional(string)}</code>, and is opened only
 * with codecs of the same shape. A question mark stands where {@code null} may be. It names no
 * class, and reading makes nothing but what the codec is for.
 *
 * <p>Equal keys must be written as equal bytes, and other keys as other bytes; values too, which
 * tables on disk compare by their bytes. All codecs that are here do that.
 *
 * @param <T> the values: immutable, with {@code equals} and {@code hashCode}
 */
public interface Codec<T> {

  /** What it writes. */
  Class<T> type();

  /** What its bytes mean; another text when they mean something else. */
  String shape();

  /** Writes a value. */
  void write(T value, DataOutput out) throws IOException;

  /** Reads what {@link #write} has written. */
  T read(DataInput in) throws IOException;

  // --- values

  /** Texts. */
  static Codec<String> ofString() {
    return Codecs.STRING;
  }

  /** Whole numbers of 64 bits. */
  static Codec<Long> ofLong() {
    return Codecs.LONG;
  }

  /** Whole numbers of 32 bits. */
  static Codec<Integer> ofInt() {
    return Codecs.INT;
  }

  /** Floating point numbers. */
  static Codec<Double> ofDouble() {
    return Codecs.DOUBLE;
  }

  /** Truth values. */
  static Codec<Boolean> ofBoolean() {
    return Codecs.BOOLEAN;
  }

  /** Whole numbers of any size. */
  static Codec<BigInteger> ofBigInteger() {
    return Codecs.BIG_INTEGER;
  }

  /** Decimal numbers, with their scale. */
  static Codec<BigDecimal> ofBigDecimal() {
    return Codecs.BIG_DECIMAL;
  }

  /** UUIDs. */
  static Codec<UUID> ofUuid() {
    return Codecs.UUIDS;
  }

  /** Moments, to the nanosecond. */
  static Codec<Instant> ofInstant() {
    return Codecs.INSTANT;
  }

  /** Durations, to the nanosecond. */
  static Codec<Duration> ofDuration() {
    return Codecs.DURATION;
  }

  /** Days. */
  static Codec<LocalDate> ofLocalDate() {
    return Codecs.LOCAL_DATE;
  }

  /** The constants of an enum, by name. */
  static <E extends Enum<E>> Codec<E> ofEnum(Class<E> type) {
    return new EnumCodec<>(type);
  }

  /**
   * A record, by the names and types of its components. They may be all that this interface has a
   * codec for, also within one another, and {@code null} where they are no primitives.
   *
   * @throws StoreException if a component has another type, or the record is in a module that does
   *     not open its package to {@code io.otp.store}
   */
  static <R extends Record> Codec<R> record(Class<R> type) {
    return RecordCodec.of(type);
  }

  /**
   * One of several types, each with a name of its own in the file.
   *
   * {@snippet :
   * sealed interface Shape {}
   * record Circle(double radius) implements Shape {}
   * record Square(double side) implements Shape {}
   *
   * static final Codec<Shape> SHAPE =
   *     Codec.oneOf(
   *         Shape.class,
   *         Map.of("circle", Codec.record(Circle.class), "square", Codec.record(Square.class)));
   * }
   *
   * @param variants a codec for each class, by the name of it in the file
   * @throws StoreException if two variants have the same class
   */
  static <T> Codec<T> oneOf(Class<T> type, Map<String, Codec<? extends T>> variants) {
    return new OneOfCodec<>(type, variants);
  }

  // --- what holds values

  /** Lists. */
  static <T> Codec<List<T>> listOf(Codec<T> element) {
    return CollectionCodecs.list(element);
  }

  /** Sets; their order is lost. */
  static <T> Codec<Set<T>> setOf(Codec<T> element) {
    return CollectionCodecs.set(element);
  }

  /** Maps; their order is lost. */
  static <K, V> Codec<Map<K, V>> mapOf(Codec<K> key, Codec<V> value) {
    return CollectionCodecs.map(key, value);
  }

  /** What may be there or not. */
  static <T> Codec<Optional<T>> optionalOf(Codec<T> value) {
    return CollectionCodecs.optional(value);
  }
}
