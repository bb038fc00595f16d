package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.table.Counter;
import io.otp.table.EtsTable;
import io.otp.table.Page;
import io.otp.table.Row;
import io.otp.table.TableException;
import io.otp.table.TableSpec;
import io.otp.table.TableType;
import io.otp.table.Tables;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DetsTableTests {

  record User(String name, int age) {}

  record UserWithCity(String name, int age, String city) {}

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path folder;

  private DetsSpec<String, Long> longs(TableType type) {
    return DetsSpec.of(type, "t", folder.resolve("t.dets"), Codec.ofString(), Codec.ofLong());
  }

  private DetsSpec<String, Long> longs() {
    return longs(TableType.SET);
  }

  private static StoreException.Reason reason(Runnable operation) {
    return catchThrowableOfType(StoreException.class, operation::run).reason();
  }

  /** The file as a crash would leave it: saved, not closed. */
  private Path crashed(DetsSpec<?, ?> spec, String name) {
    try {
      return Files.copy(spec.file(), folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test // 9.20
  void setAndBagsKeepWhatTheyShould() {
    otp.run(
        self -> {
          for (TableType type : List.of(TableType.SET, TableType.BAG, TableType.DUPLICATE_BAG)) {
            DetsSpec<String, Long> spec =
                DetsSpec.of(
                    type, "t", folder.resolve(type + ".dets"), Codec.ofString(), Codec.ofLong());
            List<Long> expected =
                switch (type) {
                  case SET -> List.of(3L);
                  case BAG -> List.of(2L, 1L, 3L);
                  default -> List.of(2L, 1L, 2L, 3L);
                };
            DetsTable<String, Long> t = Dets.open(self, spec);
            List.of(2L, 1L, 2L, 3L).forEach(v -> t.insert("k", v));
            assertThat(t.lookup("k")).isEqualTo(expected);
            assertThat(t.size()).isEqualTo(expected.size());
            t.close();
            DetsTable<String, Long> again = Dets.open(self, spec);
            assertThat(again.lookup("k")).isEqualTo(expected);
            assertThat(again.size()).isEqualTo(expected.size());
            again.deleteObject("k", 3L);
            assertThat(again.size()).isEqualTo(expected.size() - 1);
            again.close();
          }
        });
  }

  @Test // 9.20
  void anOrderedSetIsRefused() {
    assertThatThrownBy(() -> longs(TableType.ORDERED_SET))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Table 't' cannot be an ordered_set on disk. Allowed are set, bag and duplicate_bag.");
  }

  @Test // 9.21
  void tableIsOpenUntilItsLastUserClosesIt() {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs());
          assertThat(Dets.open(self, longs())).isSameAs(t); // twice: closed twice
          var opened = new CompletableFuture<DetsTable<String, Long>>();
          Pid other =
              self.spawn(
                  s -> {
                    opened.complete(Dets.open(s, longs()));
                    s.receive();
                    t.close();
                    s.receive();
                  });
          assertThat(TestRuntime.get(opened, "the other opens")).isSameAs(t);
          assertThat(t.info().orElseThrow().users()).containsExactly(self.pid(), other);
          t.insert("a", 1L);
          t.close();
          t.close();
          assertThatThrownBy(t::close)
              .isInstanceOf(TableException.class)
              .hasMessage(
                  "close: process "
                      + self.pid()
                      + " does not have table 't' open. Each process closes what it has opened.");
          assertThat(t.lookup("a")).as("the other has it open").containsExactly(1L);
          self.send(other, "close");
          TestRuntime.await("closed", () -> t.info().isEmpty());
          assertThatThrownBy(() -> t.lookup("a"))
              .isInstanceOf(TableException.class)
              .hasMessage(
                  "lookup: table 't' is closed, nobody has it open any more. Open it with Dets.open"
                      + " and use what that returns.");
          assertThat(Dets.open(self, longs()).lookup("a")).containsExactly(1L);
          self.send(other, "stop");
        });
  }

  @Test // 9.21
  void theEndOfItsUsersClosesItProperly() {
    otp.run(
        self -> {
          for (ExitReason reason : List.of(ExitReason.KILL, ExitReason.SHUTDOWN)) {
            var opened = new CompletableFuture<DetsTable<String, Long>>();
            Pid user =
                self.spawn(
                    s -> {
                      DetsTable<String, Long> t = Dets.open(s, longs());
                      t.insert(reason.toString(), 1L);
                      opened.complete(t);
                      s.receive();
                    });
            DetsTable<String, Long> t = TestRuntime.get(opened, "opened");
            self.monitor(user);
            self.exit(user, reason);
            TestRuntime.next(self, Down.class);
            assertThat(t.info()).isEmpty();
            DetsTable<String, Long> again = Dets.open(self, longs().withRepair(Repair.REFUSE));
            assertThat(again.lookup(reason.toString())).containsExactly(1L);
            assertThat(again.info().orElseThrow().repaired()).isFalse();
            again.close();
          }
        });
  }

  @Test // 9.21
  void theEndOfTheRuntimeClosesIt() {
    try (ProcessRuntime runtime = ProcessRuntime.builder().build()) {
      var done = new CompletableFuture<Boolean>();
      runtime.spawn(
          s -> {
            Dets.open(s, longs()).insert("a", 1L);
            done.complete(true);
            s.receive();
          });
      TestRuntime.get(done, "inserted");
    }
    otp.run(
        self ->
            assertThat(Dets.open(self, longs().withRepair(Repair.REFUSE)).lookup("a"))
                .containsExactly(1L));
  }

  @Test // 9.21
  void aNameMeansOneTable() {
    otp.run(
        self -> {
          Dets.open(self, longs());
          assertThatThrownBy(() -> Dets.open(self, longs(TableType.BAG)))
              .isInstanceOf(StoreException.class)
              .hasMessage(
                  "Table 't' is open with file "
                      + longs().file()
                      + " as a set of string to long. Open it with the same, or under another"
                      + " name.");
          var same = DetsSpec.set("other", longs().file(), Codec.ofString(), Codec.ofLong());
          assertThatThrownBy(() -> Dets.open(self, same))
              .isInstanceOf(StoreException.class)
              .hasMessage(
                  "Store "
                      + same.file()
                      + " is open elsewhere. Close it there, or use another file.");
          assertThat(Dets.of(self.runtime()).all()).hasSize(1);
        });
    assertThatThrownBy(() -> Dets.open(otp.get(self -> self), longs()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Table 't' was to be opened outside its process");
  }

  @Test // 9.22
  void whatWasSyncedIsThereAfterACrash() {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs().withAutoSave(Duration.ofHours(1)));
          t.insert("a", 1L);
          t.sync();
          t.insert("b", 2L);
          var copy =
              DetsSpec.set("copy", crashed(longs(), "copy.dets"), Codec.ofString(), Codec.ofLong());
          DetsTable<String, Long> c = Dets.open(self, copy);
          assertThat(c.toList()).as("b was not saved").containsExactly(Row.of("a", 1L));
          assertThat(c.info().orElseThrow().repaired()).isTrue();
          assertThat(c.size()).isEqualTo(1);
        });
  }

  @Test // 9.22
  void changesAreSavedByThemselves() {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs().withAutoSave(Duration.ofMillis(20)));
          t.insert("a", 1L);
          var tries = new ArrayList<Path>();
          TestRuntime.await(
              "saved",
              () -> {
                Path copy = crashed(longs(), "copy" + tries.size() + ".dets");
                tries.add(copy);
                var spec = DetsSpec.set(copy.toString(), copy, Codec.ofString(), Codec.ofLong());
                DetsTable<String, Long> c = Dets.open(self, spec);
                boolean there = c.member("a");
                c.close();
                return there;
              });
        });
  }

  @Test // 9.23
  void whatWasNotClosedIsRepairedOrRefused() throws IOException {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs());
          t.insert("a", 1L);
          t.sync();
        });
    otp.run(
        self -> {
          Dets.open(self, longs()).insert("b", 2L);
          Dets.open(self, longs()).sync();
          var spec =
              DetsSpec.set("c", crashed(longs(), "c.dets"), Codec.ofString(), Codec.ofLong());
          byte[] before = bytes(spec.file());
          assertThatThrownBy(() -> Dets.open(self, spec.withRepair(Repair.REFUSE)))
              .isInstanceOf(StoreException.class)
              .hasMessage(
                  "Store "
                      + spec.file()
                      + " was not closed and is not to be repaired. Open it with Repair.AUTO. The"
                      + " file is as it was.");
          assertThat(bytes(spec.file())).isEqualTo(before);
          DetsTable<String, Long> c = Dets.open(self, spec);
          assertThat(c.size()).isEqualTo(2);
          assertThat(c.info().orElseThrow().repaired()).isTrue();
          c.close();
          DetsTable<String, Long> again = Dets.open(self, spec.withRepair(Repair.REFUSE));
          assertThat(again.info().orElseThrow().repaired()).isFalse();
          again.close();
          assertThat(Dets.open(self, spec.withRepair(Repair.FORCE)).size()).isEqualTo(2);
        });
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test // 9.23
  void whatIsNoTableIsRefusedAndLeftAlone() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "dear diary\n".repeat(1_000));
    Path empty = Files.createFile(folder.resolve("empty"));
    Path foreign = folder.resolve("foreign");
    try (MVStore store = MVStore.open(foreign.toString())) {
      store.openMap("data").put("a", "b");
    }
    otp.run(
        self -> {
          for (Path file : List.of(text, empty, foreign)) {
            byte[] before = bytes(file);
            for (Repair repair : Repair.values()) {
              var spec =
                  DetsSpec.set("x", file, Codec.ofString(), Codec.ofLong()).withRepair(repair);
              assertThatThrownBy(() -> Dets.open(self, spec))
                  .isInstanceOf(StoreException.class)
                  .hasMessage(
                      file
                          + " is not a store of dets. Name another file, or move this one away to"
                          + " begin with an empty store. The file is as it was.");
            }
            assertThat(bytes(file)).as(file.toString()).isEqualTo(before);
          }
        });
  }

  @Test // 9.23
  void whatIsDamagedInsideIsRefusedAndLeftAlone() throws IOException {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs());
          IntStream.range(0, 5_000).forEach(n -> t.insert("key" + n, (long) n));
        });
    TestRuntime.await("closed", () -> Dets.of(otp.runtime()).all().isEmpty());
    otp.run(self -> Dets.open(self, longs()).close());
    byte[] file = bytes(longs().file());
    for (int i = 3 * 4096; i < file.length; i++) {
      file[i] ^= 0x55; // all but the headers
    }
    Files.write(longs().file(), file);
    otp.run(
        self -> {
          assertThatThrownBy(() -> Dets.open(self, longs()))
              .isInstanceOf(StoreException.class)
              .hasMessageContaining("cannot be read and cannot be repaired")
              .hasMessageEndingWith(
                  "Restore it from a backup, or open it with Repair.FORCE to have what can be read"
                      + " of an earlier state. The file is as it was.");
          assertThat(bytes(longs().file())).isEqualTo(file);
          assertThat(folder.toFile().list()).containsExactly("t.dets");
          Dets.open(self, longs().withRepair(Repair.FORCE));
        });
  }

  @Test // 9.23
  void otherShapesAndVersionsAreRefused() {
    var users = DetsSpec.set("u", folder.resolve("u"), Codec.ofString(), Codec.record(User.class));
    var changed =
        DetsSpec.set("u", folder.resolve("u"), Codec.ofString(), Codec.record(UserWithCity.class));
    otp.run(
        self -> {
          DetsTable<String, User> t = Dets.open(self, users);
          t.insert("joe", new User("Joe", 50));
          t.close();
          assertThatThrownBy(() -> Dets.open(self, changed))
              .isInstanceOf(StoreException.class)
              .hasMessage(
                  "Table 'objects' is in its file a set of string to {name:?string,age:int}, and"
                      + " was asked for as a set of string to {name:?string,age:int,city:?string}."
                      + " Open it with the type and the codecs it was made with; to change them,"
                      + " copy its objects into a new table. The file is as it was.");
          try (MVStore store = MVStore.open(users.file().toString())) {
            StoreOpening.header(store).put("version", "2");
          }
          assertThatThrownBy(() -> Dets.open(self, users))
              .isInstanceOf(StoreException.class)
              .hasMessage(
                  "Store "
                      + users.file()
                      + " has version 2 and this is written for version 1. Open it with the release"
                      + " that made it, or a later one. The file is as it was.");
        });
  }

  @Test // 9.23
  void aFileNamesNoClass() {
    var users = DetsSpec.set("u", folder.resolve("u"), Codec.ofString(), Codec.record(User.class));
    otp.run(self -> Dets.open(self, users).insert("joe", new User("Joe", 50)));
    TestRuntime.await("closed", () -> Dets.of(otp.runtime()).all().isEmpty());
    otp.run(self -> Dets.open(self, users).close());
    String file = new String(bytes(users.file()), StandardCharsets.ISO_8859_1);
    assertThat(file).contains("Joe").doesNotContain("User").doesNotContain("io.otp");
  }

  /** An open that fails has closed the file when it says so. */
  @Test // 9.21
  void anOpenThatFailsLeavesNoFileOpen() {
    otp.run(
        self -> {
          Dets.open(self, longs()).close();
          try (MVStore store = MVStore.open(longs().file().toString())) {
            StoreOpening.header(store).put("size", "many");
          }
          for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> Dets.open(self, longs()))
                .isInstanceOf(NumberFormatException.class);
          }
        });
  }

  @Test // 9.24
  void tablesOnDiskDoWhatTablesInMemoryDo() {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs());
          assertThat(t.insertNew("a", 1L)).isTrue();
          assertThat(t.insertNew("a", 2L)).isFalse();
          assertThat(t.insertNewAll(List.of(Row.of("b", 1L), Row.of("a", 1L)))).isFalse();
          assertThat(t.member("b")).isFalse();
          assertThat(t.updateCounter("a", Counter.ofLong().add(10).wrap(10, 0))).isZero();
          assertThat(t.updateCounter("new", Counter.ofLong().add(5), 10L)).isEqualTo(15);
          assertThatThrownBy(() -> t.updateCounter("zz", Counter.ofLong().add(1)))
              .isInstanceOf(TableException.class);
          assertThat(t.take("new")).containsExactly(15L);
          IntStream.range(0, 1_000).forEach(n -> t.insert("k" + n, (long) n));
          assertThat(t.size()).isEqualTo(1_001);
          assertThat(t.selectCount(t.match().where(v -> 10 / v > 1))).isEqualTo(5);
          assertThat(t.select(t.match().key("k7"))).containsExactly(Row.of("k7", 7L));
          assertThat(t.fold(0L, (sum, _, v) -> sum + v)).isEqualTo(499_500);
          assertThat(t.selectReplace(t.match().where(v -> v >= 998), (_, v) -> -v)).isEqualTo(2);
          assertThat(t.lookup("k999")).containsExactly(-999L);
          assertThat(t.selectDelete(t.match().where(v -> v < 0))).isEqualTo(2);
          var seen = new ArrayList<String>();
          Optional<Page<Row<String, Long>>> page = t.select(t.match(), 100);
          while (page.isPresent()) {
            page.get().items().forEach(row -> seen.add(row.key()));
            page = page.get().next();
          }
          assertThat(seen).hasSize(999).doesNotHaveDuplicates();
          int visited = 0;
          for (Optional<String> k = t.first(); k.isPresent(); k = t.next(k.get())) {
            t.delete(k.get());
            visited++;
          }
          assertThat(visited).isEqualTo(999);
          assertThat(t.size()).isZero();
          t.insert("x", 1L);
          t.deleteAllObjects();
          assertThat(t.toList()).isEmpty();
          assertThat(t.as(TableSpec.set("any", String.class, Long.class))).isSameAs(t);
          assertThatThrownBy(() -> t.as(TableSpec.set("any", Long.class, Long.class)))
              .isInstanceOf(TableException.class)
              .hasMessageEndingWith("Use the types it was opened with.");
        });
  }

  @Test // 9.24
  void noCountIsLost() {
    otp.run(
        self -> {
          DetsTable<String, Long> t = Dets.open(self, longs());
          t.insert("n", 0L);
          for (int i = 0; i < 4; i++) {
            self.spawnMonitor(
                s ->
                    IntStream.range(0, 250)
                        .forEach(_ -> t.updateCounter("n", Counter.ofLong().add(1))));
          }
          for (int i = 0; i < 4; i++) {
            TestRuntime.next(self, Down.class);
          }
          assertThat(t.lookup("n")).containsExactly(1_000L);
        });
  }

  /** It would be tried for ever. */
  @Test // 9.24
  void aCodecThatWritesOtherBytesIsToldSo() {
    var written = new AtomicInteger();
    Codec<Long> restless =
        new Codec<>() {
          @Override
          public Class<Long> type() {
            return Long.class;
          }

          @Override
          public String shape() {
            return "restless";
          }

          @Override
          public void write(Long value, DataOutput out) throws IOException {
            out.writeInt(written.incrementAndGet());
            out.writeLong(value);
          }

          @Override
          public Long read(DataInput in) throws IOException {
            in.readInt();
            return in.readLong();
          }
        };
    otp.run(
        self -> {
          DetsTable<String, Long> t =
              Dets.open(self, DetsSpec.set("r", folder.resolve("r"), Codec.ofString(), restless));
          t.insert("a", 1L);
          assertThat(t.lookup("a")).containsExactly(1L);
          assertThatThrownBy(() -> t.updateCounter("a", Counter.ofLong().add(1)))
              .isInstanceOf(StoreException.class)
              .hasMessage(
                  "update_counter: the codec of the values of table 'r' does not write what it has"
                      + " read as the bytes that it has read: whether it has been changed meanwhile"
                      + " cannot be known. Let it write equal values as equal bytes.");
        });
  }

  @Test // 9.15
  void tablesGoToTheDiskAndBack() {
    otp.run(
        self -> {
          EtsTable<String, Long> ets = ets(self);
          ets.insertAll(List.of(Row.of("a", 1L), Row.of("a", 1L), Row.of("b", 2L)));
          DetsTable<String, Long> t = Dets.open(self, longs(TableType.DUPLICATE_BAG));
          t.insert("old", 9L);
          t.fromEts(ets);
          assertThat(t.size()).isEqualTo(3);
          t.close();
          EtsTable<String, Long> back = ets(self);
          Dets.open(self, longs(TableType.DUPLICATE_BAG)).toEts(back);
          assertThat(back.toList()).containsExactlyInAnyOrderElementsOf(ets.toList());
        });
  }

  private static EtsTable<String, Long> ets(Self<Object> self) {
    return Tables.create(self, TableSpec.duplicateBag("e", String.class, Long.class));
  }
}
