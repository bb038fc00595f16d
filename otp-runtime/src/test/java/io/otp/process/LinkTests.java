package io.otp.process;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1f: links. That a link takes no name (1.65) the compiler sees to. */
@Timeout(120)
class LinkTests {

  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private Pid dead(Self<Object> self) {
    Pid pid = self.spawnMonitor(s -> {}).pid();
    next(self, Down.class);
    return pid;
  }

  @Test
  @Rule("1.60")
  void linkingTwiceIsOneLink() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid peer = self.spawn(Self::receive);
          self.link(peer);
          self.link(peer);
          assertThat(otp.runtime().info(self.pid()).orElseThrow().links()).containsExactly(peer);
          assertThat(otp.runtime().info(peer).orElseThrow().links()).containsExactly(self.pid());
          self.exit(peer, BOOM);
          assertThat(next(self)).isEqualTo(new Exit(peer, BOOM));
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("1.60")
  void oneUnlinkEndsALinkMadeTwiceAndFromBothSides() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid me = self.pid();
          Pid peer =
              self.spawn(
                  s -> {
                    s.link(me);
                    s.send(me, "linked");
                    s.receive();
                  });
          assertThat(next(self)).isEqualTo("linked");
          self.link(peer);
          self.unlink(peer);
          self.exit(peer, BOOM);
          self.monitor(peer);
          assertThat(next(self)).isInstanceOf(Down.class);
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("1.60")
  void linkWorksInBothDirections() {
    otp.run(
        self -> {
          Pid me = self.pid();
          for (boolean linkerDies : new boolean[] {true, false}) {
            Pid peer =
                self.spawn(
                    s -> {
                      s.trapExits(true);
                      s.send(me, s.receive());
                    });
            Pid linker =
                self.spawn(
                    s -> {
                      s.trapExits(true);
                      s.link(peer);
                      s.send(me, "linked");
                      s.send(me, s.receive());
                    });
            assertThat(next(self)).isEqualTo("linked");
            Pid victim = linkerDies ? linker : peer;
            self.exit(victim, ExitReason.KILL);
            assertThat(next(self)).isEqualTo(new Exit(victim, ExitReason.KILLED));
          }
        });
  }

