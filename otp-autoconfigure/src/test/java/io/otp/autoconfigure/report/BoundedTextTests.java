package io.otp.autoconfigure.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BoundedTextTests {

  record Account(String owner, long cents) {}

  record Secret(String password) {
    @Override
    public String toString() {
      return "Secret[***]";
    }
  }

  record Deep(Object next) {}

  @Test
  void showsValuesAsTheyShowThemselves() {
    for (Object value :
        List.of(
            "text",
            42,
            List.of(1, 2),
            Map.of("a", 1),
            new Account("joe", 5),
            List.of(),
            Map.of())) {
      assertThat(BoundedText.of(value, 1_000)).isEqualTo(value.toString());
    }
    assertThat(BoundedText.of(null, 10)).isEqualTo("null");
    assertThat(BoundedText.of(new int[] {1, 2}, 100)).isEqualTo("[1, 2]");
  }

  @Test
  void aRecordThatHidesSomethingGoesOnHidingIt() {
    assertThat(BoundedText.of(List.of(new Secret("x")), 100)).isEqualTo("[Secret[***]]");
  }

  @Test
  void cutsEarly() {
    assertThat(BoundedText.of("abcdef", 3)).isEqualTo("abc…");
    Iterable<Integer> endless = () -> IntStream.iterate(0, i -> i + 1).iterator();
    assertThat(BoundedText.of(endless, 12)).isEqualTo("[0, 1, 2, 3,…");
  }

  @Test // 13.08
  void aLargeStateCostsNoMoreThanItsText() {
    var read = new AtomicInteger();
    Set<Map.Entry<Integer, Account>> entries =
        new AbstractSet<>() {
          @Override
          public Iterator<Map.Entry<Integer, Account>> iterator() {
            return Stream.generate(() -> Map.entry(read.incrementAndGet(), new Account("joe", 5)))
                .iterator();
          }

          @Override
          public int size() {
            return 1_000_000;
          }
        };
    Map<Integer, Account> map =
        new AbstractMap<>() {
          @Override
          public Set<Entry<Integer, Account>> entrySet() {
            return entries;
          }
        };
    assertThat(BoundedText.of(map, 100))
        .hasSize(101)
        .startsWith("{1=Account[owner=joe, cents=5], ");
    assertThat(read).hasValueLessThan(10);
  }

  @Test // 13.08
  void whatIsNestedTooDeeplyIsLeftOut() {
    Object value = "bottom";
    for (int i = 0; i < 10_000; i++) {
      value = new Deep(value);
    }
    assertThat(BoundedText.of(value, 10_000)).contains("Deep[…]").doesNotContain("bottom");
  }

  @Test
  void aTextThatThrowsIsSaid() {
    Object bad =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    assertThat(BoundedText.of(bad, 1_000))
        .endsWith("whose toString threw java.lang.IllegalStateException");
  }
}
