package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** 1.55: what it means to be killed in the middle of code that cannot be stopped. */
@Timeout(180)
class KillTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** What a victim does when it is killed; {@code stop} lets those go that do not notice. */
  enum Victim {
    /** Computes and never asks the runtime anything. */
    LOOPS(true) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        while (stop.getCount() > 0) {
          Thread.onSpinWait();
        }
      }
    },
    /** Waits in code of others that throws away the interrupt. */
    SWALLOWS_INTERRUPT(true) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        while (true) {
          try {
            stop.await();
            return;
          } catch (InterruptedException e) {
            // as code should not
          }
        }
      }
    },
    /** Waits in code of others that cannot be interrupted. */
    CANNOT_BE_INTERRUPTED(true) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        var lock = new ReentrantLock();
        var held = new AtomicBoolean(); // not lock.isLocked(): it may be free again before we look
        Thread holder =
            Thread.ofPlatform()
                .start(
                    () -> {
                      lock.lock();
                      held.set(true);
                      TestRuntime.await(stop);
                      lock.unlock();
                    });
        TestRuntime.await("held", held::get);
        lock.lock();
        lock.unlock();
        assertThat(holder).isNotNull();
      }
    },
    /** Waits in code of others that ends when it is interrupted. */
    BLOCKS_IN_FOREIGN_CODE(false) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) throws InterruptedException {
        stop.await();
      }
    },
    RECEIVES(false) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        self.receive();
      }
    },
    RECEIVES_WITH_TIMEOUT(false) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        self.receive(Duration.ofHours(1), Receive::take);
      }
    },
    SLEEPS(false) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        self.sleep(Duration.ofHours(1));
      }
    },
    CALLS(false) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        Pid silent = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
        var never = new TestBehaviour.Ask((request, s) -> null);
        self.runtime().call(self.runtime().address(silent), never, Duration.ofHours(1));
      }
    },
    WAITS_FOR_SYSTEM_REPLY(false) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        Pid silent =
            self.spawn(
                s -> {
                  while (true) {
                    s.receive(Duration.ofHours(1), m -> Receive.skip());
                  }
                });
        Sys.getState(silent);
      }
    },
    /** Catches everything and goes on. */
    CATCHES_EVERYTHING(true) {
      @Override
      void run(Self<Object> self, CountDownLatch stop) {
        while (stop.getCount() > 0) {
          try {
            self.receive(Duration.ofMillis(1), Receive::take);
          } catch (Throwable t) {
            Thread.yield();
          }
        }
      }
    };

    /** Whether its code goes on until it is let go. */
    final boolean goesOn;

    Victim(boolean goesOn) {
      this.goesOn = goesOn;
    }

    abstract void run(Self<Object> self, CountDownLatch stop) throws Exception;
  }

  private record Running(
      Pid pid, CountDownLatch stop, AtomicBoolean returned, AtomicBoolean cleanedUp) {}

  /** Starts a victim and waits until it runs. */
  private Running start(Self<Object> self, Victim victim, boolean raw) {
    var started = new CountDownLatch(1);
    var stop = new CountDownLatch(1);
    var returned = new AtomicBoolean();
    var cleanedUp = new AtomicBoolean();
    TestBehaviour.Action body =
        s -> {
          s.trapExits(true); // a kill is not trapped
          started.countDown();
          try {
            victim.run(s, stop);
            if (victim != Victim.LOOPS) {
              returned.set(true);
            }
          } finally {
            cleanedUp.set(true);
          }
        };
    Pid pid;
    if (raw) {
      pid = self.spawn(s -> TestBehaviour.run(body).action().apply(s));
    } else {
      pid =
          self.spawn(new TestBehaviour(CallbackModule.of("victim", "test")), SpawnOptions.NONE)
              .pid();
      self.send(pid, TestBehaviour.run(body));
    }
    await(started);
    return new Running(pid, stop, returned, cleanedUp);
  }

  @ParameterizedTest
  @EnumSource(Victim.class)
  @Rule({"1.55", "1.50"})
  void killedProcessIsDeadToEverybodyAtOnce(Victim kind) {
    otp.run(
        self -> {
          for (boolean raw : new boolean[] {true, false}) {
            Running victim = start(self, kind, raw);
            otp.runtime().register("victim", victim.pid);
            var call = new CompletableFuture<ExitReason>();
            otp.runtime()
                .callAsync(otp.runtime().address(victim.pid), "never handled", Duration.ofHours(1))
                .whenComplete((reply, error) -> call.complete(((CallException) error).cause()));
            Ref ref = self.monitor(victim.pid);
            self.exit(victim.pid, ExitReason.KILL);
            assertThat(otp.runtime().isAlive(victim.pid)).isFalse();
            assertThat(next(self)).isEqualTo(new Down(ref, victim.pid, ExitReason.KILLED));
            assertThat(otp.runtime().whereis("victim")).isEmpty();
            assertThat(TestRuntime.get(call, "its caller is told")).isEqualTo(ExitReason.KILLED);
            if (kind.goesOn) {
              await("counted", () -> otp.runtime().stats().zombies() == 1);
              assertThat(victim.stop.getCount()).isEqualTo(1);
            }
            victim.stop.countDown();
            await("it ends", () -> otp.runtime().stats().zombies() == 0 && victim.cleanedUp.get());
            if (!kind.goesOn) {
              assertThat(victim.returned).as("the wait was cut short").isFalse();
            }
          }
        });
    await("only the runtime is left", () -> otp.runtime().stats().busySchedulers() == 0);
  }

  @Test
  @Rule("1.55")
  void downArrivesSoonAlsoWhenManyAreKilled() {
    otp.run(
        self -> {
          var victims = new ArrayList<Running>();
          for (int i = 0; i < 4; i++) {
            victims.add(start(self, Victim.SWALLOWS_INTERRUPT, i % 2 == 0));
          }
          long start = System.nanoTime();
          for (Running victim : victims) {
            self.monitor(victim.pid);
            self.exit(victim.pid, ExitReason.KILL);
          }
          for (int i = 0; i < victims.size(); i++) {
            next(self, Down.class);
          }
          assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
          victims.forEach(victim -> victim.stop.countDown());
        });
  }

  /** A zombie holds a thread, never a slot: with one slot, the others go on. */
  @ParameterizedTest
  @EnumSource(
      value = Victim.class,
      names = {"LOOPS", "SWALLOWS_INTERRUPT", "CANNOT_BE_INTERRUPTED"})
  @Rule({"1.55", "1.93"})
  void othersRunWhileZombieGoesOn(Victim kind) {
    var one = new TestRuntime(builder -> builder.schedulers(1));
    one.beforeEach(null);
    try {
      one.run(
          self -> {
            Running victim = start(self, kind, false);
            self.exit(victim.pid, ExitReason.KILL);
            Pid other = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
            Pid me = self.pid();
            for (int i = 0; i < 1_000; i++) {
              int number = i;
              self.send(other, TestBehaviour.run(s -> s.send(me, number)));
              assertThat(next(self)).isEqualTo(i);
            }
            victim.stop.countDown();
          });
    } finally {
      one.afterEach(null);
    }
  }

  @Test
  @Rule("1.55")
  void everythingTheDeadAskOfTheRuntimeFails() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid other = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          var address = otp.runtime().address(other);
          var failures = new LinkedHashMap<String, Throwable>();
          var ready = new CountDownLatch(1);
          var dead = new CountDownLatch(1);
          var done = new CountDownLatch(1);
          Pid victim =
              self.spawn(
                  s -> {
                    Ref watched = s.monitor(other);
                    Alias alias = s.alias();
                    Ref timer = s.sendAfter(Duration.ofHours(1), "x");
                    ready.countDown();
                    awaitUninterruptibly(dead);
                    Map<String, Runnable> uses = new LinkedHashMap<>();
                    uses.put("send pid", () -> s.send(me, "zombie"));
                    uses.put("send alias", () -> s.send(alias, "zombie"));
                    uses.put("spawn", () -> s.spawn(Self::receive));
                    uses.put("spawnLink", () -> s.spawnLink(Self::receive));
                    uses.put("exit", () -> s.exit(me, ExitReason.KILL));
                    uses.put("trapExits", () -> s.trapExits(true));
                    uses.put("link", () -> s.link(me));
                    uses.put("unlink", () -> s.unlink(me));
                    uses.put("monitor", () -> s.monitor(me));
                    uses.put("demonitor", () -> s.demonitor(watched));
                    uses.put("alias", s::alias);
                    uses.put("unalias", () -> s.unalias(alias));
                    uses.put("register", () -> s.register("zombie"));
                    uses.put("unregister", s::unregister);
                    uses.put("label", () -> s.label("zombie"));
                    uses.put("receive", s::receive);
                    uses.put("receive zero", () -> s.receive(Duration.ZERO, Receive::take));
                    uses.put("sleep", () -> s.sleep(Duration.ZERO));
                    uses.put("sendAfter", () -> s.sendAfter(Duration.ZERO, me, "zombie"));
                    uses.put("startTimer", () -> s.startTimer(Duration.ZERO, "zombie"));
                    uses.put("sendInterval", () -> s.sendInterval(Duration.ofMillis(1), "zombie"));
                    uses.put("exitAfter", () -> s.exitAfter(Duration.ZERO, me, ExitReason.KILL));
                    uses.put("cancelTimer", () -> s.cancelTimer(timer));
                    uses.put("checkpoint", s::checkpoint);
                    uses.put("get", () -> s.get("k"));
                    uses.put("put", () -> s.put("k", 1));
                    ProcessRuntime runtime = s.runtime();
                    uses.put("runtime.send", () -> runtime.send(me, "zombie"));
                    uses.put("runtime.send alias", () -> runtime.send(alias, "zombie"));
                    uses.put("runtime.cast", () -> runtime.cast(address, "zombie"));
                    uses.put("runtime.call", () -> runtime.call(address, "zombie", Duration.ZERO));
                    uses.put("runtime.callAsync", () -> runtime.callAsync(address, "zombie", null));
                    uses.put("runtime.sendRequest", () -> runtime.sendRequest(address, "zombie"));
                    uses.put("runtime.spawn", () -> runtime.spawn(z -> z.send(me, "zombie")));
                    uses.put(
                        "runtime.spawn behaviour",
                        () -> runtime.spawn(new TestBehaviour(), SpawnOptions.NONE));
                    uses.put("runtime.exit", () -> runtime.exit(me, ExitReason.KILL));
                    uses.put("runtime.register", () -> runtime.register("zombie", other));
                    uses.put("runtime.unregister", () -> runtime.unregister("named"));
                    uses.put(
                        "runtime.sendAfter", () -> runtime.sendAfter(Duration.ZERO, me, "zombie"));
                    uses.put(
                        "runtime.startTimer",
                        () -> runtime.startTimer(Duration.ZERO, me, "zombie"));
                    uses.put("Sys", () -> Sys.suspend(other));
                    uses.forEach(
                        (name, use) -> {
                          try {
                            use.run();
                            failures.put(name, null);
                          } catch (Throwable t) {
                            failures.put(name, t);
                          }
                        });
                    done.countDown();
                  });
          self.register("named");
          await(ready);
          self.monitor(victim);
          self.exit(victim, ExitReason.KILL);
          next(self, Down.class);
          dead.countDown();
          await(done);
          assertThat(failures).hasSizeGreaterThan(35);
          assertThat(failures)
              .allSatisfy(
                  (name, failure) ->
                      assertThat(failure).as(name).isInstanceOf(ProcessKilledError.class));
          assertThat(TestRuntime.drain(self, TestRuntime.QUIET)).isEmpty();
          assertThat(otp.runtime().whereis("named")).contains(me);
          assertThat(otp.runtime().whereis("zombie")).isEmpty();
        });
  }

  /**
   * A zombie's late reply reaches nobody: its callers have been told already, and it may answer no
   * others.
   */
  @Test
  @Rule({"1.55", "1.83"})
  void theDeadCannotReply() {
    otp.run(
        self -> {
          var from = new AtomicReference<From<Object>>();
          var stop = new CountDownLatch(1);
          var late = new CompletableFuture<Throwable>();
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          var address = otp.runtime().address(server);
          var reply = new CompletableFuture<Object>();
          otp.runtime()
              .callAsync(
                  address,
                  new TestBehaviour.Ask(
                      (request, s) -> {
                        from.set(new From<>(request, s.runtime()));
                        awaitUninterruptibly(stop);
                        try {
                          from.get().reply("late");
                        } catch (Throwable t) {
                          late.complete(t);
                        }
                        return null;
                      }),
                  LIMIT)
              .whenComplete((r, error) -> reply.complete(error == null ? r : error));
          await("handled", () -> from.get() != null);
          self.exit(server, ExitReason.KILL);
          assertThat(TestRuntime.get(reply, "told")).isInstanceOf(CallException.class);
          stop.countDown();
          assertThat(TestRuntime.get(late, "the late reply fails"))
              .isInstanceOf(ProcessKilledError.class);
        });
  }

  /** The only slot is taken, so that it cannot run before the kill. */
  @Test
  @Rule("1.55")
  void processThatWasKilledBeforeItRanNeverRuns() {
    var one = new TestRuntime(builder -> builder.schedulers(1));
    one.beforeEach(null);
    try {
      var began = new AtomicInteger();
      one.run(
          self -> {
            int certain = 0;
            for (int i = 0; i < 300; i++) {
              var inside = new CountDownLatch(1);
              var release = new CountDownLatch(1);
              Pid busy = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
              self.send(
                  busy,
                  TestBehaviour.run(
                      s -> {
                        inside.countDown();
                        await(release);
                      }));
              await(inside);
              var ran = new AtomicInteger();
              long retaken = one.runtime().stats().retakenSlots();
              Self.Monitored victim =
                  self.spawn(
                      new TestBehaviour(
                          TestBehaviour.newModule(),
                          s -> {
                            ran.incrementAndGet();
                            return null;
                          }),
                      SpawnOptions.MONITOR);
              self.exit(victim.pid(), ExitReason.KILL);
              boolean first = one.runtime().stats().retakenSlots() == retaken;
              release.countDown();
              assertThat(next(self))
                  .isEqualTo(new Down(victim.ref(), victim.pid(), ExitReason.KILLED));
              self.exit(busy, ExitReason.KILL);
              if (first) { // else the slot was given away before the kill
                certain++;
                began.addAndGet(ran.get());
              }
            }
            assertThat(certain).isPositive();
          });
      await("all have ended", () -> one.runtime().stats().processes() == 0);
      assertThat(began).hasValue(0);
    } finally {
      one.afterEach(null);
    }
  }

  /**
   * Killed at any moment of a life of receives, sends, calls, links: it dies once, with this
   * reason, and all of it is undone.
   */
  @Test
  @Rule({"1.55", "1.56", "1.57"})
  void killAtAnyMomentEndsCleanly() {
    var random = TestRuntime.random("killAtAnyMomentEndsCleanly");
    otp.run(
        self -> {
          Pid echo = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          var address = otp.runtime().address(echo);
          var ask =
              new TestBehaviour.Ask(
                  (request, s) -> {
                    request.reply("ok");
                    return null;
                  });
          TestBehaviour.Action life =
              s -> {
                Pid peer = s.spawn(p -> p.receive(Duration.ofMillis(5), Receive::take));
                while (true) {
                  s.link(echo);
                  s.send(s.pid(), "m");
                  Ref ref = s.monitor(peer);
                  otp.runtime().call(address, ask, LIMIT);
                  s.receive(Duration.ZERO, Receive::take);
                  s.demonitorFlush(ref);
                  s.cancelTimer(s.sendAfter(Duration.ofMillis(50), "t"));
                  s.unlink(echo);
                  s.receive(Duration.ofNanos(1_000), Receive::take);
                }
              };
          self.send(echo, TestBehaviour.run(s -> s.trapExits(true)));
          for (int i = 0; i < 1_000; i++) {
            Self.Monitored victim;
            if (i % 2 == 0) {
              victim = self.spawnMonitor(s -> TestBehaviour.run(life).action().apply(s));
            } else {
              victim = self.spawn(new TestBehaviour(), SpawnOptions.MONITOR);
              self.send(victim.pid(), TestBehaviour.run(life));
            }
            for (int n = random.nextInt(20_000); n > 0; n--) {
              Thread.onSpinWait();
            }
            self.exit(victim.pid(), ExitReason.KILL);
            assertThat(next(self))
                .isEqualTo(new Down(victim.ref(), victim.pid(), ExitReason.KILLED));
          }
          await(
              "nothing is left of them",
              () -> {
                ProcessInfo info = otp.runtime().info(echo).orElseThrow();
                return info.links().isEmpty() && info.monitoredBy().isEmpty();
              });
        });
    await("no thread is left", () -> otp.runtime().stats().zombies() == 0);
  }

  /**
   * The interrupt that is meant for a process never hits the one that runs next on that thread. One
   * slot, so that they follow one another closely; the second blocks in foreign code, where an
   * interrupt shows.
   */
  @Test
  @Rule("1.55")
  void interruptNeverHitsTheNextProcess() {
    var random = TestRuntime.random("interruptNeverHitsTheNextProcess");
    var one = new TestRuntime(builder -> builder.schedulers(1));
    one.beforeEach(null);
    try {
      var hit = new AtomicInteger();
      var killed = new AtomicLong();
      one.run(
          self -> {
            for (int round = 0; round < 3_000; round++) {
              int spins = random.nextInt(2_000);
              Pid victim = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
              Pid next = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
              var done = new CountDownLatch(1);
              self.send(
                  victim,
                  TestBehaviour.run(
                      s -> {
                        for (int n = 0; n < spins; n++) {
                          Thread.onSpinWait();
                        }
                      }));
              self.send(
                  next,
                  TestBehaviour.run(
                      s -> {
                        if (Thread.interrupted()) {
                          hit.incrementAndGet();
                        }
                        LockSupport.parkNanos(20_000);
                        if (Thread.interrupted()) {
                          hit.incrementAndGet();
                        }
                        done.countDown();
                      }));
              for (int n = random.nextInt(2_500); n > 0; n--) {
                Thread.onSpinWait();
              }
              self.exit(victim, ExitReason.KILL);
              killed.incrementAndGet();
              await(done);
            }
          });
      assertThat(killed).hasValue(3_000);
      assertThat(hit).hasValue(0);
    } finally {
      one.afterEach(null);
    }
  }

  /** Whoever blocks in the runtime is not disturbed by interrupts that are no kill. */
  @Test
  void strayInterruptDoesNotEndAWait() {
    otp.run(
        self -> {
          Pid me = self.pid();
          var thread = new CompletableFuture<Thread>();
          self.spawn(
              s -> {
                thread.complete(Thread.currentThread());
                s.send(me, s.receive());
                s.sleep(Duration.ofMillis(20));
                s.send(me, "slept");
              });
          Thread waiter = TestRuntime.get(thread, "it runs");
          for (int i = 0; i < 10; i++) {
            waiter.interrupt();
          }
          assertThat(self.receive(TestRuntime.QUIET, Receive::take)).isEmpty();
          assertThat(waiter.isAlive()).isTrue();
        });
  }

  @Test
  @Rule("1.55")
  void exitSignalThatIsNotTrappedEndsRunningCodeLikeAKill() {
    otp.run(
        self -> {
          var stop = new CountDownLatch(1);
          var started = new CountDownLatch(1);
          var afterwards = new CompletableFuture<Throwable>();
          Self.Monitored victim =
              self.spawnMonitor(
                  s -> {
                    started.countDown();
                    awaitUninterruptibly(stop);
                    try {
                      s.checkpoint();
                    } catch (Throwable t) {
                      afterwards.complete(t);
                    }
                  });
          await(started);
          self.exit(victim.pid(), ExitReason.SHUTDOWN);
          assertThat(next(self))
              .isEqualTo(new Down(victim.ref(), victim.pid(), ExitReason.SHUTDOWN));
          stop.countDown();
          assertThat(TestRuntime.get(afterwards, "checkpoint"))
              .isInstanceOf(ProcessKilledError.class)
              .hasMessageContaining("was ended (shutdown)");
        });
  }

  @Test
  @Rule("1.55")
  void tenThousandAreKilledTogether() {
    otp.run(
        self -> {
          int count = 10_000;
          var refs = new ArrayList<Ref>();
          var pids = new ArrayList<Pid>();
          for (int i = 0; i < count; i++) {
            Self.Monitored child =
                i % 10 == 0
                    ? self.spawnMonitor(Self::receive)
                    : self.spawn(new TestBehaviour(), SpawnOptions.MONITOR);
            pids.add(child.pid());
            refs.add(child.ref());
          }
          pids.forEach(pid -> self.exit(pid, ExitReason.KILL));
          for (int i = 0; i < count; i++) {
            assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.KILLED);
          }
          assertThat(refs).hasSize(count);
        });
    await("all are gone", () -> otp.runtime().stats().processes() == 0);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Nothing of a library's may be cut short by a kill of somebody else: semaphores stand for
   * connections here.
   */
  @Test
  @Rule("1.55")
  void killedWaiterGivesBackWhatItHeld() {
    otp.run(
        self -> {
          var semaphore = new Semaphore(1);
          for (int i = 0; i < 300; i++) {
            Self.Monitored victim =
                self.spawnMonitor(
                    s -> {
                      try {
                        semaphore.acquire();
                        try {
                          s.receive();
                        } finally {
                          semaphore.release();
                        }
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    });
            self.exit(victim.pid(), ExitReason.KILL);
            next(self, Down.class);
          }
          await("free", () -> semaphore.availablePermits() == 1);
        });
  }

  @Test
  @Rule("1.55")
  void killedErrorSaysWhoAndWhy() {
    otp.run(
        self -> {
          @Nullable Throwable[] seen = new Throwable[1];
          Self.Monitored child =
              self.spawnMonitor(
                  s -> {
                    try {
                      s.exit(s.pid(), ExitReason.KILL);
                    } catch (Error e) {
                      seen[0] = e;
                      throw e;
                    }
                  });
          next(self, Down.class);
          assertThatThrownBy(
                  () -> {
                    throw seen[0];
                  })
              .isInstanceOf(ProcessKilledError.class)
              .hasMessageContaining(child.pid() + " was ended (killed)");
        });
  }
}
