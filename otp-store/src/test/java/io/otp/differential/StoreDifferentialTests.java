package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.errorOf;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Self;
import io.otp.store.Activity;
import io.otp.store.Codec;
import io.otp.store.Dets;
import io.otp.store.DetsSpec;
import io.otp.store.DetsTable;
import io.otp.store.Mnesia;
import io.otp.store.MnesiaSpec;
import io.otp.store.Outcome;
import io.otp.store.Repair;
import io.otp.store.StoreException;
import io.otp.store.TableEvent;
import io.otp.table.Counter;
import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.TableType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Tables on disk and transactions as Erlang's: {@code diff_store.erl}. */
class StoreDifferentialTests extends DifferentialTests {

  private static final MnesiaSpec<String, Long> T =
      MnesiaSpec.set("t", Codec.ofString(), Codec.ofLong());
  private static final MnesiaSpec<String, Long> BAG =
      MnesiaSpec.bag("t", Codec.ofString(), Codec.ofLong());
  private static final Codec<Object> NUMBER =
      Codec.oneOf(Object.class, Map.of("int", Codec.ofInt(), "float", Codec.ofDouble()));

  @TempDir static Path folder;

  @TestFactory // 9.20, 9.21, 9.23, 9.24, 9.30, 9.31, 9.32, 9.33, 9.34, 9.35, 9.39
  Stream<DynamicTest> storesDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "store";
  }

  private static DetsSpec<String, Long> dets(String file, TableType type) {
    return DetsSpec.of(type, "t", folder.resolve(file), Codec.ofString(), Codec.ofLong());
  }

  private static Object outcome(Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Atomic<?>(Object value) -> tuple("atomic", value);
      case Outcome.Aborted<?>(ExitReason reason) -> tuple("aborted", reason);
    };
  }

  /** What the end of a process that an operation asks for is. */
  private static Object exitOf(Runnable operation) {
    try {
      operation.run();
      return "ok";
    } catch (ProcessExit e) {
      return e.reason() instanceof ExitReason.Other(Outcome<?> aborted)
          ? outcome(aborted)
          : e.reason();
    }
  }

  private static List<Long> dirty(Mnesia mnesia, String key) {
    return mnesia.asyncDirty(d -> d.read(T, key));
  }

  private static void write(Mnesia mnesia, String key, long value) {
    mnesia
        .transaction(
            tx -> {
              tx.write(T, key, value);
              return true;
            })
        .orExit();
  }

  private static boolean dirtyWrite(Mnesia mnesia, String key, long value) {
    return mnesia.asyncDirty(
        d -> {
          d.write(T, key, value);
          return true;
        });
  }

  @Override
  void scenarios() {
    scenario(
        "dets_types",
        (self, trace) -> {
          for (TableType type : List.of(TableType.SET, TableType.BAG, TableType.DUPLICATE_BAG)) {
            DetsTable<String, Long> t = Dets.open(self, dets("types_" + type, type));
            List.of(2L, 1L, 2L, 3L).forEach(v -> t.insert("k", v));
            trace.ev(tuple(type.toString(), sorted(t.lookup("k")), t.size()));
            t.close();
            DetsTable<String, Long> again = Dets.open(self, dets("types_" + type, type));
            again.deleteObject("k", 3L);
            trace.ev(sorted(again.lookup("k")));
            again.close();
          }
        });
    scenario(
        "dets_ordered_set",
        (self, trace) ->
            trace.ev(errorOf(() -> Dets.open(self, dets("ordered", TableType.ORDERED_SET)))));
    scenario(
        "dets_keys",
        (self, trace) -> {
          DetsTable<Object, String> t =
              Dets.open(self, DetsSpec.set("t", folder.resolve("keys"), NUMBER, Codec.ofString()));
          t.insert(1, "int");
          t.insert(1.0, "float");
          trace.ev(List.of(t.lookup(1), t.lookup(1.0)));
        });
    scenario(
        "dets_users",
        (self, trace) -> {
          DetsSpec<String, Long> spec = dets("users", TableType.SET);
          DetsTable<String, Long> t = Dets.open(self, spec);
          Dets.open(self, spec);
          t.insert("a", 1L);
          Pid me = self.pid();
          Pid other =
              self.spawn(
                  s -> {
                    Dets.open(s, spec);
                    s.send(me, "opened");
                    s.receive();
                    t.close();
                    s.send(me, "closed");
                    s.receive();
                  });
          trace.ev(next(self));
          t.close();
          t.close();
          trace.ev(t.lookup("a"));
          self.send(other, "close");
          trace.ev(next(self));
          trace.ev(errorOf(() -> t.lookup("a")));
          trace.ev(Dets.open(self, spec).lookup("a"));
          self.send(other, "stop");
        });
    scenario(
        "dets_ends_with_user",
        (self, trace) -> {
          DetsSpec<String, Long> spec = dets("ends", TableType.SET);
          Pid me = self.pid();
          Pid user =
              self.spawn(
                  s -> {
                    Dets.open(s, spec).insert("a", 1L);
                    s.send(me, "done");
                    s.receive();
                  });
          trace.ev(next(self));
          self.exit(user, ExitReason.KILL);
          ended(self, user);
          trace.ev(Dets.open(self, spec.withRepair(Repair.REFUSE)).lookup("a"));
        });
    scenario(
        "dets_not_a_file",
        (self, trace) -> {
          DetsSpec<String, Long> spec = dets("diary", TableType.SET);
          String text = "dear diary\n".repeat(500);
          Files.writeString(spec.file(), text);
          try {
            Dets.open(self, spec);
          } catch (StoreException e) {
            trace.ev(
                e.reason() == StoreException.Reason.NOT_A_STORE
                    ? "not_a_dets_file"
                    : e.getMessage());
          }
          trace.ev(Files.readString(spec.file()).equals(text));
        });
    scenario(
        "dets_operations",
        (self, trace) -> {
          DetsTable<String, Long> t = Dets.open(self, dets("operations", TableType.SET));
          trace.ev(
              List.of(t.insertNew("a", 1L), t.insertNew("a", 2L), t.member("a"), t.member("b")));
          trace.ev(t.updateCounter("a", Counter.ofLong().add(5)));
          trace.ev(errorOf(() -> t.updateCounter("zz", Counter.ofLong().add(5))));
          t.close();
          DetsTable<Integer, Integer> n =
              Dets.open(self, DetsSpec.set("n", folder.resolve("n"), Codec.ofInt(), Codec.ofInt()));
          IntStream.rangeClosed(1, 9).forEach(i -> n.insert(i, i - 5));
          trace.ev(
              n.select(n.match().where(v -> 6 / v > 1), (k, _) -> k).stream().sorted().toList());
          trace.ev(n.<Integer>fold(0, (sum, k, _) -> sum + k));
          trace.ev(n.selectDelete(n.match().where(v -> v < 0)));
          trace.ev(n.size());
        });
    mnesiaScenarios();
  }

  private static List<Long> sorted(List<Long> values) {
    return values.stream().sorted().toList();
  }

  private void mnesiaScenarios() {
    scenario(
        "mnesia_results",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(T, "x", 1L);
                        return "value";
                      })));
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(T, "x", 2L);
                        throw tx.abort("why");
                      })));
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(T, "x", 2L);
                        throw new IllegalStateException("broken");
                      })));
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(T, "x", 2L);
                        throw new ProcessExit(ExitReason.SHUTDOWN);
                      })));
          trace.ev(dirty(mnesia, "x"));
          trace.ev(
              exitOf(
                  () ->
                      mnesia
                          .transaction(
                              tx -> {
                                throw tx.abort("why");
                              })
                          .orExit()));
        });
    scenario(
        "mnesia_no_transaction",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          var kept = new AtomicReference<Activity>();
          mnesia.transaction(
              tx -> {
                kept.set(tx);
                return true;
              });
          trace.ev(exitOf(() -> kept.get().read(T, "x")));
        });
    scenario(
        "mnesia_nested",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(T, "a", 1L);
                        Outcome<Object> inner =
                            tx.transaction(
                                in -> {
                                  in.write(T, "a", 2L);
                                  in.write(T, "b", 2L);
                                  throw in.abort("inner");
                                });
                        Outcome<Boolean> second =
                            mnesia.transaction(
                                in -> {
                                  in.write(T, "c", 3L);
                                  return true;
                                });
                        return tuple(
                            outcome(inner),
                            second instanceof Outcome.Atomic ? "atomic" : "aborted",
                            tx.read(T, "a"),
                            tx.read(T, "b"),
                            tx.read(T, "c"),
                            dirty(mnesia, "c"));
                      })));
          trace.ev(Stream.of("a", "b", "c").map(k -> dirty(mnesia, k)).toList());
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        write(mnesia, "d", 4);
                        throw tx.abort("outer");
                      })));
          trace.ev(dirty(mnesia, "d"));
        });
    scenario(
        "mnesia_own_writes",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), BAG);
          mnesia.transaction(
              tx -> {
                tx.write(BAG, "k", 1L);
                return true;
              });
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(BAG, "k", 2L);
                        tx.write(BAG, "k", 1L);
                        List<Long> one = sorted(tx.read(BAG, "k"));
                        tx.deleteObject(BAG, "k", 1L);
                        List<Long> two = tx.read(BAG, "k");
                        tx.write(BAG, "new", 5L);
                        List<String> keys = tx.allKeys(BAG).stream().sorted().toList();
                        List<String> big =
                            tx.select(BAG, Match.<String, Long>any().where(v -> v > 4)).stream()
                                .map(Row::key)
                                .toList();
                        tx.delete(BAG, "k");
                        return List.of(
                            one,
                            two,
                            keys,
                            big,
                            tx.read(BAG, "k"),
                            tx.foldl(BAG, 0L, (sum, _, v) -> sum + v));
                      })));
        });
    scenario(
        "mnesia_increments",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          dirtyWrite(mnesia, "n", 0);
          List<Pid> pids =
              IntStream.range(0, 10)
                  .mapToObj(
                      _ ->
                          self.spawn(
                              _ ->
                                  mnesia
                                      .transaction(
                                          tx -> {
                                            long n = tx.read(T, "n").getFirst();
                                            tx.write(T, "n", n + 1);
                                            return n;
                                          })
                                      .orExit()))
                  .toList();
          pids.forEach(pid -> ended(self, pid));
          trace.ev(tuple("n", dirty(mnesia, "n").getFirst()));
        });
    scenario(
        "mnesia_killed",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          Pid victim = holder(self, mnesia, "written");
          trace.ev(next(self));
          self.exit(victim, ExitReason.KILL);
          ended(self, victim);
          trace.ev(outcome(mnesia.transaction(tx -> tx.read(T, "x"))));
        });
    scenario(
        "mnesia_counter",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          dirtyWrite(mnesia, "x", 5);
          trace.ev(
              List.of(
                  mnesia.dirtyUpdateCounter(T, "x", 3),
                  mnesia.dirtyUpdateCounter(T, "x", -10),
                  mnesia.dirtyUpdateCounter(T, "new", 7)));
          trace.ev(dirty(mnesia, "x"));
        });
    scenario("mnesia_events", StoreDifferentialTests::events);
    scenario(
        "mnesia_no_retry",
        (self, trace) -> {
          Mnesia mnesia = Mnesia.start(self.runtime(), T);
          Pid older = holder(self, mnesia, "locked");
          trace.ev(next(self));
          trace.ev(
              outcome(
                  mnesia.transaction(
                      tx -> {
                        tx.write(T, "x", 2L);
                        return true;
                      },
                      0)));
          self.send(older, "go");
          ended(self, older);
        });
  }

  /** Writes, says so, and waits in its transaction. */
  private static Pid holder(Self<Object> self, Mnesia mnesia, String word) {
    Pid me = self.pid();
    return self.spawn(
        s ->
            mnesia.transaction(
                tx -> {
                  tx.write(T, "x", 1L);
                  s.send(me, word);
                  return s.receive();
                }));
  }

  private static void events(Self<Object> self, Trace trace) {
    Mnesia mnesia = Mnesia.start(self.runtime(), T);
    mnesia.subscribe(self.pid(), T, false);
    mnesia.transaction(
        tx -> {
          tx.write(T, "x", 1L);
          throw tx.abort("no");
        });
    trace.ev(told(self));
    write(mnesia, "x", 1);
    mnesia.transaction(
        tx -> {
          tx.deleteObject(T, "x", 1L);
          return true;
        });
    mnesia.transaction(
        tx -> {
          tx.write(T, "x", 1L);
          tx.write(T, "x", 2L);
          return true;
        });
    delete(mnesia, "x");
    delete(mnesia, "never");
    mnesia.transaction(
        tx -> {
          tx.write(T, "x", 1L);
          tx.delete(T, "x");
          return true;
        });
    trace.ev(told(self));
    mnesia.unsubscribe(self.pid(), T);
    dirtyWrite(mnesia, "x", 2);
    mnesia.subscribe(self.pid(), T, true);
    write(mnesia, "x", 3);
    delete(mnesia, "x");
    trace.ev(told(self));
    mnesia.unsubscribe(self.pid(), T);
    dirtyWrite(mnesia, "x", 4);
    trace.ev(told(self));
  }

  private static void delete(Mnesia mnesia, String key) {
    mnesia.transaction(
        tx -> {
          tx.delete(T, key);
          return true;
        });
  }

  private static List<Object> told(Self<Object> self) {
    return flush(self).stream()
        .map(TableEvent.class::cast)
        .<Object>map(
            event -> {
              var parts = new ArrayList<Object>();
              parts.add(event.change().name().toLowerCase(Locale.ROOT));
              parts.add(event.key());
              if (event.value() != null) {
                parts.add(event.value());
              }
              if (event.before() != null) {
                parts.add(event.before());
              }
              return tuple(parts.toArray());
            })
        .toList();
  }
}