  @Test
  @Rule("1.60")
  void linkToSelfDoesNothing() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.trapExits(true);
          Self.Monitored child =
              self.spawnMonitor(
                  s -> {
                    s.trapExits(true);
                    s.link(s.pid());
                    s.send(me, otp.runtime().info(s.pid()).orElseThrow().links().size());
                    s.send(me, drain(s, QUIET).size());
                    s.unlink(s.pid());
                  });
          assertThat(next(self)).isEqualTo(0);
          assertThat(next(self)).isEqualTo(0);
          assertThat(next(self)).isEqualTo(new Down(child.ref(), child.pid(), ExitReason.NORMAL));
        });
  }

  @Test
  @Rule("1.61")
  void linkToDeadProcessIsMessageIfTrapped() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid dead = dead(self);
          self.link(dead);
          assertThat(next(self)).isEqualTo(new Exit(dead, ExitReason.NO_PROCESS));
          assertThat(otp.runtime().info(self.pid()).orElseThrow().links()).isEmpty();
        });
  }

  @Test
  @Rule("1.61")
  void linkToDeadProcessFailsIfNotTrapped() {
    otp.run(
        self -> {
          Pid dead = dead(self);
          assertThatThrownBy(() -> self.link(dead))
              .isInstanceOfSatisfying(
                  ProcessExit.class, e -> assertThat(e.reason()).isEqualTo(ExitReason.NO_PROCESS));
          assertThat(drain(self, QUIET)).as("caught, so it lives and hears nothing").isEmpty();
          Self.Monitored child = self.spawnMonitor(s -> s.link(dead));
          assertThat(next(self))
              .isEqualTo(new Down(child.ref(), child.pid(), ExitReason.NO_PROCESS));
        });
  }

  /** signal_SUITE:unlink_exit */
  @Test
  @Rule({"1.62", "1.20"})
  void noExitComesAfterUnlinkAndFlush() {
    var random = TestRuntime.random("noExitComesAfterUnlinkAndFlush");
    otp.run(
        self -> {
          self.trapExits(true);
          int seen = 0;
          for (int i = 0; i < 10_000; i++) {
            var go = new CountDownLatch(1);
            Pid peer =
                i % 2 == 0
                    ? self.spawnLink(s -> await(go))
                    : self.spawn(new TestBehaviour(), SpawnOptions.LINK).pid();
            go.countDown();
            if (i % 2 != 0) {
              self.send(peer, new TestBehaviour.Do(s -> BOOM));
            }
            spin(random);
            self.unlink(peer);
            boolean queued = !drain(self).isEmpty();
            seen += queued ? 1 : 0;
            Ref ref = self.monitor(peer);
            Object down = next(self);
            assertThat(down)
                .isInstanceOfSatisfying(Down.class, d -> assertThat(d.ref()).isEqualTo(ref));
            assertThat(drain(self)).as("round " + i).isEmpty();
          }
          System.out.println("the exit was quicker " + seen + " times");
        });
  }

  /** As above, where the process that unlinks does not trap: after unlink it lives on. */
  @Test
  @Rule("1.62")
  void unlinkedProcessSurvives() {
    var random = TestRuntime.random("unlinkedProcessSurvives");
    otp.run(
        self -> {
          int survived = 0;
          for (int i = 0; i < 5_000; i++) {
            int spins = random.nextInt(300);
            Self.Monitored child =
                self.spawnMonitor(
                    s -> {
                      Pid peer =
                          s.spawnLink(
                              p -> {
                                throw new ProcessExit(BOOM);
                              });
                      for (int n = 0; n < spins; n++) {
                        Thread.onSpinWait();
                      }
                      s.unlink(peer);
                      s.monitor(peer);
                      if (s.receive() instanceof Down) {
                        throw new ProcessExit(ExitReason.other("survived"));
                      }
                    });
            Down down = next(self, Down.class);
            assertThat(down.ref()).isEqualTo(child.ref());
            assertThat(down.reason()).isIn(BOOM, ExitReason.other("survived"));
            survived += down.reason().equals(BOOM) ? 0 : 1;
          }
          System.out.println("unlinked in time " + survived + " times");
        });
  }

  /** Held up by the lock of the process that is linked, in which that ends the link. */
  @Test
  @Rule("1.62")
  void exitThatIsOnItsWayWhenTheLinkEndsDoesNotArrive() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid peer = self.spawnLink(Self::receive);
          await("it runs", () -> ((Process) peer).runner() != null);
          Thread thread = ((Process) peer).runner().thread;
          synchronized (self.pid()) {
            self.exit(peer, BOOM);
            await("the exit is on its way", () -> thread.getState() == Thread.State.BLOCKED);
            self.unlink(peer);
          }
          await("all have been told", () -> !thread.isAlive());
          assertThat(drain(self)).isEmpty();
        });
  }

  /** The more are to be told, the longer the last ones have for an unlink. */
  @Test
  @Rule("1.62")
  void noExitComesAfterUnlinkFromProcessWithManyLinks() {
    int count = 200;
    for (int round = 0; round < 50; round++) {
      Pid peer = otp.runtime().spawn(Self::receive);
      var linked = new CountDownLatch(count);
      var go = new CountDownLatch(1);
      var unlinked = new CountDownLatch(count);
      var late = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < count; i++) {
        otp.runtime()
            .spawn(
                self -> {
                  self.trapExits(true);
                  self.link(peer);
                  linked.countDown();
                  await(go);
                  self.unlink(peer);
                  drain(self);
                  self.monitor(peer);
                  next(self, Down.class);
                  late.addAll(drain(self));
                  unlinked.countDown();
                });
      }
      await(linked);
      go.countDown();
      otp.runtime().exit(peer, BOOM);
      await(unlinked);
      assertThat(late).as("round " + round).isEmpty();
    }
  }

  @Test
  @Rule("1.62")
  void unlinkLeavesExitThatIsQueued() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid peer = self.spawnLink(s -> {});
          self.monitor(peer);
          assertThat(next(self, Down.class)).isNotNull();
          self.unlink(peer);
          assertThat(drain(self)).containsExactly(new Exit(peer, ExitReason.NORMAL));
        });
  }

  @Test
  @Rule("1.63")
  void unlinkOfStrangerOrDeadDoesNothing() {
    otp.run(
        self -> {
          self.unlink(dead(self));
          Pid stranger = self.spawn(Self::receive);
          self.unlink(stranger);
          assertThat(otp.runtime().isAlive(stranger)).isTrue();
          assertThat(drain(self)).isEmpty();
        });
  }

  /** erl_link_SUITE:otp_17127_local_random */
  @Test
  @Rule("1.64")
  void bothSidesAgreeAfterLinkingAndUnlinkingAtTheSameTime() {
    var random = TestRuntime.random("bothSidesAgreeAfterLinkingAndUnlinkingAtTheSameTime");
    int linked = 0;
    int rounds = 3_000;
    for (int round = 0; round < rounds; round++) {
      var done = new CountDownLatch(2);
      Pid[] pids = new Pid[2];
      var known = new CountDownLatch(1);
      for (int i = 0; i < 2; i++) {
        int other = 1 - i;
        var mine = new Random(random.nextLong());
        pids[i] =
            otp.runtime()
                .spawn(
                    self -> {
                      self.trapExits(true);
                      await(known);
                      for (int n = 0; n < 8; n++) {
                        if (mine.nextBoolean()) {
                          self.link(pids[other]);
                        } else {
                          self.unlink(pids[other]);
                        }
                      }
                      done.countDown();
                      self.receive();
                    });
      }
      known.countDown();
      await(done);
      ProcessInfo a = otp.runtime().info(pids[0]).orElseThrow();
      ProcessInfo b = otp.runtime().info(pids[1]).orElseThrow();
      assertThat(a.links().contains(pids[1])).isEqualTo(b.links().contains(pids[0]));
      linked += a.links().size();
      otp.runtime().exit(pids[0], ExitReason.KILL);
      otp.runtime().exit(pids[1], ExitReason.KILL);
    }
    assertThat(linked).as("both outcomes occur").isBetween(1, rounds - 1);
  }

  /** Held up by the lock of the other one, which unlinks meanwhile. */
  @Test
  @Rule("1.64")
  void linkThatMeetsUnlinkIsWholeOrNone() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid linker;
          var thread = new AtomicReference<Thread>();
          synchronized (me) {
            linker =
                self.spawn(
                    s -> {
                      thread.set(Thread.currentThread());
                      s.link(me);
                      s.send(me, "linked");
                      s.receive();
                    });
            await(
                "the link is on its way",
                () -> thread.get() != null && thread.get().getState() == Thread.State.BLOCKED);
            self.unlink(linker);
          }
          assertThat(next(self)).isEqualTo("linked");
          ProcessRuntime runtime = otp.runtime();
          assertThat(runtime.info(linker).orElseThrow().links().contains(me))
              .isEqualTo(runtime.info(me).orElseThrow().links().contains(linker));
        });
  }

  /** A process with many links: the set grows and shrinks. */
  @Test
  @Rule({"1.60", "1.63"})
  void manyLinksAreKeptExactly() {
    var random = TestRuntime.random("manyLinksAreKeptExactly");
    otp.run(
        self -> {
          self.trapExits(true);
          int count = 10_000;
          Pid[] pids = new Pid[count];
          boolean[] linked = new boolean[count];
          for (int i = 0; i < count; i++) {
            pids[i] = self.spawnLink(Self::receive);
            linked[i] = true;
          }
          for (int n = 0; n < 20_000; n++) {
            int i = random.nextInt(count);
            linked[i] = !linked[i];
            if (linked[i]) {
              self.link(pids[i]);
            } else {
              self.unlink(pids[i]);
            }
          }
          long expected = 0;
          for (int i = 0; i < count; i++) {
            expected += linked[i] ? 1 : 0;
            self.exit(pids[i], ExitReason.KILL);
          }
          for (long n = 0; n < expected; n++) {
            Exit exit = next(self, Exit.class);
            assertThat(exit.reason()).isEqualTo(ExitReason.KILLED);
          }
          assertThat(drain(self, QUIET)).isEmpty();
          assertThat(otp.runtime().info(self.pid()).orElseThrow().links()).isEmpty();
        });
  }

  /** What Erlang refuses with {@code badarg} does not compile here. */
  @Test
  @Rule("1.65")
  void linkTakesAPidAndNoName() {
    assertThat(Self.class.getMethods())
        .filteredOn(method -> List.of("link", "unlink").contains(method.getName()))
        .hasSize(2)
        .allSatisfy(method -> assertThat(method.getParameterTypes()).containsExactly(Pid.class));
  }

  @Test
  @Rule("1.05")
  void parentThatDiesWhileChildStartsTakesItAlong() {
    otp.run(
        self -> {
          Pid me = self.pid();
          for (int i = 0; i < 2_000; i++) {
            Pid parent =
                self.spawn(
                    s -> {
                      s.send(me, s.spawnLink(Self::receive));
                      throw new ProcessExit(BOOM);
                    });
            Pid child = next(self, Pid.class);
            Ref ref = self.monitor(child);
            Down down = next(self, Down.class);
            assertThat(down.ref()).isEqualTo(ref);
            assertThat(down.reason()).isIn(BOOM, ExitReason.NO_PROCESS);
            assertThat(parent).isNotEqualTo(child);
          }
        });
  }

  private static void spin(Random random) {
    for (int n = random.nextInt(400); n > 0; n--) {
      Thread.onSpinWait();
    }
  }
}
