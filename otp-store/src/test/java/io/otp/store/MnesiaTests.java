package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessKilledError;
import io.otp.store.Outcome.Aborted;
import io.otp.store.Outcome.Atomic;
import io.otp.table.Component;
import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.TableException;
import io.otp.table.TableType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class MnesiaTests {

  record Account(String city, long cents) {}

  static final MnesiaSpec<String, Long> A = MnesiaSpec.set("a", Codec.ofString(), Codec.ofLong());
  static final MnesiaSpec<String, Long> D =
      MnesiaSpec.set("d", Codec.ofString(), Codec.ofLong()).withCopies(Copies.DISC);
  static final MnesiaSpec<String, Long> BAG =
      MnesiaSpec.bag("bag", Codec.ofString(), Codec.ofLong()).withCopies(Copies.DISC);
  static final MnesiaSpec<Integer, Long> ORDERED =
      MnesiaSpec.orderedSet("ordered", Codec.ofInt(), Codec.ofLong());
  static final Component<Account, String> CITY = Component.of("city", Account::city);
  static final MnesiaSpec<String, Account> ACCOUNTS =
      MnesiaSpec.set("accounts", Codec.ofString(), Codec.record(Account.class)).withIndex(CITY);

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path folder;
  private Mnesia mnesia;

  @BeforeEach
  void start() {
    mnesia = Mnesia.start(otp.runtime(), folder.resolve("m"), A, D, BAG, ORDERED, ACCOUNTS);
  }

  static <T> T value(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Atomic.class);
    return ((Atomic<T>) outcome).value();
  }

  static ExitReason reason(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Aborted.class);
    return ((Aborted<?>) outcome).reason();
  }

  private <K, V> boolean put(MnesiaSpec<K, V> table, K key, V value) {
    return value(
        mnesia.transaction(
            tx -> {
              tx.write(table, key, value);
              return true;
            }));
  }

  private <K, V> List<V> get(MnesiaSpec<K, V> table, K key) {
    return mnesia.asyncDirty(d -> d.read(table, key));
  }

  @Test // 9.30
  void transactionsAreAtomicOrAborted() {
    assertThat(put(A, "x", 1L)).isTrue();
    assertThat(get(A, "x")).containsExactly(1L);
    Outcome<Object> aborted =
        mnesia.transaction(
            tx -> {
              tx.write(A, "x", 2L);
              tx.write(D, "y", 2L);
              throw tx.abort("why");
            });
    assertThat(reason(aborted)).isEqualTo(ExitReason.other("why"));
    Outcome<Object> failed =
        mnesia.transaction(
            tx -> {
              tx.delete(A, "x");
              throw new IllegalStateException("broken");
            });
    assertThat(reason(failed)).isInstanceOf(ExitReason.Crash.class);
    assertThat(reason(failed).toString()).contains("broken");
    Outcome<Object> exited =
        mnesia.transaction(
            tx -> {
              tx.delete(A, "x");
              throw new ProcessExit(ExitReason.SHUTDOWN);
            });
    assertThat(reason(exited)).isEqualTo(ExitReason.SHUTDOWN);
    assertThat(get(A, "x")).containsExactly(1L);
    assertThat(get(D, "y")).isEmpty();
    assertThat(mnesia.locks().held()).isZero();
  }

  /** Who catches what ends a transaction does not save it. */
  @Test // 9.30
  void anAbortThatIsCaughtAbortsAllTheSame() {
    Outcome<String> outcome =
        mnesia.transaction(
            tx -> {
              try {
                throw tx.abort("why");
              } catch (Error e) {
                return "caught";
              }
            });
    assertThat(reason(outcome)).isEqualTo(ExitReason.other("why"));
  }

  @Test // 9.30
  void accessOutsideIsNoTransaction() {
    var leaked = new AtomicReference<Activity>();
    mnesia.transaction(
        tx -> {
          leaked.set(tx);
          return true;
        });
    ExitReason none = ExitReason.other(new Aborted<>(ExitReason.other("no_transaction")));
    assertThat(catchThrowableOfType(ProcessExit.class, () -> leaked.get().read(A, "x")).reason())
        .isEqualTo(none);
    mnesia.transaction(
        tx -> {
          var elsewhere = new CompletableFuture<ExitReason>();
          Thread.ofVirtual()
              .start(
                  () ->
                      elsewhere.complete(
                          catchThrowableOfType(ProcessExit.class, () -> tx.write(A, "x", 9L))
                              .reason()));
          assertThat(TestRuntime.get(elsewhere, "refused")).isEqualTo(none);
          return true;
        });
    assertThat(get(A, "x")).isEmpty();
  }

  @Test // 9.31
  void incrementsOfManyProcessesAreAllThere() {
    put(A, "n", 0L);
    var runs = new AtomicInteger();
    otp.run(
        self -> {
          for (int i = 0; i < 10; i++) {
            self.spawnMonitor(
                _ ->
                    IntStream.range(0, 20)
                        .forEach(
                            _ ->
                                value(
                                    mnesia.transaction(
                                        tx -> {
                                          runs.incrementAndGet();
                                          long n = tx.read(A, "n").getFirst();
                                          Thread.yield();
                                          tx.write(A, "n", n + 1);
                                          return n;
                                        }))));
          }
          for (int i = 0; i < 10; i++) {
            assertThat(TestRuntime.next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
          }
        });
    assertThat(get(A, "n")).containsExactly(200L);
    System.out.println(runs + " runs of 200 transactions, " + mnesia.restarts() + " restarts");
    assertThat(mnesia.locks().held()).isZero();
    assertThat(mnesia.locks().waiting()).isZero();
  }

  /** Two that lock in opposite orders: one dies, and both come through. */
  @Test // 9.31
  void oppositeOrdersNeverHang() {
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
          self.spawnMonitor(
              _ -> {
                TestRuntime.await(first);
                value(
                    mnesia.transaction(
                        tx -> {
                          tx.write(A, "y", 2L);
                          second.countDown();
                          tx.write(A, "x", 2L);
                          return true;
                        }));
              });
          TestRuntime.next(self, Down.class);
          TestRuntime.next(self, Down.class);
        });
    assertThat(get(A, "x")).containsExactly(2L);
    assertThat(get(A, "y")).containsExactly(2L);
    assertThat(mnesia.restarts()).isEqualTo(1);
  }

  @Test // 9.31
  void retriesMayBeLimited() {
    otp.run(
        self -> {
          var held = new CountDownLatch(1);
          var runs = new AtomicInteger();
          Pid older =
              self.spawn(
                  s ->
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "x", 1L);
                            held.countDown();
                            s.receive();
                            return true;
                          }));
          TestRuntime.await(held);
          Outcome<Boolean> outcome =
              mnesia.transaction(
                  tx -> {
                    runs.incrementAndGet();
                    tx.write(A, "x", 2L);
                    return true;
                  },
                  0);
          assertThat(reason(outcome)).isEqualTo(ExitReason.other("nomore"));
          assertThat(runs).hasValue(1);
          self.send(older, "go on");
        });
  }

  @Test // 9.32
  void readsSeeWhatTheTransactionHasWritten() {
    put(BAG, "k", 1L);
    put(ORDERED, 1, 1L);
    put(ORDERED, 5, 5L);
    put(ACCOUNTS, "joe", new Account("Oslo", 1));
    put(ACCOUNTS, "ann", new Account("Oslo", 2));
    value(
        mnesia.transaction(
            tx -> {
              tx.write(BAG, "k", 2L);
              tx.write(BAG, "k", 1L);
              assertThat(tx.read(BAG, "k")).containsExactly(1L, 2L);
              tx.deleteObject(BAG, "k", 1L);
              assertThat(tx.read(BAG, "k")).containsExactly(2L);
              tx.write(ORDERED, 3, 3L);
              tx.delete(ORDERED, 5);
              assertThat(tx.allKeys(ORDERED)).containsExactly(1, 3);
              assertThat(tx.select(ORDERED, Match.<Integer, Long>any().between(2, null)))
                  .containsExactly(Row.of(3, 3L));
              assertThat(tx.foldl(ORDERED, 0L, (sum, _, v) -> sum + v)).isEqualTo(4);
              tx.write(ACCOUNTS, "joe", new Account("Rome", 1));
              tx.write(ACCOUNTS, "eve", new Account("Oslo", 3));
              assertThat(tx.indexRead(ACCOUNTS, CITY, "Oslo"))
                  .extracting(Row::key)
                  .containsExactlyInAnyOrder("ann", "eve");
              assertThat(
                      tx.select(ACCOUNTS, Match.<String, Account>any().key("joe").is(CITY, "Rome")))
                  .hasSize(1);
              return true;
            }));
    List<Row<String, Account>> oslo = mnesia.asyncDirty(d -> d.indexRead(ACCOUNTS, CITY, "Oslo"));
    assertThat(oslo).hasSize(2);
  }

  @Test // 9.32
  void keysAreVisitedWithWhatTheTransactionHasWritten() {
    for (int key : List.of(1, 3, 5)) {
      put(ORDERED, key, 0L);
      put(A, "k" + key, 0L);
    }
    assertThat(mnesia.size(ORDERED)).isEqualTo(3);
    List<Integer> dirty = mnesia.asyncDirty(d -> visited(d, ORDERED, true));
    assertThat(dirty).containsExactly(1, 3, 5);
    value(
        mnesia.transaction(
            tx -> {
              assertThat(visited(tx, ORDERED, false)).containsExactly(5, 3, 1);
              tx.delete(ORDERED, 3);
              tx.write(ORDERED, 4, 0L);
              assertThat(visited(tx, ORDERED, true)).containsExactly(1, 4, 5);
              assertThat(visited(tx, ORDERED, false)).containsExactly(5, 4, 1);
              assertThat(tx.next(ORDERED, 3)).contains(4);
              Outcome<Boolean> inner =
                  tx.transaction(
                      in -> {
                        in.delete(ORDERED, 1);
                        assertThat(in.first(ORDERED)).contains(4);
                        throw in.abort("undone");
                      });
              assertThat(reason(inner)).isEqualTo(ExitReason.other("undone"));
              assertThat(tx.first(ORDERED)).contains(1);
              // What is deleted on the way keeps its place.
              var seen = new ArrayList<String>();
              for (var key = tx.first(A); key.isPresent(); key = tx.next(A, key.get())) {
                seen.add(key.get());
                tx.delete(A, key.get());
              }
              assertThat(seen).containsExactlyInAnyOrder("k1", "k3", "k5");
              assertThat(tx.first(A)).isEmpty();
              tx.write(A, "new", 1L);
              assertThat(visited(tx, A, true)).containsExactly("new");
              assertThatThrownBy(() -> tx.next(A, "absent"))
                  .isInstanceOf(TableException.class)
                  .hasMessage(
                      "next: table 'a' has no key absent. What comes after a key that is not there"
                          + " is known in an ordered_set only.");
              return true;
            }));
    assertThat(mnesia.size(A)).isEqualTo(1);
  }

  private static <K> List<K> visited(Activity tx, MnesiaSpec<K, Long> table, boolean forward) {
    var keys = new ArrayList<K>();
    var key = forward ? tx.first(table) : tx.last(table);
    while (key.isPresent()) {
      keys.add(key.get());
      key = forward ? tx.next(table, key.get()) : tx.prev(table, key.get());
    }
    return keys;
  }

  /** Nobody reads between the two writes of another, and what was read stays so. */
  @Test // 9.32
  void transactionsAreSerialisable() {
    put(A, "x", 50L);
    put(A, "y", 50L);
    otp.run(
        self -> {
          for (int i = 0; i < 3; i++) {
            int me = i;
            self.spawnMonitor(
                _ ->
                    IntStream.range(0, 40)
                        .forEach(
                            n ->
                                value(
                                    mnesia.transaction(
                                        tx -> {
                                          long x = tx.read(A, "x").getFirst();
                                          long y = tx.read(A, "y").getFirst();
                                          assertThat(x + y).isEqualTo(100);
                                          tx.write(A, me % 2 == 0 ? "x" : "y", (long) n);
                                          tx.write(A, me % 2 == 0 ? "y" : "x", 100L - n);
                                          assertThat(tx.foldl(A, 0L, (s, _, v) -> s + v))
                                              .isEqualTo(100);
                                          return true;
                                        }))));
          }
          for (int i = 0; i < 3; i++) {
            assertThat(TestRuntime.next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
          }
        });
  }

  /** Phantoms: a table that was read as a whole gets no new record meanwhile. */
  @Test // 9.32
  void aTableThatWasReadGetsNoNewRecord() {
    otp.run(
        self -> {
          var read = new CountDownLatch(1);
          var asked = new CountDownLatch(1);
          var again = new CompletableFuture<Integer>();
          self.spawnMonitor(
              _ ->
                  mnesia.transaction(
                      tx -> {
                        tx.allKeys(A);
                        read.countDown();
                        TestRuntime.await(asked);
                        TestRuntime.await(
                            "the writer gives way, or has written",
                            () -> mnesia.restarts() == 1 || !get(A, "new").isEmpty());
                        again.complete(tx.allKeys(A).size());
                        return true;
                      }));
          TestRuntime.await(read);
          var runs = new AtomicInteger();
          Pid writer =
              self.spawn(
                  _ ->
                      mnesia.transaction(
                          tx -> {
                            if (runs.getAndIncrement() == 0) {
                              asked.countDown();
                            }
                            tx.write(A, "new", 1L);
                            return true;
                          }));
          self.monitor(writer);
          assertThat(TestRuntime.get(again, "read again")).isZero();
          TestRuntime.next(self, Down.class);
          TestRuntime.next(self, Down.class);
          assertThat(get(A, "new")).containsExactly(1L);
        });
  }

  @Test // 9.33
  void nestedAbortUndoesOnlyWhatItWrote() {
    Outcome<Boolean> outer =
        mnesia.transaction(
            tx -> {
              tx.write(A, "outer", 1L);
              Outcome<Object> inner =
                  tx.transaction(
                      in -> {
                        in.write(A, "outer", 2L);
                        in.write(A, "inner", 2L);
                        assertThat(in.read(A, "outer")).containsExactly(2L);
                        throw in.abort("inner");
                      });
              assertThat(reason(inner)).isEqualTo(ExitReason.other("inner"));
              assertThat(tx.read(A, "outer")).containsExactly(1L);
              assertThat(tx.read(A, "inner")).isEmpty();
              value(
                  mnesia.transaction( // nested too: by the process
                      in -> {
                        in.write(A, "second", 3L);
                        return true;
                      }));
              assertThat(tx.read(A, "second")).containsExactly(3L);
              assertThat(get(A, "second")).as("seen by nobody else yet").isEmpty();
              return true;
            });
    value(outer);
    assertThat(get(A, "outer")).containsExactly(1L);
    assertThat(get(A, "inner")).isEmpty();
    assertThat(get(A, "second")).containsExactly(3L);
    mnesia.transaction(
        tx -> {
          value(
              tx.transaction(
                  in -> {
                    in.write(A, "lost", 1L);
                    return true;
                  }));
          throw tx.abort("outer");
        });
    assertThat(get(A, "lost")).as("the outermost has aborted").isEmpty();
  }

  @Test // 9.34
  void theEndOfAProcessRollsItsTransactionBack() {
    otp.run(
        self -> {
          var written = new CountDownLatch(1);
          Pid victim =
              self.spawn(
                  s ->
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "x", 1L);
                            tx.write(D, "x", 1L);
                            written.countDown();
                            s.receive();
                            return true;
                          }));
          TestRuntime.await(written);
          assertThat(mnesia.locks().held()).isEqualTo(2);
          self.monitor(victim);
          self.exit(victim, ExitReason.KILL);
          TestRuntime.next(self, Down.class);
          assertThat(mnesia.locks().held()).as("free when the death is told").isZero();
          assertThat(put(A, "y", 1L)).isTrue();
          assertThat(get(A, "x")).isEmpty();
          assertThat(get(D, "x")).isEmpty();
        });
  }

  /** Its thread may still run code that no interrupt stops. */
  @Test // 9.34
  void theLocksOfTheDeadAreFreeThoughItsThreadGoesOn() {
    var written = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var refused = new CompletableFuture<Throwable>();
    otp.run(
        self -> {
          Pid victim =
              self.spawn(
                  _ ->
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "x", 1L);
                            written.countDown();
                            while (goOn.getCount() > 0) {
                              LockSupport.parkNanos(1_000_000);
                            }
                            try {
                              tx.write(A, "y", 1L);
                            } catch (Throwable t) {
                              refused.complete(t);
                              throw t;
                            }
                            return true;
                          }));
          TestRuntime.await(written);
          self.monitor(victim);
          self.exit(victim, ExitReason.KILL);
          TestRuntime.next(self, Down.class);
          assertThat(mnesia.locks().held()).isZero();
          assertThat(put(A, "x", 2L)).isTrue();
          goOn.countDown();
          assertThat(TestRuntime.get(refused, "refused")).isInstanceOf(ProcessKilledError.class);
          assertThat(get(A, "x")).containsExactly(2L);
          assertThat(get(A, "y")).isEmpty();
        });
  }

  /** Also one that waits for a lock. */
  @Test // 9.34
  void theEndOfAProcessThatWaitsLeavesNoRequest() {
    otp.run(
        self -> {
          var waits = new CountDownLatch(1);
          var begun = new CountDownLatch(1);
          var release = new CountDownLatch(1);
          Pid older =
              self.spawn(
                  _ ->
                      mnesia.transaction(
                          tx -> {
                            begun.countDown();
                            TestRuntime.await(waits);
                            tx.write(A, "x", 1L);
                            return true;
                          }));
          TestRuntime.await(begun);
          self.spawnMonitor(
              _ ->
                  mnesia.transaction(
                      tx -> {
                        tx.write(A, "x", 2L);
                        waits.countDown();
                        TestRuntime.await(release);
                        return true;
                      }));
          TestRuntime.await("the older waits", () -> mnesia.locks().waiting() == 1);
          self.monitor(older);
          self.exit(older, ExitReason.KILL);
          TestRuntime.next(self, Down.class);
          assertThat(mnesia.locks().waiting()).isZero();
          release.countDown();
          TestRuntime.next(self, Down.class);
          assertThat(get(A, "x")).containsExactly(2L);
        });
  }

  @Test // 9.34
  void killsAtAnyMomentLeaveAllOrNothing() {
    var random = TestRuntime.random("MnesiaTests.killsAtAnyMomentLeaveAllOrNothing");
    otp.run(
        self -> {
          for (int i = 0; i < 150; i++) {
            long n = i;
            var begun = new CountDownLatch(1);
            Pid victim =
                self.spawn(
                    _ -> {
                      begun.countDown();
                      mnesia.transaction(
                          tx -> {
                            tx.write(A, "x", n);
                            tx.write(D, "x", n);
                            return true;
                          });
                    });
            self.monitor(victim);
            TestRuntime.await(begun);
            for (int spin = random.nextInt(3_000); spin > 0; spin--) {
              Thread.onSpinWait();
            }
            self.exit(victim, ExitReason.KILL);
            TestRuntime.next(self, Down.class);
            List<List<Long>> both =
                value(mnesia.transaction(tx -> List.of(tx.read(A, "x"), tx.read(D, "x"))));
            assertThat(both.getFirst()).isEqualTo(both.getLast());
          }
        });
    TestRuntime.await("no lock is left", () -> mnesia.locks().held() == 0);
  }

  @Test // 9.35
  void dirtyOperationsPassLocksAndCountersStopAtZero() {
    otp.run(
        self -> {
          var locked = new CountDownLatch(1);
          Pid holder =
              self.spawn(
                  s ->
                      mnesia.transaction(
                          tx -> {
                            tx.writeLockTable(A);
                            locked.countDown();
                            s.receive();
                            return true;
                          }));
          TestRuntime.await(locked);
          mnesia.asyncDirty(
              d -> {
                d.write(A, "x", 5L);
                return true;
              });
          assertThat(get(A, "x")).containsExactly(5L);
          assertThat(mnesia.dirtyUpdateCounter(A, "x", 3)).isEqualTo(8);
          assertThat(mnesia.dirtyUpdateCounter(A, "x", -10)).isZero();
          assertThat(mnesia.dirtyUpdateCounter(A, "new", -1)).isZero();
          assertThat(mnesia.dirtyUpdateCounter(D, "new", 7)).isEqualTo(7);
          self.send(holder, "go on");
        });
  }

  @Test // 9.35
  void contextsWriteAsFarAsTheySay() {
    mnesia.syncDirty(
        d -> {
          d.write(D, "sync", 1L);
          return d.isTransaction();
        });
    mnesia.ets(
        d -> {
          d.write(A, "ets", 1L);
          return true;
        });
    assertThat(get(A, "ets")).containsExactly(1L);
    assertThatThrownBy(
            () ->
                mnesia.ets(
                    d -> {
                      d.write(D, "ets", 1L);
                      return true;
                    }))
        .isInstanceOf(ProcessExit.class)
        .hasMessageContaining("Table 'd' has disc_copies, which context ets does not write");
    List<Long> read = value(mnesia.syncTransaction(tx -> tx.read(D, "sync")));
    assertThat(read).containsExactly(1L);
    assertThat(
            catchThrowableOfType(
                    ProcessExit.class,
                    () ->
                        mnesia
                            .transaction(
                                tx -> {
                                  throw tx.abort("why");
                                })
                            .orExit())
                .reason())
        .isEqualTo(ExitReason.other(new Aborted<>(ExitReason.other("why"))));
  }

  @Test // 9.36
  void discCopiesAreThereAfterARestartAndRamCopiesEmpty() {
    put(A, "x", 1L);
    put(D, "x", 1L);
    put(BAG, "k", 1L);
    put(BAG, "k", 2L);
    mnesia.stop();
    assertThat(Mnesia.all(otp.runtime())).isEmpty();
    assertThatThrownBy(() -> get(A, "x"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("has been stopped. Start it again.");
    Mnesia again =
        Mnesia.start(otp.runtime(), folder.resolve("m"), Repair.REFUSE, A, D, BAG, ACCOUNTS);
    assertThat(again.<List<Long>>asyncDirty(d -> d.read(A, "x"))).isEmpty();
    assertThat(again.<List<Long>>asyncDirty(d -> d.read(D, "x"))).containsExactly(1L);
    assertThat(again.<List<Long>>asyncDirty(d -> d.read(BAG, "k"))).containsExactly(1L, 2L);
    again.deleteTable(D);
    assertThat(again.tables()).containsExactly("a", "accounts", "bag");
    assertThatThrownBy(() -> again.asyncDirty(d -> d.read(D, "x")))
        .hasMessage(
            "Mnesia has no table 'd'. Known: [a, accounts, bag]. Create it with createTable, or"
                + " name it at the start.");
    again.createTable(D);
    assertThat(again.<List<Long>>asyncDirty(d -> d.read(D, "x"))).isEmpty();
    again.clearTable(BAG);
    assertThat(again.<List<Long>>asyncDirty(d -> d.read(BAG, "k"))).isEmpty();
  }

  /** 1 and 1.0 are one key: in memory, on disk and for locks. */
  @Test // 9.32
  void equalKeysOfAnOrderedSetAreOne() {
    Codec<Object> number =
        Codec.oneOf(Object.class, Map.of("int", Codec.ofInt(), "float", Codec.ofDouble()));
    MnesiaSpec<Object, Long> spec =
        MnesiaSpec.orderedSet("numbers", number, Codec.ofLong()).withCopies(Copies.DISC);
    mnesia.createTable(spec);
    put(spec, 1, 1L);
    put(spec, 1.0, 2L);
    put(spec, 2, 3L);
    mnesia.asyncDirty(
        d -> {
          d.delete(spec, 2.0);
          return true;
        });
    assertThat(Locks.Item.of(spec, 1)).isEqualTo(Locks.Item.of(spec, 1.0));
    assertThat(Locks.Item.of(spec, 1)).hasSameHashCodeAs(Locks.Item.of(spec, 1.0));
    mnesia.stop();
    Mnesia again = Mnesia.start(otp.runtime(), folder.resolve("m"), spec);
    List<Row<Object, Long>> rows = again.asyncDirty(d -> d.select(spec, Match.any()));
    assertThat(rows).containsExactly(Row.of(1.0, 2L));
  }

  @Test // 9.30
  void anUnknownTableAborts() {
    var unknown = MnesiaSpec.set("unknown", Codec.ofString(), Codec.ofLong());
    assertThat(reason(mnesia.transaction(tx -> tx.read(unknown, "x"))).toString())
        .contains("Mnesia has no table 'unknown'. Known: [a, accounts, bag, d, ordered]");
  }

  @Test // 9.36
  void tablesThatDoNotFitAreRefused() {
    Mnesia inMemory = Mnesia.start(otp.runtime(), A);
    assertThatThrownBy(() -> inMemory.createTable(D))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "Table 'd' has disc_copies, and this Mnesia has no file. Start it with one, or let the"
                + " table have ram_copies.");
    var other = MnesiaSpec.set("a", Codec.ofLong(), Codec.ofLong());
    assertThatThrownBy(() -> mnesia.createTable(other))
        .hasMessage(
            "Table 'a' is a set with ram_copies of string to long. Use the specification it was"
                + " created with.");
    assertThatThrownBy(() -> MnesiaSpec.of(TableType.DUPLICATE_BAG, "x", A.key(), A.value()))
        .hasMessageEndingWith("Allowed are set, ordered_set and bag.");
    @SuppressWarnings({"unchecked", "rawtypes"})
    MnesiaSpec<String, Object> raw = (MnesiaSpec) A;
    Outcome<Boolean> wrong =
        mnesia.transaction(
            tx -> {
              tx.write(raw, "x", "text");
              return true;
            });
    assertThat(reason(wrong).toString())
        .contains("write of table 'a': text (java.lang.String) cannot be a value")
        .contains(TableException.class.getSimpleName());
  }

  @Test // 9.39
  void subscribersAreToldOfWhatWasCommitted() {
    otp.run(
        self -> {
          mnesia.subscribe(self.pid(), A, true);
          mnesia.transaction(
              tx -> {
                tx.write(A, "x", 1L);
                throw tx.abort("no");
              });
          put(A, "x", 1L);
          mnesia.transaction(
              tx -> {
                tx.write(A, "x", 8L); // no effect: nobody is told
                tx.write(A, "x", 2L);
                tx.delete(A, "y");
                return true;
              });
          mnesia.transaction(
              tx -> {
                tx.deleteObject(A, "x", 2L);
                return true;
              });
          var events = new ArrayList<TableEvent>();
          for (int i = 0; i < 4; i++) {
            events.add(TestRuntime.next(self, TableEvent.class));
          }
          List<Long> ids = events.stream().map(TableEvent::activity).toList();
          assertThat(ids.get(1)).isEqualTo(ids.get(2)).isNotEqualTo(ids.get(0));
          assertThat(events)
              .containsExactly(
                  new TableEvent("a", TableEvent.Change.WRITE, "x", 1L, List.of(), ids.get(0)),
                  new TableEvent("a", TableEvent.Change.WRITE, "x", 2L, List.of(1L), ids.get(1)),
                  new TableEvent("a", TableEvent.Change.DELETE, "y", null, List.of(), ids.get(2)),
                  new TableEvent(
                      "a", TableEvent.Change.DELETE_OBJECT, "x", 2L, List.of(2L), ids.get(3)));
          mnesia.subscribe(self.pid(), A, false);
          put(A, "x", 3L);
          assertThat(TestRuntime.next(self, TableEvent.class).before()).isNull();
          mnesia.unsubscribe(self.pid(), A);
          put(A, "x", 4L);
          assertThat(TestRuntime.drain(self, TestRuntime.QUIET)).isEmpty();
        });
  }

  @Test // 9.39
  void aBackupIsWhatWasThere() {
    put(D, "x", 1L);
    Path copy = folder.resolve("copy");
    mnesia.backup(copy);
    put(D, "x", 2L);
    assertThatThrownBy(() -> mnesia.backup(copy))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Name a file that is not there");
    Mnesia restored = Mnesia.start(otp.runtime(), copy, D);
    assertThat(restored.<List<Long>>asyncDirty(d -> d.read(D, "x"))).containsExactly(1L);
    assertThat(Files.exists(copy)).isTrue();
  }
}
