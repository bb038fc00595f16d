package io.otp.snippets;

import io.otp.process.Self;
import io.otp.table.Component;
import io.otp.table.Counter;
import io.otp.table.EtsTable;
import io.otp.table.Fixation;
import io.otp.table.Row;
import io.otp.table.TableAccess;
import io.otp.table.TableSpec;
import io.otp.table.TableTransfer;
import io.otp.table.Tables;
import java.util.List;
import java.util.Optional;

/** The examples in the Javadoc of io.otp.table, compiled. Change both together. */
final class TableSnippets {

  private TableSnippets() {}

  record User(String name, int age, String city) {}

  record Hits(long count, String page) {
    Hits withCount(long count) {
      return new Hits(count, page);
    }
  }

  /** Component. */
  static final Component<User, Integer> AGE = Component.of("age", User::age);

  static final Component<User, String> CITY = Component.of("city", User::city);

  /** Counter. */
  static final Counter<Hits> COUNT = Counter.of("count", Hits::count, Hits::withCount);

  /** TableSpec. */
  static final TableSpec<String, User> USERS =
      TableSpec.set("users", String.class, User.class).withIndex(CITY).withName();

  /** Tables. */
  static final TableSpec<String, Long> SCORES =
      TableSpec.set("scores", String.class, Long.class).withAccess(TableAccess.PUBLIC).withName();

  static long scores(Self<?> self) {
    EtsTable<String, Long> scores = Tables.create(self, SCORES);
    scores.insert("joe", 1L);
    Tables.of(self.runtime()).find(SCORES).get("joe");
    return scores.updateCounter("joe", Counter.ofLong().add(2));
  }

  /** Table and Match. */
  static List<Row<String, User>> users(Self<?> self) {
    EtsTable<String, User> users = Tables.create(self, USERS);
    users.insert("joe", new User("Joe", 30, "Oslo"));
    users.insert("jim", new User("Jim", 3, "Oslo"));
    Optional<User> joe = users.get("joe");
    List<Row<String, User>> inOslo = users.select(users.match().is(CITY, "Oslo"));
    List<Row<String, User>> adults =
        users.select(users.match().is(CITY, "Oslo").where(user -> user.age() >= 18));
    return joe.isPresent() && inOslo.size() == 2 ? adults : List.of();
  }

  static long hits(EtsTable<String, Hits> hits) {
    return hits.updateCounter("home", COUNT.add(1));
  }

  /** Fixation. */
  static void emptied(EtsTable<String, ?> table) {
    try (Fixation _ = table.safeFixtable()) {
      for (Optional<String> key = table.first(); key.isPresent(); key = table.next(key.get())) {
        table.delete(key.get());
      }
    }
  }

  /** TableTransfer. */
  static EtsTable<String, User> received(TableTransfer transfer) {
    return transfer.table(USERS);
  }
}
