package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Corners of the engine's protocols in which two threads or two features meet. */
class EngineProtocolTests {

  @RegisterExtension
  final TestRuntime otp = new TestRuntime(builder -> builder.schedulers(2).retirement(50));

  private Pid spawn(Behaviour behaviour) {
    return otp.runtime().spawn(behaviour, SpawnOptions.NONE);
  }

  private static CallbackModule bounded(int limit, Overload policy) {
    return CallbackModule.of("Bounded", "test").withMailbox(MailboxBound.of(limit, policy));
  }

  private Object call(Pid pid, TestBehaviour.Ask ask) {
    return otp.runtime().call(otp.runtime().address(pid), ask, LIMIT);
  }

  private static TestBehaviour.Ask ping() {
    return new TestBehaviour.Ask(
        (request, self) -> {
          request.reply("pong");
          return null;
        });
  }

  // --- scheduler

  @Test
  void workerThatRetiresGivesBackTheSlotItDrives() {
    Pid echo = spawn(new TestBehaviour());
    var address = otp.runtime().address(echo);
    int clients = 4;
    int rounds = 5_000;
    var done = new CountDownLatch(clients);
    for (int i = 0; i < clients; i++) {
      Pid client = spawn(new TestBehaviour());
      var left = new AtomicInteger(rounds);
      var step =
          new Consumer<Self<Object>>() {
            TestBehaviour.Do message;

            @Override
            public void accept(Self<Object> self) {
              self.runtime().call(address, ping(), LIMIT);
              if (left.decrementAndGet() == 0) {
                done.countDown();
              } else {
                self.send(self.pid(), message);
              }
            }
          };
      step.message = TestBehaviour.run(step::accept);
      otp.runtime().send(client, step.message);
    }

    await("every client is served", () -> done.getCount() == 0);
    await("every slot is idle", () -> otp.runtime().stats().busySchedulers() == 0);
  }

  @Test
  void interruptThatACallbackLeavesBehindMeetsNobodyElse() {
    var interrupted = new AtomicInteger();
    var handled = new AtomicInteger();
    int rounds = 200;
    for (int i = 0; i < rounds; i++) {
      otp.runtime()
          .send(
              spawn(new TestBehaviour()),
              TestBehaviour.run(self -> Thread.currentThread().interrupt()));
      otp.runtime()
          .send(
              spawn(new TestBehaviour()),
              TestBehaviour.run(
                  self -> {
                    if (Thread.currentThread().isInterrupted()) {
                      interrupted.incrementAndGet();
                    }
                    handled.incrementAndGet();
                  }));
    }

    await("all have run", () -> handled.get() == rounds);
    assertThat(interrupted).hasValue(0);
  }

  @Test
  void workerSurvivesACleanerThatThrows() {
    var runs = new AtomicInteger();
    try (ProcessRuntime runtime =
        ProcessRuntime.builder()
            .schedulers(1)
            .afterActivation(
                () -> {
                  if (runs.incrementAndGet() == 1) {
                    throw new IllegalStateException("cleaner");
                  }
                })
            .build()) {
      Pid pid = runtime.spawn(new TestBehaviour(), SpawnOptions.NONE);
      for (int i = 0; i < 10; i++) {
        assertThat(runtime.call(runtime.address(pid), ping(), LIMIT)).isEqualTo("pong");
      }
      await("the slot is idle", () -> runtime.stats().busySchedulers() == 0);
    }
  }

  // --- death

  @Test
  void reportHandlerMaySendForTheProcessThatCrashed() {
    var told = new ConcurrentLinkedQueue<Object>();
    Pid log =
        otp.runtime()
            .spawn(
                self -> {
                  for (; ; ) {
                    told.add(self.receive());
                  }
                });
    otp.runtime().addReportHandler(report -> otp.runtime().send(log, "reported"));

    otp.run(
        self -> {
          Self.Monitored crashing =
              self.spawnMonitor(
                  other -> {
                    throw new IllegalStateException("on purpose");
                  });
          Down down = TestRuntime.next(self, Down.class);
          assertThat(down.ref()).isEqualTo(crashing.ref());
          assertThat(down.reason()).isInstanceOf(ExitReason.Crash.class);
        });
    await("the report is sent on", () -> told.contains("reported"));
  }

