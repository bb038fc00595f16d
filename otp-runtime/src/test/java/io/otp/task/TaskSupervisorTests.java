package io.otp.task;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.Supervisor;
import io.otp.task.Outcome.Exited;
import io.otp.task.Outcome.Ok;
import io.otp.task.StreamOptions.OnTimeout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TaskSupervisorTests {

  private static final Duration SHORT = Duration.ofMillis(20);

  private static final StreamOptions PATIENT =
      StreamOptions.DEFAULT.withTimeout(TestRuntime.LIMIT).withMaxConcurrency(3);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private TaskSupervisor tasks;

  @BeforeEach
  void start() {
    Supervisor.start(otp.runtime(), TaskSupervisor.spec("tasks").withMaxChildren(20));
    tasks = TaskSupervisor.of(otp.runtime(), "tasks");
  }

  private static void await(CountDownLatch latch) {
    TestRuntime.await(latch);
  }

  // --- one task

  @Test
  @Rule("5.99")
  void crashOfAnUnlinkedTaskFailsTheAwaitOnly() {
    otp.run(
        self -> {
          Task<String> task =
              tasks.asyncNolink(
                  self,
                  () -> {
                    throw new IllegalStateException("broken");
                  });
          assertThatThrownBy(() -> task.await(self, TestRuntime.LIMIT))
              .isInstanceOfSatisfying(
                  AwaitException.TaskExitException.class,
                  e -> assertThat(e.cause()).isInstanceOf(ExitReason.Crash.class));
          assertThat(tasks.asyncNolink(self, () -> 1).await(self)).isEqualTo(1);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("5.99")
  void unlinkedTaskOutlivesItsOwnerAndALinkedOneDoesNot() {
    otp.run(
        self -> {
          var go = new CountDownLatch(1);
          var started = new CountDownLatch(2);
          var linked = new AtomicReference<Pid>();
          var unlinked = new AtomicReference<Pid>();
          var done = new CountDownLatch(1);
          var owner =
              self.spawnMonitor(
                  o -> {
                    linked.set(
                        tasks
                            .async(
                                o,
                                () -> {
                                  started.countDown();
                                  new CountDownLatch(1).await();
                                  return 1;
                                })
                            .pid());
                    unlinked.set(
                        tasks
                            .asyncNolink(
                                o,
                                () -> {
                                  started.countDown();
                                  await(go);
                                  done.countDown();
                                  return 1;
                                })
                            .pid());
                    o.receive();
                  });
          await(started);
          self.exit(owner.pid(), ExitReason.KILL);
          next(self, Down.class);
          TestRuntime.await("the link", () -> !otp.runtime().isAlive(linked.get()));
          assertThat(otp.runtime().isAlive(unlinked.get())).isTrue();
          go.countDown();
          await(done);
        });
  }

  @Test
  @Rule("5.99")
  void tasksAreTemporaryAndShowInTheSupervisor() {
    otp.run(
        self -> {
          var ended = new CountDownLatch(1);
          Pid crashes =
              tasks.startChild(
                  task -> {
                    ended.countDown();
                    throw new IllegalStateException("broken");
                  });
          await(ended);
          TestRuntime.await("gone", () -> !tasks.children().contains(crashes));
          assertThat(tasks.children()).isEmpty();
          Pid waits = tasks.startChild(Self::receive);
          assertThat(tasks.children()).containsExactly(waits);
          assertThat(tasks.terminateChild(waits)).isTrue();
          assertThat(tasks.terminateChild(waits)).isFalse();
          assertThat(otp.runtime().isAlive(waits)).isFalse();
        });
  }

  @Test
  void transientTaskIsStartedAgainAfterACrash() {
    var runs = new AtomicInteger();
    var second = new CountDownLatch(1);
    tasks.startChild(
        task -> {
          if (runs.incrementAndGet() == 1) {
            throw new IllegalStateException("broken");
          }
          second.countDown();
        },
        Restart.TRANSIENT,
        Shutdown.BRUTAL_KILL);
    await(second);
    TestRuntime.await("done", () -> tasks.children().isEmpty());
    assertThat(runs).hasValue(2);
  }

  @Test
  void refusesMoreThanItMayHave() {
    for (int i = 0; i < 20; i++) {
      tasks.startChild(Self::receive);
    }
    assertThatThrownBy(() -> tasks.startChild(Self::receive))
        .isInstanceOf(TaskStartException.class)
        .hasMessage(
            "Task supervisor 'tasks' started no task: it has as many children as it may have. Wait"
                + " for some to end, or raise max-children.");
  }

  // --- streams

  @Test
  @Rule("5.99")
  void outcomesComeInTheOrderOfTheInputs() {
    otp.run(
        self -> {
          var last = new CountDownLatch(1);
          List<Outcome<Integer>> outcomes =
              Task.asyncStream(
                      self,
                      List.of(1, 2, 3),
                      n -> {
                        if (n == 3) {
                          last.countDown();
                        } else {
                          await(last);
                        }
                        return n * n;
                      },
                      PATIENT)
                  .toList();
          assertThat(outcomes).containsExactly(new Ok<>(1), new Ok<>(4), new Ok<>(9));
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  void withoutOrderTheFirstThatIsDoneComesFirst() {
    otp.run(
        self -> {
          var taken = new CountDownLatch(1);
          var seen = new ArrayList<Outcome<Integer>>();
          Task.asyncStream(
                  self,
                  List.of(1, 2),
                  n -> {
                    if (n == 1) {
                      await(taken);
                    }
                    return n;
                  },
                  PATIENT.withOrdered(false))
              .forEach(
                  outcome -> {
                    seen.add(outcome);
                    taken.countDown();
                  });
          assertThat(seen).containsExactly(new Ok<>(2), new Ok<>(1));
        });
  }

  @Test
  @Rule("5.99")
  void noMoreRunAtOnceThanAllowed() {
    otp.run(
        self -> {
          var running = new AtomicInteger();
          var most = new AtomicInteger();
          List<Outcome<Integer>> outcomes =
              tasks
                  .asyncStreamNolink(
                      self,
                      IntStream.range(0, 60).boxed().toList(),
                      n -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        Thread.yield();
                        running.decrementAndGet();
                        return n;
                      },
                      PATIENT)
                  .toList();
          assertThat(outcomes)
              .isEqualTo(IntStream.range(0, 60).<Outcome<Integer>>mapToObj(Ok::new).toList());
          assertThat(most.get()).isBetween(1, 3);
        });
  }

  @Test
  void inputsAreReadAsTasksAreStarted() {
    otp.run(
        self -> {
          var read = new AtomicInteger();
          Iterable<Integer> endless =
              () -> java.util.stream.Stream.generate(read::incrementAndGet).iterator();
          try (var stream = Task.asyncStream(self, endless, n -> n, PATIENT)) {
            assertThat(stream.limit(5).toList())
                .isEqualTo(IntStream.range(1, 6).<Outcome<Integer>>mapToObj(Ok::new).toList());
          }
          assertThat(read.get()).isLessThan(100);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  void resultsThatWaitForASlowOneAreBounded() {
    otp.run(
        self -> {
          var read = new AtomicInteger();
          var go = new CountDownLatch(1);
          Iterable<Integer> endless =
              () -> java.util.stream.Stream.generate(read::incrementAndGet).iterator();
          self.spawnMonitor(
              reader -> {
                TaskFunction<Integer, Integer> slowFirst =
                    n -> {
                      if (n == 1) {
                        await(go);
                      }
                      return n;
                    };
                try (var stream = Task.asyncStream(reader, endless, slowFirst, PATIENT)) {
                  assertThat(stream.iterator().next()).isEqualTo(new Ok<>(1));
                }
              });
          TestRuntime.await("16 for each of 3", () -> read.get() >= 48);
          assertThat(drain(self, QUIET)).isEmpty();
          assertThat(read).hasValue(48);
          go.countDown();
          assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
        });
  }

  @Test
  @Rule("5.99")
  void crashOfAnUnlinkedTaskIsAnOutcome() {
    otp.run(
        self -> {
          List<Outcome<Integer>> outcomes =
              tasks
                  .asyncStreamNolink(
                      self,
                      List.of(1, 0, 2),
                      n -> {
                        if (n == 0) {
                          throw new IllegalArgumentException("zero");
                        }
                        return n;
                      },
                      PATIENT)
                  .toList();
          assertThat(outcomes.get(0)).isEqualTo(new Ok<>(1));
          assertThat(outcomes.get(1)).isInstanceOf(Exited.class);
          assertThat(outcomes.get(2)).isEqualTo(new Ok<>(2));
        });
  }

  @Test
  @Rule("5.99")
  void crashOfALinkedTaskEndsTheReader() {
    otp.run(
        self -> {
          self.spawnMonitor(
              reader ->
                  tasks
                      .asyncStream(
                          reader,
                          List.of(1, 0),
                          n -> {
                            if (n == 0) {
                              throw new IllegalArgumentException("zero");
                            }
                            return n;
                          },
                          PATIENT)
                      .toList());
          assertThat(next(self, Down.class).reason()).isInstanceOf(ExitReason.Crash.class);
        });
  }

  @Test
  @Rule("5.99")
  void tooSlowATaskEndsTheReaderOrIsKilled() {
    otp.run(
        self -> {
          TaskFunction<Integer, Integer> body =
              n -> {
                if (n == 0) {
                  new CountDownLatch(1).await();
                }
                return n;
              };
          StreamOptions options = StreamOptions.DEFAULT.withTimeout(Duration.ofSeconds(3));
          assertThat(
                  tasks
                      .asyncStreamNolink(
                          self,
                          List.of(0, 1, 0),
                          body,
                          options.withOnTimeout(OnTimeout.KILL_TASK).withMaxConcurrency(3))
                      .toList())
              .containsExactly(
                  new Exited<>(ExitReason.TIMEOUT), new Ok<>(1), new Exited<>(ExitReason.TIMEOUT));
          assertThatThrownBy(
                  () -> tasks.asyncStreamNolink(self, List.of(0), body, options).toList())
              .isInstanceOf(AwaitException.AwaitTimeoutException.class);
          TestRuntime.await("killed", () -> tasks.children().isEmpty());
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  void closingAStreamEndsWhatRuns() {
    otp.run(
        self -> {
          var stream =
              tasks.asyncStreamNolink(
                  self,
                  List.of(1, 0, 0),
                  n -> {
                    if (n == 0) {
                      new CountDownLatch(1).await();
                    }
                    return n;
                  },
                  PATIENT);
          assertThat(stream.iterator().next()).isEqualTo(new Ok<>(1));
          assertThat(tasks.children()).isNotEmpty();
          stream.close();
          TestRuntime.await("killed", () -> tasks.children().isEmpty());
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  // --- multicall

  @Test
  void resultsOfAMulticallAreInTheOrderOfTheRequests() {
    otp.run(
        self -> {
          self.trapExits(true); // of the process between nothing is to be seen
          var last = new CountDownLatch(1);
          List<Outcome<Integer>> outcomes =
              Multicall.run(
                  self,
                  IntStream.range(0, 100).boxed().toList(),
                  n -> {
                    if (n == 99) {
                      last.countDown(); // so all run at once
                    }
                    await(last);
                    return n * 2;
                  },
                  TestRuntime.LIMIT);
          assertThat(outcomes)
              .isEqualTo(
                  IntStream.range(0, 100)
                      .<Outcome<Integer>>mapToObj(n -> new Ok<>(n * 2))
                      .toList());
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  void failureOrTimeoutOfOneRequestCostsNothingElse() {
    otp.run(
        self -> {
          var slow = new AtomicReference<Thread>();
          List<Outcome<Integer>> outcomes =
              Multicall.run(
                  self,
                  List.of(1, 0, -1, 2),
                  n -> {
                    if (n == 0) {
                      throw new IllegalArgumentException("zero");
                    }
                    if (n < 0) {
                      slow.set(Thread.currentThread());
                      new CountDownLatch(1).await();
                    }
                    return n;
                  },
                  Duration.ofSeconds(3));
          assertThat(outcomes.get(0)).isEqualTo(new Ok<>(1));
          assertThat(outcomes.get(1)).isInstanceOf(Exited.class);
          assertThat(outcomes.get(2)).isEqualTo(new Exited<>(ExitReason.TIMEOUT));
          assertThat(outcomes.get(3)).isEqualTo(new Ok<>(2));
          TestRuntime.await("the slow one is killed", () -> !slow.get().isAlive());
          assertThat(drain(self, QUIET)).isEmpty();
          assertThat(Multicall.run(self, List.<Integer>of(), n -> n, SHORT)).isEmpty();
        });
  }

  @Test
  void workersOfAMulticallEndWithItsCaller() {
    otp.run(
        self -> {
          var threads = new ArrayList<Thread>();
          var started = new CountDownLatch(3);
          var caller =
              self.spawnMonitor(
                  c ->
                      Multicall.run(
                          c,
                          List.of(1, 2, 3),
                          n -> {
                            synchronized (threads) {
                              threads.add(Thread.currentThread());
                            }
                            started.countDown();
                            new CountDownLatch(1).await();
                            return n;
                          },
                          TestRuntime.LIMIT));
          await(started);
          self.exit(caller.pid(), ExitReason.KILL);
          next(self, Down.class);
          TestRuntime.await("they end", () -> threads.stream().noneMatch(Thread::isAlive));
        });
  }
}
