package io.otp.process;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** 1e: exit signals, {@code exit/2}, trapping. */
@Timeout(120)
class ExitSignalTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final ExitReason WITH = new ExitReason.ShutdownWith("x");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** What a receiver tells of the exit message it got. */
  record Got(Exit exit) {}

  /** The reason a process ends with, or {@code null} if it gets a message or nothing. */
  private static Arguments row(ExitReason sent, boolean traps, @Nullable ExitReason end) {
    return Arguments.of(sent, traps, Optional.ofNullable(end));
  }

  static Stream<Arguments> signals() {
    return Stream.of(
        row(ExitReason.NORMAL, false, null),
        row(ExitReason.SHUTDOWN, false, ExitReason.SHUTDOWN),
        row(WITH, false, WITH),
        row(BOOM, false, BOOM),
        row(ExitReason.KILLED, false, ExitReason.KILLED),
        row(ExitReason.NO_PROCESS, false, ExitReason.NO_PROCESS),
        row(ExitReason.KILL, false, ExitReason.KILLED),
        row(ExitReason.NORMAL, true, null),
        row(ExitReason.SHUTDOWN, true, null),
        row(WITH, true, null),
        row(BOOM, true, null),
        row(ExitReason.KILLED, true, null),
        row(ExitReason.NO_PROCESS, true, null),
        row(ExitReason.KILL, true, ExitReason.KILLED));
  }

  @ParameterizedTest
  @MethodSource("signals")
  @Rule("1.50")
  void signalToRawProcess(ExitReason sent, boolean traps, Optional<ExitReason> end) {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid victim =
              self.spawn(
                  s -> {
                    s.trapExits(traps);
                    s.send(me, "ready");
                    while (true) {
                      s.send(me, s.receive() instanceof Exit exit ? new Got(exit) : "pong");
                    }
                  });
          assertThat(next(self)).isEqualTo("ready");
          reacts(self, victim, sent, traps, end);
        });
  }

  @ParameterizedTest
  @MethodSource("signals")
  @Rule("1.50")
  void signalToBehaviour(ExitReason sent, boolean traps, Optional<ExitReason> end) {
    otp.run(
        self -> {
          Pid me = self.pid();
          var behaviour =
              new TestBehaviour(
                  TestBehaviour.newModule(),
                  s -> {
                    s.trapExits(traps);
                    s.send(me, "ready");
                    return null;
                  }) {
                @Override
                protected @Nullable ExitReason onInfo(Info info, Self<Object> s) {
                  s.send(me, info instanceof Exit exit ? new Got(exit) : "pong");
                  return null;
                }
              };
          Pid victim = self.spawn(behaviour, SpawnOptions.NONE).pid();
          assertThat(next(self)).isEqualTo("ready");
          reacts(self, victim, sent, traps, end);
        });
  }

  private static void reacts(
      Self<Object> self, Pid victim, ExitReason sent, boolean traps, Optional<ExitReason> end) {
    Ref ref = self.monitor(victim);
    self.exit(victim, sent);
    self.send(victim, "ping");
    if (end.isPresent()) {
      assertThat(next(self)).isEqualTo(new Down(ref, victim, end.get()));
    } else if (traps) {
      assertThat(next(self)).isEqualTo(new Got(new Exit(self.pid(), sent)));
      assertThat(next(self)).isEqualTo("pong");
    } else {
      assertThat(next(self)).isEqualTo("pong");
    }
  }

  static Stream<Arguments> ends() {
    return Stream.of(
        row(ExitReason.NORMAL, false, null),
        row(ExitReason.SHUTDOWN, false, ExitReason.SHUTDOWN),
        row(WITH, false, WITH),
        row(BOOM, false, BOOM),
        row(ExitReason.KILL, false, ExitReason.KILL),
        row(ExitReason.KILLED, false, ExitReason.KILLED),
        row(ExitReason.NORMAL, true, null),
        row(ExitReason.SHUTDOWN, true, null),
        row(WITH, true, null),
        row(BOOM, true, null),
        row(ExitReason.KILL, true, null),
        row(ExitReason.KILLED, true, null));
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Rule({"1.50", "1.52"})
  void brokenLink(ExitReason reason, boolean traps, Optional<ExitReason> end) {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid survivor =
              self.spawn(
                  s -> {
                    s.trapExits(traps);
                    Pid peer =
                        s.spawnLink(
                            p -> {
                              p.receive();
                              throw new ProcessExit(reason);
                            });
                    s.send(me, peer);
                    while (true) {
                      s.send(me, s.receive() instanceof Exit exit ? new Got(exit) : "pong");
                    }
                  });
          Pid peer = next(self, Pid.class);
          Ref ref = self.monitor(survivor);
          Ref peerRef = self.monitor(peer);
          self.send(peer, "end");
          var peersDown = new Down(peerRef, peer, reason); // which may come after the survivor's
          self.<Object>receive(m -> m.equals(peersDown) ? Receive.take(m) : Receive.skip());
          self.send(survivor, "ping");
          if (end.isPresent()) {
            assertThat(next(self)).isEqualTo(new Down(ref, survivor, end.get()));
          } else if (traps) {
            assertThat(next(self)).isEqualTo(new Got(new Exit(peer, reason)));
            assertThat(next(self)).isEqualTo("pong");
          } else {
            assertThat(next(self)).isEqualTo("pong");
          }
        });
  }

  @Test
  @Rule("1.52")
  void linksOfKilledProcessSeeKilledSoThatOneKillDoesNotSpread() {
    otp.run(
        self -> {
          self.trapExits(true);
          // self (traps) - a (does not) - b (killed)
          Pid me = self.pid();
          Pid a =
              self.spawnLink(
                  s -> {
                    s.send(me, s.spawnLink(Self::receive));
                    s.receive();
                  });
          Pid b = next(self, Pid.class);
          self.exit(b, ExitReason.KILL);
          assertThat(next(self)).isEqualTo(new Exit(a, ExitReason.KILLED));
        });
  }

  static Stream<Arguments> selfExits() {
    return Stream.of(
        row(ExitReason.NORMAL, false, ExitReason.NORMAL),
        row(ExitReason.SHUTDOWN, false, ExitReason.SHUTDOWN),
        row(BOOM, false, BOOM),
        row(ExitReason.KILL, false, ExitReason.KILLED),
        row(ExitReason.NORMAL, true, null),
        row(ExitReason.SHUTDOWN, true, null),
        row(BOOM, true, null),
        row(ExitReason.KILL, true, ExitReason.KILLED));
  }

  /** process_SUITE:normal_suicide_exit, abnormal_suicide_exit, t_exit_2_catch */
  @ParameterizedTest
  @MethodSource("selfExits")
  @Rule("1.51")
  void exitToSelfTakesEffectBeforeItReturns(
      ExitReason reason, boolean traps, Optional<ExitReason> end) {
    var wentOn = new AtomicBoolean();
    otp.run(
        self -> {
          Pid me = self.pid();
          Self.Monitored child =
              self.spawnMonitor(
                  s -> {
                    s.trapExits(traps);
                    try {
                      s.exit(s.pid(), reason);
                      wentOn.set(true);
                    } catch (Exception e) {
                      wentOn.set(true); // no exception that one would catch
                    }
                    s.send(me, drain(s).getFirst());
                  });
          if (end.isPresent()) {
            assertThat(next(self)).isEqualTo(new Down(child.ref(), child.pid(), end.get()));
            assertThat(wentOn).isFalse();
          } else {
            assertThat(next(self)).isEqualTo(new Exit(child.pid(), reason));
            assertThat(next(self)).isEqualTo(new Down(child.ref(), child.pid(), ExitReason.NORMAL));
          }
        });
  }

  @Test
  @Rule("1.53")
  void turningTrapOffKeepsQueuedExits() {
    otp.run(
        self -> {
          assertThat(self.trapExits(true)).isFalse();
          Pid peer =
              self.spawnLink(
                  s -> {
                    throw new ProcessExit(BOOM);
                  });
          await("the exit is queued", () -> mailboxHasSignal(self, peer));
          assertThat(self.trapExits(false)).isTrue();
          assertThat(drain(self, QUIET)).containsExactly(new Exit(peer, BOOM));
        });
  }

  /**
   * The peer is gone, so its link has fired: at us, before the name of the peer could be used
   * again.
   */
  private boolean mailboxHasSignal(Self<Object> self, Pid peer) {
    return otp.runtime().info(self.pid()).orElseThrow().links().isEmpty()
        && !otp.runtime().isAlive(peer);
  }

  @Test
  @Rule("1.53")
  void turningTrapOnDoesNotBringBackWhatWasIgnored() {
    otp.run(
        self -> {
          Pid peer = self.spawnLink(s -> {});
          await("the link is gone", () -> mailboxHasSignal(self, peer));
          self.trapExits(true);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("1.54")
  void exitToDeadProcessDoesNothing() {
    otp.run(
        self -> {
          Pid dead = self.spawnMonitor(s -> {}).pid();
          next(self, Down.class);
          self.exit(dead, ExitReason.KILL);
          self.exit(dead, BOOM);
          otp.runtime().exit(dead, BOOM);
          assertThatThrownBy(() -> self.exit(null, BOOM)).isInstanceOf(NullPointerException.class);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  /** process_SUITE:exit_twice, signal_SUITE:kill2killed */
  @Test
  @Rule("1.56")
  void firstOfTwoExitsWins() {
    otp.run(
        self -> {
          for (int i = 0; i < 3_000; i++) {
            Pid victim =
                i % 2 == 0
                    ? self.spawn(Self::receive)
                    : self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
            Ref ref = self.monitor(victim);
            boolean killFirst = i % 4 < 2;
            self.exit(victim, killFirst ? ExitReason.KILL : BOOM);
            self.exit(victim, killFirst ? BOOM : ExitReason.KILL);
            ExitReason reason = killFirst ? ExitReason.KILLED : BOOM;
            assertThat(next(self)).isEqualTo(new Down(ref, victim, reason));
          }
        });
  }

  @Test
  @Rule("1.56")
  void allSeeTheSameReasonWhateverComesTogether() {
    var random = TestRuntime.random("allSeeTheSameReasonWhateverComesTogether");
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 2_000; i++) {
            Self.Monitored victim =
                self.spawn(new TestBehaviour(), new SpawnOptions(true, true, null, null));
            Ref second = self.monitor(victim.pid());
            int killers = 1 + random.nextInt(3);
            var go = new CountDownLatch(1);
            for (int k = 0; k < killers; k++) {
              ExitReason reason = k == 0 ? ExitReason.KILL : ExitReason.other(k);
              self.spawn(
                  s -> {
                    await(go);
                    s.exit(victim.pid(), reason);
                  });
            }
            self.send(victim.pid(), new TestBehaviour.Do(s -> BOOM));
            go.countDown();
            ExitReason reason = next(self, Exit.class).reason();
            assertThat(List.of(next(self, Down.class), next(self, Down.class)))
                .containsExactlyInAnyOrder(
                    new Down(victim.ref(), victim.pid(), reason),
                    new Down(second, victim.pid(), reason));
          }
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  /** A callback that returns its own reason at once when a kill has ended its process. */
  @Test
  @Rule("1.56")
  void killWinsOverTheEndThatFollowsIt() {
    otp.run(
        self -> {
          for (int i = 0; i < 200; i++) {
            var running = new CountDownLatch(1);
            Self.Monitored victim = self.spawn(new TestBehaviour(), SpawnOptions.MONITOR);
            self.send(
                victim.pid(),
                new TestBehaviour.Do(
                    s -> {
                      running.countDown();
                      while (otp.runtime().isAlive(victim.pid())) {
                        Thread.onSpinWait();
                      }
                      return BOOM;
                    }));
            await(running);
            self.exit(victim.pid(), ExitReason.KILL);
            assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.KILLED);
          }
        });
  }

  @Test
  @Rule({"1.41", "1.57", "12.04"})
  void everythingIsGoneBeforeAnybodyIsTold() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 5_000; i++) {
            boolean raw = i % 2 == 0;
            Pid victim =
                raw
                    ? self.spawn(Self::receive)
                    : self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
            otp.runtime().register("v", victim);
            Ref timer = otp.runtime().sendAfter(Duration.ofHours(1), victim, "late");
            var hook = new AtomicInteger();
            otp.runtime().atExit(victim, reason -> hook.incrementAndGet());
            if (i % 4 < 2) {
              self.link(victim);
            } else {
              self.monitor(victim);
            }
            self.exit(victim, i % 3 == 0 ? ExitReason.KILL : BOOM);
            next(self);
            assertThat(otp.runtime().stats().timers()).as("but for that wait").isLessThan(2);
            assertThat(otp.runtime().whereis("v")).isEmpty();
            assertThat(otp.runtime().isAlive(victim)).isFalse();
            assertThat(otp.runtime().info(victim)).isEmpty();
            assertThat(otp.runtime().findPid(victim.toString())).isEmpty();
            assertThat(otp.runtime().readTimer(timer)).isEmpty();
            assertThat(hook).hasValue(1);
          }
        });
    await("no timer outlives its process", () -> otp.runtime().stats().timers() == 0);
  }

  @Test
  @Rule({"1.58", "1.94"})
  void suspendedProcessDiesByExitSignals() {
    otp.run(
        self -> {
          for (ExitReason reason : List.of(ExitReason.KILL, BOOM, ExitReason.SHUTDOWN)) {
            Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
            Ref ref = self.monitor(server);
            Sys.suspend(server);
            self.exit(server, ExitReason.NORMAL);
            self.exit(server, reason);
            ExitReason seen = reason == ExitReason.KILL ? ExitReason.KILLED : reason;
            assertThat(next(self)).isEqualTo(new Down(ref, server, seen));
          }
        });
  }

  @Test
  @Rule("1.94")
  void suspendedProcessHandlesItsMessagesInOrderWhenResumed() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          Sys.suspend(server);
          var expected = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            int number = i;
            self.send(server, TestBehaviour.run(s -> s.send(me, number)));
            expected.add(number);
          }
          assertThat(drain(self, QUIET)).isEmpty();
          Sys.resume(server);
          for (Object number : expected) {
            assertThat(next(self)).isEqualTo(number);
          }
        });
  }
}
