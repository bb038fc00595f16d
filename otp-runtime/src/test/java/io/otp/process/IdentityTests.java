package io.otp.process;

import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1a: identity, spawn, liveness. */
@Timeout(120)
class IdentityTests {

  private static final int RACES = 5_000;
  private static final ExitReason BYE = ExitReason.other("bye");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static SpawnOptions linkedAndMonitored() {
    return new SpawnOptions(true, true, null, null);
  }

  /** Throws a checked exception where the compiler does not expect one. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> void sneak(Exception e) throws E {
    throw (E) e;
  }

  private Down endOf(Consumer<Self<Object>> body) {
    return otp.get(
        self -> {
          self.spawnMonitor(body);
          return next(self, Down.class);
        });
  }

  @Test
  @Rule("1.01")
  void spawnReturnsBeforeBodyRuns() throws Exception {
    var returned = new CountDownLatch(1);
    var ran = new CompletableFuture<Boolean>();
    otp.runtime().spawn(self -> ran.complete(await(returned)));
    var initialised = new CompletableFuture<Boolean>();
    otp.runtime()
        .spawn(
            new TestBehaviour(
                TestBehaviour.newModule(),
                self -> {
                  initialised.complete(await(returned));
                  return null;
                }),
            SpawnOptions.NONE);
    returned.countDown();
    assertThat(TestRuntime.get(ran, "the body runs")).isTrue();
    assertThat(TestRuntime.get(initialised, "init runs")).isTrue();
  }

  @Test
  @Rule({"1.02", "12.10"})
  void pidIsNeverUsedAgain() {
    otp.run(
        self -> {
          var seen = new HashSet<String>();
          Pid first = null;
          boolean reused = false;
          for (int i = 0; i < 2000; i++) {
            Self.Monitored child = self.spawnMonitor(s -> {});
            next(self, Down.class);
            first = first == null ? child.pid() : first;
            reused |= child.pid() != first && child.pid().index() == first.index();
            assertThat(seen.add(child.pid().toString())).isTrue();
          }
          assertThat(reused).as("table entries are used again").isTrue();
          assertThat(otp.runtime().findPid(first.toString())).isEmpty();
          assertThat(otp.runtime().isAlive(first)).isFalse();
        });
  }

  @Test
  @Rule({"1.02", "1.30"})
  void oldPidAddressesNobodyThoughItsPlaceIsTaken() {
    otp.run(
        self -> {
          Pid old = self.spawnMonitor(s -> {}).pid();
          next(self, Down.class);
          Pid young = null;
          Pid me = self.pid();
          for (int i = 0; i < 100_000 && (young == null || young.index() != old.index()); i++) {
            if (young != null) {
              self.exit(young, ExitReason.KILL);
            }
            young = self.spawn(s -> s.send(me, s.receive()));
          }
          assertThat(young.index()).isEqualTo(old.index());
          self.send(old, "for the old one");
          self.exit(old, ExitReason.KILL);
          self.send(young, "for the young one");
          assertThat(next(self)).isEqualTo("for the young one");
          Ref ref = self.monitor(old);
          assertThat(next(self)).isEqualTo(new Down(ref, old, ExitReason.NO_PROCESS));
        });
  }

  @Test
  @Rule("1.02")
  void pidOfClosedRuntimeAddressesNobody() {
    Pid old;
    try (var other = ProcessRuntime.builder().name("old").build()) {
      old = other.spawn(self -> self.receive());
    }
    otp.run(
        self -> {
          self.send(old, "hello");
          self.exit(old, ExitReason.KILL);
          Ref ref = self.monitor(old);
          assertThat(next(self)).isEqualTo(new Down(ref, old, ExitReason.NO_PROCESS));
          assertThatThrownBy(() -> self.link(old)).isInstanceOf(ProcessExit.class);
        });
  }

  @Test
  @Rule("1.03")
  void reasonIsNormalWhenBodyReturns() {
    assertThat(endOf(self -> {}).reason()).isEqualTo(ExitReason.NORMAL);
  }

  @Test
  @Rule("1.03")
  void reasonIsThatOfTheExitThatEscapes() {
    assertThat(
            endOf(
                    self -> {
                      throw new ProcessExit(BYE);
                    })
                .reason())
        .isEqualTo(BYE);
  }

  @Test
  @Rule("1.03")
  void reasonIsCrashWhenExceptionEscapes() {
    Down error =
        endOf(
            self -> {
              throw new IllegalStateException("bad state");
            });
    assertThat(error.reason())
        .isInstanceOfSatisfying(
            ExitReason.Crash.class,
            crash -> {
              assertThat(crash.kind()).isEqualTo(ExitReason.Crash.Kind.ERROR);
              assertThat(crash.cause().type()).isEqualTo(IllegalStateException.class.getName());
              assertThat(crash.cause().message()).isEqualTo("bad state");
              assertThat(crash.cause().frames().getFirst().toString()).contains("IdentityTests");
            });
    Down thrown = endOf(self -> IdentityTests.<RuntimeException>sneak(new IOException("gone")));
    assertThat(thrown.reason())
        .isInstanceOfSatisfying(
            ExitReason.Crash.class,
            crash -> assertThat(crash.kind()).isEqualTo(ExitReason.Crash.Kind.THROW));
    Down fatal =
        endOf(
            self -> {
              throw new StackOverflowError();
            });
    assertThat(fatal.reason()).isInstanceOf(ExitReason.Crash.class);
  }

  @Test
  @Rule("1.03")
  void reasonOfBehaviourIsWhatItReturnsOrThrows() {
    otp.run(
        self -> {
          var throwing = TestBehaviour.run(s -> sneak(new IllegalStateException("bad")));
          var ending = new TestBehaviour.Do(s -> BYE);
          for (var message : List.of(throwing, ending)) {
            Pid pid = self.spawn(new TestBehaviour(), SpawnOptions.MONITOR).pid();
            self.send(pid, message);
            Down down = next(self, Down.class);
            assertThat(down.object()).isEqualTo(pid);
            if (message == ending) {
              assertThat(down.reason()).isEqualTo(BYE);
            } else {
              assertThat(down.reason()).isInstanceOf(ExitReason.Crash.class);
            }
          }
        });
  }

  /** Fails when it is initialised, as a bean that cannot be made. */
  private static final class Broken {
    static final int VALUE = Integer.parseInt("not a number");
  }

