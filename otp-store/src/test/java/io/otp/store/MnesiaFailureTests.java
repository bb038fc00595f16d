package io.otp.store;

import static io.otp.store.MnesiaTests.A;
import static io.otp.store.MnesiaTests.D;
import static io.otp.store.MnesiaTests.reason;
import static io.otp.store.MnesiaTests.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.store.Outcome.Aborted;
import io.otp.table.Component;
import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.TableException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What breaks a transaction in the middle: refusals, ends of processes, a store that fails. */
class MnesiaFailureTests {

  record Account(String city, long cents) {}

  private static final Codec<Object> INT_OR_OPTIONAL =
      Codec.oneOf(
          Object.class,
          Map.of(
              "int",
              Codec.ofInt(),
              "float",
              Codec.ofDouble(),
              "o",
              Codec.optionalOf(Codec.ofInt())));

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path folder;
  private Mnesia mnesia;

  @BeforeEach
  void start() {
    mnesia = Mnesia.start(otp.runtime(), folder.resolve("m"), A, D);
  }

  private Mnesia again(MnesiaSpec<?, ?>... tables) {
    mnesia.stop();
    return Mnesia.start(otp.runtime(), folder.resolve("m"), tables);
  }

  private static <K, V> List<V> get(Mnesia mnesia, MnesiaSpec<K, V> table, K key) {
    return mnesia.asyncDirty(d -> d.read(table, key));
  }

  private static <K, V> List<Row<K, V>> all(Mnesia mnesia, MnesiaSpec<K, V> table) {
    return mnesia.asyncDirty(d -> d.select(table, Match.any()));
  }

  /** The thread of the store does nothing until the latch is open. */
  private CountDownLatch storeIsBusy() {
    var busy = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    mnesia
        .file()
        .submit(
            otp.runtime(),
            () -> {
              busy.countDown();
              return TestRuntime.await(go);
            },
            false);
    TestRuntime.await(busy);
    return go;
  }

  // --- what is refused is refused before anything is written

  @Test // 9.30
  void aValueThatAnIndexCannotReadAbortsAllOfItsTransaction() {
    Component<Account, String> city = Component.of("city", a -> a.city().strip());
    MnesiaSpec<String, Account> accounts =
        MnesiaSpec.set("accounts", Codec.ofString(), Codec.record(Account.class))
            .withCopies(Copies.DISC)
            .withIndex(city);
    mnesia.createTable(accounts);
    Outcome<Boolean> outcome =
        mnesia.transaction(
            tx -> {
              tx.write(A, "x", 1L);
              tx.write(accounts, "joe", new Account(null, 1));
              return true;
            });
    assertThat(reason(outcome).toString())
        .contains(
            "write of table 'accounts': the part 'city' of Account[city=null, cents=1] cannot be"
                + " read: java.lang.NullPointerException");
    assertThat(get(mnesia, A, "x")).isEmpty();
    assertThat(all(again(A, accounts), accounts)).isEmpty();
  }

