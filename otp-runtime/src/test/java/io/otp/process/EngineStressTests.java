package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Some seconds of random spawn, send, call, link, monitor, kill and blocking, after which every
 * message and exit is accounted for. The long run, with servers, bounds, timers and names too, is
 * {@code otp-benchmarks/soak.sh}.
 */
class EngineStressTests {

  private static final int POPULATION = 60;
  private static final long ACTING_NANOS = 1_500_000_000L;

  private final Random random = TestRuntime.random("EngineStressTests");
  private final Map<Integer, Actor> actors = new ConcurrentHashMap<>();
  private final Map<Pid, Actor> byPid = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<@Nullable Actor> places =
      new AtomicReferenceArray<>(POPULATION);
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong callsEnded = new AtomicLong();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;
  private ProcessRuntime runtime;

  private record Note(int from, int number) {}

  private record Ask(long number) implements Call<Object, Long> {}

  private enum Tick {
    TICK
  }

  @ParameterizedTest // workers that live for a few activations come and go all the time
  @ValueSource(ints = {1, 2, 16})
  void everyMessageAndExitIsAccountedFor(int slots) {
    try (ProcessRuntime started =
        ProcessRuntime.builder().schedulers(slots).retirement(100).build()) {
      runtime = started;
      long deadline = System.nanoTime() + ACTING_NANOS;
      while (System.nanoTime() - deadline < 0 && wrong.isEmpty()) {
        for (int i = 0; i < POPULATION; i++) {
          Actor actor = places.get(i);
          if (actor == null || actor.ended != null) {
            spawn(i, random);
          }
        }
        Actor victim = places.get(random.nextInt(POPULATION));
        if (victim != null && random.nextInt(4) == 0) {
          runtime.exit(victim.pid, ExitReason.KILL);
        }
        LockSupport.parkNanos(200_000);
      }
      stopping = true;
      awaitBalance();
      actors.values().forEach(actor -> runtime.exit(actor.pid, ExitReason.KILL));
      awaitNothingLeft();
      assertThat(wrong).isEmpty();
    }
    await("no worker is left", () -> runtime.stats().workers() == 0);
  }

  private void awaitBalance() {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (List<String> open = imbalances(); !open.isEmpty(); open = imbalances()) {
      assertThat(System.nanoTime() - deadline)
          .as(() -> imbalances() + "\n" + wrong + "\n" + runtime.stats())
          .isNegative();
      LockSupport.parkNanos(5_000_000);
    }
  }

  private void awaitNothingLeft() {
    await(
        "every process has ended once",
        () -> actors.values().stream().allMatch(actor -> actor.endings.get() == 1));
    await(
        "nothing is left",
        () -> {
          RuntimeStats stats = runtime.stats();
          return stats.processes() == 0
              && stats.names() == 0
              && stats.zombies() == 0
              && stats.timers() == 0
              && stats.runQueue() == 0
              && stats.busySchedulers() == 0
              && stats.spawned() == stats.exitedNormally() + stats.exitedAbnormally();
        });
    assertThat(runtime.stats().rescuedWakeUps()).isZero();
  }

  private List<String> imbalances() {
    var open = new ArrayList<String>();
    for (Actor actor : actors.values()) {
      if (actor.ended == null && !actor.calm) {
        open.add(actor + " is not at rest");
      }
      actor.sent.forEach(
          (to, sent) -> {
            Actor receiver = actors.get(to);
            int received = receiver.received.getOrDefault(actor.id, 0);
            if (received > sent || received < sent && receiver.ended == null) {
              open.add(receiver + " has got " + received + " of " + sent + " messages of " + actor);
            }
          });
      if (actor.ended == null) {
        actor.monitors.forEach(
            (ref, monitor) -> {
              if (monitor.came.get() != (monitor.other.ended == null ? 0 : 1)) {
                open.add(actor + " has got " + monitor.came + " down messages of " + monitor.other);
              }
            });
        actor.links.forEach(
            (other, exits) -> {
              if (exits.get() != (other.ended == null ? 0 : 1)) {
                open.add(actor + " has got " + exits + " exit signals of " + other);
              }
            });
      }
    }
    if (calls.get() != callsEnded.get()) {
      open.add(calls + " calls, but ended " + callsEnded);
    }
    return open;
  }

  private void spawn(int place, Random random) {
    var actor = new Actor(ids.incrementAndGet(), random.nextLong());
    actors.put(actor.id, actor);
    actor.pid =
        random.nextBoolean()
            ? runtime.spawn(actor::runRaw)
            : runtime.spawn(actor.new AsBehaviour(), SpawnOptions.NONE);
    byPid.put(actor.pid, actor);
    runtime.atExit(
        actor.pid,
        reason -> {
          actor.ended = reason;
          actor.endings.incrementAndGet();
        });
    places.set(place, actor);
    actor.started.countDown();
  }

  private static final class Monitor {
    final Actor other;
    final AtomicInteger came = new AtomicInteger();

    Monitor(Actor other) {
      this.other = other;
    }
  }

