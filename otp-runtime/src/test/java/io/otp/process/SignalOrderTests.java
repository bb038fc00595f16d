package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1b: the order of signals. */
@Timeout(120)
class SignalOrderTests {

  private static final int RACES = 5_000;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  record Numbered(int sender, int number) {}

  @Test
  @Rule({"1.20", "1.24"})
  void messagesOfEachSenderArriveInOrder() {
    int senders = 4;
    int count = 20_000;
    otp.run(
        self -> {
          Pid me = self.pid();
          for (int i = 0; i < senders; i++) {
            int sender = i;
            if (i % 2 == 0) {
              self.spawn(s -> sendAll(s, me, sender, count));
            } else {
              Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
              self.send(server, TestBehaviour.run(s -> sendAll(s, me, sender, count)));
            }
          }
          int[] last = new int[senders];
          for (int i = 0; i < senders * count; i++) {
            Numbered message = (Numbered) next(self);
            assertThat(message.number).isEqualTo(last[message.sender] + 1);
            last[message.sender] = message.number;
          }
        });
  }

  private static void sendAll(Self<Object> self, Pid to, int sender, int count) {
    for (int i = 1; i <= count; i++) {
      self.send(to, new Numbered(sender, i));
    }
  }

  /** The receiver is a behaviour, so that it goes idle and is woken between messages. */
  @Test
  @Rule("1.20")
  void behaviourHandlesMessagesOfEachSenderInOrder() {
    int senders = 3;
    int count = 20_000;
    var last = new int[senders];
    var wrong = new AtomicReference<String>();
    var all = new CountDownLatch(senders * count);
    Pid server = otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
    for (int i = 0; i < senders; i++) {
      int sender = i;
      otp.runtime()
          .spawn(
              self -> {
                for (int n = 1; n <= count; n++) {
                  int number = n;
                  self.send(
                      server,
                      TestBehaviour.run(
                          s -> {
                            if (last[sender] + 1 != number) {
                              wrong.compareAndSet(
                                  null, sender + ": " + number + " after " + last[sender]);
                            }
                            last[sender] = number;
                            all.countDown();
                          }));
                }
              });
    }
    await(all);
    assertThat(wrong).hasValue(null);
  }

  /** signal_SUITE:xm_sig_order */
  @Test
  @Rule("1.20")
  void exitSignalsAndMessagesKeepTheirOrder() {
    var random = TestRuntime.random("exitSignalsAndMessagesKeepTheirOrder");
    otp.run(
        self -> {
          self.trapExits(true);
          Pid me = self.pid();
          int count = RACES;
          var kinds = random.ints(count, 0, 2).toArray();
          Pid sender =
              self.spawn(
                  s -> {
                    for (int i = 0; i < count; i++) {
                      if (kinds[i] == 0) {
                        s.send(me, i);
                      } else {
                        s.exit(me, ExitReason.other(i));
                      }
                    }
                  });
          for (int i = 0; i < count; i++) {
            Object expected = kinds[i] == 0 ? (Object) i : new Exit(sender, ExitReason.other(i));
            assertThat(next(self)).isEqualTo(expected);
          }
        });
  }

  /** A signal that is ignored does not overtake, hold up or take along what is sent after it. */
  @Test
  @Rule("1.20")
  void messageAfterIgnoredExitArrives() {
    otp.run(
        self -> {
          for (int i = 0; i < 500; i++) {
            var got = new AtomicReference<Object>();
            Pid receiver = self.spawn(s -> got.set(s.receive()));
            Ref ref = self.monitor(receiver);
            self.exit(receiver, ExitReason.NORMAL);
            self.send(receiver, i);
            assertThat(next(self)).isEqualTo(new Down(ref, receiver, ExitReason.NORMAL));
            assertThat(got).hasValue(i);
          }
        });
  }

