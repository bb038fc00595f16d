package io.otp.process;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1g: monitors. */
@Timeout(120)
class MonitorTests {

  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private Pid dead(Self<Object> self) {
    Pid pid = self.spawnMonitor(s -> {}).pid();
    next(self, Down.class);
    return pid;
  }

  @Test
  @Rule({"1.70", "1.71"})
  void twoMonitorsGiveTwoDowns() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Ref a = self.monitor(peer);
          Ref b = self.monitor(peer);
          assertThat(a).isNotEqualTo(b);
          self.exit(peer, BOOM);
          assertThat(List.of(next(self), next(self)))
              .containsExactlyInAnyOrder(new Down(a, peer, BOOM), new Down(b, peer, BOOM));
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("1.70")
  void monitorWorksInOneDirection() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid watched = self.spawn(Self::receive);
          Pid watcher =
              self.spawn(
                  s -> {
                    s.monitor(watched);
                    s.send(me, "watching");
                    s.receive();
                  });
          assertThat(next(self)).isEqualTo("watching");
          self.exit(watcher, ExitReason.KILL);
          self.monitor(watcher);
          next(self, Down.class);
          assertThat(otp.runtime().info(watched).orElseThrow().monitoredBy()).isEmpty();
        });
  }

  @Test
  @Rule("1.70")
  void monitorOfSelfNeverFires() {
    otp.run(
        self -> {
          Ref ref = self.monitor(self.pid());
          assertThat(drain(self, QUIET)).isEmpty();
          assertThat(self.demonitor(ref)).isTrue();
          self.monitor(self.pid()); // and does no harm at the end
        });
  }

  @Test
  @Rule("1.71")
  void downNamesWhatWasMonitored() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          otp.runtime().register("peer", peer);
          Ref byName = self.monitor("peer");
          Ref byPid = self.monitor(peer);
          self.exit(peer, BOOM);
          assertThat(List.of(next(self), next(self)))
              .containsExactlyInAnyOrder(
                  new Down(byName, "peer", BOOM), new Down(byPid, peer, BOOM));
        });
  }

  @Test
  @Rule("1.72")
  void monitorOfNobodyGivesNoProcess() {
    otp.run(
        self -> {
          Pid dead = dead(self);
          Ref a = self.monitor(dead);
          assertThat(next(self)).isEqualTo(new Down(a, dead, ExitReason.NO_PROCESS));
          Ref b = self.monitor("nobody");
          assertThat(next(self)).isEqualTo(new Down(b, "nobody", ExitReason.NO_PROCESS));
          assertThat(otp.runtime().info(self.pid()).orElseThrow().monitors()).isEmpty();
        });
  }

  /** monitor_SUITE:named_down */
  @Test
  @Rule("1.73")
  void monitorByNameStaysWithTheProcess() {
    otp.run(
        self -> {
          Pid first = self.spawn(Self::receive);
          otp.runtime().register("role", first);
          Ref ref = self.monitor("role");
          otp.runtime().unregister("role");
          Pid second = self.spawn(Self::receive);
          otp.runtime().register("role", second);
          self.exit(second, BOOM);
          assertThat(drain(self, QUIET)).isEmpty();
          self.exit(first, BOOM);
          assertThat(next(self)).isEqualTo(new Down(ref, "role", BOOM));
        });
  }

  /** signal_SUITE:monitor_named_order_local */
  @Test
  @Rule({"1.73", "1.22", "1.20"})
  void messagesAndDownKeepOrderWhicheverNameIsUsed() {
    otp.run(
        self -> {
          self.register("boss");
          Pid me = self.pid();
          for (int i = 0; i < 2_000; i++) {
            var go = new CountDownLatch(1);
            Pid peer =
                self.spawn(
                    s -> {
                      await(go);
                      s.send(me, 1);
                      s.send("boss", 2);
                      s.send(me, 3);
                    });
            otp.runtime().register("peer", peer);
            Ref ref = self.monitor("peer");
            go.countDown();
            assertThat(List.of(next(self), next(self), next(self))).containsExactly(1, 2, 3);
            assertThat(next(self)).isEqualTo(new Down(ref, "peer", ExitReason.NORMAL));
          }
        });
  }

  @Test
  @Rule("1.74")
  void demonitorLeavesDownThatIsQueued() {
    otp.run(
        self -> {
          Self.Monitored peer = self.spawnMonitor(s -> {});
          self.monitor(peer.pid());
          self.receive(
              m -> m instanceof Down d && d.ref() != peer.ref() ? Receive.take(m) : Receive.skip());
          Down queued = new Down(peer.ref(), peer.pid(), ExitReason.NORMAL);
          assertThat(self.demonitor(peer.ref())).as("is it still active?").isFalse();
          assertThat(drain(self)).containsExactly(queued);
        });
  }

  @Test
  @Rule("1.74")
  void demonitorFlushTakesDownOutOfTheMiddle() {
    otp.run(
        self -> {
          self.send(self.pid(), "before");
          Self.Monitored peer = self.spawnMonitor(s -> {});
          Ref other = self.monitor(peer.pid());
          TestRuntime.await(
              "both are queued",
              () -> otp.runtime().info(self.pid()).orElseThrow().monitors().isEmpty());
          self.send(self.pid(), "after");
          assertThat(self.demonitorFlush(peer.ref())).isFalse();
          List<Object> left = drain(self);
          assertThat(left).hasSize(3).startsWith("before").endsWith("after");
          assertThat(((Down) left.get(1)).ref()).isEqualTo(other);
        });
  }

  @Test
  @Rule("1.74")
  void demonitorTellsWhetherTheMonitorWasActive() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Ref ref = self.monitor(peer);
          assertThat(self.demonitor(ref)).isTrue();
          assertThat(self.demonitor(ref)).isFalse();
          assertThat(self.demonitorFlush(ref)).isFalse();
          assertThat(otp.runtime().info(peer).orElseThrow().monitoredBy()).isEmpty();
          self.exit(peer, ExitReason.KILL);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("1.74")
  void onlyTheWatcherMayDemonitor() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid peer = self.spawn(Self::receive);
          self.spawn(s -> s.send(me, s.monitor(peer)));
          Ref foreign = next(self, Ref.class);
          assertThatThrownBy(() -> self.demonitor(foreign))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("not a monitor of " + me);
          assertThatThrownBy(() -> self.demonitor(Ref.create()))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  /** monitor_SUITE:demonitor_flush */
  @Test
  @Rule("1.74")
  void noDownIsLeftAfterDemonitorFlush() {
    var random = TestRuntime.random("noDownIsLeftAfterDemonitorFlush");
    otp.run(
        self -> {
          int active = 0;
          var flushed = new HashSet<Ref>();
          for (int i = 0; i < 10_000; i++) {
            boolean raw = i % 2 == 0;
            Self.Monitored peer =
                raw
                    ? self.spawnMonitor(s -> {})
                    : self.spawn(new TestBehaviour(), SpawnOptions.MONITOR);
            if (!raw) {
              self.send(peer.pid(), new TestBehaviour.Do(s -> BOOM));
            }
            for (int n = random.nextInt(400); n > 0; n--) {
              Thread.onSpinWait();
            }
            active += self.demonitorFlush(peer.ref()) ? 1 : 0;
            flushed.add(peer.ref());
          }
          System.out.println("still active " + active + " of " + flushed.size());
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  /** Held up by the lock of the process that monitors, in which that ends the monitor. */
  @Test
  @Rule("1.74")
  void downThatIsOnItsWayWhenTheMonitorEndsDoesNotArrive() {
    otp.run(
        self -> {
          Self.Monitored peer = self.spawnMonitor(Self::receive);
          await("it runs", () -> ((Process) peer.pid()).runner() != null);
          Thread thread = ((Process) peer.pid()).runner().thread;
          synchronized (self.pid()) {
            self.exit(peer.pid(), BOOM);
            await("the DOWN is on its way", () -> thread.getState() == Thread.State.BLOCKED);
            assertThat(self.demonitor(peer.ref())).isTrue();
          }
          await("all have been told", () -> !thread.isAlive());
          assertThat(drain(self)).isEmpty();
        });
  }

  /** Watchers come and go while the watched one dies: each that stays is told exactly once. */
  @Test
  @Rule({"1.71", "1.74"})
  void everyWatcherIsToldExactlyOnce() {
    int watchers = 8;
    for (int round = 0; round < 1_000; round++) {
      Pid peer = otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
      var told = new CountDownLatch(watchers);
      var go = new CountDownLatch(1);
      for (int i = 0; i < watchers; i++) {
        boolean leaves = i % 2 == 0;
        otp.runtime()
            .spawn(
                self -> {
                  await(go);
                  Ref ref = self.monitor(peer);
                  boolean active = leaves && self.demonitor(ref);
                  if (!active) {
                    assertThat(next(self, Down.class).ref()).isEqualTo(ref);
                  }
                  assertThat(drain(self)).isEmpty();
                  told.countDown();
                });
      }
      go.countDown();
      otp.runtime().exit(peer, BOOM);
      await(told);
    }
    assertThat(otp.reports()).isEmpty();
  }
}
