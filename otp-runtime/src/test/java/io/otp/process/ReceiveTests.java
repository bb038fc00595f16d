package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1i: receive. */
@Timeout(120)
class ReceiveTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static Receive<Object> only(Object message, Object wanted) {
    return message.equals(wanted) ? Receive.take(message) : Receive.skip();
  }

  @Test
  @Rule("1.84")
  void oldestMessageThatAnyClauseTakesWins() {
    otp.run(
        self -> {
          for (Object message : List.of(1, "b", 2, "a")) {
            self.send(self.pid(), message);
          }
          Object taken =
              self.receive(
                  m ->
                      switch (m) {
                        case String s when s.equals("a") -> Receive.take("first clause: " + s);
                        case String s -> Receive.take("second clause: " + s);
                        default -> Receive.skip();
                      });
          assertThat(taken).isEqualTo("second clause: b");
          assertThat(drain(self)).containsExactly(1, 2, "a");
        });
  }

  @Test
  @Rule("1.84")
  void skippedMessagesKeepTheirOrder() {
    var random = TestRuntime.random("skippedMessagesKeepTheirOrder");
    otp.run(
        self -> {
          var expected = new ArrayList<Object>();
          int next = 0;
          for (int round = 0; round < 2_000; round++) {
            for (int n = random.nextInt(4); n > 0; n--) {
              self.send(self.pid(), next);
              expected.add(next++);
            }
            if (!expected.isEmpty()) {
              Object wanted = expected.get(random.nextInt(expected.size()));
              assertThat(self.receive(Duration.ZERO, m -> only(m, wanted))).contains(wanted);
              expected.remove(wanted);
            }
            assertThat(self.receive(Duration.ZERO, m -> only(m, "never"))).isEmpty();
          }
          assertThat(drain(self)).isEqualTo(expected);
        });
  }

  @Test
  @Rule("1.84")
  void receiveWaitsForTheMessageItWants() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.spawn(
              s -> {
                for (int i = 0; i < 1_000; i++) {
                  s.send(me, i);
                }
                s.send(me, "wanted");
              });
          assertThat(self.<Object>receive(m -> only(m, "wanted"))).isEqualTo("wanted");
          List<Object> left = drain(self);
          assertThat(left).hasSize(1_000).startsWith(0, 1, 2).endsWith(998, 999);
        });
  }

  @Test
  @Rule("1.84")
  void clauseThatThrowsLeavesTheMessage() {
    otp.run(
        self -> {
          self.send(self.pid(), "a");
          self.send(self.pid(), "b");
          assertThatThrownBy(
                  () ->
                      self.receive(
                          m -> {
                            if (m.equals("b")) {
                              throw new IllegalStateException("in a clause");
                            }
                            return Receive.skip();
                          }))
              .isInstanceOf(IllegalStateException.class);
          assertThat(drain(self)).containsExactly("a", "b");
        });
  }

  @Test
  @Rule("1.85")
  void zeroLooksThroughTheWholeMailboxOnce() {
    otp.run(
        self -> {
          for (String m : List.of("a", "b", "c")) {
            self.send(self.pid(), m);
          }
          assertThat(self.receive(Duration.ZERO, m -> only(m, "c"))).contains("c");
          var looked = new AtomicInteger();
          assertThat(
                  self.receive(
                      Duration.ZERO,
                      m -> {
                        looked.incrementAndGet();
                        return Receive.skip();
                      }))
              .isEmpty();
          assertThat(looked).hasValue(2);
          assertThat(drain(self)).containsExactly("a", "b");
        });
  }

  /** Each message that is looked at brings another: there is always one more. */
  @Test
  @Rule("1.85")
  void timeoutComesThoughTheLastMessageIsNeverReached() {
    otp.run(
        self -> {
          for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(10))) {
            self.send(self.pid(), "more");
            long limit = System.nanoTime() + LIMIT.toNanos() / 5;
            assertThat(
                    self.receive(
                        timeout,
                        message -> {
                          assertThat(System.nanoTime() - limit).as("goes on").isNegative();
                          self.send(self.pid(), message);
                          return Receive.skip();
                        }))
                .isEmpty();
          }
        });
  }

  /** Though messages come faster than they are looked at. */
  @Test
  @Rule("1.85")
  void timeoutComesInAFloodOfOtherMessages() {
    var stop = new AtomicBoolean();
    try {
      otp.run(
          self -> {
            Pid me = self.pid();
            var flowing = new CountDownLatch(1);
            Thread.ofPlatform()
                .daemon()
                .start(
                    () -> {
                      for (int i = 0; i < 3_000_000 && !stop.get(); i++) {
                        otp.runtime().send(me, i);
                        if (i == 1_000) {
                          flowing.countDown();
                        }
                      }
                    });
            await(flowing);
            for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(30))) {
              assertThat(
                      self.receive(
                          timeout,
                          m -> {
                            for (int n = 0; n < 20; n++) { // slower than the sender
                              Thread.onSpinWait();
                            }
                            return Receive.skip();
                          }))
                  .isEmpty();
            }
            assertThat(stop.get()).as("the flood goes on").isFalse();
          });
    } finally {
      stop.set(true);
    }
  }

  @Test
  @Rule("1.85")
  void otherMessagesDoNotRestartTheTimeout() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid noise =
              self.spawn(
                  s -> {
                    while (true) {
                      s.sleep(Duration.ofMillis(20));
                      s.send(me, "noise");
                    }
                  });
          long start = System.nanoTime();
          assertThat(self.receive(Duration.ofMillis(60), m -> only(m, "never"))).isEmpty();
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          self.exit(noise, ExitReason.KILL);
          assertThat(took).isBetween(Duration.ofMillis(60), LIMIT);
        });
  }

  @Test
  @Rule("1.85")
  void timeoutIsNeverEarly() {
    otp.run(
        self -> {
          for (int millis = 1; millis <= 20; millis++) {
            long start = System.nanoTime();
            assertThat(self.receive(Duration.ofMillis(millis), Receive::take)).isEmpty();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(millis * 1_000_000L);
          }
        });
  }

  @Test
  @Rule("1.85")
  void negativeTimeoutIsRefused() {
    otp.run(
        self -> {
          self.send(self.pid(), "a");
          assertThatThrownBy(() -> self.receive(Duration.ofMillis(-1), Receive::take))
              .isInstanceOf(IllegalArgumentException.class);
          assertThat(next(self)).isEqualTo("a");
        });
  }

  @Test
  @Rule("1.85")
  void receiveWithoutTimeoutWaitsForEver() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.spawn(
              s -> {
                s.sleep(Duration.ofMillis(30));
                s.send(me, "at last");
              });
          assertThat(self.receive()).isEqualTo("at last");
          Pid waiter =
              self.spawn(
                  s ->
                      s.send(
                          me,
                          s.receive(Duration.ofSeconds(Long.MAX_VALUE), Receive::take)
                              .orElseThrow()));
          self.send(waiter, "for ever is long enough");
          assertThat(self.receive()).isEqualTo("for ever is long enough");
        });
  }

  /**
   * The message that comes in the very moment of the timeout is received or stays, and the next
   * receive gets it.
   */
  @Test
  @Rule({"1.85", "1.24"})
  void messageThatComesAsTheTimeIsOverIsNotLost() {
    Duration time = Duration.ofMillis(20);
    var receiver = new AtomicReference<Pid>();
    var runtime = new AtomicReference<ProcessRuntime>();
    var clock =
        new LastMomentClock(
            time,
            () -> {
              var sent = new CountDownLatch(1);
              Thread.ofPlatform()
                  .start(
                      () -> {
                        runtime.get().send(receiver.get(), "at the last moment");
                        sent.countDown();
                      });
              await(sent);
            });
    var other = new TestRuntime(builder -> builder.clock(clock));
    other.beforeEach(null);
    try {
      runtime.set(other.runtime());
      other.run(
          self -> {
            receiver.set(self.pid());
            clock.watch();
            var message =
                self.receive(time, Receive::take).or(() -> drain(self).stream().findAny());
            assertThat(message).contains("at the last moment");
          });
    } finally {
      other.afterEach(null);
    }
  }

  @Test
  @Rule({"1.85", "1.24"})
  void messageRacingTimeoutIsNotLost() {
    var random = TestRuntime.random("messageRacingTimeoutIsNotLost");
    otp.run(
        self -> {
          Pid me = self.pid();
          int timeouts = 0;
          int count = 3_000;
          Pid sender =
              self.spawn(
                  s -> {
                    for (int i = 0; i < count; i++) {
                      s.receive();
                      for (int n = random.nextInt(2_000); n > 0; n--) {
                        Thread.onSpinWait();
                      }
                      s.send(me, i);
                    }
                  });
          for (int i = 0; i < count; i++) {
            self.send(sender, "go");
            var got = self.receive(Duration.ofNanos(i % 2 == 0 ? 0 : 20_000), Receive::take);
            if (got.isEmpty()) {
              timeouts++;
              got = self.receive(LIMIT, Receive::take);
            }
            assertThat(got).contains(i);
          }
          System.out.println(timeouts + " timeouts of " + count);
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("1.84")
  void behaviourMayReceiveInACallback() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          self.send(
              server,
              TestBehaviour.run(
                  s -> {
                    s.send(me, "waiting");
                    s.send(me, s.receive(m -> only(m, "inner")));
                  }));
          assertThat(next(self)).isEqualTo("waiting");
          self.send(server, TestBehaviour.run(s -> s.send(me, "next")));
          self.send(server, "inner");
          assertThat(next(self)).isEqualTo("inner");
          assertThat(next(self)).isEqualTo("next");
        });
  }
}