  /** Neither age nor address decides: of two that send at the same time either may be first. */
  @Test
  @Rule("1.21")
  void eitherOfTwoSendersMayBeFirst() {
    var random = TestRuntime.random("eitherOfTwoSendersMayBeFirst");
    otp.run(
        self -> {
          Pid me = self.pid();
          var first = new HashSet<Object>();
          long start = System.nanoTime();
          while (first.size() < 2) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
            for (String sender : List.of("older", "younger")) {
              Duration delay = Duration.ofNanos(random.nextInt(200_000));
              self.spawn(
                  s -> {
                    s.sleep(delay);
                    s.send(me, sender);
                  });
            }
            first.add(next(self));
            next(self);
          }
        });
  }

  @Test
  @Rule("1.20")
  void messagesComeBeforeExitAndDownOfTheirSender() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid me = self.pid();
          for (int i = 0; i < RACES; i++) {
            ExitReason reason = ExitReason.other(i);
            if (i % 2 == 0) {
              Pid child =
                  self.spawnLink(
                      s -> {
                        s.send(me, "m1");
                        s.send(me, "m2");
                        throw new ProcessExit(reason);
                      });
              assertThat(List.of(next(self), next(self))).containsExactly("m1", "m2");
              assertThat(next(self)).isEqualTo(new Exit(child, reason));
            } else {
              Self.Monitored child = self.spawn(new TestBehaviour(), SpawnOptions.MONITOR);
              self.send(
                  child.pid(),
                  new TestBehaviour.Do(
                      s -> {
                        s.send(me, "m1");
                        s.send(me, "m2");
                        return reason;
                      }));
              assertThat(List.of(next(self), next(self))).containsExactly("m1", "m2");
              assertThat(next(self)).isEqualTo(new Down(child.ref(), child.pid(), reason));
            }
          }
        });
  }

  /** The sender is killed by a third process while it sends. */
  @Test
  @Rule({"1.20", "1.57"})
  void nothingComesFromKilledProcessAfterItsDown() {
    otp.run(
        self -> {
          Pid me = self.pid();
          for (int round = 0; round < 300; round++) {
            Pid sender =
                self.spawn(
                    s -> {
                      for (int i = 1; ; i++) {
                        s.send(me, i);
                      }
                    });
            Ref ref = self.monitor(sender);
            assertThat(next(self)).isEqualTo(1);
            self.exit(sender, ExitReason.KILL);
            int last = 1;
            Object message = next(self);
            while (message instanceof Integer number) {
              assertThat(number).isEqualTo(last + 1);
              last = number;
              message = next(self);
            }
            assertThat(message).isEqualTo(new Down(ref, sender, ExitReason.KILLED));
            assertThat(TestRuntime.drain(self)).isEmpty();
          }
        });
  }

  @Test
  @Rule({"1.22", "1.80"})
  void orderIsKeptWhateverAddressIsUsed() {
    otp.run(
        self -> {
          self.register("me");
          Pid me = self.pid();
          Alias alias = self.alias();
          int count = 10_000;
          self.spawn(
              s -> {
                for (int i = 0; i < count; i++) {
                  switch (i % 4) {
                    case 0 -> s.send(me, i);
                    case 1 -> s.send("me", i);
                    case 2 -> s.send(alias, i);
                    default -> s.runtime().send(me, i);
                  }
                }
              });
          for (int i = 0; i < count; i++) {
            assertThat(next(self)).isEqualTo(i);
          }
        });
  }

  @Test
  @Rule("1.23")
  void receiverNeverRunsInsideTheSendersCall() throws Exception {
    var stacks = new CompletableFuture<List<String>>();
    Pid receiver = otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
    Pid sender = otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
    otp.runtime().send(sender, TestBehaviour.run(s -> sendFrom(s, receiver, stacks)));
    assertThat(TestRuntime.get(stacks, "the receiver has run")).doesNotContain("sendFrom");
  }

  private static void sendFrom(
      Self<Object> self, Pid receiver, CompletableFuture<List<String>> stacks) {
    self.send(
        receiver,
        TestBehaviour.run(
            s ->
                stacks.complete(
                    StackWalker.getInstance()
                        .walk(
                            frames ->
                                frames.map(StackWalker.StackFrame::getMethodName).toList()))));
  }

  @Test
  @Rule("1.23")
  void sendReturnsWhileReceiverIsBusy() {
    otp.run(
        self -> {
          var release = new CountDownLatch(1);
          var ended = new CountDownLatch(1);
          Pid busy =
              self.spawn(
                  s -> {
                    await(release);
                    assertThat(s.receive()).isEqualTo("hello");
                    ended.countDown();
                  });
          self.send(busy, "hello");
          release.countDown();
          await(ended);
        });
  }

  @Test
  @Rule("1.24")
  void mailboxHasNoBoundByDefault() {
    int count = 300_000;
    otp.run(
        self -> {
          Pid me = self.pid();
          var release = new CountDownLatch(1);
          Pid slow =
              self.spawn(
                  s -> {
                    await(release);
                    int last = 0;
                    for (int i = 0; i < count; i++) {
                      last = (Integer) s.receive();
                    }
                    s.send(me, last);
                  });
          for (int i = 1; i <= count; i++) {
            self.send(slow, i);
          }
          release.countDown();
          assertThat(self.receive(LIMIT, Receive::take)).contains(count);
          assertThat(otp.runtime().stats().deadLetters()).isZero();
        });
  }

  /** With many processes that all send to all (the load that single-pair tests lack). */
  @Test
  @Rule({"1.20", "1.24"})
  void orderIsKeptAmongTenThousandProcesses() {
    int count = 10_000;
    var wrong = new AtomicReference<String>();
    var all = new CountDownLatch(count * 10);
    var pids = new ArrayList<Pid>();
    for (int i = 0; i < count; i++) {
      pids.add(otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE));
    }
    for (int i = 0; i < count; i++) {
      Pid to = pids.get((i * 7919 + 1) % count);
      otp.runtime()
          .send(
              pids.get(i),
              TestBehaviour.run(
                  s -> {
                    for (int n = 1; n <= 10; n++) {
                      int number = n;
                      s.send(
                          to,
                          TestBehaviour.run(
                              r -> {
                                Object before = r.put("last", number);
                                if (!Integer.valueOf(number - 1)
                                    .equals(before == null ? 0 : before)) {
                                  wrong.compareAndSet(null, number + " after " + before);
                                }
                                all.countDown();
                              }));
                    }
                  }));
    }
    await(all);
    assertThat(wrong).hasValue(null);
  }
}
