package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.store.Locks.Answer;
import io.otp.store.Locks.Die;
import io.otp.store.Locks.Gone;
import io.otp.store.Locks.Granted;
import io.otp.store.Locks.Item;
import io.otp.store.Locks.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LocksTests {

  private static final Item X = new Item("t", "x");
  private static final Item Y = new Item("t", "y");
  private static final Item TABLE = new Item("t", null);

  private final Locks locks = new Locks();
  private final Owner old = begun(1);
  private final Owner young = begun(2);

  private Owner begun(long age) {
    var owner = new Owner(age);
    locks.begin(owner);
    return owner;
  }

  private static Answer answer(CompletableFuture<Answer> request) {
    assertThat(request).isDone();
    return request.join();
  }

  @Test // 9.32
  void readersShareAndWritersDoNot() {
    assertThat(answer(locks.lock(old, X, LockMode.READ))).isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(young, X, LockMode.READ))).isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(young, Y, LockMode.WRITE))).isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(young, X, LockMode.WRITE))).isInstanceOf(Die.class);
  }

  @Test // 9.32
  void aTableConflictsWithItsRecords() {
    assertThat(answer(locks.lock(old, X, LockMode.WRITE))).isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(young, TABLE, LockMode.READ))).isInstanceOf(Die.class);
    locks.release(young);
    locks.begin(young);
    assertThat(answer(locks.lock(young, new Item("other", "x"), LockMode.WRITE)))
        .isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(old, TABLE, LockMode.WRITE))).isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(young, Y, LockMode.READ))).isInstanceOf(Die.class);
  }

  @Test // 9.31
  void theOlderWaitsAndTheYoungerDies() {
    assertThat(answer(locks.lock(young, X, LockMode.WRITE))).isInstanceOf(Granted.class);
    CompletableFuture<Answer> waiting = locks.lock(old, X, LockMode.WRITE);
    assertThat(waiting).isNotDone();
    locks.release(young);
    assertThat(answer(waiting)).isInstanceOf(Granted.class);
    locks.begin(young);
    Answer die = answer(locks.lock(young, X, LockMode.READ));
    CompletableFuture<Boolean> inTheWay = ((Die) die).inTheWay();
    assertThat(inTheWay).isNotDone();
    locks.release(old);
    assertThat(inTheWay).isCompleted();
  }

  /** L2: it would wait for an older one now, which may come to wait for it. */
  @Test // 9.31
  void whoWaitsDiesWhenAnOlderOneGetsTheLock() {
    Owner oldest = begun(0);
    assertThat(answer(locks.lock(young, X, LockMode.READ))).isInstanceOf(Granted.class);
    CompletableFuture<Answer> waiting = locks.lock(old, X, LockMode.WRITE);
    assertThat(waiting).isNotDone();
    assertThat(answer(locks.lock(oldest, X, LockMode.READ))).isInstanceOf(Granted.class);
    assertThat(answer(waiting)).isInstanceOf(Die.class);
  }

  /** Else readers that come one after another would keep a writer out for ever. */
  @Test // 9.31
  void nobodyOvertakesAnOlderOneThatWaits() {
    Owner youngest = begun(3);
    assertThat(answer(locks.lock(young, X, LockMode.READ))).isInstanceOf(Granted.class);
    CompletableFuture<Answer> waiting = locks.lock(old, X, LockMode.WRITE);
    assertThat(waiting).isNotDone();
    CompletableFuture<Boolean> inTheWay =
        ((Die) answer(locks.lock(youngest, X, LockMode.READ))).inTheWay();
    assertThat(answer(locks.lock(young, X, LockMode.READ)))
        .as("has it")
        .isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(youngest, Y, LockMode.WRITE))).isInstanceOf(Granted.class);
    locks.release(young);
    assertThat(answer(waiting)).isInstanceOf(Granted.class);
    assertThat(inTheWay).isNotDone();
    locks.release(old);
    assertThat(inTheWay).isCompleted();
  }

  /** Who has a table has its records. */
  @Test // 9.31
  void whoHasATableDoesNotGiveWayInIt() {
    assertThat(answer(locks.lock(young, TABLE, LockMode.READ))).isInstanceOf(Granted.class);
    CompletableFuture<Answer> waiting = locks.lock(old, X, LockMode.WRITE);
    assertThat(waiting).isNotDone();
    assertThat(answer(locks.lock(young, X, LockMode.READ))).isInstanceOf(Granted.class);
    assertThat(answer(locks.lock(young, X, LockMode.WRITE))).isInstanceOf(Die.class);
    locks.release(young);
    assertThat(answer(waiting)).isInstanceOf(Granted.class);
  }

  @Test // 9.32
  void keysThatAreEqualInOrderAreOneItem() {
    MnesiaSpec<Object, Long> ordered =
        MnesiaSpec.orderedSet(
            "t",
            Codec.oneOf(Object.class, Map.of("s", Codec.ofString(), "i", Codec.ofInt())),
            Codec.ofLong());
    assertThat(Item.of(ordered, 'a')).isEqualTo(Item.of(ordered, "a"));
    assertThat(Item.of(ordered, 'a')).hasSameHashCodeAs(Item.of(ordered, "a"));
  }

  @Test // 9.34
  void whoHasEndedGetsNothingAndWaitsForNothing() {
    locks.lock(young, X, LockMode.WRITE);
    CompletableFuture<Answer> waiting = locks.lock(old, X, LockMode.WRITE);
    locks.release(old);
    assertThat(answer(waiting)).isInstanceOf(Gone.class);
    assertThat(answer(locks.lock(old, Y, LockMode.WRITE))).isInstanceOf(Gone.class);
    assertThat(locks.waiting()).isZero();
    assertThat(locks.held()).isEqualTo(1);
  }

  private static final class Run {
    final Owner owner;
    final Map<Item, LockMode> held = new HashMap<>();
    CompletableFuture<Answer> request;
    Item item;
    LockMode mode;
    int steps;

    Run(Owner owner) {
      this.owner = owner;
    }
  }

  /** Random requests of many owners, one at a time: all end, and nobody holds what conflicts. */
  @Test // 9.31, 9.32
  void allComeThroughWhateverTheyLock() {
    Random random = TestRuntime.random("LocksTests.allComeThroughWhateverTheyLock");
    for (int round = 0; round < 300; round++) {
      var all = new Locks();
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        var run = new Run(new Owner(i));
        all.begin(run.owner);
        runs.add(run);
      }
      int moves = 0;
      while (!runs.isEmpty()) {
        assertThat(moves++).as("no progress").isLessThan(20_000);
        List<Run> able =
            runs.stream().filter(r -> r.request == null || r.request.isDone()).toList();
        assertThat(able).as("all wait for one another").isNotEmpty();
        move(all, able.get(random.nextInt(able.size())), runs, random);
        checkConflicts(runs);
      }
      assertThat(all.held()).isZero();
      assertThat(all.waiting()).isZero();
    }
  }

  private static void move(Locks locks, Run run, List<Run> runs, Random random) {
    if (run.request != null) {
      Answer answer = run.request.join();
      run.request = null;
      if (answer instanceof Granted) {
        run.held.merge(run.item, run.mode, (a, b) -> a.compareTo(b) > 0 ? a : b);
        run.steps++;
      } else {
        locks.release(run.owner);
        run.held.clear();
        run.steps = 0;
        locks.begin(run.owner);
      }
    } else if (run.steps == 4) {
      run.held.clear();
      runs.remove(run);
      locks.release(run.owner);
    } else {
      int key = random.nextInt(5);
      run.item = new Item("t", key == 0 ? null : key);
      run.mode = random.nextBoolean() ? LockMode.READ : LockMode.WRITE;
      run.request = locks.lock(run.owner, run.item, run.mode);
    }
  }

  /** L1 */
  private static void checkConflicts(List<Run> runs) {
    for (Run a : runs) {
      for (Run b : runs) {
        if (a != b) {
          a.held.forEach(
              (item, mode) ->
                  b.held.forEach(
                      (other, otherMode) -> {
                        boolean overlap =
                            item.equals(other) || item.key() == null || other.key() == null;
                        assertThat(
                                overlap && (mode == LockMode.WRITE || otherMode == LockMode.WRITE))
                            .as("%s and %s", a.held, b.held)
                            .isFalse();
                      }));
        }
      }
    }
  }
}
