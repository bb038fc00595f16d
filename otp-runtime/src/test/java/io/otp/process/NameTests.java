package io.otp.process;

import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1d: registered names. */
@Timeout(120)
class NameTests {

  private static final int RACES = 20_000;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  @Test
  @Rule("1.40")
  void nameBelongsToOneProcessAndProcessHasOneName() {
    otp.run(
        self -> {
          Pid other = self.spawn(Self::receive);
          self.register("one");
          assertThatThrownBy(() -> otp.runtime().register("one", other))
              .isInstanceOf(NameTakenException.class)
              .hasMessageContaining("taken by " + self.pid());
          assertThatThrownBy(() -> self.register("one")).isInstanceOf(NameTakenException.class);
          assertThatThrownBy(() -> self.register("two"))
              .isInstanceOf(NameTakenException.class)
              .hasMessageContaining("registered as 'one'");
          assertThat(otp.runtime().whereis("one")).contains(self.pid());
          assertThat(otp.runtime().whereis("two")).isEmpty();
          self.unregister();
          self.register("two");
          otp.runtime().register("one", other);
          assertThat(otp.runtime().whereis("one")).contains(other);
        });
  }

  @Test
  @Rule("1.40")
  void namesThatMeanNoneAreRefused() {
    otp.run(
        self -> {
          for (String name : new String[] {"undefined", "", "x".repeat(256)}) {
            assertThatThrownBy(() -> self.register(name)).isInstanceOf(NameTakenException.class);
          }
          self.register("x".repeat(255));
        });
  }

  @Test
  @Rule("1.40")
  void deadProcessGetsNoName() {
    otp.run(
        self -> {
          Pid dead = self.spawnMonitor(s -> {}).pid();
          next(self, Down.class);
          assertThatThrownBy(() -> otp.runtime().register("late", dead))
              .isInstanceOf(NameTakenException.class);
          assertThat(otp.runtime().whereis("late")).isEmpty();
        });
  }

  @Test
  @Rule("1.42")
  void unknownNamesHaveNobody() {
    assertThatThrownBy(() -> otp.runtime().unregister("nobody"))
        .isInstanceOf(NoSuchNameException.class);
    assertThat(otp.runtime().whereis("nobody")).isEmpty();
  }

  @Test
  @Rule("1.43")
  void nameIsLookedUpWhenTheMessageIsSent() {
    otp.run(
        self -> {
          Pid me = self.pid();
          var address = otp.runtime().address("role");
          Pid first = self.spawn(s -> forward(s, me, "first"));
          Pid second = self.spawn(s -> forward(s, me, "second"));
          otp.runtime().register("role", first);
          otp.runtime().cast(address, "a");
          assertThat(next(self)).isEqualTo("first a");
          otp.runtime().unregister("role");
          otp.runtime().register("role", second);
          otp.runtime().cast(address, "b");
          self.send("role", "c");
          assertThat(next(self)).isEqualTo("second b");
          assertThat(next(self)).isEqualTo("second c");
        });
  }

  private static void forward(Self<Object> self, Pid to, String who) {
    while (true) {
      self.send(to, who + " " + self.receive());
    }
  }

  @Test
  @Rule("1.41")
  void nameIsFreeWhenDownArrives() {
    otp.run(
        self -> {
          for (int i = 0; i < RACES; i++) {
            Pid victim = named(self, i);
            self.monitor(victim);
            end(self, victim, i);
            assertThat(next(self)).isInstanceOf(Down.class);
            assertThat(otp.runtime().whereis("zz")).isEmpty();
          }
        });
  }

