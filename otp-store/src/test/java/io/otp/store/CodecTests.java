package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTests {

  enum Level {
    FREE,
    PAID
  }

  record Name(String first, String last) {}

  record User(
      Name name,
      int age,
      Level level,
      Optional<String> email,
      List<Long> orders,
      Set<Level> levels,
      Map<String, Instant> seen,
      Integer boxed) {}

  record Positive(long number) {
    Positive {
      if (number <= 0) {
        throw new IllegalArgumentException(number + " is not positive");
      }
    }
  }

  record Node(String name, List<Node> below) {}

  record Odd(StringBuilder text) {}

  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  record Square(double side) implements Shape {}

  static final Codec<Shape> SHAPE =
      Codec.oneOf(
          Shape.class,
          Map.of("circle", Codec.record(Circle.class), "square", Codec.record(Square.class)));

  record Case<T>(Codec<T> codec, T value) {}

  static Stream<Case<?>> values() {
    var user =
        new User(
            new Name("Joe", null),
            50,
            Level.PAID,
            Optional.of("joe@example.org"),
            List.of(1L, 2L),
            Set.of(Level.FREE, Level.PAID),
            Map.of("web", Instant.MAX, "app", Instant.MIN),
            null);
    return Stream.of(
        new Case<>(Codec.ofString(), ""),
        new Case<>(Codec.ofString(), "Grüße 🐣"),
        new Case<>(Codec.ofString(), "half \ud83d of a pair"),
        new Case<>(Codec.ofString(), "x".repeat(200_000)),
        new Case<>(Codec.ofLong(), Long.MIN_VALUE),
        new Case<>(Codec.ofInt(), -1),
        new Case<>(Codec.ofDouble(), -0.0),
        new Case<>(Codec.ofDouble(), Double.NaN),
        new Case<>(Codec.ofBoolean(), true),
        new Case<>(Codec.ofBigInteger(), BigInteger.ONE.shiftLeft(100).negate()),
        new Case<>(Codec.ofBigDecimal(), new BigDecimal("1.00")),
        new Case<>(Codec.ofUuid(), new UUID(1, 2)),
        new Case<>(Codec.ofInstant(), Instant.ofEpochSecond(1, 999_999_999)),
        new Case<>(Codec.ofDuration(), Duration.ofNanos(-1)),
        new Case<>(Codec.ofLocalDate(), LocalDate.of(2026, 2, 28)),
        new Case<>(Codec.ofEnum(Level.class), Level.PAID),
        new Case<>(SHAPE, new Square(2)),
        new Case<>(Codec.optionalOf(Codec.ofInt()), Optional.empty()),
        new Case<>(Codec.record(User.class), user));
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void whatIsWrittenIsRead(Case<T> value) throws IOException {
    byte[] bytes = Packed.encode(value.codec(), value.value());
    assertThat(Packed.decode(value.codec(), bytes)).isEqualTo(value.value());
  }

  @Test
  void shapeNamesNoClass() {
    assertThat(Codec.record(User.class).shape())
        .isEqualTo(
            "{name:?{first:?string,last:?string},age:int,level:?enum(FREE,PAID),"
                + "email:?optional(string),orders:?list(long),levels:?set(enum(FREE,PAID)),"
                + "seen:?map(string,instant),boxed:?int}");
    assertThat(SHAPE.shape()).isEqualTo("oneof(circle:{radius:double}|square:{side:double})");
  }

  @Test
  void equalValuesHaveEqualBytes() {
    Codec<Set<Integer>> set = Codec.setOf(Codec.ofInt());
    Random random = TestRuntime.random("CodecTests.equalValuesHaveEqualBytes");
    for (int i = 0; i < 100; i++) {
      var one = new LinkedHashSet<Integer>();
      random.ints(20, -5, 40).forEach(one::add);
      var other = new LinkedHashSet<>(one.stream().sorted().toList());
      assertThat(Packed.encode(set, one)).isEqualTo(Packed.encode(set, other));
    }
    assertThat(Packed.encode(Codec.ofDouble(), 0.0))
        .isNotEqualTo(Packed.encode(Codec.ofDouble(), -0.0));
    assertThat(Packed.encode(Codec.ofString(), "half \ud83d"))
        .isNotEqualTo(Packed.encode(Codec.ofString(), "half ?"));
  }

  @Test
  void whatHasNoCodecIsRefused() {
    assertThatThrownBy(() -> Codec.record(Odd.class))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "Record io.otp.store.CodecTests$Odd has no codec for its component 'text' of"
                + " java.lang.StringBuilder. Allowed are primitives, String,")
        .hasMessageContaining("Write a Codec of your own for the record");
    assertThatThrownBy(() -> Codec.record(Node.class))
        .hasMessageContaining("Node is a part of itself, which has no codec. Write one");
    assertThatThrownBy(
            () ->
                Codec.oneOf(
                    Shape.class,
                    Map.of("a", Codec.record(Circle.class), "b", Codec.record(Circle.class))))
        .hasMessageContaining("The variants 'a' and 'b' of")
        .hasMessageEndingWith("Give each class one variant.");
    Codec<Shape> circles = Codec.oneOf(Shape.class, Map.of("circle", Codec.record(Circle.class)));
    assertThatThrownBy(() -> Packed.encode(circles, new Square(1)))
        .hasMessageContaining("Square is none of the variants [circle] of")
        .hasMessageEndingWith("Add a variant to Codec.oneOf.");
  }

  @Test
  void aRecordsConstructorChecksWhatIsRead() {
    byte[] bytes = Packed.encode(Codec.ofLong(), -1L);
    assertThatThrownBy(() -> Packed.decode(Codec.record(Positive.class), bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the constructor of")
        .hasMessageContaining("Positive refuses [-1]");
  }

  /** Whatever a file holds, reading ends with a value or an {@link IOException}. */
  @Test
  void garbageIsAnErrorAndTakesNoMemory() {
    Random random = TestRuntime.random("CodecTests.garbageIsAnErrorAndTakesNoMemory");
    Codec<User> codec = Codec.record(User.class);
    byte[] good = Packed.encode(codec, (User) values().toList().getLast().value());
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      try {
        Packed.decode(codec, bad);
      } catch (IOException | UncheckedIOException e) {
        assertThat(e).isInstanceOf(IOException.class);
      }
    }
  }
}
