package io.otp.task;

import static io.otp.TestRuntime.QUIET;
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
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TaskTests {

  private static final Duration SHORT = Duration.ofMillis(20);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static Task<String> never(Self<Object> self) {
    return Task.async(
        self,
        (Self<Object> task) -> {
          task.receive();
          return "late";
        });
  }

  // --- await

  @Test
  @Rule("5.99")
  void ownerGetsTheResult() {
    otp.run(
        self -> {
          Task<Integer> one = Task.async(self, () -> 1);
          Task<Pid> who = Task.async(self, (Self<Object> task) -> task.pid());
          assertThat(who.await(self)).isEqualTo(who.pid()).isNotEqualTo(self.pid());
          assertThat(one.await(self)).isEqualTo(1);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("5.99")
  void onlyTheOwnerMayWait() {
    otp.run(
        self -> {
          Task<Integer> task = Task.async(self, () -> 1);
          var thrown = new AtomicReference<Throwable>();
          var other =
              self.spawnMonitor(
                  o -> {
                    try {
                      task.await(o);
                    } catch (IllegalArgumentException e) {
                      thrown.set(e);
                    }
                  });
          self.receive(
              message ->
                  message instanceof Down down && down.ref() == other.ref()
                      ? Receive.take(down)
                      : Receive.skip());
          assertThat(thrown.get())
              .hasMessage(
                  "Task "
                      + task.pid()
                      + " cannot be awaited by "
                      + other.pid()
                      + ": its result goes to "
                      + self.pid()
                      + ", which started it. Start it in the process that needs the result, or let "
                      + self.pid()
                      + " send it on.");
          assertThat(task.await(self)).isEqualTo(1);
        });
  }

  @Test
  @Rule("5.99")
  void timeoutEndsTheOwnerAndWithItTheTask() {
    otp.run(
        self -> {
          var task = new AtomicReference<Task<String>>();
          var owner =
              self.spawnMonitor(
                  o -> {
                    task.set(never(o));
                    task.get().await(o, SHORT);
                  });
          Down down = next(self, Down.class);
          assertThat(down.ref()).isEqualTo(owner.ref());
          assertThat(down.reason())
              .isEqualTo(
                  new ExitReason.Other(
                      new AwaitException.Failed(ExitReason.TIMEOUT, task.get().pid(), SHORT)));
          TestRuntime.await(
              "the task ends by its link", () -> !otp.runtime().isAlive(task.get().pid()));
        });
  }

  @Test
  @Rule("5.99")
  void resultThatIsLateIsDropped() {
    otp.run(
        self -> {
          Task<String> task = never(self);
          assertThatThrownBy(() -> task.await(self, SHORT))
              .isInstanceOf(AwaitException.AwaitTimeoutException.class)
              .hasMessage(
                  "Task "
                      + task.pid()
                      + " has no result after 20 ms, its result is not waited for any more. Raise"
                      + " the timeout, or use yield, which lets the task go on.");
          self.send(task.pid(), "end");
          TestRuntime.await("it ends", () -> !otp.runtime().isAlive(task.pid()));
          assertThat(drain(self, QUIET)).isEmpty();
          assertThatThrownBy(() -> task.await(self))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageStartingWith(
                  "Task " + task.pid() + " cannot be awaited: " + self.pid() + " has had its");
        });
  }

  @Test
  @Rule("5.99")
  void crashEndsTheOwnerByTheLink() {
    otp.run(
        self -> {
          self.spawnMonitor(
              o ->
                  Task.async(
                          o,
                          () -> {
                            throw new IllegalStateException("broken");
                          })
                      .await(o));
          assertThat(next(self, Down.class).reason())
              .isInstanceOfSatisfying(
                  ExitReason.Crash.class,
                  crash -> assertThat(crash.cause().message()).isEqualTo("broken"));
        });
  }

  @Test
  @Rule("5.99")
  void ownerThatTrapsExitsFailsInAwait() {
    otp.run(
        self -> {
          self.trapExits(true);
          Task<Integer> task =
              Task.async(
                  self,
                  () -> {
                    throw new java.io.IOException("broken");
                  });
          assertThatThrownBy(() -> task.await(self))
              .isInstanceOfSatisfying(
                  AwaitException.TaskExitException.class,
                  e -> {
                    assertThat(e.task()).isEqualTo(task.pid());
                    assertThat(e.cause())
                        .isInstanceOfSatisfying(
                            ExitReason.Crash.class,
                            crash ->
                                assertThat(crash.kind()).isEqualTo(ExitReason.Crash.Kind.THROW));
                  });
          assertThat(drain(self)).singleElement().isInstanceOf(Exit.class);
        });
  }

  @Test
  @Rule("5.99")
  void taskEndsWithItsOwner() {
    otp.run(
        self -> {
          var task = new AtomicReference<Task<String>>();
          var owner =
              self.spawnMonitor(
                  o -> {
                    task.set(never(o));
                    o.receive();
                  });
          TestRuntime.await("started", () -> task.get() != null);
          self.exit(owner.pid(), ExitReason.KILL);
          next(self, Down.class);
          TestRuntime.await("it ends", () -> !otp.runtime().isAlive(task.get().pid()));
        });
  }

  @Test
  @Rule("5.99")
  void taskWhoseOwnerEndsBeforeItBeginsDoesNotBegin() {
    otp.run(
        self -> {
          Pid gone = otp.runtime().nobody();
          var began = new CountDownLatch(1);
          self.spawnMonitor(
              task ->
                  Task.run(
                      task,
                      gone,
                      own -> {
                        began.countDown();
                        return 1;
                      }));
          assertThat(next(self, Down.class).reason())
              .isEqualTo(new ExitReason.ShutdownWith(ExitReason.NO_PROCESS));
          assertThat(began.getCount()).isEqualTo(1);
        });
  }

  @Test
  void severalAreAwaitedInTheirOrderAndWithinOneTimeout() {
    otp.run(
        self -> {
          var second = new CountDownLatch(1);
          Task<Integer> one =
              Task.async(
                  self,
                  () -> {
                    TestRuntime.await(second);
                    return 1;
                  });
          Task<Integer> two =
              Task.async(
                  self,
                  () -> {
                    second.countDown();
                    return 2;
                  });
          assertThat(Task.awaitMany(self, List.of(one, two), Duration.ofSeconds(20)))
              .containsExactly(1, 2);
          Task<String> fast = Task.async(self, () -> "fast");
          assertThatThrownBy(
                  () -> Task.awaitMany(self, List.of(fast, never(self), never(self)), SHORT))
              .isInstanceOf(AwaitException.AwaitTimeoutException.class);
        });
  }

  @Test
  void resultMustBeImmutableAndThere() {
    otp.run(
        self -> {
          self.trapExits(true);
          Task<StringBuilder> mutable = Task.async(self, () -> new StringBuilder());
          assertThatThrownBy(() -> mutable.await(self))
              .hasMessageContaining("MutableMessageException");
          Task<String> nothing = Task.async(self, () -> null);
          assertThatThrownBy(() -> nothing.await(self))
              .hasMessageContaining("a task's result cannot be null");
        });
  }

  // --- yield, shutdown, ignore

  @Test
  @Rule("5.99")
  void yieldLetsTheTaskGoOn() {
    otp.run(
        self -> {
          Task<String> task = never(self);
          assertThat(task.yield(self, Duration.ZERO)).isEmpty();
          assertThat(task.yield(self, SHORT)).isEmpty();
          self.send(task.pid(), "end");
          assertThat(task.yield(self, TestRuntime.LIMIT)).contains(new Outcome.Ok<>("late"));
          assertThatThrownBy(() -> task.yield(self, SHORT))
              .isInstanceOf(IllegalStateException.class);
        });
  }

  @Test
  @Rule("5.99")
  void shutdownEndsTheTaskAndNotTheOwner() {
    otp.run(
        self -> {
          Task<String> task = never(self);
          assertThat(task.shutdown(self)).isEmpty();
          assertThat(otp.runtime().isAlive(task.pid())).isFalse();
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("5.99")
  void shutdownGivesTheResultThatIsThere() {
    otp.run(
        self -> {
          Task<Integer> done = Task.async(self, () -> 1);
          TestRuntime.await("it ends", () -> !otp.runtime().isAlive(done.pid()));
          assertThat(done.shutdown(self)).contains(new Outcome.Ok<>(1));

          self.trapExits(true);
          Task<Integer> crashed =
              Task.async(
                  self,
                  (Self<Object> task) -> {
                    task.exit(task.pid(), new ExitReason.Other("broken"));
                    return 1;
                  });
          next(self, Exit.class);
          assertThat(crashed.kill(self))
              .contains(new Outcome.Exited<>(new ExitReason.Other("broken")));
        });
  }

  @Test
  @Rule("5.99")
  void taskThatDoesNotWantToEndIsKilled() {
    otp.run(
        self -> {
          Task<String> stubborn =
              Task.async(
                  self,
                  (Self<Object> task) -> {
                    task.trapExits(true);
                    self.runtime().send(self.pid(), "ready");
                    while (true) {
                      task.receive();
                    }
                  });
          next(self, String.class);
          assertThat(stubborn.shutdown(self, SHORT)).isEmpty();
          assertThat(otp.runtime().isAlive(stubborn.pid())).isFalse();

          Task<String> another = never(self);
          assertThat(another.kill(self)).isEmpty();
          assertThat(otp.runtime().isAlive(another.pid())).isFalse();
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("5.99")
  void ignoredTaskGoesOnAndIsNotHeardOf() {
    otp.run(
        self -> {
          var done = new CountDownLatch(1);
          Task<String> task =
              Task.async(
                  self,
                  (Self<Object> t) -> {
                    t.receive();
                    done.countDown();
                    throw new IllegalStateException("and its crash hits nobody");
                  });
          assertThat(task.ignore(self)).isEmpty();
          self.send(task.pid(), "end");
          TestRuntime.await(done);
          assertThat(drain(self, QUIET)).isEmpty();

          Task<Integer> one = Task.async(self, () -> 1);
          TestRuntime.await("it ends", () -> !otp.runtime().isAlive(one.pid()));
          assertThat(one.ignore(self)).contains(new Outcome.Ok<>(1));
        });
  }

  // --- in a server

  private record State(Task<Integer> task, String seen) {}

  private static final class Asking implements GenServer<Asking.Message, State> {
    sealed interface Message {}

    record Seen() implements Message, Call<Message, String> {}

    @Override
    public State init(NoArgs args, Self<Message> self) {
      return new State(Task.async(self, () -> 42), "");
    }

    @Override
    public Next<State> handle(Message message, State state, Self<Message> self) {
      return switch (message) {
        case Seen seen -> Next.reply(seen, state.seen(), state);
      };
    }

    @Override
    public Next<State> handleInfo(Info info, State state, Self<Message> self) {
      return Next.noreply(
          new State(state.task(), state.seen() + state.task().outcome(self, info).orElseThrow()));
    }
  }

  @Test
  void serverFindsTheResultInHandleInfo() {
    otp.run(
        self -> {
          var started =
              (StartResult.Started)
                  GenServers.start(self, new Asking(), NoArgs.NO_ARGS, StartOptions.NONE);
          ServerRef<Asking.Message> server = ServerRef.of(otp.runtime(), started.pid());
          TestRuntime.await("seen", () -> server.call(new Asking.Seen()).equals("Ok[value=42]"));
        });
  }

  @Test
  void manyTasksOfManyOwnersGetTheirOwnResults() {
    otp.run(
        self -> {
          for (int i = 0; i < 50; i++) {
            int base = i * 100;
            self.spawnMonitor(
                owner -> {
                  var tasks =
                      java.util.stream.IntStream.range(base, base + 100)
                          .mapToObj(n -> Task.async(owner, () -> n))
                          .toList();
                  for (int n = 99; n >= 0; n--) { // not in the order of their arrival
                    assertThat(tasks.get(n).await(owner, TestRuntime.LIMIT)).isEqualTo(base + n);
                  }
                });
          }
          for (int i = 0; i < 50; i++) {
            assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
          }
          assertThat(self.receive(Duration.ZERO, Receive::take)).isEmpty();
        });
  }
}