  /** A process, and the book of what it did and got. It traps exits. */
  private final class Actor {
    final int id;
    private final Random random;
    final Map<Integer, Integer> sent = new ConcurrentHashMap<>();
    final Map<Integer, Integer> received = new ConcurrentHashMap<>();
    final Map<Ref, Monitor> monitors = new ConcurrentHashMap<>();
    final Map<Actor, AtomicInteger> links = new ConcurrentHashMap<>();
    final AtomicInteger endings = new AtomicInteger();
    final java.util.concurrent.CountDownLatch started = new java.util.concurrent.CountDownLatch(1);
    volatile Pid pid;
    volatile @Nullable ExitReason ended;
    volatile boolean calm;

    Actor(int id, long seed) {
      this.id = id;
      this.random = new Random(seed);
    }

    private void tick(Self<Object> self) {
      if (stopping) {
        calm = true;
        return;
      }
      if (started.getCount() == 0) { // else nobody knows it yet
        act(self);
      }
      if (random.nextInt(8) == 0) {
        self.sendAfter(Duration.ofNanos(random.nextInt(1_000_000)), Tick.TICK);
      } else {
        self.send(self.pid(), Tick.TICK);
      }
    }

    private void runRaw(Self<Object> self) {
      self.trapExits(true);
      self.send(self.pid(), Tick.TICK);
      for (; ; ) {
        on(self, self.receive());
      }
    }

    private void act(Self<Object> self) {
      Actor other = places.get(random.nextInt(POPULATION));
      if (other == null || other == this) {
        return;
      }
      switch (random.nextInt(40)) {
        case 0, 1, 2 -> call(other);
        case 3 -> monitors.put(self.monitor(other.pid), new Monitor(other));
        case 4 -> link(self, other);
        case 5 -> self.exit(other.pid, ExitReason.KILL);
        case 6 -> self.sleep(Duration.ofNanos(random.nextInt(1_000_000)));
        case 7 -> LockSupport.parkNanos(random.nextInt(1_000_000)); // code that is not ours blocks
        case 8 -> self.checkpoint();
        case 9 -> self.spawn(child -> child.spawn(grandchild -> {}));
        default -> {
          for (int i = random.nextInt(8); i >= 0; i--) {
            int number = sent.getOrDefault(other.id, 0) + 1;
            self.send(other.pid, new Note(id, number));
            sent.put(other.id, number);
          }
        }
      }
    }

    private void call(Actor server) {
      calls.incrementAndGet();
      long number = random.nextLong();
      try {
        Object reply =
            runtime.call(
                runtime.address(server.pid), new Ask(number), Duration.ofMillis(random.nextInt(4)));
        if (!reply.equals(number)) {
          wrong.add(this + " has got the reply to another call");
        }
      } catch (CallException e) {
        if (e instanceof CallException.NoProcessException && runtime.isAlive(server.pid)) {
          wrong.add(this + " was told that " + server + " is gone");
        }
      } finally {
        callsEnded.incrementAndGet();
      }
    }

    private void link(Self<Object> self, Actor other) {
      if (id < other.id
          && !links.containsKey(other)) { // once for each pair; the younger one need not know
        links.put(other, new AtomicInteger());
        self.link(other.pid);
      }
    }

    private void on(Self<Object> self, Object message) {
      switch (message) {
        case Tick _ -> tick(self);
        case Note(int from, int number) -> {
          int last = received.getOrDefault(from, 0);
          if (number != last + 1) {
            wrong.add(this + " has got message " + number + " of #" + from + " after " + last);
          }
          received.put(from, number);
        }
        case Down down -> {
          Monitor monitor = monitors.get(down.ref());
          if (monitor == null || monitor.came.incrementAndGet() != 1) {
            wrong.add(this + " has got " + down + " twice or for nothing");
          }
        }
        case Exit exit -> {
          AtomicInteger exits = links.get(byPid.get(exit.from()));
          if (exits != null && exits.incrementAndGet() != 1) {
            wrong.add(this + " has got " + exit + " twice");
          }
        }
        default -> wrong.add(this + " has got " + message);
      }
    }

    @Override
    public String toString() {
      return "#" + id + " " + pid + (ended == null ? "" : " (" + ended + ")");
    }

    private final class AsBehaviour extends Behaviour {
      // one each: what is learnt of one that blocks is learnt again and again
      private final CallbackModule module = CallbackModule.of("AsBehaviour", "test");

      @Override
      protected CallbackModule module() {
        return module;
      }

      @Override
      protected @Nullable ExitReason init(Self<Object> self) {
        self.trapExits(true);
        self.send(self.pid(), Tick.TICK);
        return null;
      }

      @Override
      protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
        return null;
      }

      @Override
      protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
        long number = ((Ask) request.message()).number();
        if (number % 8 == 0) {
          Thread.startVirtualThread(() -> request.reply(number));
        } else if (number % 64 != 1) {
          request.reply(number);
        }
        return null;
      }

      @Override
      protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
        on(self, info instanceof Info.Message(Object value) ? value : info);
        return null;
      }
    }
  }
}
