package io.otp.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Ref;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TermOrderTests {

  enum Colour {
    RED,
    BLUE
  }

  record One(int a) {}

  record Pair(Object a, Object b) {}

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private List<Object> ordered() {
    return List.of(
        Double.NEGATIVE_INFINITY,
        new BigDecimal("-1e400"),
        -1,
        0.5,
        1L,
        1.5f,
        Long.MAX_VALUE,
        new BigInteger("9223372036854775808"),
        Double.POSITIVE_INFINITY,
        Double.NaN,
        Colour.BLUE, // by name, not by ordinal
        Colour.RED,
        false,
        true,
        Ref.create(),
        otp.runtime().spawn(_ -> {}),
        new One(9),
        new Pair(1, 2),
        new Pair(1, List.of()),
        new Pair(2, 1),
        Map.of(),
        Map.of("b", 1),
        Map.of("b", 2),
        Map.of("a", 1, "b", 0),
        List.of(),
        List.of(1),
        List.of(1, 1),
        List.of(2),
        "",
        "a",
        "aa",
        "b",
        "\uFFFD",
        "\uD83D\uDE00",
        LocalDate.of(2026, 1, 1),
        LocalDate.of(2026, 1, 2));
  }

  @Test
  @Rule("9.02")
  void kindsAreInErlangsOrder() {
    List<Object> terms = ordered();
    var shuffled = new ArrayList<>(terms);
    Random random = TestRuntime.random("TermOrderTests.kindsAreInErlangsOrder");
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(shuffled, random);
      shuffled.sort(TermOrder.ORDER);
      assertThat(shuffled).isEqualTo(terms);
    }
  }

  @Test
  @Rule("9.02")
  void numbersCompareByValue() {
    List<Number> ones =
        List.of(1, 1L, (short) 1, (byte) 1, 1.0, 1.0f, BigInteger.ONE, new BigDecimal("1.00"));
    for (Number a : ones) {
      for (Number b : ones) {
        assertThat(TermOrder.ORDER.compare(a, b)).as(a.getClass() + " " + b.getClass()).isZero();
      }
    }
    // a double cannot tell these two apart
    assertThat(TermOrder.ORDER.compare((1L << 53) + 1, (double) (1L << 53))).isPositive();
  }

  @Test
  @Rule("9.02")
  void orderIsTotal() {
    List<Object> terms = ordered();
    for (int i = 0; i < terms.size(); i++) {
      for (int j = 0; j < terms.size(); j++) {
        assertThat(Integer.signum(TermOrder.ORDER.compare(terms.get(i), terms.get(j))))
            .as(terms.get(i) + " and " + terms.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void whatHasNoOrderIsRefused() {
    assertThatThrownBy(() -> TermOrder.ORDER.compare(new Object(), 1))
        .hasMessage(
            "A java.lang.Object has no place in the order of terms. Ordered are numbers, enum"
                + " constants, booleans, Ref, Pid, records, maps, lists, strings and what is"
                + " Comparable; use one of these, or give the table an order with"
                + " TableSpec.withOrder.");
  }
}
