package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.errorOf;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;
import static io.otp.table.TableAccess.PROTECTED;
import static io.otp.table.TableAccess.PUBLIC;
import static io.otp.table.TableType.BAG;
import static io.otp.table.TableType.DUPLICATE_BAG;
import static io.otp.table.TableType.ORDERED_SET;
import static io.otp.table.TableType.SET;

import io.otp.Rule;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.table.Counter;
import io.otp.table.EtsTable;
import io.otp.table.Fixation;
import io.otp.table.Page;
import io.otp.table.Row;
import io.otp.table.TableAccess;
import io.otp.table.TableException;
import io.otp.table.TableInfo;
import io.otp.table.TableSpec;
import io.otp.table.TableTransfer;
import io.otp.table.TableType;
import io.otp.table.Tables;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tables as Erlang's: {@code diff_table.erl}. */
class TableDifferentialTests extends DifferentialTests {

  private static final String END = "$end_of_table";
  private static final Counter<Object> NUMBER =
      Counter.of("value", v -> ((Number) v).longValue(), (_, n) -> n);

  record One(int a) {}

  record Pair(int a, int b) {}

  record Tab(Pid owner, EtsTable<Object, Object> table) {}

  @TestFactory
  @Rule({
    "9.01", "9.02", "9.03", "9.04", "9.05", "9.06", "9.07", "9.08", "9.09", "9.10", "9.11", "9.12"
  })
  Stream<DynamicTest> tablesDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "table";
  }

  private static TableSpec<Object, Object> spec(TableType type) {
    return TableSpec.of(type, "t", Object.class, Object.class);
  }

  private static EtsTable<Object, Object> table(Self<Object> self, TableType type) {
    return Tables.create(self, spec(type));
  }

  private static void fill(EtsTable<Object, Object> table, int from, int to) {
    IntStream.rangeClosed(from, to).forEach(n -> table.insert(n, n));
  }

  private static List<Object> values(EtsTable<Object, Object> table) {
    return table.select(table.match(), (_, v) -> v);
  }

  private static List<Object> keys(EtsTable<Object, Object> table) {
    return table.select(table.match(), (k, _) -> k);
  }

  /** What an operation returns, or the error it raises. */
  private static Object of(Supplier<Object> operation) {
    try {
      return operation.get();
    } catch (TableException e) {
      return "badarg";
    }
  }

  private static Object orEnd(Optional<?> key) {
    return key.map(Object.class::cast).orElse(END);
  }

  private static boolean fixed(EtsTable<?, ?> table) {
    return table.info().map(TableInfo::fixed).orElseThrow();
  }

  private static Tab owner(
      Self<Object> self, Function<TableSpec<Object, Object>, TableSpec<Object, Object>> with) {
    Pid me = self.pid();
    self.spawn(
        s -> {
          EtsTable<Object, Object> t = Tables.create(s, with.apply(spec(SET)));
          t.insert("a", 1);
          s.send(me, new Tab(s.pid(), t));
          s.receive();
        });
    return (Tab) next(self);
  }

  @Override
  void scenarios() {
    scenario(
        "table_types",
        (self, trace) -> {
          for (TableType type : TableType.values()) {
            EtsTable<Object, Object> t = table(self, type);
            List.of(2, 1, 2, 3).forEach(v -> t.insert("k", v));
            trace.ev(tuple(type.toString(), t.lookup("k"), t.size()));
            t.deleteObject("k", 3);
            trace.ev(t.lookup("k"));
          }
        });
    scenario(
        "table_keys",
        (self, trace) -> {
          for (TableType type : TableType.values()) {
            EtsTable<Object, Object> t = table(self, type);
            t.insert(1, "int");
            t.insert(1.0, "float");
            trace.ev(t.lookup(1));
            trace.ev(t.lookup(1.0));
            trace.ev(t.size());
          }
        });
    scenario(
        "table_order",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, ORDERED_SET);
          t.insert("b", "binary_b");
          t.insert("a", "binary_a");
          t.insert(List.of(1, 1), "list_1_1");
          t.insert(List.of(2), "list_2");
          t.insert(List.of(), "list");
          t.insert(Map.of(), "map");
          t.insert(Map.of(1, 1), "map_1");
          t.insert(new One(9), "tuple_2");
          t.insert(new Pair(1, 2), "tuple_3");
          t.insert(self.pid(), "pid");
          t.insert(Ref.create(), "ref");
          t.insert(true, "atom");
          t.insert(2.5, "float");
          t.insert(2, "int");
          t.insert(-1, "negative");
          t.insert(BigInteger.ONE.shiftLeft(70), "big");
          trace.ev(values(t));
        });
    scenario(
        "table_access",
        (self, trace) -> {
          Pid me = self.pid();
          for (TableAccess access : TableAccess.values()) {
            EtsTable<Object, Object> t = Tables.create(self, spec(SET).withAccess(access));
            t.insert("a", 1);
            self.spawn(
                s ->
                    s.send(
                        me,
                        List.of(
                            errorOf(() -> t.insert("b", 2)),
                            errorOf(() -> t.lookup("a")),
                            errorOf(t::first),
                            errorOf(t::deleteAllObjects),
                            errorOf(() -> t.giveAway(me, "x")),
                            t.info().orElseThrow().type().toString())));
            trace.ev(next(self));
          }
        });
    scenario(
        "table_heir",
        (self, trace) -> {
          Tab o = owner(self, spec -> spec.withAccess(PROTECTED).withHeir(self.pid(), "data"));
          self.monitor(o.owner());
          self.send(o.owner(), "stop");
          TableTransfer transfer = (TableTransfer) next(self);
          trace.ev(
              tuple(
                  "transfer",
                  transfer.table() == o.table(),
                  transfer.from() == o.owner(),
                  transfer.data()));
          next(self);
          trace.ev("DOWN");
          o.table().insert("b", 2);
          trace.ev(tuple(o.table().info().orElseThrow().owner() == self.pid(), o.table().size()));
        });
    scenario(
        "table_heir_dead",
        (self, trace) -> {
          Pid dead = self.spawn(_ -> {});
          ended(self, dead);
          Tab o = owner(self, spec -> spec.withAccess(PUBLIC).withHeir(dead, "data"));
          self.send(o.owner(), "stop");
          ended(self, o.owner());
          trace.ev(of(() -> o.table().lookup("a")));
          trace.ev(flush(self));
        });
    scenario(
        "table_ends_with_owner",
        (self, trace) -> {
          Tab o = owner(self, spec -> spec.withAccess(PUBLIC).withName());
          Tables tables = Tables.of(self.runtime());
          trace.ev(tables.whereis("t").isPresent());
          self.exit(o.owner(), ExitReason.KILL);
          ended(self, o.owner());
          trace.ev(of(() -> o.table().lookup("a")));
          trace.ev(tables.whereis("t").isPresent() ? "there" : "undefined");
        });
    scenario(
        "table_give_away",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          Pid me = self.pid();
          trace.ev(errorOf(() -> t.giveAway(me, "x")));
          Pid dead = self.spawn(_ -> {});
          ended(self, dead);
          trace.ev(errorOf(() -> t.giveAway(dead, "x")));
          Pid pid =
              self.spawn(
                  s -> {
                    TableTransfer transfer = (TableTransfer) next(s);
                    transfer.table(spec(SET)).insert("a", 1);
                    s.send(
                        me,
                        tuple(
                            "got", transfer.table() == t, transfer.from() == me, transfer.data()));
                    s.receive();
                  });
          t.giveAway(pid, "gift");
          trace.ev(true);
          trace.ev(errorOf(() -> t.insert("b", 2)));
          trace.ev(next(self));
          trace.ev(t.lookup("a"));
          trace.ev(errorOf(t::delete));
          self.send(pid, "stop");
        });
    scenario(
        "table_named",
        (self, trace) -> {
          Tables tables = Tables.of(self.runtime());
          TableSpec<Object, Object> users = spec(SET).withName("users");
          EtsTable<Object, Object> t = Tables.create(self, users);
          trace.ev(errorOf(() -> Tables.create(self, users)));
          trace.ev(of(() -> Tables.create(self, users.withName("undefined")).name()));
          t.rename("people");
          trace.ev(
              List.of(tables.whereis("users").isEmpty(), tables.whereis("people").isPresent()));
          EtsTable<Object, Object> second = Tables.create(self, users);
          trace.ev(errorOf(() -> second.rename("people")));
          t.delete();
          trace.ev(tables.whereis("people").isPresent() ? "there" : "undefined");
        });
    scenario(
        "table_gone",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          t.delete();
          trace.ev(
              List.of(
                  errorOf(() -> t.lookup("a")),
                  errorOf(() -> t.insert("a", 1)),
                  errorOf(() -> t.insertAll(List.of())),
                  errorOf(t::first),
                  errorOf(t::delete),
                  errorOf(t::toList),
                  errorOf(() -> t.take("a"))));
          trace.ev(t.info().isPresent() ? "there" : "undefined");
        });
    scenario(
        "table_insert_list",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          trace.ev(errorOf(() -> t.insertAll(List.of(Row.of("a", 1), Row.of("b", new int[1])))));
          trace.ev(t.size());
          t.insertAll(List.of(Row.of("a", 1), Row.of("a", 2)));
          trace.ev(t.lookup("a"));
        });
    scenario(
        "table_insert_new",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          trace.ev(t.insertNewAll(List.of(Row.of("a", 1), Row.of("b", 1))));
          trace.ev(t.insertNewAll(List.of(Row.of("c", 1), Row.of("b", 2))));
          trace.ev(t.insertNew("a", 2));
          trace.ev(t.insertNewAll(List.of(Row.of("d", 1), Row.of("d", 2))));
          trace.ev(t.insertNewAll(List.of()));
          trace.ev(values(t).stream().sorted().toList());
          EtsTable<Object, Object> bag = table(self, BAG);
          trace.ev(List.of(bag.insertNew("k", 1), bag.insertNew("k", 2), bag.size()));
        });
    scenario(
        "table_counter",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          t.insert("a", 8L);
          trace.ev(t.updateCounter("a", NUMBER.add(10).wrap(17, 0)));
          trace.ev(
              t.updateCounter(
                  "a", List.of(NUMBER.add(1), NUMBER.add(1), NUMBER.add(-5).wrap(-2, 7))));
          trace.ev(t.updateCounter("a", NUMBER.add(3).wrap(10, 1)));
          trace.ev(t.updateCounter("a", List.of()));
          trace.ev(of(() -> t.updateCounter("zz", NUMBER.add(1))));
          trace.ev(t.updateCounter("zz", NUMBER.add(1), 10L));
          EtsTable<Object, Object> bag = table(self, BAG);
          trace.ev(of(() -> bag.updateCounter("a", NUMBER.add(1))));
        });
    scenario(
        "table_elements",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          t.insert("a", 1);
          trace.ev(t.<Object>lookupElement("a", v -> v));
          trace.ev(of(() -> t.lookupElement("zz", v -> v)));
          trace.ev(t.updateElement("a", _ -> 5));
          trace.ev(t.updateElement("zz", _ -> 5));
          trace.ev(t.take("a"));
          trace.ev(t.take("a"));
          trace.ev(t.member("a"));
          EtsTable<Object, Object> bag = table(self, DUPLICATE_BAG);
          List.of(1, 2, 1, 3).forEach(v -> bag.insert("k", v));
          bag.deleteObject("k", 1);
          trace.ev(bag.lookup("k"));
        });
    scenario(
        "table_select",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, ORDERED_SET);
          IntStream.rangeClosed(1, 9).forEach(n -> t.insert(n, n - 5));
          trace.ev(t.select(t.match().where(v -> 6 / (int) v > 1), (k, _) -> k));
          trace.ev(t.select(t.match().key(3), (_, v) -> v));
          trace.ev(t.selectCount(t.match().where(v -> (int) v < 0)));
          trace.ev(t.selectDelete(t.match().where(v -> (int) v < 0)));
          trace.ev(t.fold(0, (sum, k, _) -> sum + (int) k));
          trace.ev(keys(t));
        });
    scenario(
        "table_pages",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, ORDERED_SET);
          trace.ev(orEnd(t.select(t.match(), 2)));
          fill(t, 1, 5);
          Optional<Page<Object>> page = t.select(t.match(), (k, _) -> k, 2);
          while (page.isPresent()) {
            trace.ev(page.get().items());
            page = page.get().next();
          }
          trace.ev(END);
        });
    scenario(
        "table_replace",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, ORDERED_SET);
          fill(t, 1, 5);
          trace.ev(t.selectReplace(t.match().where(v -> (int) v > 3), (_, v) -> (int) v + 10));
          trace.ev(values(t));
          EtsTable<Object, Object> bag = table(self, BAG);
          trace.ev(of(() -> bag.selectReplace(bag.match(), (_, v) -> v)));
        });
    scenario(
        "table_next",
        (self, trace) -> {
          EtsTable<Object, Object> o = table(self, ORDERED_SET);
          trace.ev(List.of(orEnd(o.first()), orEnd(o.last())));
          o.insert(1, "x");
          o.insert(3, "x");
          trace.ev(
              Stream.of(o.next(2), o.prev(2), o.next(3), o.prev(1), o.first(), o.last())
                  .map(TableDifferentialTests::orEnd)
                  .toList());
          EtsTable<Object, Object> s = table(self, SET);
          s.insert(1, "x");
          trace.ev(of(() -> s.next(2)));
          trace.ev(of(() -> s.prev(2)));
          trace.ev(List.of(orEnd(s.next(1)), orEnd(s.prev(1))));
        });
    scenario(
        "table_fixed",
        (self, trace) -> {
          EtsTable<Object, Object> t = table(self, SET);
          fill(t, 1, 1000);
          var seen = new ArrayList<Object>();
          try (Fixation _ = t.safeFixtable()) {
            for (Optional<Object> k = t.first(); k.isPresent(); k = t.next(k.get())) {
              seen.add(k.get());
              t.delete(k.get());
            }
            trace.ev(List.of(seen.size(), new HashSet<>(seen).size(), t.size()));
            trace.ev(of(() -> t.next("never_there")));
          }
          trace.ev(of(() -> t.next(1)));
        });
    scenario(
        "table_fix_counted",
        (self, trace) -> {
          EtsTable<Object, Object> t = Tables.create(self, spec(SET).withAccess(PUBLIC));
          Fixation one = t.safeFixtable();
          Fixation two = t.safeFixtable();
          one.close();
          trace.ev(fixed(t));
          two.close();
          trace.ev(fixed(t));
          Pid me = self.pid();
          Pid pid =
              self.spawn(
                  s -> {
                    t.safeFixtable();
                    s.send(me, "fixed");
                    s.receive();
                  });
          trace.ev(next(self));
          trace.ev(fixed(t));
          self.send(pid, "stop");
          ended(self, pid);
          trace.ev(fixed(t));
        });
  }
}
