package io.otp.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.MutableMessageException;
import io.otp.process.Self;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EtsTableTests {

  record User(String name, int age, String city) {}

  record Hits(long count, long misses) {
    Hits withCount(long count) {
      return new Hits(count, misses);
    }

    Hits withMisses(long misses) {
      return new Hits(count, misses);
    }
  }

  /** Every key has the same hash. */
  record Clash(int n) {
    @Override
    public int hashCode() {
      return 7;
    }
  }

  private static final Component<User, String> CITY = Component.of("city", User::city);
  private static final Counter<Hits> COUNT = Counter.of("count", Hits::count, Hits::withCount);
  private static final Counter<Hits> MISSES = Counter.of("misses", Hits::misses, Hits::withMisses);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static TableSpec<Object, Object> any(TableType type) {
    return TableSpec.of(type, "t", Object.class, Object.class).withAccess(TableAccess.PUBLIC);
  }

  private static <K, V> Row<K, V> row(K key, V value) {
    return Row.of(key, value);
  }

  private static TableException.Reason reason(Runnable operation) {
    return catchThrowableOfType(TableException.class, operation::run).reason();
  }

  @Test
  @Rule("9.01")
  void setAndBagsKeepWhatTheyShould() {
    otp.run(
        self -> {
          for (TableType type : TableType.values()) {
            EtsTable<Object, Object> t = Tables.create(self, any(type));
            for (int value : new int[] {2, 1, 2, 3}) {
              t.insert("k", value);
            }
            assertThat(t.lookup("k"))
                .as(type.toString())
                .isEqualTo(
                    switch (type) {
                      case SET, ORDERED_SET -> List.of(3);
                      case BAG -> List.of(2, 1, 3);
                      case DUPLICATE_BAG -> List.of(2, 1, 2, 3);
                    });
            assertThat(t.size()).isEqualTo(t.lookup("k").size());
          }
        });
  }

  @Test
  @Rule("9.01")
  void oneAndOnePointZeroAreOneKeyOnlyInAnOrderedSet() {
    otp.run(
        self -> {
          EtsTable<Object, Object> set = Tables.create(self, any(TableType.SET));
          set.insert(1, "int");
          set.insert(1.0, "double");
          assertThat(set.lookup(1)).containsExactly("int");
          assertThat(set.size()).isEqualTo(2);
          EtsTable<Object, Object> ordered = Tables.create(self, any(TableType.ORDERED_SET));
          ordered.insert(1, "int");
          ordered.insert(1.0, "double");
          assertThat(ordered.lookup(1)).containsExactly("double");
          assertThat(ordered.toList()).containsExactly(row(1.0, "double"));
        });
  }

  @Test
  @Rule("9.03")
  void accessIsHeldTo() {
    otp.run(
        self -> {
          var tables = new ArrayList<EtsTable<Object, Object>>();
          for (TableAccess access : TableAccess.values()) {
            EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET).withAccess(access));
            t.insert("a", 1);
            tables.add(t);
          }
          var seen = new AtomicReference<List<Object>>();
          Self.Monitored other =
              self.spawnMonitor(
                  _ -> {
                    var results = new ArrayList<Object>();
                    for (EtsTable<Object, Object> t : tables) {
                      results.add(attempt(() -> t.insert("b", 2)));
                      results.add(attempt(() -> t.lookup("a")));
                      results.add(attempt(t::first));
                      results.add(attempt(t::toList));
                      results.add(attempt(t::deleteAllObjects));
                    }
                    seen.set(results);
                  });
          TestRuntime.next(self);
          assertThat(other.pid()).isNotNull();
          assertThat(seen.get())
              .containsExactly(
                  "ok", "ok", "ok", "ok", "ok", // public
                  "ACCESS", "ok", "ok", "ok", "ACCESS", // protected
                  "ACCESS", "ACCESS", "ACCESS", "ACCESS", "ACCESS"); // private
        });
  }

  private static Object attempt(Runnable operation) {
    try {
      operation.run();
      return "ok";
    } catch (TableException e) {
      return e.reason().name();
    }
  }

  @Test
  @Rule("9.03")
  void errorsSayWhoWhatAndWhatToDo() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t =
              Tables.create(self, any(TableType.SET).withAccess(TableAccess.PROTECTED));
          var error = new AtomicReference<Throwable>();
          var stranger = new AtomicReference<String>();
          self.spawnMonitor(
              s -> {
                stranger.set(s.pid().toString());
                error.set(catchThrowableOfType(TableException.class, () -> t.insert("a", 1)));
              });
          TestRuntime.next(self);
          assertThat(error.get())
              .hasMessage(
                  "Process "
                      + stranger
                      + " may not do insert in table 't': it is protected and only its owner "
                      + self.pid()
                      + " writes it. Let the owner do it, or create the table with"
                      + " withAccess(PUBLIC).");
          t.delete();
          assertThatThrownBy(() -> t.lookup("a"))
              .hasMessage(
                  "lookup: table 't' is gone, it was deleted or has ended with its owner "
                      + self.pid()
                      + ". Let a process own it that lives longer, or give it a heir.");
        });
    Self<?> escaped = otp.get(self -> self);
    assertThatThrownBy(() -> Tables.create(escaped, any(TableType.SET)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Table 't' was to be created outside its process, on thread '")
        .hasMessageContaining("call Tables.create in its callback or body, with its own Self.");
  }

  @Test
  @Rule("9.06")
  void nameBelongsToOneTable() {
    otp.run(
        self -> {
          Tables tables = Tables.of(self.runtime());
          TableSpec<Object, Object> spec = any(TableType.SET).withName("users");
          EtsTable<Object, Object> t = Tables.create(self, spec);
          assertThat(tables.find(spec)).isSameAs(t);
          assertThatThrownBy(() -> Tables.create(self, spec))
              .hasMessage(
                  "The name 'users' is taken by a table of "
                      + self.pid()
                      + "; choose another one, or wait until that table is deleted");
          t.rename("people");
          assertThat(tables.whereis("users")).isEmpty();
          assertThat(tables.whereis("people")).containsSame(t);
          EtsTable<Object, Object> second = Tables.create(self, spec);
          assertThat(reason(() -> second.rename("people"))).isEqualTo(TableException.Reason.NAME);
          assertThat(second.name()).isEqualTo("users");
          second.delete();
          assertThat(tables.whereis("users")).isEmpty();
          assertThatThrownBy(() -> tables.find(spec))
              .hasMessageContaining("No table has the name 'users': it was deleted");
          assertThat(reason(() -> Tables.create(self, spec.withName(""))))
              .isEqualTo(TableException.Reason.NAME);
          assertThat(
                  reason(
                      () ->
                          tables.find(
                              TableSpec.set("people", String.class, Long.class).withName())))
              .isEqualTo(TableException.Reason.ARGUMENT);
        });
  }

  @Test
  @Rule("9.06")
  void deletedTableIsAnErrorForEveryOperation() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
          t.insert("a", 1);
          t.delete();
          assertThat(
                  IntStream.range(0, 12)
                      .mapToObj(
                          i ->
                              reason(
                                  () -> {
                                    switch (i) {
                                      case 0 -> t.lookup("a");
                                      case 1 -> t.insert("a", 1);
                                      case 2 -> t.member("a");
                                      case 3 -> t.toList();
                                      case 4 -> t.first();
                                      case 5 -> t.next("a");
                                      case 6 -> t.delete();
                                      case 7 -> t.insertAll(List.of());
                                      case 8 -> t.giveAway(self.pid(), null);
                                      case 9 -> t.size();
                                      case 10 -> t.safeFixtable();
                                      default -> t.take("a");
                                    }
                                  })))
              .hasSize(12)
              .containsOnly(TableException.Reason.GONE);
          assertThat(t.info()).isEmpty();
          assertThat(Tables.of(self.runtime()).all()).isEmpty();
        });
  }

  @Test
  @Rule("9.07")
  void listIsInsertedAsAWholeOrNotAtAll() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
          assertThatThrownBy(() -> t.insertAll(List.of(row("a", 1), row("b", new StringBuilder()))))
              .isInstanceOf(MutableMessageException.class);
          assertThat(t.size()).isZero();
          t.insert("b", 1);
          assertThat(t.insertNewAll(List.of(row("a", 1), row("b", 2)))).isFalse();
          assertThat(t.toList()).containsExactly(row("b", 1));
          assertThat(t.insertNewAll(List.of(row("a", 1), row("a", 2)))).isTrue();
          assertThat(t.lookup("a")).containsExactly(2);
          assertThat(t.insertNew("a", 3)).isFalse();
          assertThat(t.insertNew("c", 3)).isTrue();
        });
  }

  /** Two keys are only ever written together; who sees the first new must see the second new. */
  @ParameterizedTest
  @EnumSource(names = {"SET", "ORDERED_SET"})
  @Rule("9.07")
  void nobodySeesAListHalfInserted(TableType type) {
    var halves = new AtomicInteger();
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(type));
          t.insertAll(List.of(row("a", 0), row("b", 0)));
          var stop = new AtomicBoolean();
          for (int r = 0; r < 2; r++) {
            self.spawnMonitor(
                _ -> {
                  while (!stop.get()) {
                    int a = (int) t.lookup("a").getFirst();
                    int b = (int) t.lookup("b").getFirst();
                    int again = (int) t.lookup("a").getFirst();
                    // b was read between two reads of a
                    if (b < a || b > again) {
                      halves.incrementAndGet();
                    }
                  }
                });
          }
          for (int i = 1; i <= 20_000; i++) {
            t.insertAll(List.of(row("a", i), row("b", i)));
          }
          stop.set(true);
          TestRuntime.next(self);
          TestRuntime.next(self);
        });
    assertThat(halves).hasValue(0);
  }

  @Test
  @Rule("9.08")
  void deleteAllObjectsLeavesNothing() {
    otp.run(
        self -> {
          EtsTable<String, User> t =
              Tables.create(self, TableSpec.set("users", String.class, User.class).withIndex(CITY));
          IntStream.range(0, 1000)
              .forEach(i -> t.insert("u" + i, new User("u" + i, i, i % 2 == 0 ? "Oslo" : "Rome")));
          t.deleteAllObjects();
          assertThat(t.size()).isZero();
          assertThat(t.first()).isEmpty();
          assertThat(t.select(t.match().is(CITY, "Oslo"))).isEmpty();
          t.insert("x", new User("x", 1, "Oslo"));
          assertThat(t.select(t.match().is(CITY, "Oslo"))).hasSize(1);
        });
  }

  @Test
  @Rule("9.09")
  void countersCount() {
    otp.run(
        self -> {
          EtsTable<String, Hits> t =
              Tables.create(self, TableSpec.set("hits", String.class, Hits.class));
          t.insert("a", new Hits(8, 0));
          assertThat(t.updateCounter("a", COUNT.add(10).wrap(17, 0))).isZero();
          assertThat(
                  t.updateCounter(
                      "a", List.of(COUNT.add(1), COUNT.add(1), COUNT.add(-5).wrap(-2, 7))))
              .containsExactly(1L, 2L, 7L);
          assertThat(t.updateCounter("a", List.of())).isEmpty();
          assertThat(reason(() -> t.updateCounter("zz", COUNT.add(1))))
              .isEqualTo(TableException.Reason.NO_KEY);
          assertThat(t.updateCounter("zz", COUNT.add(1), new Hits(10, 3))).isEqualTo(11);
          assertThat(t.get("zz")).contains(new Hits(11, 3));
          // all or nothing
          assertThat(
                  reason(
                      () ->
                          t.updateCounter("a", List.of(MISSES.add(1), COUNT.add(Long.MAX_VALUE)))))
              .isEqualTo(TableException.Reason.ARGUMENT);
          assertThat(t.get("a")).contains(new Hits(7, 0));
          assertThatThrownBy(() -> t.updateCounter("a", COUNT.add(Long.MAX_VALUE)))
              .hasMessage(
                  "update_counter: Counter[count] of key a in table 'hits' is 7, and adding"
                      + " 9223372036854775807 does not fit into a long. Give the update a"
                      + " threshold with wrap.");
          EtsTable<String, Hits> bag =
              Tables.create(self, TableSpec.bag("bag", String.class, Hits.class));
          assertThatThrownBy(() -> bag.updateCounter("a", COUNT.add(1)))
              .hasMessage(
                  "update_counter is not possible in table 'bag', a bag, which may have several"
                      + " objects for a key. Use deleteObject and insert, or a set or"
                      + " ordered_set.");
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"SET", "ORDERED_SET"})
  @Rule("9.09")
  void noCountIsLost(TableType type) {
    otp.run(
        self -> {
          EtsTable<String, Long> t =
              Tables.create(
                  self,
                  TableSpec.of(type, "n", String.class, Long.class).withAccess(TableAccess.PUBLIC));
          for (int p = 0; p < 8; p++) {
            self.spawnMonitor(
                _ -> {
                  for (int i = 0; i < 5000; i++) {
                    t.updateCounter("n", Counter.ofLong().add(1), 0L);
                  }
                });
          }
          for (int p = 0; p < 8; p++) {
            TestRuntime.next(self);
          }
          assertThat(t.get("n")).contains(40_000L);
        });
  }

  @Test
  @Rule("9.09")
  void elementsAreReadChangedAndTaken() {
    otp.run(
        self -> {
          EtsTable<String, User> t =
              Tables.create(self, TableSpec.set("users", String.class, User.class));
          t.insert("joe", new User("Joe", 30, "Oslo"));
          assertThat(t.lookupElement("joe", User::age)).isEqualTo(30);
          assertThat(reason(() -> t.lookupElement("jim", User::age)))
              .isEqualTo(TableException.Reason.NO_KEY);
          assertThat(t.updateElement("joe", u -> new User(u.name(), 31, u.city()))).isTrue();
          assertThat(t.updateElement("jim", u -> u)).isFalse();
          assertThat(t.take("joe")).containsExactly(new User("Joe", 31, "Oslo"));
          assertThat(t.take("joe")).isEmpty();
          EtsTable<Object, Object> bag = Tables.create(self, any(TableType.DUPLICATE_BAG));
          bag.insertAll(List.of(row("k", 1), row("k", 2), row("k", 1)));
          bag.deleteObject("k", 1);
          assertThat(bag.lookup("k")).containsExactly(2);
          bag.deleteObject("k", 2);
          assertThat(bag.member("k")).isFalse();
        });
  }

  @Test
  @Rule("9.10")
  void guardThatFailsDoesNotMatch() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
          t.insertAll(List.of(row("a", 0), row("b", 2)));
          assertThat(t.select(t.match().where((_, v) -> 10 / (int) v == 5), (k, _) -> k))
              .containsExactly("b");
          assertThat(t.selectCount(t.match())).isEqualTo(2);
        });
  }

  @Test
  @Rule("9.10")
  void boundKeyRangeAndIndexDoNotSearch() {
    otp.run(
        self -> {
          EtsTable<String, User> t =
              Tables.create(self, TableSpec.set("users", String.class, User.class).withIndex(CITY));
          for (int i = 0; i < 10_000; i++) {
            t.insert("u" + i, new User("u" + i, i, i % 1000 == 0 ? "Oslo" : "Rome"));
          }
          var asked = new AtomicInteger();
          Match<String, User> counting = t.match().where(_ -> asked.incrementAndGet() > 0);
          assertThat(t.select(counting.key("u5"))).hasSize(1);
          assertThat(asked).hasValue(1);
          assertThat(t.select(counting.is(CITY, "Oslo"))).hasSize(10);
          assertThat(asked).hasValue(11);
          t.updateElement("u0", u -> new User(u.name(), u.age(), "Rome"));
          t.delete("u1000");
          assertThat(t.select(counting.is(CITY, "Oslo"))).hasSize(8);
          assertThat(asked).hasValue(19);
          EtsTable<Integer, String> ordered =
              Tables.create(self, TableSpec.orderedSet("o", Integer.class, String.class));
          IntStream.range(0, 1000).forEach(i -> ordered.insert(i, "v"));
          asked.set(0);
          Match<Integer, String> range =
              ordered.match().between(10, 12).where(_ -> asked.incrementAndGet() > 0);
          assertThat(ordered.select(range, (k, _) -> k)).containsExactly(10, 11, 12);
          assertThat(asked).hasValue(3);
          assertThat(reason(() -> t.select(t.match().between("a", "b"))))
              .isEqualTo(TableException.Reason.TYPE);
        });
  }

  @ParameterizedTest
  @EnumSource
  @Rule("9.10")
  void pagesHaveEverythingOnce(TableType type) {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(type));
          IntStream.range(0, 1000).forEach(i -> t.insert(i, i));
          var seen = new ArrayList<Object>();
          Optional<Page<Object>> page =
              t.select(t.match().where(v -> (int) v % 2 == 0), (k, _) -> k, 7);
          while (page.isPresent()) {
            List<Object> items = page.get().items();
            seen.addAll(items);
            // deleting what was seen, and growing, must not disturb it
            t.delete(items.getFirst());
            int n = seen.size();
            IntStream.range(0, 20).forEach(i -> t.insert(100_001 + 2 * (20 * n + i), 1));
            page = page.get().next();
          }
          assertThat(seen).hasSize(500).doesNotHaveDuplicates();
          assertThat(t.select(t.match().where(_ -> false), 1)).isEmpty();
          assertThat(reason(() -> t.select(t.match(), 0)))
              .isEqualTo(TableException.Reason.ARGUMENT);
        });
  }

  @Test
  @Rule("9.08")
  void selectDeleteAndReplaceChangeWhatMatches() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
          IntStream.range(0, 100).forEach(i -> t.insert(i, i));
          assertThat(t.selectReplace(t.match().where(v -> (int) v < 10), (_, v) -> (int) v + 1000))
              .isEqualTo(10);
          assertThat(t.get(3)).contains(1003);
          assertThat(t.selectDelete(t.match().where(v -> (int) v >= 1000))).isEqualTo(10);
          assertThat(t.size()).isEqualTo(90);
          EtsTable<Object, Object> bag = Tables.create(self, any(TableType.BAG));
          bag.insertAll(List.of(row("k", 1), row("k", 2), row("k", 3)));
          assertThat(bag.selectDelete(bag.match().key("k").where(v -> (int) v != 2))).isEqualTo(2);
          assertThat(bag.lookup("k")).containsExactly(2);
          assertThat(reason(() -> bag.selectReplace(bag.match(), (_, v) -> v)))
              .isEqualTo(TableException.Reason.TYPE);
        });
  }

  @Test
  @Rule("9.11")
  void nextOfAbsentKeyIsKnownInOrderedSetOnly() {
    otp.run(
        self -> {
          EtsTable<Object, Object> ordered = Tables.create(self, any(TableType.ORDERED_SET));
          ordered.insertAll(List.of(row(1, "a"), row(3, "c")));
          assertThat(ordered.next(2)).contains(3);
          assertThat(ordered.prev(2)).contains(1);
          assertThat(ordered.next(3)).isEmpty();
          assertThat(ordered.first()).contains(1);
          assertThat(ordered.last()).contains(3);
          EtsTable<Object, Object> set = Tables.create(self, any(TableType.SET));
          set.insertAll(List.of(row(1, "a"), row(3, "c")));
          assertThatThrownBy(() -> set.next(2))
              .hasMessage(
                  "next: table 't' has no key 2. What comes after a key that is not there is known"
                      + " in an ordered_set only. Fix the table with safeFixtable while you"
                      + " traverse it, or use fold or select.");
          try (Fixation _ = set.safeFixtable()) {
            Object first = set.first().orElseThrow();
            set.delete(first);
            assertThat(set.next(first)).isPresent().isNotEqualTo(Optional.of(first));
            assertThat(reason(() -> set.next(2))).isEqualTo(TableException.Reason.NO_KEY);
          }
        });
  }

  @Test
  @Rule("9.12")
  void fixedTraversalVisitsAllOnceWhileDeleting() {
    otp.run(
        self -> {
          for (boolean clash : new boolean[] {false, true}) {
            EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
            int n = clash ? 300 : 1000;
            IntStream.range(0, n).forEach(i -> t.insert(clash ? new Clash(i) : (Object) i, i));
            var seen = new ArrayList<Object>();
            try (Fixation _ = t.safeFixtable()) {
              assertThat(t.info().orElseThrow().fixed()).isTrue();
              for (Optional<Object> key = t.first(); key.isPresent(); key = t.next(key.get())) {
                seen.add(key.get());
                t.delete(key.get());
                if (seen.size() % 100 == 0) {
                  IntStream.range(0, 2000).forEach(i -> t.insert("more" + i, i)); // grows
                  IntStream.range(0, 2000).forEach(i -> t.delete("more" + i));
                }
              }
            }
            assertThat(seen.stream().filter(k -> !(k instanceof String)))
                .hasSize(n)
                .doesNotHaveDuplicates();
            assertThat(t.size()).isZero();
            assertThat(t.info().orElseThrow().fixed()).isFalse();
            assertThat(t.first()).isEmpty();
          }
        });
  }

  @Test
  @Rule("9.12")
  void fixationIsCountedAndEndsWithItsProcess() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
          Fixation first = t.safeFixtable();
          Fixation second = t.safeFixtable();
          first.close();
          first.close(); // once only
          assertThat(t.info().orElseThrow().fixed()).isTrue();
          second.close();
          assertThat(t.info().orElseThrow().fixed()).isFalse();
          self.spawnMonitor(
              _ -> {
                t.safeFixtable();
                t.safeFixtable();
                assertThat(t.info().orElseThrow().fixed()).isTrue();
              });
          TestRuntime.next(self);
          assertThat(t.info().orElseThrow().fixed()).isFalse();
        });
  }

  /** What is there all the time is seen exactly once, whatever comes, goes and grows around it. */
  @ParameterizedTest
  @EnumSource
  @Rule({"9.08", "9.12"})
  void traversalSeesWhatIsThereAllTheTimeOnce(TableType type) {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(type));
          IntStream.range(0, 500).forEach(i -> t.insert(i, "stays"));
          IntStream.range(0, 20).forEach(i -> t.insert(new Clash(i), "stays"));
          var stop = new AtomicBoolean();
          self.spawnMonitor(
              _ -> {
                for (int i = 0; !stop.get(); i++) {
                  t.insert("new" + i % 20_000, "comes");
                  t.delete("new" + (i * 7) % 20_000);
                  t.insert(new Clash(100 + i % 50), "comes");
                  t.delete(new Clash(100 + i * 3 % 50));
                }
              });
          for (int round = 0; round < 200; round++) {
            List<Object> keys = t.select(t.match().where("stays"::equals), (k, _) -> k);
            assertThat(keys).hasSize(520).doesNotHaveDuplicates();
          }
          stop.set(true);
          TestRuntime.next(self);
        });
  }

  @Test
  @Rule("9.13")
  void mutableKeysAndValuesAreRefused() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(TableType.SET));
          assertThatThrownBy(() -> t.insert("a", new int[1]))
              .isInstanceOf(MutableMessageException.class);
          assertThatThrownBy(() -> t.insert(new int[1], "a"))
              .isInstanceOf(MutableMessageException.class);
          t.insert("a", 1);
          assertThatThrownBy(() -> t.updateElement("a", _ -> new StringBuilder()))
              .isInstanceOf(MutableMessageException.class);
          assertThat(t.toList()).containsExactly(row("a", 1));
        });
  }

  @Test
  void wrongTypesAreRefused() {
    otp.run(
        self -> {
          @SuppressWarnings({"unchecked", "rawtypes"})
          EtsTable<Object, Object> t =
              (EtsTable) Tables.create(self, TableSpec.set("n", String.class, Long.class));
          assertThatThrownBy(() -> t.insert(1, 1L))
              .hasMessage(
                  "insert of table 'n': 1 (java.lang.Integer) cannot be a key, it must be a"
                      + " java.lang.String. Pass one, or create the table with other types.");
          assertThatThrownBy(() -> t.insert("a", "b")).hasMessageContaining("cannot be a value");
        });
  }

  @Test
  @Rule({"9.14", "9.16"})
  void infoTellsWhatIsKnown() {
    otp.run(
        self -> {
          EtsTable<String, User> t =
              Tables.create(
                  self,
                  TableSpec.orderedSet("users", String.class, User.class)
                      .withIndex(CITY)
                      .withHeir(self.pid(), null));
          IntStream.range(0, 1000).forEach(i -> t.insert("u" + i, new User("u" + i, i, "Oslo")));
          TableInfo info = t.info().orElseThrow();
          assertThat(info)
              .isEqualTo(
                  new TableInfo(
                      t.id(),
                      "users",
                      false,
                      TableType.ORDERED_SET,
                      TableAccess.PROTECTED,
                      self.pid(),
                      self.pid(),
                      1000,
                      info.memory(),
                      false,
                      String.class,
                      User.class,
                      List.of("city")));
          assertThat(info.memory()).isBetween(100_000L, 400_000L);
        });
  }

  /** Against a map that does the same, one step after another. */
  @ParameterizedTest
  @EnumSource(names = {"SET", "ORDERED_SET"})
  void doesWhatAMapDoes(TableType type) {
    Random random = TestRuntime.random("EtsTableTests.doesWhatAMapDoes");
    otp.run(
        self -> {
          EtsTable<Object, Object> t = Tables.create(self, any(type));
          var map = new TreeMap<Integer, Integer>();
          for (int i = 0; i < 20_000; i++) {
            int key = random.nextInt(500);
            switch (random.nextInt(4)) {
              case 0 -> {
                t.insert(key, i);
                map.put(key, i);
              }
              case 1 -> {
                t.delete(key);
                map.remove(key);
              }
              case 2 -> assertThat(t.insertNew(key, i)).isEqualTo(map.putIfAbsent(key, i) == null);
              default -> assertThat(t.get(key)).isEqualTo(Optional.ofNullable(map.get(key)));
            }
          }
          assertThat(t.size()).isEqualTo(map.size());
          assertThat(new HashSet<>(t.select(t.match(), (k, _) -> k))).isEqualTo(map.keySet());
          if (type == TableType.ORDERED_SET) {
            assertThat(t.select(t.match(), (k, _) -> k)).isEqualTo(List.copyOf(map.keySet()));
          }
        });
  }

  /** A reader that takes no lock is not held up by a writer that holds them all. */
  @Test
  void readersDoNotWaitForTheOwner() {
    otp.run(
        self -> {
          EtsTable<Object, Object> t =
              Tables.create(self, any(TableType.SET).withAccess(TableAccess.PROTECTED));
          t.insert("a", 1);
          var done = new CountDownLatch(4);
          for (int i = 0; i < 4; i++) {
            self.spawn(
                _ -> {
                  for (int n = 0; n < 10_000; n++) {
                    assertThat(t.member("a")).isTrue();
                  }
                  done.countDown();
                });
          }
          TestRuntime.await(done); // the owner is here and handles nothing meanwhile
        });
  }

  @Test
  @Rule("9.12")
  void aTraversalOutlivesTheEndOfAllObjects() {
    otp.run(
        self -> {
          for (TableType type : List.of(TableType.SET, TableType.BAG)) {
            EtsTable<String, Long> t =
                Tables.create(self, TableSpec.of(type, "t", String.class, Long.class));
            for (int i = 0; i < 10; i++) {
              t.insert("k" + i, (long) i);
            }
            try (Fixation _ = t.safeFixtable()) {
              String first = t.first().orElseThrow();
              t.deleteAllObjects();
              assertThat(t.size()).isZero();
              assertThat(t.first()).isEmpty();
              assertThat(t.next(first)).isEmpty();
              t.insert("new", 1L);
              assertThat(t.first()).contains("new");
              assertThat(t.size()).isEqualTo(1);
            }
            assertThat(t.toList()).containsExactly(Row.of("new", 1L));
          }
        });
  }

  /** As with Erlang's numbers, which have no greatest. */
  @Test
  @Rule("9.09")
  void aCounterThatWrapsDoesNotOverflow() {
    otp.run(
        self -> {
          EtsTable<String, Long> t =
              Tables.create(self, TableSpec.set("t", String.class, Long.class));
          t.insert("up", Long.MAX_VALUE - 1);
          assertThat(t.updateCounter("up", Counter.ofLong().add(10).wrap(Long.MAX_VALUE, 0)))
              .isZero();
          t.insert("down", Long.MIN_VALUE + 1);
          assertThat(t.updateCounter("down", Counter.ofLong().add(-10).wrap(Long.MIN_VALUE, 7)))
              .isEqualTo(7);
        });
  }

  @Test
  @Rule("9.07")
  void aValueThatAnIndexCannotReadIsRefusedWithAllOfItsList() {
    Component<Hit, String> page = Component.of("page", hit -> hit.page().strip());
    otp.run(
        self -> {
          EtsTable<String, Hit> t =
              Tables.create(self, TableSpec.set("t", String.class, Hit.class).withIndex(page));
          assertThatThrownBy(
                  () ->
                      t.insertAll(
                          List.of(Row.of("a", new Hit("home", 1)), Row.of("b", new Hit(null, 1)))))
              .isInstanceOf(TableException.class)
              .hasMessageStartingWith(
                  "insert of table 't': the part 'page' of Hit[page=null, count=1] cannot be read:"
                      + " java.lang.NullPointerException")
              .hasMessageEndingWith(
                  "Insert values that the index can read, or let the accessor return null.");
          assertThat(t.toList()).isEmpty();
          assertThat(t.select(t.match().is(page, "home"))).isEmpty();
        });
  }

  record Hit(String page, long count) {}
}
