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
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What may go wrong while a death is told: code of others that fails or blocks, and what happens at
 * the same moment.
 */
@Timeout(120)
class DeathTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static Pid crasher(Self<Object> self) {
    return self.spawn(
        s -> {
          s.receive();
          throw new IllegalStateException("boom");
        });
  }

  @Test
  void deathIsToldWhenReportHandlerSendsToProcess() {
    otp.run(
        self -> {
          Pid me = self.pid();
          otp.runtime().addReportHandler(report -> otp.runtime().send(me, "reported"));
          Pid victim = crasher(self);
          self.monitor(victim);
          self.send(victim, "die");
          assertThat(next(self)).isEqualTo("reported");
          assertThat(next(self)).isInstanceOf(Down.class);
        });
  }

  @Test
  @Rule("13.03")
  void deathIsToldWhenReportHandlerFailsWithError() {
    otp.run(
        self -> {
          otp.runtime()
              .addReportHandler(
                  report -> {
                    throw new AssertionError("a handler that fails");
                  });
          Pid victim = crasher(self);
          self.monitor(victim);
          self.send(victim, "die");
          assertThat(next(self)).isInstanceOf(Down.class);
        });
  }

  @Test
  void deathIsToldWhenExitHookFails() {
    otp.run(
        self -> {
          for (Pid victim :
              List.of(
                  self.spawn(Self::receive),
                  self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid())) {
            var second = new AtomicBoolean();
            otp.runtime()
                .atExit(
                    victim,
                    reason -> {
                      throw new IllegalStateException("a hook that fails");
                    });
            otp.runtime().atExit(victim, reason -> second.set(true));
            self.monitor(victim);
            self.exit(victim, ExitReason.SHUTDOWN);
            assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
            assertThat(second).isTrue();
          }
        });
  }

  @Test
  void exitHookMaySend() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid victim = self.spawn(Self::receive);
          otp.runtime().atExit(victim, reason -> otp.runtime().send(me, "hook"));
          self.monitor(victim);
          self.send(victim, "end");
          assertThat(next(self)).isEqualTo("hook");
          assertThat(next(self)).isInstanceOf(Down.class);
        });
  }

  @Test
  void selfExitIsToldThoughCodeGoesOn() {
    var stop = new AtomicBoolean();
    otp.run(
        self -> {
          Pid victim =
              self.spawn(
                  s -> {
                    s.receive();
                    try {
                      s.exit(s.pid(), ExitReason.other("bye"));
                    } catch (ProcessKilledError e) {
                      while (!stop.get()) {
                        Thread.onSpinWait();
                      }
                    }
                  });
          self.monitor(victim);
          self.send(victim, "go");
          assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.other("bye"));
          await("zombie is counted", () -> otp.runtime().stats().zombies() == 1);
          stop.set(true);
          await("zombie ends", () -> otp.runtime().stats().zombies() == 0);
        });
  }

  /**
   * A monitor that comes after the exit signal must not be told of the end before the end's effects
   * are there.
   */
  @Test
  @Rule({"1.20", "1.41", "1.57", "1.72"})
  void lateMonitorIsToldAfterNameIsFree() {
    otp.run(
        self -> {
          for (int i = 0; i < 300; i++) {
            var running = new CountDownLatch(1);
            Pid victim =
                self.spawn(
                    s -> {
                      running.countDown();
                      while (otp.runtime().isAlive(s.pid())) {
                        Thread.onSpinWait();
                      }
                    });
            otp.runtime().register("victim", victim);
            await(running);
            self.exit(victim, ExitReason.KILL);
            Ref ref = self.monitor(victim);
            assertThat(next(self)).isEqualTo(new Down(ref, victim, ExitReason.NO_PROCESS));
            assertThat(otp.runtime().whereis("victim")).isEmpty();
          }
        });
  }

  @Test
  @Rule({"1.20", "1.41", "1.57", "1.61"})
  void lateLinkIsToldAfterNameIsFree() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 300; i++) {
            var running = new CountDownLatch(1);
            Pid victim =
                self.spawn(
                    s -> {
                      running.countDown();
                      while (otp.runtime().isAlive(s.pid())) {
                        Thread.onSpinWait();
                      }
                    });
            otp.runtime().register("victim", victim);
            await(running);
            self.exit(victim, ExitReason.KILL);
            self.link(victim);
            if (i % 2 == 0) {
              self.unlink(victim);
              self.receive(Duration.ZERO, Receive::take);
              self.monitor(victim);
              assertThat(next(self)).isInstanceOf(Down.class);
            } else {
              assertThat(next(self)).isEqualTo(new Exit(victim, ExitReason.NO_PROCESS));
            }
            assertThat(otp.runtime().whereis("victim")).isEmpty();
          }
        });
  }

  /**
   * Where the link comes after the death has been told, the second exit is right; that must be the
   * exception.
   */
  @Test
  @Rule("1.60")
  void linkToLinkedProcessThatIsDyingGivesOneExit() {
    otp.run(
        self -> {
          self.trapExits(true);
          int rounds = 200;
          int tooLate = 0;
          for (int i = 0; i < rounds; i++) {
            var running = new CountDownLatch(1);
            var linked = new AtomicBoolean();
            Pid peer =
                self.spawnLink(
                    s -> {
                      running.countDown();
                      while (!linked.get()) {
                        Thread.onSpinWait();
                      }
                    });
            await(running);
            self.exit(peer, ExitReason.KILL);
            self.link(peer);
            linked.set(true);
            assertThat(next(self)).isEqualTo(new Exit(peer, ExitReason.KILLED));
            self.monitor(peer);
            tooLate += next(self) instanceof Exit ? 1 : 0;
            TestRuntime.drain(self);
          }
          assertThat(tooLate).isLessThan(rounds / 2);
        });
  }

  /** Suspending makes the process's rarely used part; so does a monitor, at the same time. */
  @Test
  void monitorMadeWhileProcessSuspendsIsKept() {
    otp.run(
        self -> {
          for (int i = 0; i < 2000; i++) {
            Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
            var suspender = CompletableFuture.runAsync(() -> Sys.suspend(server));
            Ref ref = null;
            for (int n = i % 50; n >= 0; n--) {
              Thread.onSpinWait();
            }
            ref = self.monitor(server);
            TestRuntime.get(suspender, "suspended");
            self.exit(server, ExitReason.KILL);
            assertThat(next(self)).isEqualTo(new Down(ref, server, ExitReason.KILLED));
          }
        });
  }

  /**
   * The callers of everything queued are answered although senders take messages out of the queue
   * meanwhile.
   */
  @Test
  void deathAnswersEveryCallWhileSendersDropOldest() throws Exception {
    var random = TestRuntime.random("deathAnswersEveryCallWhileSendersDropOldest");
    CallbackModule module =
        TestBehaviour.newModule().withMailbox(MailboxBound.of(4, Overload.DROP_OLDEST));
    for (int round = 0; round < 300; round++) {
      Pid server = otp.runtime().spawn(new TestBehaviour(module), SpawnOptions.NONE);
      var address = otp.runtime().address(server);
      var callers = new ArrayList<CompletableFuture<Object>>();
      var go = new CountDownLatch(1);
      for (int c = 0; c < 4; c++) {
        var caller = new CompletableFuture<Object>();
        callers.add(caller);
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    go.await();
                    for (int i = 0; i < 20; i++) {
                      try {
                        otp.runtime()
                            .call(
                                address,
                                new TestBehaviour.Ask(
                                    (r, s) -> {
                                      r.reply("ok");
                                      return null;
                                    }),
                                LIMIT);
                      } catch (CallException.CallTimeoutException e) {
                        throw new AssertionError("never answered", e);
                      } catch (CallException e) {
                        // refused, dropped, or the server is gone
                      }
                    }
                    caller.complete("");
                  } catch (Throwable t) {
                    caller.completeExceptionally(t);
                  }
                });
      }
      go.countDown();
      long until = System.nanoTime() + random.nextInt(200_000);
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      otp.runtime().exit(server, ExitReason.KILL);
      for (var caller : callers) {
        TestRuntime.get(caller, "the caller is answered");
      }
    }
  }

  /**
   * A sender that finds the mailbox full, and the consumer that empties it and goes idle at the
   * same time.
   */
  @Test
  void wakeUpIsNotLostWhenDropOldestMeetsIdleProcess() {
    CallbackModule module =
        TestBehaviour.newModule().withMailbox(MailboxBound.of(1, Overload.DROP_OLDEST));
    Pid server = otp.runtime().spawn(new TestBehaviour(module), SpawnOptions.NONE);
    var address = otp.runtime().address(server);
    var random = TestRuntime.random("wakeUpIsNotLostWhenDropOldestMeetsIdleProcess");
    var stop = new AtomicBoolean();
    var handled = new AtomicInteger();
    for (int i = 0; i < 4; i++) {
      var mine = new Random(random.nextLong());
      Thread.ofPlatform() // the system stops them anywhere
          .daemon()
          .start(
              () -> {
                while (!stop.get()) {
                  otp.runtime().cast(address, TestBehaviour.run(s -> handled.incrementAndGet()));
                  for (int n = mine.nextInt(2_000); n > 0; n--) {
                    Thread.onSpinWait();
                  }
                }
              });
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    int before = 0;
    while (System.nanoTime() < end) {
      int last = before;
      await("messages are handled, " + last, () -> handled.get() > last);
      before = handled.get();
    }
    stop.set(true);
  }

  @Test
  void interruptLeftByCallbackIsNotSeenByNextProcess() {
    var one = new TestRuntime(b -> b.schedulers(1));
    one.beforeEach(null);
    try {
      var seen = new AtomicInteger();
      for (int i = 0; i < 200; i++) {
        Pid a = one.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
        Pid b = one.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
        var done = new CountDownLatch(2);
        one.runtime()
            .send(
                a,
                TestBehaviour.run(
                    s -> {
                      Thread.currentThread().interrupt();
                      done.countDown();
                    }));
        one.runtime()
            .send(
                b,
                TestBehaviour.run(
                    s -> {
                      if (Thread.currentThread().isInterrupted()) {
                        seen.incrementAndGet();
                      }
                      done.countDown();
                    }));
        await(done);
      }
      assertThat(seen).hasValue(0);
    } finally {
      one.afterEach(null);
    }
  }

  @Test
  void nestedReceiveInClauseIsRefused() {
    otp.run(
        self -> {
          self.send(self.pid(), "a");
          self.send(self.pid(), "b");
          assertThatThrownBy(() -> self.receive(m -> Receive.take(self.receive())))
              .isInstanceOf(IllegalStateException.class);
          assertThat(TestRuntime.drain(self)).containsExactly("a", "b");
        });
  }

  @Test
  void clauseMayFlushTheDownItLooksAtOrSkipped() {
    otp.run(
        self -> {
          Pid peer = self.spawn(s -> {});
          Ref ref = self.monitor(peer);
          Ref other = self.monitor(peer);
          await("both arrived", () -> !otp.runtime().isAlive(peer));
          self.send(self.pid(), "a");
          self.send(self.pid(), "b");
          self.send(self.pid(), "c");
          Object got =
              self.receive(
                  m -> {
                    if (m.equals("b")) {
                      self.demonitorFlush(ref);
                      return Receive.take(m);
                    }
                    return Receive.skip();
                  });
          assertThat(got).isEqualTo("b");
          Object down =
              self.receive(
                  m -> {
                    if (m instanceof Down d && d.ref() == other) {
                      self.demonitorFlush(other);
                      return Receive.take(m);
                    }
                    return Receive.skip();
                  });
          assertThat(down).isInstanceOf(Down.class);
          assertThat(TestRuntime.drain(self)).containsExactly("a", "c");
          self.send(self.pid(), "d");
          assertThat(TestRuntime.drain(self)).containsExactly("d");
        });
  }
}