  @Test
  @Rule("1.04")
  void bodyThatCannotStartStillGivesPid() {
    assertThat(endOf(self -> self.put("k", Broken.VALUE)).reason())
        .isInstanceOfSatisfying(
            ExitReason.Crash.class,
            crash ->
                assertThat(crash.cause().type())
                    .isEqualTo(ExceptionInInitializerError.class.getName()));
    otp.run(
        self -> {
          var failing =
              new TestBehaviour(
                  TestBehaviour.newModule(),
                  s -> {
                    throw new IllegalStateException("no init");
                  });
          Pid pid = self.spawn(failing, SpawnOptions.MONITOR).pid();
          Down down = next(self, Down.class);
          assertThat(down.object()).isEqualTo(pid);
          assertThat(down.reason()).isInstanceOf(ExitReason.Crash.class);
        });
  }

  @Test
  @Rule("1.05")
  void childThatDiesAtOnceIsToldOnceWithItsReason() {
    var random = TestRuntime.random("childThatDiesAtOnceIsToldOnceWithItsReason");
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < RACES; i++) {
            ExitReason reason = ExitReason.other(i);
            boolean link = random.nextBoolean();
            boolean monitor = !link || random.nextBoolean();
            var options = new SpawnOptions(link, monitor, null, null);
            Self.Monitored child = spawnDying(self, options, reason, random.nextBoolean());
            if (link) {
              assertThat(next(self)).isEqualTo(new Exit(child.pid(), reason));
            }
            if (monitor) {
              assertThat(next(self)).isEqualTo(new Down(child.ref(), child.pid(), reason));
            }
          }
          assertThat(drain(self, TestRuntime.QUIET)).isEmpty();
        });
  }

  private static Self.Monitored spawnDying(
      Self<Object> self, SpawnOptions options, ExitReason reason, boolean raw) {
    if (!raw) {
      return self.spawn(new TestBehaviour(TestBehaviour.newModule(), s -> reason), options);
    }
    Consumer<Self<Object>> body =
        s -> {
          throw new ProcessExit(reason);
        };
    if (options.link() && options.monitor()) {
      return self.spawn(new TestBehaviour(TestBehaviour.newModule(), s -> reason), options);
    }
    return options.link()
        ? new Self.Monitored(self.spawnLink(body), null)
        : self.spawnMonitor(body);
  }

  @Test
  @Rule("1.05")
  void exitComesBeforeDownWhenLinkedAndMonitored() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 1000; i++) {
            Self.Monitored child = self.spawn(new TestBehaviour(), linkedAndMonitored());
            self.send(child.pid(), new TestBehaviour.Do(s -> BYE));
            assertThat(next(self)).isEqualTo(new Exit(child.pid(), BYE));
            assertThat(next(self)).isEqualTo(new Down(child.ref(), child.pid(), BYE));
          }
        });
  }

  @Test
  @Rule({"1.07", "1.20"})
  void processIsNotAliveAfterOwnKill() {
    otp.run(
        self -> {
          for (int i = 0; i < 20_000; i++) {
            Pid victim =
                switch (i % 3) {
                  case 0 -> self.spawn(Self::receive);
                  case 1 -> self.spawn(s -> {});
                  default -> self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
                };
            self.exit(victim, ExitReason.KILL);
            assertThat(otp.runtime().isAlive(victim)).isFalse();
          }
        });
  }

  @Test
  @Rule("1.07")
  void processThatIsExitingIsNotAlive() {
    var alive = new AtomicReference<Boolean>();
    otp.run(
        self -> {
          Pid victim = self.spawn(Self::receive);
          self.monitor(victim);
          otp.runtime().atExit(victim, reason -> alive.set(otp.runtime().isAlive(victim)));
          self.send(victim, "end");
          next(self, Down.class);
        });
    assertThat(alive).hasValue(false);
  }

  @Test
  @Rule({"1.08", "1.95"})
  void childInheritsOnlyTheApplication() {
    otp.run(
        self -> {
          var options = SpawnOptions.NONE.withApplication("shop");
          Pid me = self.pid();
          Pid parent = self.spawn(new TestBehaviour(), options).pid();
          self.send(
              parent,
              TestBehaviour.run(
                  p -> {
                    p.trapExits(true);
                    p.register("parent");
                    p.put("key", "value");
                    p.label("the parent");
                    p.monitor(me);
                    p.link(p.spawn(Self::receive));
                    p.spawn(
                        c -> {
                          ProcessInfo info = c.runtime().info(c.pid()).orElseThrow();
                          c.send(me, info);
                          c.send(me, Optional.ofNullable(c.get("key")).orElse("nothing"));
                        });
                  }));
          ProcessInfo child = next(self, ProcessInfo.class);
          assertThat(child.trapsExits()).isFalse();
          assertThat(child.links()).isEmpty();
          assertThat(child.monitors()).isEmpty();
          assertThat(child.summary().name()).isNull();
          assertThat(child.summary().label()).isNull();
          assertThat(child.summary().application()).isEqualTo("shop");
          assertThat(child.ancestors()).startsWith(parent);
          assertThat(next(self)).isEqualTo("nothing");
        });
  }

  @Test
  @Rule("1.09")
  void dictionaryIsTheProcessesOwn() {
    otp.run(
        self -> {
          assertThat(self.put("a", 1)).isNull();
          assertThat(self.put("a", 2)).isEqualTo(1);
          assertThat(self.get("a")).isEqualTo(2);
          assertThat(self.put("a", null)).isEqualTo(2);
          assertThat(self.get("a")).isNull();
        });
  }

  /** Not with the thread: many behaviours share one, and one behaviour meets many. */
  @Test
  @Rule("1.09")
  void dictionaryStaysWithBehaviourWhateverThreadRunsIt() {
    int count = 200;
    var pids = new ArrayList<Pid>();
    for (int i = 0; i < count; i++) {
      int number = i;
      pids.add(
          otp.runtime()
              .spawn(
                  new TestBehaviour(
                      TestBehaviour.newModule(),
                      s -> {
                        s.put("number", number);
                        return null;
                      }),
                  SpawnOptions.NONE));
    }
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < count; i++) {
        Object number =
            otp.runtime()
                .call(
                    otp.runtime().address(pids.get(i)),
                    new TestBehaviour.Ask(
                        (request, s) -> {
                          request.reply(s.get("number"));
                          return null;
                        }),
                    null);
        assertThat(number).isEqualTo(i);
      }
    }
  }

  @Test
  @Rule("1.09")
  void dictionaryIsUsedOnlyByItsProcess() {
    var leaked = new CompletableFuture<Self<Object>>();
    otp.runtime()
        .spawn(
            self -> {
              leaked.complete(self);
              self.receive();
            });
    Self<Object> other = TestRuntime.get(leaked, "the process runs");
    assertThatThrownBy(() -> other.get("key")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> other.put("key", 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> other.send(other.pid(), "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("outside its process");
  }

  @Test
  @Rule("1.10")
  void spawnFailsAtTheLimitAndHurtsNobody() {
    var small = new TestRuntime(builder -> builder.maxProcesses(16));
    small.beforeEach(null);
    try {
      var pids = new ArrayList<Pid>();
      for (int i = 0; i < 16; i++) {
        pids.add(small.runtime().spawn(Self::receive));
      }
      assertThat(small.runtime().stats().processLimit()).isEqualTo(16);
      assertThatThrownBy(() -> small.runtime().spawn(Self::receive))
          .isInstanceOf(RuntimeLimitException.class)
          .hasMessageContaining("limit of 16 processes")
          .hasMessageContaining("system_limit");
      assertThat(pids).allMatch(small.runtime()::isAlive);
      small.runtime().exit(pids.getFirst(), ExitReason.KILL);
      await("a place is free", () -> small.runtime().stats().processes() == 15);
      assertThat(small.runtime().isAlive(small.runtime().spawn(Self::receive))).isTrue();
    } finally {
      small.afterEach(null);
    }
  }

  @Test
  @Rule("1.10")
  void failedLinkedSpawnLeavesNoLink() {
    var small = new TestRuntime(builder -> builder.maxProcesses(16));
    small.beforeEach(null);
    try {
      small.run(
          self -> {
            for (int i = 0; i < 15; i++) {
              self.spawn(Self::receive);
            }
            assertThatThrownBy(() -> self.spawnLink(Self::receive))
                .isInstanceOf(RuntimeLimitException.class);
            assertThatThrownBy(() -> self.spawnMonitor(Self::receive))
                .isInstanceOf(RuntimeLimitException.class);
            ProcessInfo info = self.runtime().info(self.pid()).orElseThrow();
            assertThat(info.links()).isEmpty();
            assertThat(info.monitors()).isEmpty();
          });
    } finally {
      small.afterEach(null);
    }
  }

  @Test
  @Rule("1.11")
  void infoOfDeadProcessIsEmpty() {
    otp.run(
        self -> {
          Pid dead = self.spawnMonitor(s -> {}).pid();
          next(self, Down.class);
          assertThat(otp.runtime().info(dead)).isEmpty();
          assertThat(otp.runtime().info(self.pid()).orElseThrow().summary().name()).isNull();
        });
  }

  @Test
  @Rule("1.12")
  void infoShowsWhatIsKnown() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid peer = self.spawn(Self::receive);
          Pid server = self.spawn(new TestBehaviour(), linkedAndMonitored()).pid();
          self.send(
              server,
              TestBehaviour.run(
                  s -> {
                    s.register("server");
                    s.label("a label");
                    s.trapExits(true);
                    s.monitor(peer);
                    s.link(peer);
                    s.send(me, "ready");
                  }));
          assertThat(next(self)).isEqualTo("ready");
          await("idle", () -> statusOf(server) == ProcessStatus.WAITING);
          ProcessInfo info = otp.runtime().info(server).orElseThrow();
          assertThat(info.links()).containsExactlyInAnyOrder(me, peer);
          assertThat(info.monitors()).containsExactly(peer);
          assertThat(info.monitoredBy()).containsExactly(me);
          assertThat(info.trapsExits()).isTrue();
          assertThat(info.ancestors()).startsWith(me);
          assertThat(info.summary().name()).isEqualTo("server");
          assertThat(info.summary().label()).isEqualTo("a label");
          assertThat(info.summary().module()).isEqualTo("TestBehaviour");
          assertThat(info.summary().behaviour()).isEqualTo("test");
          assertThat(info.summary().handled()).isEqualTo(1);
          assertThat(info.summary().mailbox()).isZero();
          self.unlink(server);
        });
  }

  private ProcessStatus statusOf(Pid pid) {
    return otp.runtime().info(pid).orElseThrow().summary().status();
  }

  @Test
  @Rule("1.12")
  void infoShowsStatus() {
    otp.run(
        self -> {
          Pid raw = self.spawn(Self::receive);
          await("waiting", () -> statusOf(raw) == ProcessStatus.WAITING);
          var stop = new AtomicBoolean();
          Pid busy =
              self.spawn(
                  s -> {
                    while (!stop.get()) {
                      Thread.onSpinWait();
                    }
                  });
          await("running", () -> statusOf(busy) == ProcessStatus.RUNNING);
          assertThat(otp.runtime().info(busy).orElseThrow().stack())
              .anyMatch(frame -> frame.contains("IdentityTests"));
          stop.set(true);
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          Sys.suspend(server);
          assertThat(statusOf(server)).isEqualTo(ProcessStatus.SUSPENDED);
        });
  }

  @Test
  @Rule({"1.13", "1.20"})
  void infoShowsStateAfterOwnEarlierSignals() {
    otp.run(
        self -> {
          var release = new CountDownLatch(1);
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          var started = new CountDownLatch(1);
          self.send(
              server,
              TestBehaviour.run(
                  s -> {
                    started.countDown();
                    await(release);
                  }));
          await(started);
          for (int i = 1; i <= 1000; i++) {
            self.send(server, i);
            assertThat(otp.runtime().info(server).orElseThrow().summary().mailbox()).isEqualTo(i);
          }
          self.link(server);
          assertThat(otp.runtime().info(server).orElseThrow().links()).containsExactly(self.pid());
          self.unlink(server);
          assertThat(otp.runtime().info(server).orElseThrow().links()).isEmpty();
          release.countDown();
        });
  }
}
