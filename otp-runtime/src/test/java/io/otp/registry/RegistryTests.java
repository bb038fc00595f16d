package io.otp.registry;

import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.registry.Registry.Entry;
import io.otp.registry.Registry.Registered;
import io.otp.registry.Registry.Registration;
import io.otp.registry.Registry.Registration.AlreadyRegistered;
import io.otp.registry.Registry.Unregistered;
import io.otp.registry.Registry.Updated;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RegistryTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private Registry<String, Integer> unique() {
    return Registry.unique(otp.runtime(), "rooms");
  }

  private Registry<String, Integer> duplicate() {
    return Registry.duplicate(otp.runtime(), "topics");
  }

  /** A process that has registered under each key and waits. */
  private Pid holder(Registry<String, Integer> registry, String... keys) {
    var ready = new CountDownLatch(1);
    Pid pid =
        otp.runtime()
            .spawn(
                self -> {
                  for (String key : keys) {
                    registry.register(self, key, 0);
                  }
                  ready.countDown();
                  self.receive();
                });
    await(ready);
    return pid;
  }

  // --- unique keys

  @Test
  @Rule("5.98")
  void uniqueKeyBelongsToTheFirst() {
    var rooms = unique();
    Pid first = holder(rooms, "blue");
    otp.run(
        self -> {
          assertThat(rooms.register(self, "blue", 2)).isEqualTo(new AlreadyRegistered(first));
          assertThat(rooms.lookup("blue")).containsExactly(new Entry<>("blue", first, 0));
          assertThat(rooms.whereis("blue")).contains(first);
          assertThat(rooms.keys(self.pid())).isEmpty();
          assertThat(rooms.count()).isEqualTo(1);
        });
  }

  @Test
  @Rule("5.98")
  void secondRegistrationOfTheHolderIsRefusedToo() {
    var rooms = unique();
    otp.run(
        self -> {
          assertThat(rooms.register(self, "blue", 1)).isEqualTo(new Registration.Done());
          assertThat(rooms.register(self, "blue", 2)).isEqualTo(new AlreadyRegistered(self.pid()));
          assertThat(rooms.values("blue", self.pid())).containsExactly(1);
        });
  }

  @Test
  @Rule("5.98")
  void processMayHaveManyKeys() {
    var rooms = unique();
    Pid pid = holder(rooms, "c", "a", "b");
    assertThat(rooms.keys(pid)).containsExactly("c", "a", "b");
    assertThat(rooms.count()).isEqualTo(3);
  }

  @Test
  @Rule("5.98")
  void onlyTheOwnerUnregisters() {
    var rooms = unique();
    Pid first = holder(rooms, "blue");
    otp.run(
        self -> {
          rooms.unregister(self, "blue");
          assertThat(rooms.whereis("blue")).contains(first);
          rooms.register(self, "red", 1);
          rooms.unregister(self, "red");
          assertThat(rooms.whereis("red")).isEmpty();
          assertThat(rooms.keys(self.pid())).isEmpty();
          assertThat(rooms.register(self, "red", 2)).isEqualTo(new Registration.Done());
        });
  }

  @Test
  @Rule("5.98")
  void onlyTheOwnerUpdatesTheValue() {
    var rooms = unique();
    holder(rooms, "blue");
    otp.run(
        self -> {
          assertThat(rooms.updateValue(self, "blue", value -> value + 1)).isEmpty();
          assertThat(rooms.lookup("blue").getFirst().value()).isZero();
          assertThat(rooms.updateValue(self, "none", value -> value + 1)).isEmpty();
          rooms.register(self, "red", 5);
          assertThat(rooms.updateValue(self, "red", value -> value + 1))
              .contains(new Updated<>(6, 5));
          assertThat(rooms.lookup("red").getFirst().value()).isEqualTo(6);
        });
  }

  // --- duplicate keys

  @Test
  @Rule("5.98")
  void duplicateKeyHasAllWhoCameInTheirOrder() {
    var topics = duplicate();
    Pid first = holder(topics, "news");
    Pid second = holder(topics, "news", "weather");
    otp.run(
        self -> {
          topics.register(self, "news", 1);
          topics.register(self, "news", 2);
          assertThat(topics.lookup("news"))
              .extracting(Entry::pid)
              .containsExactly(first, second, self.pid(), self.pid());
          assertThat(topics.keys(self.pid())).containsExactly("news", "news");
          assertThat(topics.values("news", self.pid())).containsExactly(1, 2);
          assertThat(topics.match("news", value -> value > 0)).hasSize(2);
          assertThat(topics.count()).isEqualTo(5);
          assertThat(topics.select(entry -> entry.key().startsWith("w")))
              .containsExactly(new Entry<>("weather", second, 0));
        });
  }

  @Test
  @Rule("5.98")
  void unregisterRemovesAllOfOnesOwnOrThoseThatMatch() {
    var topics = duplicate();
    Pid other = holder(topics, "news");
    otp.run(
        self -> {
          for (int i = 0; i < 4; i++) {
            topics.register(self, "news", i);
          }
          topics.unregister(self, "news", value -> value % 2 == 0);
          assertThat(topics.values("news", self.pid())).containsExactly(1, 3);
          topics.unregister(self, "news");
          assertThat(topics.lookup("news")).extracting(Entry::pid).containsExactly(other);
          assertThat(topics.count()).isEqualTo(1);
        });
  }

  @Test
  @Rule("5.98")
  void dispatchReachesEveryEntryUnderTheKey() {
    var topics = duplicate();
    otp.run(
        self -> {
          topics.register(self, "news", 0);
          topics.register(self, "news", 1);
          topics.register(self, "weather", 0);
          assertThat(topics.dispatch("news", "hello")).isEqualTo(2);
          assertThat(topics.dispatch("nobody", "hello")).isZero();
          assertThat(drain(self)).containsExactly("hello", "hello");
        });
  }

  @Test
  void valueOfADuplicateKeyCannotBeUpdated() {
    var topics = duplicate();
    otp.run(
        self ->
            assertThatThrownBy(() -> topics.updateValue(self, "news", value -> value))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                    "Registry 'topics' has duplicate keys, so "
                        + self.pid()
                        + " may have several values under news and none of them can be updated."
                        + " Unregister and register again, or use a registry with unique keys."));
  }

  // --- death

  @Test
  @Rule("5.98")
  void entriesAreGoneBeforeTheDeathIsTold() {
    var rooms = unique();
    var topics = duplicate();
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 300; i++) {
            Pid pid =
                self.spawnLink(
                    child -> {
                      rooms.register(child, "blue", 1);
                      topics.register(child, "news", 1);
                      child.send(self.pid(), "ready");
                      child.receive();
                    });
            next(self, String.class);
            Ref ref = self.monitor(pid);
            if (i % 2 == 0) {
              self.send(pid, "end");
            } else {
              self.exit(pid, ExitReason.KILL);
            }
            assertThat(next(self)).isInstanceOf(Exit.class);
            assertThat(rooms.count() + topics.count()).as("entries after the exit").isZero();
            assertThat(((Down) next(self)).ref()).isEqualTo(ref);
            assertThat(rooms.register(self, "blue", 2)).isEqualTo(new Registration.Done());
            rooms.unregister(self, "blue");
          }
        });
  }

  @Test
  @Rule("5.98")
  void whoIsKilledIsHiddenAtOnce() {
    var rooms = unique();
    var topics = duplicate();
    var go = new AtomicBoolean();
    var ready = new CountDownLatch(1);
    Pid busy =
        otp.runtime()
            .spawn(
                self -> {
                  rooms.register(self, "blue", 1);
                  topics.register(self, "news", 1);
                  ready.countDown();
                  while (!go.get()) { // not to be ended by anybody
                    Thread.onSpinWait();
                  }
                });
    await(ready);
    otp.run(
        self -> {
          self.exit(busy, ExitReason.KILL);
          // before the watchdog publishes its death, which takes it 100 ms
          Registration registration = rooms.register(self, "blue", 2);
          var holder = rooms.whereis("blue");
          var keys = rooms.keys(busy);
          var selected = rooms.select(entry -> true);
          var subscribers = topics.lookup("news");
          int sent = topics.dispatch("news", "hello");
          assertThat(registration).isEqualTo(new Registration.Done());
          assertThat(holder).contains(self.pid());
          assertThat(keys).isEmpty();
          assertThat(selected).containsExactly(new Entry<>("blue", self.pid(), 2));
          assertThat(subscribers).isEmpty();
          assertThat(sent).isZero();
          TestRuntime.await("the watchdog publishes", () -> topics.count() == 0);
          assertThat(rooms.whereis("blue")).contains(self.pid());
        });
    go.set(true);
  }

  @Test
  void ofTwoThatWantAKeyOneGetsItAndTheOtherLearnsWho() {
    var rooms = unique();
    for (int round = 0; round < 300; round++) {
      String key = "room" + round;
      otp.run(
          self -> {
            for (int i = 0; i < 4; i++) {
              self.spawn(
                  child -> {
                    child.send(self.pid(), new Answer(child.pid(), rooms.register(child, key, 1)));
                    child.receive();
                  });
            }
            var answers = new ArrayList<Answer>();
            for (int i = 0; i < 4; i++) {
              answers.add(next(self, Answer.class));
            }
            Pid winner = rooms.whereis(key).orElseThrow();
            assertThat(answers)
                .allSatisfy(
                    answer ->
                        assertThat(answer.result())
                            .isEqualTo(
                                answer.pid() == winner
                                    ? new Registration.Done()
                                    : new AlreadyRegistered(winner)));
          });
    }
  }

  record Answer(Pid pid, Registration result) {}

  @Test
  void registeringDyingAndLookingUpAtOnceLeavesNothingBehind() throws InterruptedException {
    var rooms = unique();
    var topics = duplicate();
    Random random = TestRuntime.random("RegistryTests");
    var stop = new AtomicBoolean();
    var wrong = new AtomicInteger();
    Thread reader =
        Thread.startVirtualThread(
            () -> {
              while (!stop.get()) {
                if (rooms.lookup("key").size() > 1) {
                  wrong.incrementAndGet();
                }
                topics.lookup("key");
                topics.select(entry -> true);
                Thread.yield();
              }
            });
    otp.run(
        self -> {
          var refs = new ArrayList<Ref>();
          for (int i = 0; i < 2_000; i++) {
            int kind = random.nextInt(3);
            var child =
                self.spawnMonitor(
                    c -> {
                      for (int n = 0; n < 3; n++) {
                        rooms.register(c, "key", n);
                        topics.register(c, "key", n);
                      }
                      if (kind != 0) {
                        c.receive();
                      }
                    });
            refs.add(child.ref());
            if (kind == 1) {
              self.exit(child.pid(), ExitReason.KILL); // wherever it is just now
            } else if (kind == 2) {
              self.send(child.pid(), "end");
            }
          }
          refs.forEach(ref -> next(self, Down.class));
        });
    stop.set(true);
    reader.join();
    assertThat(wrong).hasValue(0);
    assertThat(rooms.count()).isZero();
    assertThat(topics.count()).isZero();
    assertThat(topics.select(entry -> true)).isEmpty();
  }

  // --- listeners

  @Test
  @Rule("5.98")
  void listenersAreToldOfWhatComesAndGoes() {
    var rooms = unique();
    otp.run(
        self -> {
          Ref listener = rooms.listen(self);
          Pid pid = holder(rooms, "blue");
          assertThat(next(self)).isEqualTo(new Registered<>("rooms", "blue", pid, 0));
          Ref ref = self.monitor(pid);
          self.send(pid, "end");
          assertThat(next(self)).isEqualTo(new Unregistered<>("rooms", "blue", pid));
          assertThat(next(self)).isEqualTo(new Down(ref, pid, ExitReason.NORMAL));

          rooms.register(self, "red", 1);
          rooms.register(self, "red", 2); // refused: nothing happens
          rooms.updateValue(self, "red", value -> 7);
          rooms.unregister(self, "red");
          assertThat(drain(self))
              .containsExactly(
                  new Registered<>("rooms", "red", self.pid(), 1),
                  new Unregistered<>("rooms", "red", self.pid()));

          assertThat(rooms.unlisten(self, listener)).isTrue();
          assertThat(rooms.unlisten(self, listener)).isFalse();
          rooms.register(self, "red", 1);
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  void listenersSeeTheHistoryOfEachKeyInOrder() {
    var rooms = unique();
    otp.run(
        self -> {
          rooms.listen(self);
          var refs = new ArrayList<Ref>();
          for (int i = 0; i < 200; i++) {
            refs.add(
                self.spawnMonitor(
                        c -> {
                          if (rooms.register(c, "key", 1) instanceof Registration.Done) {
                            rooms.unregister(c, "key");
                          }
                          rooms.register(c, "key", 2); // and ends with it
                        })
                    .ref());
          }
          refs.forEach(ref -> next(self, Down.class));
          Pid holder = null;
          for (Object message : drain(self)) {
            if (message instanceof Registered<?, ?> registered) {
              assertThat(holder).as("before " + registered).isNull();
              holder = registered.pid();
            } else if (message instanceof Unregistered<?> unregistered) {
              assertThat(holder).isEqualTo(unregistered.pid());
              holder = null;
            }
          }
          assertThat(holder).isNull();
        });
  }

  @Test
  void listenerThatHasEndedIsForgotten() {
    var rooms = unique();
    otp.run(
        self -> {
          var listener = self.spawnMonitor(c -> rooms.listen(c));
          next(self, Down.class);
          assertThat(listener.ref()).isNotNull();
          long before = otp.runtime().stats().deadLetters();
          rooms.register(self, "blue", 1);
          assertThat(otp.runtime().stats().deadLetters()).isEqualTo(before);
        });
  }

  // --- addressing a server by key

  private static final class Echo implements GenServer<Echo.Message, String> {
    sealed interface Message {}

    record Who() implements Message, Call<Message, Pid> {}

    private final Registry<String, Integer> rooms;

    Echo(Registry<String, Integer> rooms) {
      this.rooms = rooms;
    }

    @Override
    public String init(NoArgs args, Self<Message> self) {
      rooms.register(self, "echo", 1);
      return "";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return switch (message) {
        case Who who -> Next.reply(who, self.pid(), state);
      };
    }
  }

  @Test
  @Rule("5.98")
  void serverIsFoundByKeyAtEachCall() {
    var rooms = unique();
    ServerRef<Echo.Message> echo = rooms.server("echo");
    assertThat(echo).isEqualTo(rooms.server("echo")).isNotEqualTo(rooms.server("other"));
    otp.run(
        self -> {
          assertThatThrownBy(() -> echo.call(new Echo.Who()))
              .hasMessageContaining("Server rooms[echo] is not running");
          for (int i = 0; i < 2; i++) {
            var started =
                (StartResult.Started)
                    GenServers.start(self, new Echo(rooms), NoArgs.NO_ARGS, StartOptions.NONE);
            assertThat(echo.call(new Echo.Who())).isEqualTo(started.pid());
            GenServers.stop(echo);
            assertThat(echo.whereis()).isEqualTo(Optional.empty());
          }
        });
  }

  // --- misuse

  @Test
  void refusesWhatCanChangeAndLeavesNothing() {
    Registry<String, Object> values = Registry.unique(otp.runtime(), "values");
    Registry<Object, Integer> keys = Registry.unique(otp.runtime(), "keys");
    otp.run(
        self -> {
          assertThatThrownBy(() -> values.register(self, "a", new StringBuilder()))
              .isInstanceOf(MutableMessageException.class);
          assertThatThrownBy(() -> keys.register(self, new int[1], 1))
              .isInstanceOf(MutableMessageException.class);
          values.register(self, "b", 1);
          assertThatThrownBy(() -> values.updateValue(self, "b", value -> new StringBuilder()))
              .isInstanceOf(MutableMessageException.class);
          assertThat(values.lookup("b").getFirst().value()).isEqualTo(1);
          assertThat(values.count() + keys.count()).isEqualTo(1);
        });
  }

  @Test
  void refusesAProcessOfAnotherRuntime() {
    try (var other = ProcessRuntime.builder().name("other").build()) {
      Registry<String, Integer> rooms = Registry.unique(other, "rooms");
      otp.run(
          self ->
              assertThatThrownBy(() -> rooms.register(self, "a", 1))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessage(
                      "Process "
                          + self.pid()
                          + " lives in ProcessRuntime[test] and cannot use registry 'rooms' of"
                          + " ProcessRuntime[other]. Use a registry of its own runtime."));
    }
  }

  @Test
  void refusesAnotherThreadThanTheProcesss() {
    var rooms = unique();
    otp.run(
        self -> {
          var thrown = new ArrayList<Throwable>();
          Thread thread =
              Thread.startVirtualThread(
                  () -> {
                    try {
                      rooms.register(self, "a", 1);
                    } catch (IllegalStateException e) {
                      thrown.add(e);
                    }
                  });
          try {
            thread.join();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          assertThat(thrown).hasSize(1);
          assertThat(List.of(rooms.count())).containsExactly(0L);
        });
  }
}
