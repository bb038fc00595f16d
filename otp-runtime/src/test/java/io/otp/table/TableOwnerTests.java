package io.otp.table;

import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TableOwnerTests {

  private static final TableSpec<Integer, Integer> SPEC =
      TableSpec.set("t", Integer.class, Integer.class).withAccess(TableAccess.PUBLIC);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private record Owned(Pid owner, EtsTable<Integer, Integer> table) {}

  /** A process that owns a table and waits. */
  private static Owned owner(Self<Object> self, TableSpec<Integer, Integer> spec) {
    Pid me = self.pid();
    self.spawn(
        s -> {
          s.send(me, new Owned(s.pid(), Tables.create(s, spec)));
          s.receive();
        });
    return next(self, Owned.class);
  }

  private static boolean isGone(EtsTable<?, ?> table) {
    try {
      table.first();
      return false;
    } catch (TableException e) {
      return e.reason() == TableException.Reason.GONE;
    }
  }

  @Test
  @Rule("9.04")
  void tableIsGoneWhenDownArrives() {
    otp.run(
        self -> {
          for (int i = 0; i < 2000; i++) {
            Owned o = owner(self, SPEC.withName("n"));
            self.monitor(o.owner());
            self.exit(o.owner(), ExitReason.KILL);
            next(self, Down.class);
            assertThat(isGone(o.table())).isTrue();
            assertThat(Tables.of(self.runtime()).whereis("n")).isEmpty();
          }
        });
  }

  @Test
  @Rule("9.04")
  void heirHasTheTableWhenDownArrives() {
    otp.run(
        self -> {
          for (int i = 0; i < 1000; i++) {
            Owned o = owner(self, SPEC.withAccess(TableAccess.PROTECTED).withHeir(self.pid(), i));
            self.monitor(o.owner());
            self.exit(o.owner(), ExitReason.KILL);
            // the message is there before the Down
            assertThat(next(self)).isEqualTo(new TableTransfer(o.table(), o.owner(), i));
            assertThat(next(self)).isInstanceOf(Down.class);
            o.table().insert(1, 1);
            assertThat(o.table().info().orElseThrow().owner()).isEqualTo(self.pid());
            o.table().delete();
          }
        });
  }

  @Test
  @Rule("9.04")
  void deadHeirGetsNothing() {
    otp.run(
        self -> {
          Pid dead = self.spawnMonitor(_ -> {}).pid();
          next(self, Down.class);
          Owned o = owner(self, SPEC.withHeir(dead, "x"));
          self.monitor(o.owner());
          self.send(o.owner(), "end");
          next(self, Down.class);
          assertThat(isGone(o.table())).isTrue();
          // an heir that has the table is not its own heir
          Pid me = self.pid();
          Pid heir =
              self.spawn(
                  s -> {
                    s.send(me, s.receive());
                    s.receive();
                  });
          Owned p = owner(self, SPEC.withHeir(heir, "y"));
          self.send(p.owner(), "end");
          assertThat(next(self, TableTransfer.class).data()).isEqualTo("y");
          self.monitor(heir);
          self.send(heir, "end");
          next(self, Down.class);
          assertThat(isGone(p.table())).isTrue();
        });
  }

  /**
   * The owner is killed while others write; what they were told is written is there at the heir.
   */
  @Test
  @Rule("9.04")
  void writesRacingTheOwnersDeathAreThereOrRefused() {
    otp.run(
        self -> {
          for (int round = 0; round < 100; round++) {
            boolean inherited = round % 2 == 0;
            Owned o = owner(self, inherited ? SPEC.withHeir(self.pid(), "h") : SPEC);
            EtsTable<Integer, Integer> t = o.table();
            var started = new CountDownLatch(3);
            var written = new AtomicInteger();
            var stop = new AtomicBoolean();
            for (int w = 0; w < 3; w++) {
              int base = w * 1_000_000;
              self.spawnMonitor(
                  _ -> {
                    started.countDown();
                    for (int i = 0; !stop.get(); i++) {
                      try {
                        t.insert(base + i, i);
                        written.incrementAndGet();
                      } catch (TableException e) {
                        assertThat(e.reason()).isEqualTo(TableException.Reason.GONE);
                        return;
                      }
                    }
                  });
            }
            TestRuntime.await(started);
            TestRuntime.await("some writes", () -> written.get() > 50);
            self.monitor(o.owner());
            self.exit(o.owner(), ExitReason.KILL);
            if (inherited) {
              next(self, TableTransfer.class);
              stop.set(true);
            }
            for (int i = 0; i < 4; i++) {
              assertThat(next(self, Down.class).reason())
                  .isIn(ExitReason.NORMAL, ExitReason.KILLED);
            }
            if (inherited) {
              assertThat(t.size()).isEqualTo(written.get());
              assertThat(t.toList()).hasSize(written.get());
              t.delete();
            } else {
              assertThat(isGone(t)).isTrue();
            }
          }
        });
  }

  /** A protected table changes hands; a process that has lost it never writes again. */
  @Test
  @Rule("9.04")
  void noWriteComesAfterTheTableWentToItsHeir() {
    otp.run(
        self -> {
          Pid me = self.pid();
          for (int round = 0; round < 200; round++) {
            var counted = new AtomicLong();
            self.spawn(
                s -> {
                  EtsTable<Integer, Integer> t =
                      Tables.create(s, SPEC.withAccess(TableAccess.PROTECTED).withHeir(me, "heir"));
                  s.send(me, new Owned(s.pid(), t));
                  while (true) { // until it is killed, in the middle of it
                    t.insert(1, (int) counted.incrementAndGet());
                  }
                });
            Owned o = next(self, Owned.class);
            TestRuntime.await("writes", () -> counted.get() > 100);
            self.exit(o.owner(), ExitReason.KILL);
            next(self, TableTransfer.class);
            o.table().insert(1, -1);
            for (int i = 0; i < 100; i++) {
              assertThat(o.table().get(1)).contains(-1);
            }
            o.table().delete();
          }
        });
  }

  @Test
  @Rule("9.04")
  void tableGoesToHeirOrEndsWhenBothDie() {
    Random random = TestRuntime.random("TableOwnerTests.tableGoesToHeirOrEndsWhenBothDie");
    otp.run(
        self -> {
          for (int round = 0; round < 2000; round++) {
            Pid heir =
                self.spawn(
                    s -> {
                      s.receive();
                      s.receive();
                    });
            Owned o = owner(self, SPEC.withName("both").withHeir(heir, "x"));
            self.monitor(o.owner());
            self.monitor(heir);
            Pid first = random.nextBoolean() ? heir : o.owner();
            Pid second = first == heir ? o.owner() : heir;
            var go = new CountDownLatch(1);
            self.spawn(
                s -> {
                  TestRuntime.await(go);
                  s.exit(first, ExitReason.KILL);
                });
            go.countDown();
            self.exit(second, ExitReason.KILL);
            next(self, Down.class);
            next(self, Down.class);
            assertThat(isGone(o.table())).isTrue();
            assertThat(Tables.of(self.runtime()).whereis("both")).isEmpty();
          }
          assertThat(Tables.of(self.runtime()).all()).isEmpty();
        });
  }

  @Test
  @Rule("9.04")
  void manyTablesEndWithTheirOwner() {
    otp.run(
        self -> {
          var tables = new ArrayList<EtsTable<Integer, Integer>>();
          self.spawnMonitor(
              s -> {
                for (int i = 0; i < 10_000; i++) {
                  tables.add(Tables.create(s, SPEC));
                }
              });
          next(self, Down.class);
          assertThat(tables).hasSize(10_000).allMatch(TableOwnerTests::isGone);
          assertThat(Tables.of(self.runtime()).all()).isEmpty();
        });
  }

  @Test
  @Rule("9.05")
  void onlyTheOwnerGivesAway() {
    otp.run(
        self -> {
          EtsTable<Integer, Integer> mine =
              Tables.create(self, SPEC.withAccess(TableAccess.PROTECTED));
          Pid me = self.pid();
          assertThatThrownBy(() -> mine.giveAway(me, "x"))
              .hasMessage(
                  "give_away: table 't' cannot be given to "
                      + me
                      + ", which owns it already. Give it to another living process.");
          Pid dead = self.spawnMonitor(_ -> {}).pid();
          next(self, Down.class);
          assertThatThrownBy(() -> mine.giveAway(dead, "x"))
              .hasMessageContaining(dead + ", which has ended.");
          Pid friend =
              self.spawn(
                  s -> {
                    TableTransfer t = (TableTransfer) next(s);
                    t.table(SPEC).insert(1, 1);
                    s.send(me, t);
                    s.receive();
                  });
          mine.giveAway(friend, "take");
          assertThatThrownBy(() -> mine.insert(2, 2))
              .isInstanceOf(TableException.class)
              .hasMessageContaining("only its owner " + friend + " writes it");
          assertThat(next(self)).isEqualTo(new TableTransfer(mine, me, "take"));
          assertThatThrownBy(() -> mine.giveAway(friend, "x"))
              .hasMessage(
                  "Process "
                      + me
                      + " may not do give_away with table 't': only its owner "
                      + friend
                      + " may. Let the owner do it.");
          assertThat(mine.get(1)).contains(1);
        });
  }

  /** A table goes along a line of processes; who had it never has it again, and never writes. */
  @Test
  @Rule("9.05")
  void tableGivenAwayNeverHasTwoOwners() {
    otp.run(
        self -> {
          int hands = 2000;
          var line = new ArrayList<Pid>();
          line.add(self.pid());
          var refused = new AtomicInteger();
          for (int i = 0; i < hands; i++) {
            Pid to = line.getLast();
            line.add(
                self.spawn(
                    s -> {
                      EtsTable<Integer, Integer> t = ((TableTransfer) next(s)).table(SPEC);
                      t.insert(0, t.get(0).orElseThrow() + 1);
                      t.giveAway(to, null);
                      try {
                        t.insert(0, -1_000_000); // not mine any more
                      } catch (TableException e) {
                        refused.incrementAndGet();
                      }
                    }));
          }
          EtsTable<Integer, Integer> t =
              Tables.create(self, SPEC.withAccess(TableAccess.PROTECTED));
          t.insert(0, 0);
          t.giveAway(line.getLast(), null);
          assertThat(next(self)).isInstanceOf(TableTransfer.class);
          TestRuntime.await("all refused", () -> refused.get() == hands);
          assertThat(t.get(0)).contains(hands);
        });
  }

  /** What a dead process did not finish before its death was told, it never does. */
  @Test
  void zombieWritesNothing() {
    otp.run(
        self -> {
          EtsTable<Integer, Integer> t = Tables.create(self, SPEC);
          var looping = new AtomicBoolean();
          var go = new AtomicBoolean();
          var outcome = new ArrayList<@Nullable Throwable>();
          var done = new CountDownLatch(1);
          Pid zombie =
              self.spawn(
                  _ -> {
                    looping.set(true);
                    while (!go.get()) {
                      Thread.onSpinWait(); // swallows its kill
                    }
                    for (Runnable use : List.<Runnable>of(() -> t.insert(1, 1), () -> t.get(1))) {
                      try {
                        use.run();
                        outcome.add(null);
                      } catch (Throwable e) {
                        outcome.add(e);
                      }
                    }
                    done.countDown();
                  });
          TestRuntime.await("it runs", looping::get);
          self.monitor(zombie);
          self.exit(zombie, ExitReason.KILL);
          next(self, Down.class);
          go.set(true);
          TestRuntime.await(done);
          assertThat(outcome)
              .hasSize(2)
              .allSatisfy(e -> assertThat(e).isInstanceOf(io.otp.process.ProcessKilledError.class));
          assertThat(t.size()).isZero();
        });
  }
}
