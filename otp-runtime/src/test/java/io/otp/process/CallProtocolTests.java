package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * 1h: the call protocol. Erlang needs a monitor with an alias for it; here the caller waits for the
 * request itself, and what must hold is the same: one reply at most, none after the timeout, and
 * never a trace of it in the caller's mailbox.
 */
@Timeout(120)
class CallProtocolTests {

  private static final Duration SHORT = Duration.ofMillis(20);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static TestBehaviour.Ask ask(
      BiFunction<Request, Self<Object>, @Nullable ExitReason> action) {
    return new TestBehaviour.Ask(action);
  }

  private static TestBehaviour.Ask ask(Object reply) {
    return ask(
        (request, self) -> {
          request.reply(reply);
          return null;
        });
  }

  private ProcessRuntime.Address server() {
    return otp.runtime().address(otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE));
  }

  private Pid pid(ProcessRuntime.Address address) {
    return otp.runtime().resolve(address).orElseThrow();
  }

  @Test
  @Rule("1.82")
  void callReturnsTheReply() {
    var server = server();
    assertThat(otp.runtime().call(server, ask("hi"), null)).isEqualTo("hi");
    otp.run(self -> assertThat(otp.runtime().call(server, ask(1), null)).isEqualTo(1));
  }

  /** gen_statem_SUITE:abnormal1clean */
  @Test
  @Rule({"1.82", "1.83"})
  void replyAfterTimeoutLeavesNothing() {
    otp.run(
        self -> {
          var late = new CompletableFuture<Request>();
          var server = server();
          assertThatThrownBy(
                  () ->
                      otp.runtime()
                          .call(
                              server,
                              ask(
                                  (request, s) -> {
                                    late.complete(request);
                                    return null;
                                  }),
                              SHORT))
              .isInstanceOf(CallException.CallTimeoutException.class);
          assertThat(TestRuntime.get(late, "the server has the request").reply("late")).isFalse();
          assertThat(drain(self, QUIET)).isEmpty();
          assertThat(otp.runtime().info(self.pid()).orElseThrow().monitors()).isEmpty();
        });
  }

  /** gen_server_SUITE:reply_by_alias_with_payload */
  @Test
  @Rule("1.83")
  void secondReplyIsDropped() {
    otp.run(
        self -> {
          var server = server();
          for (Duration timeout : new Duration[] {null, Duration.ofSeconds(Long.MAX_VALUE)}) {
            for (int i = 0; i < 1_000; i++) {
              var second = new AtomicReference<Boolean>();
              int number = i;
              Object reply =
                  otp.runtime()
                      .call(
                          server,
                          ask(
                              (request, s) -> {
                                request.reply(number);
                                second.set(request.reply(-number));
                                return null;
                              }),
                          timeout);
              assertThat(reply).isEqualTo(i);
              await("the second reply was given", () -> second.get() != null);
              assertThat(second).hasValue(false);
            }
          }
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule({"1.82", "1.83"})
  void replyRacingTimeoutIsReturnedOrVanishes() {
    var random = TestRuntime.random("replyRacingTimeoutIsReturnedOrVanishes");
    otp.run(
        self -> {
          var server = server();
          int replies = 0;
          int timeouts = 0;
          for (int i = 0; i < 3_000; i++) {
            var took = new AtomicReference<Boolean>();
            int spins = random.nextInt(3_000);
            int number = i;
            try {
              Object reply =
                  otp.runtime()
                      .call(
                          server,
                          ask(
                              (request, s) -> {
                                for (int n = 0; n < spins; n++) {
                                  Thread.onSpinWait();
                                }
                                took.set(request.reply(number));
                                return null;
                              }),
                          i % 3 == 0 ? Duration.ZERO : Duration.ofNanos(random.nextInt(60_000)));
              assertThat(reply).isEqualTo(i);
              replies++;
            } catch (CallException.CallTimeoutException e) {
              timeouts++;
              await("replied", () -> took.get() != null);
              assertThat(took).as("the server is told that nobody took it").hasValue(false);
            }
          }
          System.out.println(replies + " replies, " + timeouts + " timeouts");
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("1.82")
  void replyThatComesAsTheTimeIsOverIsReturned() {
    var putOff = new AtomicReference<Request>();
    var clock =
        new LastMomentClock(
            SHORT,
            () -> {
              await("put off", () -> putOff.get() != null);
              putOff.get().reply("at the last moment");
            });
    var other = new TestRuntime(builder -> builder.clock(clock));
    other.beforeEach(null);
    try {
      other.run(
          self -> {
            Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
            var question =
                ask(
                    (request, s) -> {
                      putOff.set(request);
                      return null;
                    });
            clock.watch();
            assertThat(self.runtime().call(self.runtime().address(server), question, SHORT))
                .isEqualTo("at the last moment");
          });
    } finally {
      other.afterEach(null);
    }
  }

  /** Held up between its decision and its delivery, by the lock of the server that put it off. */
  @Test
  @Rule("2.34")
  void requestIsNotGivenUpWhileItsResponseIsOnTheWay() {
    var server = server();
    Pid pid = pid(server);
    var putOff = new AtomicReference<Request>();
    var giveUp = new CountDownLatch(1);
    var gaveUp = new CompletableFuture<Boolean>();
    var left = new CompletableFuture<List<Object>>();
    otp.runtime()
        .spawn(
            self -> {
              Ref id =
                  otp.runtime()
                      .sendRequest(
                          server,
                          ask(
                              (request, s) -> {
                                putOff.set(request);
                                return null;
                              }));
              await(giveUp);
              gaveUp.complete(otp.runtime().abandonRequest(id));
              left.complete(drain(self));
            });
    await("put off", () -> putOff.get() != null && putOff.get().deferredBy != null);
    synchronized (pid) {
      Thread.ofVirtual().start(() -> putOff.get().reply("x"));
      await("decided", () -> putOff.get().isDecided());
      giveUp.countDown();
      assertThatThrownBy(() -> gaveUp.get(QUIET.toMillis(), TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
    }
    assertThat(TestRuntime.get(gaveUp, "it hears that the response was quicker")).isFalse();
    assertThat(TestRuntime.get(left, "the response")).hasSize(1);
  }

  @Test
  @Rule("1.82")
  void timeoutOfZeroLooksOnce() {
    otp.run(
        self -> {
          var server = server();
          Sys.suspend(pid(server));
          assertThatThrownBy(() -> otp.runtime().call(server, ask(1), Duration.ZERO))
              .isInstanceOf(CallException.CallTimeoutException.class);
          assertThatThrownBy(() -> otp.runtime().call(server, ask(1), Duration.ofMillis(-1)))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  @Test
  @Rule("1.82")
  void timeoutIsNotEarlyAndNotReset() {
    otp.run(
        self -> {
          var server = server();
          Sys.suspend(pid(server));
          Pid me = self.pid();
          var stop = new CountDownLatch(1);
          Pid noise =
              self.spawn(
                  s -> {
                    while (stop.getCount() > 0) {
                      s.send(me, "noise");
                      s.sleep(Duration.ofMillis(5));
                    }
                  });
          long start = System.nanoTime();
          assertThatThrownBy(() -> otp.runtime().call(server, ask(1), Duration.ofMillis(100)))
              .isInstanceOf(CallException.CallTimeoutException.class);
          assertThat(Duration.ofNanos(System.nanoTime() - start))
              .isBetween(Duration.ofMillis(100), LIMIT);
          stop.countDown();
          self.exit(noise, ExitReason.KILL);
        });
  }

  @Test
  @Rule("1.82")
  void deathOfServerAnswersEveryCall() {
    otp.run(
        self -> {
          Pid me = self.pid();
          var server = server();
          var inside = new CountDownLatch(1);
          // one being handled, one put off, one queued
          ask(self, me, server, ask((request, s) -> null), "put off");
          assertThat(otp.runtime().call(server, ask("first"), null)).isEqualTo("first");
          ask(
              self,
              me,
              server,
              ask(
                  (request, s) -> {
                    inside.countDown();
                    s.receive();
                    return null;
                  }),
              "handled");
          await(inside);
          ask(self, me, server, ask(1), "queued");
          await(
              "queued",
              () -> otp.runtime().info(pid(server)).orElseThrow().summary().mailbox() == 1);
          self.exit(pid(server), ExitReason.other("boom"));
          assertThat(List.of(next(self), next(self), next(self)))
              .containsExactlyInAnyOrder("put off: boom", "handled: boom", "queued: boom");
        });
  }

  private void ask(
      Self<Object> self, Pid me, ProcessRuntime.Address server, Object request, String what) {
    self.spawn(
        s -> {
          try {
            s.send(me, what + " " + otp.runtime().call(server, request, LIMIT));
          } catch (CallException e) {
            s.send(me, what + ": " + e.cause());
          }
        });
  }

  @Test
  @Rule({"1.82", "1.20"})
  void callAfterOwnKillFindsNoProcess() {
    otp.run(
        self -> {
          for (int i = 0; i < 500; i++) {
            var running = new CountDownLatch(1);
            var server = server();
            Pid pid = pid(server);
            if (i % 2 == 0) { // its death takes a moment to be told
              self.send(
                  pid,
                  TestBehaviour.run(
                      s -> {
                        running.countDown();
                        while (otp.runtime().isAlive(s.pid())) {
                          Thread.onSpinWait();
                        }
                      }));
              await(running);
            }
            self.exit(pid, ExitReason.KILL);
            assertThatThrownBy(() -> otp.runtime().call(server, ask(1), null))
                .isInstanceOf(CallException.NoProcessException.class);
          }
        });
  }

  @Test
  @Rule("1.82")
  void everyCallIsAnsweredWhileServerDies() {
    var random = TestRuntime.random("everyCallIsAnsweredWhileServerDies");
    for (int round = 0; round < 1_000; round++) {
      var server = server();
      Pid pid = pid(server);
      int callers = 6;
      var answered = new CountDownLatch(callers);
      var wrong = new AtomicInteger();
      for (int c = 0; c < callers; c++) {
        boolean putOff = c % 3 == 0;
        otp.runtime()
            .spawn(
                self -> {
                  try {
                    for (int n = 0; n < 5; n++) {
                      otp.runtime().call(server, putOff ? ask((r, s) -> null) : ask(n), LIMIT);
                    }
                  } catch (CallException.CallTimeoutException e) {
                    wrong.incrementAndGet();
                  } catch (CallException e) {
                    // noproc or killed
                  }
                  answered.countDown();
                });
      }
      for (int n = random.nextInt(2_000); n > 0; n--) {
        Thread.onSpinWait();
      }
      otp.runtime().exit(pid, ExitReason.KILL);
      await(answered);
      assertThat(wrong).hasValue(0);
    }
  }

  @Test
  @Rule("1.86")
  void callCostsTheSameHoweverMuchIsQueued() {
    otp.run(
        self -> {
          var server = server();
          best(server); // warm
          long empty = best(server);
          for (int i = 0; i < 1_000_000; i++) {
            self.send(self.pid(), i);
          }
          long full = best(server);
          System.out.println("call: " + empty + " ns, with 10^6 messages queued " + full + " ns");
          // reading 10^6 messages each time would take milliseconds
          assertThat(full).isLessThan(5 * empty + 200_000);
          assertThat(otp.runtime().info(self.pid()).orElseThrow().summary().mailbox())
              .isEqualTo(1_000_000);
        });
  }

  private long best(ProcessRuntime.Address server) {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < 200; i++) {
        otp.runtime().call(server, ask(i), LIMIT);
      }
      best = Math.min(best, (System.nanoTime() - start) / 200);
    }
    return best;
  }
}
