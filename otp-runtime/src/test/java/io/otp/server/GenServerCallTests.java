package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static io.otp.process.ExitReason.CALLING_SELF;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.KILLED;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.NO_PROCESS;
import static io.otp.process.ExitReason.SHUTDOWN;
import static io.otp.process.ExitReason.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.CallException;
import io.otp.process.CallException.CallTimeoutException;
import io.otp.process.CallException.CallingSelfException;
import io.otp.process.CallException.NoProcessException;
import io.otp.process.CallException.ServerExitException;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.ExitReason.CallFailed;
import io.otp.process.From;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Ask;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Ignore;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerCallTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final int RACES = 1000;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private ServerRef<Message> started() {
    return server.start(otp.runtime(), 1);
  }

  private Pid dead() {
    Pid pid = otp.runtime().spawn(self -> {});
    await("its end", () -> !otp.runtime().isAlive(pid));
    return pid;
  }

  // --- failures

  @Test
  @Rule("2.20")
  void uncaughtFailureEndsTheCallerWithWhatItCalled() {
    ServerRef<Message> ref = ServerRef.of(otp.runtime(), "nobody");
    otp.run(
        self -> {
          self.spawnMonitor(inner -> ref.call(new Get()));
          assertThat(next(self, Down.class).reason())
              .isEqualTo(new CallFailed(NO_PROCESS, "'nobody'", new Get(), null))
              .hasToString("{noproc,{call,['nobody',Get[]]}}");
          self.spawnMonitor(inner -> ref.call(new Get(), Duration.ofMillis(50)));
          assertThat(next(self, Down.class).reason())
              .isEqualTo(new CallFailed(NO_PROCESS, "'nobody'", new Get(), Duration.ofMillis(50)))
              .hasToString("{noproc,{call,['nobody',Get[],PT0.05S]}}");
        });
  }

  @Test
  @Rule("2.20")
  void defaultTimeoutIsFiveSeconds() {
    var clock = new HandClock();
    try (ProcessRuntime slow = ProcessRuntime.builder().clock(clock).build()) {
      ServerRef<Message> ref = server.start(slow, 1);
      var failure = new CompletableFuture<Throwable>();
      slow.spawn(
          self -> {
            try {
              ref.call(new Ignore());
            } catch (CallException e) {
              failure.complete(e);
            }
          });
      await(
          "the call", () -> slow.info(Scripted.pidOf(ref)).orElseThrow().summary().handled() >= 2);
      await("its timer", () -> slow.stats().timers() > 0);
      clock.advance(Duration.ofMillis(4_999));
      assertThat(failure).isNotDone();
      clock.advance(Duration.ofMillis(1));
      assertThat(TestRuntime.get(failure, "the timeout"))
          .isInstanceOf(CallTimeoutException.class)
          .hasMessageContaining("did not reply to Ignore within 5000 ms")
          .isInstanceOfSatisfying(
              CallException.class,
              e -> assertThat(((CallFailed) e.reason()).timeout()).as("it was not given").isNull());
    }
  }

  @Test
  @Rule("2.21")
  void noSuchName() {
    ServerRef<Message> ref = ServerRef.of(otp.runtime(), "nobody");
    var failure = catchThrowableOfType(NoProcessException.class, () -> ref.call(new Get()));
    assertThat(failure)
        .hasMessage(
            "Server 'nobody' is not running, so Get was not delivered. Start it, or wait for its"
                + " supervisor to.");
    assertThat(failure.cause()).isEqualTo(NO_PROCESS);
    assertThat(failure.server()).isEqualTo("'nobody'");
    assertThat(failure.request()).isEqualTo(new Get());
    assertThat(failure.reason()).isEqualTo(new CallFailed(NO_PROCESS, "'nobody'", new Get(), null));
  }

  @Test
  @Rule("2.21")
  void deadPid() {
    Pid pid = dead();
    assertThatThrownBy(() -> ServerRef.<Message>of(otp.runtime(), pid).call(new Get()))
        .isInstanceOf(NoProcessException.class)
        .hasMessage(
            "Server "
                + pid
                + " is not running, so Get was not delivered. Start it, or wait for its supervisor"
                + " to.");
  }

  @Test
  @Rule("2.21")
  void tooSlow() {
    ServerRef<Message> ref = server.start(otp.runtime(), StartOptions.named("slow"), self -> 1);
    assertThatThrownBy(() -> ref.call(new Ignore(), SHORT))
        .isInstanceOf(CallTimeoutException.class)
        .hasMessage(
            "Server 'slow' "
                + Scripted.pidOf(ref)
                + " did not reply to Ignore within 20 ms (mailbox 0, waiting). It may still act on"
                + " the request. Raise the timeout, or see what the server does in otpprocesses.")
        .extracting(e -> ((CallException) e).cause())
        .isEqualTo(TIMEOUT);
  }

  @Test
  @Rule({"2.21", "2.26"})
  void serverThatEndsWithoutAReplyFailsTheCallWithItsReason() {
    for (ExitReason reason :
        List.of(
            NORMAL,
            SHUTDOWN,
            new ExitReason.ShutdownWith("done"),
            BOOM,
            new ExitReason.Other(List.of(1, 2)))) {
      ServerRef<Message> ref = started();
      assertThatThrownBy(() -> ref.call(new Ask((ask, state, self) -> Next.stop(reason, state))))
          .isInstanceOf(ServerExitException.class)
          .hasMessage(
              "Server "
                  + ((ServerRef<?>) ref).address()
                  + " ended before it replied to Ask, reason: "
                  + reason
                  + ".")
          .extracting(e -> ((CallException) e).cause())
          .isEqualTo(reason);
    }
  }

  @Test
  @Rule({"2.21", "2.41"})
  void serverThatThrowsFailsTheCallWithTheCrash() {
    ServerRef<Message> ref = started();
    assertThatThrownBy(
            () ->
                ref.call(
                    new Ask(
                        (ask, state, self) -> {
                          throw new IllegalStateException("no balance");
                        })))
        .isInstanceOf(ServerExitException.class)
        .hasMessageEndingWith(
            "ended before it replied to Ask, reason: java.lang.IllegalStateException: no balance.")
        .extracting(e -> ((CallException) e).cause())
        .isInstanceOfSatisfying(
            ExitReason.Crash.class,
            crash -> {
              assertThat(crash.kind()).isEqualTo(ExitReason.Crash.Kind.ERROR);
              assertThat(crash.cause().frames().getFirst().toString())
                  .contains("GenServerCallTests");
            });
  }

  @Test
  @Rule({"2.21", "2.41"})
  void serverThatExitsFailsTheCallWithThatReason() {
    ServerRef<Message> ref = started();
    assertThatThrownBy(
            () ->
                ref.call(
                    new Ask(
                        (ask, state, self) -> {
                          throw new ProcessExit(BOOM);
                        })))
        .isInstanceOf(ServerExitException.class)
        .extracting(e -> ((CallException) e).cause())
        .isEqualTo(BOOM);
  }

  @Test
  @Rule("2.21")
  void serverThatIsKilledWhileItServesFailsTheCall() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(
            () ->
                ref.call(
                    new Ask(
                        (ask, state, self) -> {
                          self.runtime().spawn(other -> other.exit(pid, KILL));
                          self.sleep(LIMIT);
                          return Next.noreply(state);
                        })))
        .isInstanceOf(ServerExitException.class)
        .extracting(e -> ((CallException) e).cause())
        .isEqualTo(KILLED);
    assertThat(server.events()).isEmpty();
  }

  @Test
  @Rule("2.21")
  void serverThatIsKilledInForeignCodeFailsTheCallThoughItsCodeGoesOn() throws Exception {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    var stuck = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var failure = new CompletableFuture<Throwable>();
    otp.runtime()
        .spawn(
            self -> {
              try {
                ref.call(
                    new Ask(
                        (ask, state, inner) -> {
                          stuck.countDown();
                          while (release.getCount() > 0) {
                            Thread.onSpinWait();
                          }
                          return Next.reply(ask, "too late", state);
                        }));
              } catch (CallException e) {
                failure.complete(e);
              }
            });
    stuck.await();
    otp.runtime().exit(pid, KILL);
    try {
      assertThat(TestRuntime.get(failure, "the failure")).isInstanceOf(ServerExitException.class);
    } finally {
      release.countDown();
    }
  }

  @Test
  @Rule("2.21")
  void everyCallThatWaitsHearsOfTheServersEnd() throws Exception {
    ServerRef<Message> ref = started();
    var failures = new ArrayList<CompletableFuture<Throwable>>();
    var release = new CountDownLatch(1);
    ref.cast(
        new Do(
            (state, self) -> {
              release.await();
              return Next.stop(BOOM, state);
            }));
    for (int i = 0; i < 50; i++) {
      failures.add(
          ref.callAsync(new Get())
              .<Throwable>thenApply(r -> new AssertionError(r))
              .exceptionally(e -> e)
              .toCompletableFuture());
    }
    release.countDown();
    for (var failure : failures) {
      assertThat(TestRuntime.get(failure, "a failure").getCause())
          .isInstanceOf(ServerExitException.class);
    }
  }

  // --- self

  @Test
  @Rule("2.22") // gen_server_SUITE:calling_self
  void selfCallFailsAtOnceByPidAndByName() {
    ServerRef<Message> ref =
        server.start(otp.runtime(), StartOptions.named("narcissus"), self -> 1);
    for (ServerRef<Message> me : List.of(ref, ServerRef.<Message>of(otp.runtime(), "narcissus"))) {
      Object text =
          ref.call(
              new Ask(
                  (ask, state, self) -> {
                    var failure =
                        catchThrowableOfType(CallingSelfException.class, () -> me.call(new Get()));
                    assertThat(failure.cause()).isEqualTo(CALLING_SELF);
                    return Next.reply(ask, failure.getMessage(), state);
                  }));
      assertThat(text)
          .isEqualTo(
              "Server "
                  + me.address()
                  + " called itself with Get and would wait for ever. Call a method, or cast to"
                  + " yourself.");
    }
    assertThat(ref.call(new Get())).as("nothing was sent").isEqualTo(1);
  }

  @Test
  @Rule("2.22")
  void longerCycleTimesOut() {
    ServerRef<Message> a = started();
    ServerRef<Message> b = started();
    Object reason =
        a.call(
            new Ask(
                (ask, state, self) ->
                    Next.reply(
                        ask,
                        b.call(
                            new Ask(
                                (inner, s, it) -> {
                                  var failure =
                                      catchThrowableOfType(
                                          CallTimeoutException.class,
                                          () -> a.call(new Get(), SHORT));
                                  return Next.reply(inner, failure.cause(), s);
                                })),
                        state)));
    assertThat(reason).isEqualTo(TIMEOUT);
  }

  // --- timeouts

  @Test
  @Rule({"2.23", "1.82"}) // gen_server_SUITE:call, abnormal1clean
  void serverActsOnARequestThatTimedOutAndItsReplyIsDropped() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          var release = new CountDownLatch(1);
          assertThatThrownBy(
                  () ->
                      ref.call(
                          new Ask(
                              (ask, state, inner) -> {
                                release.await();
                                return Next.reply(ask, "late", "changed");
                              }),
                          SHORT))
              .isInstanceOf(CallTimeoutException.class);
          release.countDown();
          assertThat(ref.call(new Get())).isEqualTo("changed");
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule({"2.23", "1.82"})
  void replyThatRacesWithTheTimeoutIsSeenOnceOrNever() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          int replies = 0;
          for (int i = 0; i < RACES; i++) {
            try {
              ref.call(new Get(), Duration.ofNanos(i * 100L));
              replies++;
            } catch (CallTimeoutException e) {
              // the other outcome
            }
          }
          assertThat(replies).isBetween(0, RACES);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.24")
  void timeoutOfZeroSendsAndGivesUp() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          var entered = new CountDownLatch(1);
          var release = new CountDownLatch(1);
          ref.cast(
              new Do(
                  (state, inner) -> {
                    entered.countDown();
                    release.await();
                    return Next.noreply(state);
                  }));
          assertThatThrownBy(
                  () ->
                      ref.call(
                          new Ask(
                              (ask, state, inner) -> {
                                server.note("handled");
                                return Next.reply(ask, 1, state);
                              }),
                          Duration.ZERO))
              .isInstanceOf(CallTimeoutException.class)
              .hasMessageContaining("within 0 ms");
          release.countDown();
          assertThat(ref.call(new Get())).isEqualTo(1);
          assertThat(server.events()).containsExactly("handled");
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.24")
  void negativeTimeoutIsRefusedAndNothingIsSent() {
    ServerRef<Message> ref = started();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ref.call(
                    new Ask((ask, state, self) -> Next.stop(BOOM, state)), Duration.ofMillis(-1)))
        .withMessage("A call timeout of PT-0.001S is not allowed, it must not be negative");
    assertThat(ref.call(new Get())).isEqualTo(1);
  }

  @Test
  @Rule("2.24")
  void timeoutThatNeverEndsIsAllowed() {
    assertThat(started().call(new Get(), Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(1);
    otp.run(
        self ->
            assertThat(started().call(new Get(), Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(1));
  }

  // --- stop and reply

  @Test
  @Rule("2.25")
  void stopWithReplyTerminatesFirstThenRepliesThenEnds() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          Pid pid = Scripted.pidOf(ref);
          Ref monitor = self.monitor(pid);
          Pid test = self.pid();
          // Busy when the call comes: the caller waits on a thread of its own and could go on.
          var go = new CountDownLatch(1);
          ref.cast(
              new Do(
                  (state, inner) -> {
                    TestRuntime.await(go);
                    return Next.noreply(state);
                  }));
          Do terminate =
              new Do(
                  (state, inner) -> {
                    Optional<Object> answered =
                        inner.receive(
                            QUIET, m -> m.equals("answered") ? Receive.take(m) : Receive.skip());
                    inner.send(test, answered.isEmpty() ? "terminated first" : "replied first");
                    return Next.noreply(state);
                  });
          self.spawn(
              caller -> {
                Object reply =
                    ref.call(
                        new Ask((ask, state, inner) -> Next.stop(NORMAL, ask, "bye", terminate)));
                caller.send(pid, "answered");
                caller.send(test, reply);
              });
          await(
              "the call waits",
              () -> otp.runtime().info(pid).orElseThrow().summary().mailbox() == 1);
          go.countDown();
          assertThat(next(self, String.class)).isEqualTo("terminated first");
          assertThat(next(self, String.class)).isEqualTo("bye");
          assertThat(next(self, Down.class)).isEqualTo(new Down(monitor, pid, NORMAL));
        });
  }

  /** The first reply counts: that of {@code terminate}, because it has run before the other. */
  @Test
  @Rule("2.25")
  void replyGivenInTerminateComesBeforeThatOfStop() {
    ServerRef<Message> ref = started();
    Object reply =
        ref.call(
            new Ask(
                (ask, state, self) -> {
                  From<Object> from = self.from(ask);
                  Do terminate =
                      new Do(
                          (inTerminate, inner) -> {
                            from.reply("from terminate");
                            return Next.noreply(inTerminate);
                          });
                  return Next.stop(NORMAL, ask, "bye", terminate);
                }));
    assertThat(reply).isEqualTo("from terminate");
  }

  @Test
  @Rule("2.25")
  void stopRepliesEvenIfTerminateThrows() {
    ServerRef<Message> ref = started();
    Do terminate =
        new Do(
            (state, self) -> {
              throw new IOException("in terminate");
            });
    assertThat(ref.call(new Ask((ask, state, self) -> Next.stop(BOOM, ask, "bye", terminate))))
        .isEqualTo("bye");
  }

  // --- From

  @Test
  @Rule("2.27")
  void anyProcessMayReplyAtAnyTime() {
    ServerRef<Message> ref = started();
    Object reply =
        ref.call(
            new Ask(
                (ask, state, self) -> {
                  From<Object> from = self.from(ask);
                  self.spawn(other -> from.reply("from " + (other.pid() != self.pid())));
                  return Next.noreply(state);
                }));
    assertThat(reply).isEqualTo("from true");
  }

  @Test
  @Rule("2.27")
  void anyThreadMayReplyAndALaterCallbackToo() {
    ServerRef<Message> ref = server.start(otp.runtime(), "none");
    var call =
        ref.callAsync(new Ask((ask, state, self) -> Next.noreply(self.from(ask))), LIMIT)
            .toCompletableFuture();
    await("the From", () -> ref.call(new Get()) instanceof From<?>);
    @SuppressWarnings("unchecked")
    var from = (From<Object>) ref.call(new Get());
    assertThat(from.pid()).isNull();
    from.reply("from a thread");
    assertThat(TestRuntime.get(call, "the reply")).isEqualTo("from a thread");
  }

  @Test
  @Rule("2.27")
  void fromKnowsItsCaller() {
    ServerRef<Message> ref = started();
    otp.run(
        self ->
            assertThat(
                    ref.call(
                        new Ask(
                            (ask, state, inner) -> Next.reply(ask, inner.from(ask).pid(), state))))
                .isEqualTo(self.pid()));
  }

  @Test
  @Rule({"2.27", "1.83"})
  void onlyTheFirstReplyCounts() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          Object reply =
              ref.call(
                  new Ask(
                      (ask, state, inner) -> {
                        From<Object> from = inner.from(ask);
                        from.reply("one");
                        from.reply("two");
                        return Next.reply(ask, "three", state);
                      }));
          assertThat(reply).isEqualTo("one");
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.27")
  void replyToACallerThatIsDeadOrGaveUpIsNothing() {
    ServerRef<Message> ref = server.start(otp.runtime(), "none");
    Ask keep = new Ask((ask, state, self) -> Next.noreply(self.from(ask)));
    assertThatThrownBy(() -> ref.call(keep, SHORT)).isInstanceOf(CallTimeoutException.class);
    ((From<?>) ref.call(new Get())).reply(cast("late"));
    var caller = new CompletableFuture<Pid>();
    otp.runtime()
        .spawn(
            self -> {
              caller.complete(self.pid());
              ref.call(keep);
            });
    Pid pid = TestRuntime.get(caller, "the caller");
    await("its call", () -> ref.call(new Get()) instanceof From<?> from && from.pid() == pid);
    otp.runtime().exit(pid, KILL);
    ((From<?>) ref.call(new Get())).reply(cast("late"));
    assertThat(ref.call(new Get())).isInstanceOf(From.class);
  }

  @SuppressWarnings("unchecked")
  private static <T> T cast(Object value) {
    return (T) value;
  }

  @Test
  @Rule("2.27")
  void fromIsOnlyGivenForTheCallThatIsHandled() {
    ServerRef<Message> ref = started();
    Object text =
        ref.call(
            new Ask(
                (ask, state, self) ->
                    Next.reply(
                        ask,
                        catchThrowableOfType(
                                IllegalArgumentException.class, () -> self.from(new Get()))
                            .getMessage(),
                        state)));
    assertThat(text)
        .isEqualTo(
            "self.from(Get) was asked for a call that is not being handled. Ask for the From while"
                + " the callback handles that very request, and keep the From.");
  }

  @Test
  @Rule("2.27")
  void replyThroughFromMustBeImmutableAndNotNull() {
    ServerRef<Message> ref = started();
    Object reply =
        ref.call(
            new Ask(
                (ask, state, self) -> {
                  From<Object> from = self.from(ask);
                  assertThatThrownBy(() -> from.reply(new ArrayList<>()))
                      .isInstanceOf(MutableMessageException.class);
                  assertThatThrownBy(() -> from.reply(null)).hasMessage("a reply cannot be null");
                  from.reply("answered");
                  return Next.noreply(state);
                }));
    assertThat(reply).isEqualTo("answered");
  }

  @Test
  @Rule("2.27")
  void serverThatEndsAnswersTheCallsItPutOff() {
    ServerRef<Message> ref = started();
    var calls = new ArrayList<CompletableFuture<Object>>();
    for (int i = 0; i < 10; i++) {
      calls.add(ref.callAsync(new Ignore(), LIMIT).toCompletableFuture());
    }
    ref.cast(new Do((state, self) -> Next.stop(BOOM, state)));
    for (var call : calls) {
      assertThat(
              TestRuntime.<Throwable>get(
                  call.<Throwable>thenApply(AssertionError::new).exceptionally(e -> e),
                  "the failure"))
          .hasMessageContaining("reason: boom");
    }
  }

  @Test
  @Rule("2.28")
  void serverThatNeverRepliesIsLegal() {
    ServerRef<Message> ref = started();
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> ref.call(new Ignore(), Duration.ZERO))
          .isInstanceOf(CallTimeoutException.class);
    }
    assertThat(ref.call(new Get())).isEqualTo(1);
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("2.28")
  void serverThatNeverRepliesKeepsNothingOfCallersThatGaveUp() {
    ServerRef<Message> ref = started();
    WeakReference<Object> request = gaveUp(ref);
    assertThat(ref.call(new Get())).isEqualTo(1);
    await(
        "the request is collected",
        () -> {
          System.gc();
          return request.refersTo(null);
        });
  }

  private static WeakReference<Object> gaveUp(ServerRef<Message> ref) {
    var request = new Ask((ask, state, self) -> Next.noreply(state));
    assertThatThrownBy(() -> ref.call(request, SHORT)).isInstanceOf(CallTimeoutException.class);
    return new WeakReference<>(request);
  }

  // --- order

  @Test
  @Rule("2.29")
  void requestsOfOneClientAreHandledInOrder() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          for (int i = 0; i < 500; i++) {
            ref.cast(new Note("cast " + i));
            self.send(Scripted.pidOf(ref), "info " + i);
            Object seen =
                ref.call(new Ask((ask, state, inner) -> Next.reply(ask, server.events(), state)));
            assertThat(seen).isEqualTo(List.of("cast " + i, "info info " + i));
            server.events.clear();
          }
        });
  }

  @Test
  @Rule("2.29")
  void requestsOfManyClientsAreEachInOrder() {
    ServerRef<Message> ref = started();
    var done = new ArrayList<CompletableFuture<Boolean>>();
    for (int client = 0; client < 8; client++) {
      var end = new CompletableFuture<Boolean>();
      done.add(end);
      int id = client;
      otp.runtime()
          .spawn(
              self -> {
                for (int i = 0; i < 200; i++) {
                  ref.cast(new Note(id + ":" + i));
                }
                ref.call(new Get());
                end.complete(true);
              });
    }
    done.forEach(end -> TestRuntime.get(end, "a client"));
    for (int client = 0; client < 8; client++) {
      String prefix = client + ":";
      List<String> mine = server.events().stream().filter(e -> e.startsWith(prefix)).toList();
      assertThat(mine).hasSize(200);
      for (int i = 0; i < 200; i++) {
        assertThat(mine.get(i)).isEqualTo(prefix + i);
      }
    }
  }

  // --- threads

  @Test
  void threadThatIsInterruptedGivesUp() throws Exception {
    ServerRef<Message> ref = started();
    var thrown = new CompletableFuture<Throwable>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    ref.call(new Ignore(), LIMIT);
                  } catch (Throwable t) {
                    thrown.complete(
                        Thread.currentThread().isInterrupted()
                            ? t
                            : new AssertionError("flag lost"));
                  }
                });
    await(
        "its call",
        () -> otp.runtime().info(Scripted.pidOf(ref)).orElseThrow().summary().handled() >= 2);
    thread.interrupt();
    assertThat(TestRuntime.get(thrown, "the interrupt")).isInstanceOf(CancellationException.class);
  }

  @Test
  void asyncCallCompletesWithTheReplyOrTheFailure() {
    ServerRef<Message> ref = started();
    assertThat(TestRuntime.get(ref.callAsync(new Get()).toCompletableFuture(), "the reply"))
        .isEqualTo(1);
    assertThat(ref.callAsync(new Ignore(), SHORT).toCompletableFuture())
        .failsWithin(LIMIT)
        .withThrowableThat()
        .withCauseInstanceOf(CallTimeoutException.class)
        .withMessageContaining("did not reply to Ignore within 20 ms");
    assertThat(
            ServerRef.<Message>of(otp.runtime(), "nobody")
                .callAsync(new Get())
                .toCompletableFuture())
        .failsWithin(LIMIT)
        .withThrowableThat()
        .withCauseInstanceOf(NoProcessException.class);
  }

  @Test
  void referencesToTheSameServerAreEqual() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    assertThat(ServerRef.<Message>of(otp.runtime(), pid))
        .isEqualTo(ref)
        .hasSameHashCodeAs(ref)
        .hasToString("ServerRef[" + pid + "]");
    assertThat(ServerRef.<Message>of(otp.runtime(), "a"))
        .isEqualTo(ServerRef.<Message>of(otp.runtime(), "a"))
        .isNotEqualTo(ref);
    assertThat(ServerRef.<Message>of(otp.runtime(), "a")).hasToString("ServerRef['a']");
  }

  /** What a {@link Self} in a callback may be used for ends with the callback's thread. */
  @Test
  void selfOfAServerIsRefusedToOtherThreads() {
    ServerRef<Message> ref = server.start(otp.runtime(), "none");
    var leaked = new AtomicReference<Self<Message>>();
    ref.call(
        new Ask(
            (ask, state, self) -> {
              leaked.set(self);
              return Next.reply(ask, 1, state);
            }));
    assertThatThrownBy(() -> leaked.get().send(Scripted.pidOf(ref), "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was used outside its process");
  }
}
