package io.otp.pool;

import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import io.otp.pool.PoolOptions.Order;
import io.otp.pool.PoolStatus.State;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WorkerPoolTests {

  private static final Duration SHORT = Duration.ofMillis(20);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private sealed interface Work {
    record Who() implements Work, Call<Work, Pid> {}

    record Crash() implements Work, Cast<Work> {}
  }

  /** A worker that counts how many there are. */
  private static final class Worker implements ArgsGenServer<String, Work, String> {
    final AtomicInteger started = new AtomicInteger();

    @Override
    public String init(String args, Self<Work> self) throws Init {
      if (args.equals("broken")) {
        throw Init.stop(new ExitReason.Other("no_worker"));
      }
      started.incrementAndGet();
      return args;
    }

    @Override
    public Next<String> handle(Work message, String state, Self<Work> self) {
      return switch (message) {
        case Work.Who who -> Next.reply(who, self.pid(), state);
        case Work.Crash _ -> throw new IllegalStateException("broken");
      };
    }
  }

  private final Worker worker = new Worker();

  private WorkerPool<Work> pool(int size, int overflow) {
    return pool(PoolOptions.DEFAULT.withSize(size).withMaxOverflow(overflow));
  }

  private WorkerPool<Work> pool(PoolOptions options) {
    StartResult started =
        Supervisor.start(
            otp.runtime(),
            SupervisorSpec.of(
                    "top",
                    Strategy.ONE_FOR_ONE,
                    WorkerPool.childSpec("pool", worker, "fine", options))
                .withIntensity(10, Duration.ofSeconds(1)));
    assertThat(started).isInstanceOf(StartResult.Started.class);
    return WorkerPool.of(otp.runtime(), "pool");
  }

  private static void status(WorkerPool<Work> pool, PoolStatus expected) {
    TestRuntime.await("status " + expected, () -> pool.status().equals(expected));
  }

  @Test
  void lendsEachWorkerToOneClientAtATime() {
    var pool = pool(2, 0);
    assertThat(worker.started).hasValue(2);
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.READY, 2, 0, 0, 0));
    ServerRef<Work> one = pool.checkout();
    ServerRef<Work> two = pool.checkout();
    assertThat(one).isNotEqualTo(two);
    assertThat(one.call(new Work.Who())).isNotEqualTo(two.call(new Work.Who()));
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.FULL, 0, 0, 2, 0));
    pool.checkin(one);
    pool.checkin(one); // once is enough, twice does no harm
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.READY, 1, 0, 1, 0));
    assertThat(pool.checkout()).isEqualTo(one);
    assertThat(worker.started).hasValue(2);
  }

  @Test
  void overflowIsStartedOnDemandAndEndsWhenGivenBack() {
    var pool = pool(1, 1);
    ServerRef<Work> fixed = pool.checkout();
    assertThat(pool.status().state()).isEqualTo(State.OVERFLOW);
    ServerRef<Work> extra = pool.checkout();
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.FULL, 0, 1, 2, 0));
    assertThat(pool.tryCheckout()).isEmpty();
    pool.checkin(fixed); // as in poolboy, whichever comes first ends
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.OVERFLOW, 0, 0, 1, 0));
    assertThat(fixed.whereis()).isEmpty();
    pool.checkin(extra);
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.READY, 1, 0, 0, 0));
    assertThat(extra.whereis()).isPresent();
  }

  @Test
  void fullPoolRefusesAtOnceOrLetsWaitForATime() {
    var pool = pool(1, 0);
    ServerRef<Work> only = pool.checkout();
    assertThat(pool.tryCheckout()).isEmpty();
    assertThatThrownBy(() -> pool.checkout(SHORT))
        .isInstanceOf(CallException.CallTimeoutException.class);
    assertThat(pool.status())
        .as("it waits no more")
        .isEqualTo(new PoolStatus(State.FULL, 0, 0, 1, 0));
    pool.checkin(only);
    assertThat(pool.tryCheckout()).contains(only);
  }

  @Test
  void whoWaitsLongestGetsTheNextWorker() {
    var pool = pool(1, 0);
    otp.run(
        self -> {
          ServerRef<Work> only = pool.checkout();
          var clients = new ArrayList<Pid>();
          for (int i = 0; i < 3; i++) {
            int waiting = i + 1;
            clients.add(
                self.spawn(
                    client -> {
                      ServerRef<Work> mine = pool.checkout(TestRuntime.LIMIT);
                      client.send(self.pid(), client.pid());
                      pool.checkin(mine);
                    }));
            TestRuntime.await("it waits", () -> pool.status().waiting() == waiting);
          }
          pool.checkin(only);
          for (Pid client : clients) {
            assertThat(next(self, Pid.class)).isEqualTo(client);
          }
          status(pool, new PoolStatus(State.READY, 1, 0, 0, 0));
          assertThat(worker.started).hasValue(1);
        });
  }

  @Test
  void workerOfAClientThatEndsComesBack() {
    var pool = pool(1, 0);
    otp.run(
        self -> {
          var client =
              self.spawnMonitor(
                  c -> {
                    pool.checkout();
                    c.send(self.pid(), "ready");
                    c.receive();
                  });
          next(self, String.class);
          var waiting = self.spawnMonitor(c -> pool.checkout(TestRuntime.LIMIT));
          TestRuntime.await("it waits", () -> pool.status().waiting() == 1);
          self.exit(waiting.pid(), ExitReason.KILL); // whoever waits is seen to, too
          status(pool, new PoolStatus(State.FULL, 0, 0, 1, 0));
          self.exit(client.pid(), ExitReason.KILL);
          status(pool, new PoolStatus(State.READY, 1, 0, 0, 0));
          assertThat(worker.started).hasValue(1);
        });
  }

  @Test
  void workerThatCrashesIsReplacedWhetherLentOrIdle() {
    var pool = pool(1, 0);
    ServerRef<Work> idle = pool.checkout();
    pool.checkin(idle);
    idle.cast(new Work.Crash());
    TestRuntime.await("replaced", () -> worker.started.get() == 2);
    status(pool, new PoolStatus(State.READY, 1, 0, 0, 0));

    ServerRef<Work> lent = pool.checkout();
    lent.cast(new Work.Crash());
    TestRuntime.await("replaced", () -> worker.started.get() == 3);
    status(pool, new PoolStatus(State.READY, 1, 0, 0, 0));
    pool.checkin(lent); // none of the pool's any more
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.READY, 1, 0, 0, 0));
    assertThat(pool.checkout().call(new Work.Who())).isNotNull();
  }

  @Test
  void whoWaitsGetsTheOneThatReplacesACrashedWorker() {
    var pool = pool(1, 0);
    otp.run(
        self -> {
          ServerRef<Work> lent = pool.checkout();
          Pid before = lent.call(new Work.Who());
          self.spawn(
              c -> {
                ServerRef<Work> mine = pool.checkout(TestRuntime.LIMIT);
                c.send(self.pid(), mine.call(new Work.Who()));
              });
          TestRuntime.await("it waits", () -> pool.status().waiting() == 1);
          lent.cast(new Work.Crash());
          assertThat(next(self, Pid.class)).isNotEqualTo(before);
          assertThat(worker.started).hasValue(2);
        });
  }

  @Test
  void overflowThatCrashesIsNotReplaced() {
    var pool = pool(0, 1);
    assertThat(worker.started).hasValue(0);
    ServerRef<Work> extra = pool.checkout();
    extra.cast(new Work.Crash());
    status(pool, new PoolStatus(State.OVERFLOW, 0, 0, 0, 0));
    assertThat(worker.started).hasValue(1);
  }

  @Test
  void orderSaysWhichIdleWorkerIsLent() {
    var lifo = pool(PoolOptions.DEFAULT.withSize(3));
    ServerRef<Work> first = lifo.checkout();
    lifo.checkin(first);
    assertThat(lifo.checkout()).isEqualTo(first);
    Supervisor.of(otp.runtime(), "top").terminateChild("pool");
    Supervisor.of(otp.runtime(), "top").deleteChild("pool");

    Supervisor.of(otp.runtime(), "top")
        .startChild(
            WorkerPool.childSpec(
                "pool", worker, "fine", PoolOptions.DEFAULT.withSize(3).withOrder(Order.FIFO)));
    Set<ServerRef<Work>> seen = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      ServerRef<Work> next = lifo.checkout();
      assertThat(seen.add(next)).isTrue();
      lifo.checkin(next);
    }
    assertThat(seen).contains(lifo.checkout());
  }

  @Test
  void transactionGivesTheWorkerBackWhateverHappens() {
    var pool = pool(1, 0);
    assertThat(pool.<Pid>transaction(w -> w.call(new Work.Who()))).isNotNull();
    assertThatThrownBy(
            () ->
                pool.transaction(
                    w -> {
                      throw new IllegalArgumentException("mine");
                    }))
        .hasMessage("mine");
    assertThat(pool.status()).isEqualTo(new PoolStatus(State.READY, 1, 0, 0, 0));
  }

  @Test
  void workersEndWithTheirPoolAndAKilledPoolComesBack() {
    var pool = pool(3, 0);
    var old = new ArrayList<ServerRef<Work>>();
    for (int i = 0; i < 3; i++) {
      old.add(pool.checkout());
    }
    Pid before = otp.runtime().whereis("pool").orElseThrow();
    otp.runtime().exit(before, ExitReason.KILL);
    TestRuntime.await(
        "restarted", () -> otp.runtime().whereis("pool").filter(p -> p != before).isPresent());
    TestRuntime.await("new workers", () -> worker.started.get() == 6);
    status(pool, new PoolStatus(State.READY, 3, 0, 0, 0));
    TestRuntime.await("ended", () -> old.stream().allMatch(w -> w.whereis().isEmpty()));

    List<ServerRef<Work>> now = List.of(pool.checkout(), pool.checkout(), pool.checkout());
    Supervisor.of(otp.runtime(), "top").terminateChild("pool");
    assertThat(now).allMatch(w -> w.whereis().isEmpty()); // waited for
  }

  @Test
  void poolWhoseWorkersDoNotStartDoesNotStart() {
    otp.run(
        self -> {
          self.trapExits(true);
          assertThat(WorkerPool.startLink(self, "broken", worker, "broken", PoolOptions.DEFAULT))
              .isEqualTo(new StartResult.Failed(new ExitReason.Other("no_worker")));
        });
  }

  @Test
  void clientsThatComeGoAndAreKilledNeverShareAWorker() {
    var pool = pool(2, 2);
    Random random = TestRuntime.random("WorkerPoolTests");
    Map<ServerRef<Work>, Pid> users = new ConcurrentHashMap<>();
    var shared = new AtomicInteger();
    otp.run(
        self -> {
          for (int i = 0; i < 500; i++) {
            int kind = random.nextInt(4);
            var client =
                self.spawnMonitor(
                    c -> {
                      ServerRef<Work> mine = pool.checkout(TestRuntime.LIMIT);
                      if (kind == 0) {
                        return; // without giving it back
                      }
                      Pid user = users.put(mine, c.pid());
                      if (user != null && otp.runtime().isAlive(user)) {
                        shared.incrementAndGet();
                      }
                      mine.call(new Work.Who());
                      users.remove(mine, c.pid());
                      if (kind == 1) {
                        mine.cast(new Work.Crash());
                      }
                      pool.checkin(mine);
                    });
            if (kind == 2 && random.nextBoolean()) {
              self.exit(client.pid(), ExitReason.SHUTDOWN);
            }
          }
          for (int i = 0; i < 500; i++) {
            next(self, Down.class);
          }
          TestRuntime.await(
              "all is back",
              () -> {
                PoolStatus status = pool.status();
                return status.lent() == 0 && status.waiting() == 0 && status.idle() == 2;
              });
          assertThat(pool.status().overflow()).isZero();
          assertThat(shared).hasValue(0);
        });
  }

  @Test
  void optionsMustMakeSense() {
    assertThatThrownBy(() -> new PoolOptions(0, 0, Order.LIFO))
        .hasMessage(
            "A pool of 0 workers and an overflow of 0 is not possible: neither may be negative, and"
                + " both together are 1 or more");
  }
}