  @Test
  @Rule("1.41")
  void nameIsFreeWhenExitArrives() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < RACES; i++) {
            Pid victim = named(self, i);
            self.link(victim);
            end(self, victim, i);
            assertThat(next(self)).isInstanceOf(Exit.class);
            assertThat(otp.runtime().whereis("zz")).isEmpty();
          }
        });
  }

  /** What a supervisor relies on: the next one can have the name. */
  @Test
  @Rule("1.41")
  void successorGetsTheNameAtOnce() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid holder = named(self, 0);
          for (int i = 0; i < 5_000; i++) {
            self.link(holder);
            end(self, holder, i);
            assertThat(next(self)).isInstanceOf(Exit.class);
            holder = named(self, i + 1);
          }
        });
  }

  private Pid named(Self<Object> self, int i) {
    Pid pid =
        i % 2 == 0
            ? self.spawn(Self::receive)
            : self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
    otp.runtime().register("zz", pid);
    return pid;
  }

  private static void end(Self<Object> self, Pid pid, int i) {
    switch (i % 3) {
      case 0 -> self.exit(pid, ExitReason.KILL);
      case 1 -> self.exit(pid, ExitReason.SHUTDOWN);
      default -> self.send(pid, new TestBehaviour.Do(s -> ExitReason.NORMAL));
    }
  }

  @Test
  @Rule({"1.40", "1.41"})
  void registerRacingDeathLeavesNoNameBehind() {
    otp.run(
        self -> {
          for (int i = 0; i < 5_000; i++) {
            Pid victim = self.spawn(s -> {});
            self.monitor(victim);
            try {
              otp.runtime().register("race", victim);
            } catch (NameTakenException e) {
              assertThat(otp.runtime().isAlive(victim)).isFalse();
            }
            assertThat(next(self)).isInstanceOf(Down.class);
            assertThat(otp.runtime().whereis("race")).isEmpty();
          }
        });
  }

  @Test
  @Rule("1.40")
  void oneOfManyGetsTheName() {
    for (int round = 0; round < 1_000; round++) {
      int contenders = 8;
      var winners = new AtomicInteger();
      var done = new CountDownLatch(contenders);
      var go = new CountDownLatch(1);
      var leave = new CountDownLatch(1);
      String name = "prize" + round;
      for (int i = 0; i < contenders; i++) {
        otp.runtime()
            .spawn(
                self -> {
                  await(go);
                  try {
                    self.register(name);
                    winners.incrementAndGet();
                  } catch (NameTakenException e) {
                    // another was quicker
                  }
                  done.countDown();
                  await(leave);
                });
      }
      go.countDown();
      await(done);
      assertThat(winners).hasValue(1);
      leave.countDown();
    }
  }

  /** Held up by the lock of the process, while another one gets the name. */
  @Test
  @Rule("1.40")
  void nameThatIsTakenWhileAProcessIsBeingRegisteredIsTaken() {
    ProcessRuntime runtime = otp.runtime();
    Pid first = runtime.spawn(Self::receive);
    Pid second = runtime.spawn(Self::receive);
    var refused = new CompletableFuture<Boolean>();
    Thread registers =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  try {
                    runtime.register("prize", second);
                    refused.complete(false);
                  } catch (NameTakenException e) {
                    refused.complete(true);
                  }
                });
    synchronized (second) {
      registers.start();
      await("it is held up", () -> registers.getState() == Thread.State.BLOCKED);
      runtime.register("prize", first);
    }
    assertThat(TestRuntime.get(refused, "it goes on")).isTrue();
    assertThat(runtime.whereis("prize")).contains(first);
  }

  /** unregister(name) must not take a name that the process got meanwhile. */
  @Test
  @Rule("1.42")
  void unregisterTakesOnlyTheNameGiven() {
    otp.run(
        self -> {
          Pid pid = self.spawn(Self::receive);
          for (int i = 0; i < 3_000; i++) {
            otp.runtime().register("a", pid);
            var other =
                Thread.ofVirtual()
                    .start(
                        () -> {
                          try {
                            otp.runtime().unregister("a");
                          } catch (NoSuchNameException e) {
                            // the other was quicker
                          }
                        });
            try {
              otp.runtime().unregister("a");
            } catch (NoSuchNameException e) {
              // the other was quicker
            }
            otp.runtime().register("b", pid);
            join(other);
            assertThat(otp.runtime().whereis("b")).contains(pid);
            otp.runtime().unregister("b");
          }
        });
  }

  private static void join(Thread thread) {
    try {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