  @Test
  void reportHandlerThatFailsWithAnErrorDoesNotKeepTheProcess() {
    otp.runtime()
        .addReportHandler(
            report -> {
              throw new AssertionError("on purpose");
            });
    otp.run(
        self -> {
          self.spawnMonitor(
              other -> {
                throw new IllegalStateException("on purpose");
              });
          assertThat(TestRuntime.next(self, Down.class).reason())
              .isInstanceOf(ExitReason.Crash.class);
        });
  }

  @Test
  void exitHookThatFailsWithAnErrorDoesNotKeepTheProcess() {
    otp.run(
        self -> {
          Pid pid = self.spawn(Self::receive);
          self.monitor(pid);
          self.runtime()
              .atExit(
                  pid,
                  reason -> {
                    throw new AssertionError("on purpose");
                  });
          self.send(pid, "end");
          TestRuntime.next(self, Down.class);
        });
  }

  @Test
  void processThatHidesItsOwnExitIsDeadToOthersAllTheSame() {
    var stop = new AtomicBoolean();
    try {
      otp.run(
          self -> {
            self.spawnMonitor(
                other -> {
                  try {
                    other.exit(other.pid(), ExitReason.SHUTDOWN);
                  } catch (ProcessKilledError hidden) {
                    while (!stop.get()) {
                      LockSupport.parkNanos(100_000);
                    }
                  }
                });
            assertThat(TestRuntime.next(self, Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
          });
    } finally {
      stop.set(true);
    }
  }

  @Test
  void timeoutOfAProcessDiesWithIt() {
    var behaviour =
        new TestBehaviour() {
          @Override
          protected ExitReason onCast(Object message, Self<Object> self) {
            timeoutAfter(Duration.ofHours(1), self);
            return null;
          }
        };
    Pid pid = spawn(behaviour);
    otp.runtime().send(pid, TestBehaviour.run(self -> {}));
    await("it waits", () -> otp.runtime().stats().timers() == 1);

    otp.runtime().exit(pid, ExitReason.KILL);

    await("no timer is left", () -> otp.runtime().stats().timers() == 0);
  }

  @Test
  void monitorMadeWhileAProcessIsSuspendedFires() {
    for (int i = 0; i < 300; i++) {
      Pid pid = spawn(new TestBehaviour());
      var ready = new CountDownLatch(2);
      var suspended = new CompletableFuture<Object>();
      Thread.startVirtualThread(
          () -> {
            ready.countDown();
            Sys.suspend(pid);
            suspended.complete("");
          });
      otp.run(
          self -> {
            ready.countDown();
            while (ready.getCount() > 0) {
              Thread.onSpinWait();
            }
            self.monitor(pid);
            TestRuntime.get(suspended, "suspended");
            self.exit(pid, ExitReason.KILL);
            TestRuntime.next(self, Down.class);
          });
    }
  }

  @Test // P5
  void killOfAStarterDoesNotInterruptTheChildItWaitsFor() {
    var initialising = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var init = new CompletableFuture<String>();
    var child =
        new TestBehaviour() {
          @Override
          protected @Nullable ExitReason init(Self<Object> self) {
            initialising.countDown();
            try {
              go.await();
              init.complete("undisturbed");
            } catch (InterruptedException e) {
              init.complete("interrupted");
            }
            return null;
          }
        };
    Pid starter =
        otp.runtime()
            .spawn(self -> ProcLib.start(self, child, SpawnOptions.NONE, ping(), null)); // no link
    TestRuntime.await(initialising);
    otp.run(
        self -> {
          Ref ref = self.monitor(starter);
          self.exit(starter, ExitReason.KILL);
          assertThat(next(self)).isEqualTo(new Down(ref, starter, ExitReason.KILLED));
        });
    go.countDown();

    assertThat(TestRuntime.get(init, "init is over")).isEqualTo("undisturbed");
  }

  @Test // P5
  void interruptAStarterHasGotIsKeptForItselfWhileAChildRunsOnItsThread() {
    var seen = new CompletableFuture<String>();
    var child =
        new TestBehaviour() {
          @Override
          protected @Nullable ExitReason init(Self<Object> self) {
            seen.complete("child " + Thread.currentThread().isInterrupted());
            return null;
          }
        };
    var after = new CompletableFuture<Boolean>();
    otp.runtime()
        .spawn(
            self -> {
              Thread.currentThread().interrupt();
              ProcLib.start(self, child, SpawnOptions.NONE, ping(), null);
              after.complete(Thread.currentThread().isInterrupted());
            });

    assertThat(TestRuntime.get(seen, "init")).isEqualTo("child false");
    assertThat(TestRuntime.get(after, "started")).isTrue();
  }

  // --- bounds

  @Test
  void suspendedProcessThatDropsItsOldestGoesOnWhenResumed() {
    Pid pid = spawn(new TestBehaviour(bounded(2, Overload.DROP_OLDEST)));
    var handled = new ConcurrentLinkedQueue<Integer>();
    call(pid, ping());
    Sys.suspend(pid);

    for (int i = 1; i <= 5; i++) {
      int n = i;
      otp.runtime().send(pid, TestBehaviour.run(self -> handled.add(n)));
    }
    Sys.resume(pid);

    await("the newest are handled", () -> handled.contains(5)); // before the call takes a place
    assertThat(call(pid, ping())).isEqualTo("pong");
    assertThat(List.copyOf(handled)).isEqualTo(List.of(4, 5));
  }

  @Test
  void systemMessageIsNeverDropped() {
    Pid pid = spawn(new TestBehaviour(bounded(1, Overload.DROP_OLDEST)));
    var hold = new CountDownLatch(1);
    var held = new CountDownLatch(1);
    otp.runtime()
        .send(
            pid,
            TestBehaviour.run(
                self -> {
                  held.countDown();
                  hold.await();
                }));
    await("it is busy", () -> held.getCount() == 0);
    var suspended = new CompletableFuture<Object>();
    Thread.startVirtualThread(
        () -> {
          try {
            Sys.suspend(pid);
            suspended.complete("");
          } catch (Throwable t) {
            suspended.completeExceptionally(t);
          }
        });
    await("the system message waits", () -> ((Process) pid).mailboxSize() == 1);

    for (int i = 0; i < 10; i++) {
      otp.runtime().send(pid, TestBehaviour.run(self -> {}));
    }
    hold.countDown();

    TestRuntime.get(suspended, "suspended");
    Sys.resume(pid);
  }

  @Test
  void noMoreThanTheLimitWaitHoweverManySend() {
    int limit = 3;
    for (Overload policy : List.of(Overload.DROP_OLDEST, Overload.DROP_NEWEST)) {
      Pid pid = spawn(new TestBehaviour(bounded(limit, policy)));
      var hold = new CountDownLatch(1);
      var held = new CountDownLatch(1);
      otp.runtime()
          .send(
              pid,
              TestBehaviour.run(
                  self -> {
                    held.countDown();
                    hold.await();
                  }));
      await("it is busy", () -> held.getCount() == 0);
      flood(pid, 4, 2_000);
      assertThat(((Process) pid).mailboxSize()).as(policy.text()).isEqualTo(limit);
      hold.countDown();
      await("all is handled", () -> ((Process) pid).mailboxSize() == 0);
    }
  }

  /** B3: a sender that holds it may be about to take the oldest message out. */
  @Test
  void mailboxThatDropsItsOldestIsClosedUnderTheLockOfItsBound() {
    var process = (Process) spawn(new TestBehaviour(bounded(3, Overload.DROP_OLDEST)));
    await("it is idle", process::isResting);
    synchronized (Objects.requireNonNull(process.bound())) {
      otp.runtime().exit(process, ExitReason.KILL);
      await(
          "it waits for the lock",
          () ->
              process.runner() instanceof Seat seat
                  && seat.thread.getState() == Thread.State.BLOCKED);
      assertThat(process.push(new Mailbox.Node("x", Mailbox.Node.INFO))).isNotSameAs(Mailbox.DEAD);
    }
    await(
        "it is closed",
        () -> process.push(new Mailbox.Node("x", Mailbox.Node.INFO)) == Mailbox.DEAD);
  }

  private void flood(Pid pid, int senders, int messages) {
    var sent = new CountDownLatch(senders);
    for (int i = 0; i < senders; i++) {
      Thread.startVirtualThread(
          () -> {
            for (int n = 0; n < messages; n++) {
              otp.runtime().send(pid, TestBehaviour.run(self -> {}));
            }
            sent.countDown();
          });
    }
    await("all is sent", () -> sent.getCount() == 0);
  }

  @Test
  void deadMailboxStaysClosedWhenSendersDropItsOldest() {
    for (int i = 0; i < 200; i++) {
      Pid pid = spawn(new TestBehaviour(bounded(1, Overload.DROP_OLDEST)));
      var stop = new AtomicBoolean();
      var running = new CountDownLatch(2);
      for (int s = 0; s < 2; s++) {
        Thread.startVirtualThread(
            () -> {
              while (!stop.get()) {
                for (int n = 0; n < 10; n++) {
                  otp.runtime().send(pid, TestBehaviour.run(self -> {}));
                }
                Thread.yield();
              }
              running.countDown();
            });
      }
      Thread.yield();
      otp.runtime().exit(pid, ExitReason.KILL);
      await(
          "it is gone",
          () ->
              ((Process) pid).push(new Mailbox.Node("late", Mailbox.Node.SIGNAL)) == Mailbox.DEAD);
      stop.set(true);
      await("nobody sends", () -> running.getCount() == 0);
      assertThat(((Process) pid).push(new Mailbox.Node("late", Mailbox.Node.SIGNAL)))
          .isSameAs(Mailbox.DEAD);
    }
  }

  record Numbered(int sender, int number) {}

  @Test
  void selectiveReceiveGetsNothingTwiceWhileSendersDropTheOldest() {
    int senders = 3;
    int messages = 20_000;
    var taken = new ArrayList<Numbered>();
    var ended = new CompletableFuture<Object>();
    Pid pid = spawn(new TestBehaviour(bounded(8, Overload.DROP_OLDEST)));
    otp.runtime()
        .send(
            pid,
            TestBehaviour.run(
                self -> {
                  try {
                    int want = 0;
                    for (;
                        ; ) { // takes from the middle of the queue: now from this sender, now from
                      // that one
                      int sender = want++ % (senders + 1);
                      var got =
                          self.<Object>receive(
                              Duration.ofMillis(1),
                              message ->
                                  message instanceof Numbered n && n.sender == sender
                                          || message.equals("end")
                                      ? Receive.take(message)
                                      : Receive.skip());
                      if (got.isPresent() && got.get() instanceof Numbered n) {
                        taken.add(n);
                      } else if (got.isPresent()) {
                        ended.complete("");
                        return;
                      }
                    }
                  } catch (Throwable t) {
                    ended.completeExceptionally(t);
                  }
                }));
    var sent = new CountDownLatch(senders);
    for (int s = 0; s < senders; s++) {
      int sender = s;
      Thread.startVirtualThread(
          () -> {
            for (int n = 0; n < messages; n++) {
              otp.runtime().send(pid, new Numbered(sender, n));
              if (n % 64 == 0) {
                Thread.yield();
              }
            }
            sent.countDown();
          });
    }
    await("all is sent", () -> sent.getCount() == 0);
    otp.runtime().send(pid, "end");
    TestRuntime.get(ended, "the receiver has taken the last message");

    assertThat(new HashSet<>(taken)).as("nothing twice").hasSameSizeAs(taken);
    int[] last = {-1, -1, -1};
    for (Numbered n : taken) {
      assertThat(n.number).as("in order").isGreaterThan(last[n.sender]);
      last[n.sender] = n.number;
    }
    assertThat(call(pid, ping())).isEqualTo("pong");
  }

  // --- receive

  @Test
  void clauseThatThrowsLeavesItsMessage() {
    otp.run(
        self -> {
          self.send(self.pid(), "first");
          assertThatThrownBy(
                  () ->
                      self.receive(
                          message -> {
                            throw new IllegalStateException("clause");
                          }))
              .hasMessage("clause");
          assertThat(self.receive()).isEqualTo("first");
        });
  }
}