  /** It would be on disk, not in memory, and keep the table from being loaded. */
  @Test // 9.36
  void aKeyWithoutAnOrderIsNotPutOnDisk() {
    MnesiaSpec<Object, Long> ordered =
        MnesiaSpec.orderedSet("ordered", INT_OR_OPTIONAL, Codec.ofLong()).withCopies(Copies.DISC);
    mnesia.createTable(ordered);
    assertThatThrownBy(
            () ->
                mnesia.asyncDirty(
                    d -> {
                      d.write(ordered, Optional.of(1), 1L);
                      return true;
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no place in the order of terms");
    assertThat(all(again(ordered), ordered)).isEmpty();
  }

  @Test // 9.36
  void removingAnotherObjectOfAnEqualKeyLeavesBothCopiesAlone() {
    MnesiaSpec<Object, Long> ordered =
        MnesiaSpec.orderedSet("ordered", INT_OR_OPTIONAL, Codec.ofLong()).withCopies(Copies.DISC);
    mnesia.createTable(ordered);
    mnesia.asyncDirty(
        d -> {
          d.write(ordered, 1, 1L);
          d.deleteObject(ordered, 1.0, 99L);
          d.write(ordered, 2, 2L);
          d.deleteObject(ordered, 2.0, 2L);
          return true;
        });
    assertThat(all(mnesia, ordered)).containsExactly(Row.of(1, 1L));
    assertThat(all(again(ordered), ordered)).containsExactly(Row.of(1, 1L));
  }

  @Test // 9.30
  void aValueThatItsCodecRefusesAborts() {
    MnesiaSpec<String, Object> any =
        MnesiaSpec.set("any", Codec.ofString(), INT_OR_OPTIONAL).withCopies(Copies.DISC);
    mnesia.createTable(any);
    Outcome<Boolean> outcome =
        mnesia.transaction(
            tx -> {
              tx.write(A, "x", 1L);
              tx.write(any, "x", "text");
              return true;
            });
    assertThat(reason(outcome).toString())
        .contains("A java.lang.String is none of the variants [float, int, o] of java.lang.Object");
    assertThat(get(mnesia, A, "x")).isEmpty();
    assertThat(mnesia.locks().held()).isZero();
  }

  @Test // 9.30
  void aFunctionReturnsSomething() {
    Outcome<String> outcome =
        mnesia.transaction(
            tx -> {
              tx.write(A, "x", 1L);
              return null;
            });
    assertThat(reason(outcome).toString())
        .contains("The function of a transaction has returned null. Return a value");
    assertThat(get(mnesia, A, "x")).isEmpty();
    assertThatThrownBy(() -> mnesia.transaction(_ -> true, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A transaction cannot be begun again -1 times. Give 0 or more, or no number at all.");
  }

  @Test // 9.35
  void aCounterThatDoesNotFitIsRefused() {
    mnesia.asyncDirty(
        d -> {
          d.write(A, "x", Long.MAX_VALUE);
          return true;
        });
    assertThatThrownBy(() -> mnesia.dirtyUpdateCounter(A, "x", 1))
        .isInstanceOf(TableException.class)
        .hasMessage(
            "dirty_update_counter: key x in table 'a' is 9223372036854775807, and adding 1 does not"
                + " fit into a long. Reset it first.");
    assertThat(get(mnesia, A, "x")).containsExactly(Long.MAX_VALUE);
  }

  // --- tables that go

  @Test // 9.30
  void aTableThatIsDeletedMeanwhileAbortsAllOfATransaction() {
    var begun = new CountDownLatch(1);
    var deleting = new CountDownLatch(1);
    var outcome = new CompletableFuture<Outcome<Boolean>>();
    otp.run(
        self -> {
          self.spawn(
              _ ->
                  outcome.complete(
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "x", 9L);
                            begun.countDown();
                            TestRuntime.await(deleting);
                            tx.write(D, "x", 9L);
                            return true;
                          })));
          TestRuntime.await(begun);
          CountDownLatch go = storeIsBusy();
          self.spawnMonitor(_ -> mnesia.deleteTable(D));
          TestRuntime.await("is being deleted", () -> mnesia.file().waiting() == 1);
          deleting.countDown();
          TestRuntime.await("waits for the lock", () -> mnesia.locks().waiting() == 1);
          go.countDown();
          assertThat(TestRuntime.next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
        });
    assertThat(reason(TestRuntime.get(outcome, "ended")).toString())
        .contains("Mnesia has no table 'd'. Known: [a]");
    assertThat(get(mnesia, A, "x")).isEmpty();
  }

  @Test // 9.33
  void aTableIsNotDeletedWithinATransaction() {
    Outcome<Boolean> outcome =
        mnesia.transaction(
            tx -> {
              tx.write(D, "x", 1L);
              mnesia.deleteTable(D);
              return true;
            });
    assertThat(reason(outcome))
        .isEqualTo(ExitReason.other(new Aborted<>(ExitReason.other("nested_transaction"))));
    assertThat(mnesia.tables()).containsExactly("a", "d");
    assertThat(get(mnesia, D, "x")).isEmpty();
  }

  @Test // 9.30
  void theEndOfTheOwnerDoesNotTearATransaction() {
    CountDownLatch go = storeIsBusy();
    otp.run(
        self -> {
          self.spawn(
              _ ->
                  mnesia.transaction(
                      tx -> {
                        tx.write(D, "x", 1L);
                        tx.write(D, "y", 1L);
                        return true;
                      }));
          TestRuntime.await("is handed over", () -> mnesia.file().waiting() == 1);
          self.monitor(mnesia.owner());
          self.exit(mnesia.owner(), ExitReason.KILL);
          TestRuntime.next(self, Down.class);
          go.countDown();
        });
    TestRuntime.get(mnesia.file().close(), "closed");
    Mnesia again = Mnesia.start(otp.runtime(), folder.resolve("m"), D);
    assertThat(all(again, D)).containsExactlyInAnyOrder(Row.of("x", 1L), Row.of("y", 1L));
  }

  // --- nested, and of several Mnesias

  @Test // 9.33
  void whatIsAroundANestedTransactionIsNotUsedWithinIt() {
    Outcome<String> outcome =
        mnesia.transaction(
            tx -> {
              Outcome<Boolean> inner =
                  tx.transaction(
                      in -> {
                        in.write(A, "in", 1L);
                        tx.write(A, "out", 1L); // would be there though the inner one aborts
                        return true;
                      });
              tx.write(A, "after", 1L);
              return reason(inner).toString();
            });
    assertThat(value(outcome))
        .contains(
            "A transaction was used while one within it goes on. Use the activity that the inner"
                + " function has got.");
    assertThat(all(mnesia, A)).containsExactly(Row.of("after", 1L));
  }

  @Test // 9.33
  void theInnermostMayAbortAll() {
    Outcome<Boolean> outcome =
        mnesia.transaction(
            tx -> {
              tx.transaction(
                  in -> {
                    in.write(A, "in", 1L);
                    throw tx.abort("all");
                  });
              return true;
            });
    assertThat(reason(outcome)).isEqualTo(ExitReason.other("all"));
    assertThat(all(mnesia, A)).isEmpty();
  }

  @Test // 9.31
  void aTransactionOfAnotherMnesiaBetweenTwoDoesNotHang() {
    Mnesia other = Mnesia.start(otp.runtime(), A);
    var done = new CompletableFuture<Boolean>();
    otp.runtime()
        .spawn(
            _ ->
                done.complete(
                    value(
                        mnesia.transaction(
                            tx -> {
                              tx.write(A, "x", 1L);
                              return value(
                                  other.transaction(
                                      _ ->
                                          value(
                                              mnesia.transaction(
                                                  in -> {
                                                    in.write(A, "x", 2L);
                                                    return true;
                                                  }))));
                            }))));
    assertThat(TestRuntime.get(done, "nested in the outermost")).isTrue();
    assertThat(get(mnesia, A, "x")).containsExactly(2L);
  }

  /** The younger one gives its locks up, also what it does within a transaction of another. */
  @Test // 9.31
  void whoGivesWayWithinATransactionOfAnotherMnesiaGivesAllUp() {
    Mnesia other = Mnesia.start(otp.runtime(), A);
    var first = new CountDownLatch(1);
    var second = new CountDownLatch(1);
    otp.run(
        self -> {
          self.spawnMonitor(
              _ ->
                  value(
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "x", 1L);
                            first.countDown();
                            TestRuntime.await(second);
                            tx.write(A, "y", 1L);
                            return true;
                          })));
          TestRuntime.await(first);
          self.spawnMonitor(
              _ ->
                  value(
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "y", 2L);
                            second.countDown();
                            return value(
                                other.transaction(
                                    _ -> {
                                      tx.write(A, "x", 2L);
                                      return true;
                                    }));
                          })));
          for (int i = 0; i < 2; i++) {
            assertThat(TestRuntime.next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
          }
        });
    assertThat(all(mnesia, A)).containsExactlyInAnyOrder(Row.of("x", 2L), Row.of("y", 2L));
  }

  // --- a start that fails

  @Test // 9.34
  void whoIsKilledWhileItStartsOneLeavesNoFileOpen() {
    var entered = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    MnesiaSpec<String, Long> slow =
        MnesiaSpec.set(
            "slow",
            new Codec<>() {
              @Override
              public Class<String> type() {
                entered.countDown();
                TestRuntime.await(go);
                return String.class;
              }

              @Override
              public String shape() {
                return "string";
              }

              @Override
              public void write(String value, DataOutput out) throws IOException {
                out.writeUTF(value);
              }

              @Override
              public String read(DataInput in) throws IOException {
                return in.readUTF();
              }
            },
            Codec.ofLong());
    Path file = folder.resolve("slow");
    otp.run(
        self -> {
          Pid starter = self.spawn(_ -> Mnesia.start(otp.runtime(), file, slow));
          TestRuntime.await(entered);
          self.monitor(starter);
          self.exit(starter, ExitReason.KILL);
          TestRuntime.next(self, Down.class);
          go.countDown();
        });
    TestRuntime.await(
        "the file is free",
        () -> {
          try {
            Mnesia.start(otp.runtime(), file, A).stop();
            return true;
          } catch (StoreException e) {
            assertThat(e.reason()).isEqualTo(StoreException.Reason.LOCKED);
            return false;
          }
        });
  }

  @Test // 9.34
  void aRuntimeThatIsClosedLeavesNoFileOpen() {
    ProcessRuntime closed = ProcessRuntime.builder().build();
    closed.close();
    Path file = folder.resolve("closed");
    assertThatThrownBy(() -> Mnesia.start(closed, file, A)).isInstanceOf(Exception.class);
    TestRuntime.await(
        "the file is free",
        () -> {
          try {
            Mnesia.start(otp.runtime(), file, A).stop();
            return true;
          } catch (StoreException e) {
            return false;
          }
        });
  }

  // --- a store that fails

  @Test // 9.30
  void aStoreThatFailsAnswersAllAndStops() {
    Pid owner = mnesia.owner();
    mnesia
        .file()
        .call(
            otp.runtime(),
            () -> {
              mnesia
                  .file()
                  .beforeSave(
                      () -> {
                        throw new AssertionError("broken");
                      });
              return true;
            });
    var answer = new CompletableFuture<Throwable>();
    otp.run(
        self -> {
          self.monitor(owner);
          otp.runtime()
              .spawn(
                  _ -> {
                    try {
                      mnesia.syncTransaction(
                          tx -> {
                            tx.write(D, "x", 1L);
                            return true;
                          });
                    } catch (StoreException e) {
                      answer.complete(e);
                    }
                  });
          assertThat(TestRuntime.get(answer, "answered"))
              .hasMessageStartingWith("Store " + folder.resolve("m") + " has failed")
              .hasMessageContaining("broken");
          TestRuntime.next(self, Down.class);
        });
    assertThat(Mnesia.all(otp.runtime())).isEmpty();
    assertThatThrownBy(() -> get(mnesia, A, "x"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("has failed");
    assertThat(mnesia.locks().held()).isZero();
    Mnesia again = Mnesia.start(otp.runtime(), folder.resolve("m"), A, D);
    assertThat(all(again, D)).isEmpty();
  }
}
