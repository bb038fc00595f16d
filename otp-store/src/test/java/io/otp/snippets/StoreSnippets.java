package io.otp.snippets;

import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.store.Codec;
import io.otp.store.Copies;
import io.otp.store.Dets;
import io.otp.store.DetsSpec;
import io.otp.store.DetsTable;
import io.otp.store.Mnesia;
import io.otp.store.MnesiaSpec;
import io.otp.store.Outcome;
import io.otp.table.Component;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The examples in the Javadoc of io.otp.store and in docs/tables.md. Change both together. */
final class StoreSnippets {

  private StoreSnippets() {}

  /** Codec. */
  static final class Codecs {
    enum Level {
      FREE,
      PAID
    }

    record User(String name, int age, Level level, Optional<String> email) {}

    static final Codec<User> USER = Codec.record(User.class);

    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    static final Codec<Shape> SHAPE =
        Codec.oneOf(
            Shape.class,
            Map.of("circle", Codec.record(Circle.class), "square", Codec.record(Square.class)));

    private Codecs() {}
  }

  /** Dets and DetsSpec. */
  static long dets(Self<?> self, Path data) {
    record User(String name, int age) {}

    DetsSpec<String, User> users =
        DetsSpec.set(
            "users", data.resolve("users.dets"), Codec.ofString(), Codec.record(User.class));
    Dets.open(self, users).insert("joe", new User("Joe", 50));

    DetsSpec<String, Long> spec =
        DetsSpec.set("scores", data.resolve("scores.dets"), Codec.ofString(), Codec.ofLong());
    DetsTable<String, Long> scores = Dets.open(self, spec);
    scores.insert("joe", 1L);
    scores.sync(); // now it is on the disk
    long score = scores.get("joe").orElseThrow();
    scores.close();
    return score;
  }

  /** MnesiaSpec. */
  static final class Accounts {
    record Account(String owner, long cents) {}

    static final Component<Account, String> OWNER = Component.of("owner", Account::owner);
    static final MnesiaSpec<String, Account> ACCOUNTS =
        MnesiaSpec.set("accounts", Codec.ofString(), Codec.record(Account.class))
            .withCopies(Copies.DISC)
            .withIndex(OWNER);

    private Accounts() {}
  }

  static final MnesiaSpec<String, Long> ACCOUNTS =
      MnesiaSpec.set("accounts", Codec.ofString(), Codec.ofLong()).withCopies(Copies.DISC);

  /** Mnesia. */
  static Mnesia start(ProcessRuntime runtime, Path data) {
    return Mnesia.start(runtime, data.resolve("bank.mnesia"), ACCOUNTS);
  }

  static Outcome<Boolean> move(Mnesia mnesia) {
    return mnesia.transaction(
        tx -> {
          tx.write(ACCOUNTS, "joe", tx.wread(ACCOUNTS, "joe").getFirst() - 100);
          tx.write(ACCOUNTS, "ann", tx.wread(ACCOUNTS, "ann").getFirst() + 100);
          return true;
        });
  }

  /** Activity. */
  static Outcome<Long> withdraw(Mnesia mnesia) {
    return mnesia.transaction(
        tx -> {
          long cents = tx.wread(ACCOUNTS, "joe").getFirst();
          if (cents < 100) {
            throw tx.abort("no funds");
          }
          tx.write(ACCOUNTS, "joe", cents - 100);
          return cents - 100;
        });
  }
}
