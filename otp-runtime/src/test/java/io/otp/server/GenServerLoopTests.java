package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.CallException.ServerExitException;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessStatus;
import io.otp.process.ProcessSummary;
import io.otp.process.Report;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.TimerExpired;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Ask;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Ignore;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import io.otp.server.Scripted.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerLoopTests {

  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private ServerRef<Message> started() {
    return server.start(otp.runtime(), "state");
  }

  private static Do step(Step step) {
    return new Do(step);
  }

  /** Casts {@code last} and returns how the server ends. */
  private ExitReason endAfter(ServerRef<Message> ref, Do last) {
    return otp.get(
        self -> {
          self.monitor(Scripted.pidOf(ref));
          ref.cast(last);
          return TestRuntime.next(self, Down.class).reason();
        });
  }

  private static BadReturnValue badReturn(ExitReason reason) {
    if (reason instanceof ExitReason.Other(BadReturnValue bad)) {
      return bad;
    }
    throw new AssertionError("no bad return: " + reason);
  }

  // --- returns

  @Test
  @Rule("2.40")
  void replyAnswersAndTakesTheState() {
    ServerRef<Message> ref = started();
    assertThat(ref.call(new Ask((ask, state, self) -> Next.reply(ask, "old " + state, "new"))))
        .isEqualTo("old state");
    assertThat(ref.call(new Get())).isEqualTo("new");
  }

  @Test
  @Rule("2.40")
  void noreplyTakesTheState() {
    ServerRef<Message> ref = started();
    ref.cast(step((state, self) -> Next.noreply("after cast")));
    assertThat(ref.call(new Get())).isEqualTo("after cast");
    ref.send(step((state, self) -> Next.noreply("after info")));
    assertThat(ref.call(new Get())).isEqualTo("after info");
  }

  @Test
  @Rule("2.40")
  void returnOfNullEndsTheServerWithBadReturnValue() {
    ServerRef<Message> ref = started();
    ExitReason reason = endAfter(ref, step((state, self) -> null));
    assertThat(badReturn(reason))
        .isEqualTo(
            new BadReturnValue(
                "null", "Scripted.handle", "it is no Next; return noreply, reply or stop"))
        .hasToString(
            "{bad_return_value,null} from Scripted.handle: it is no Next; return noreply, reply or"
                + " stop");
    assertThat(server.events()).containsExactly("terminate " + reason + " state");
  }

  @Test
  @Rule("2.40")
  void callerHearsOfABadReturn() {
    ServerRef<Message> ref = started();
    assertThatThrownBy(() -> ref.call(new Ask((ask, state, self) -> null)))
        .isInstanceOf(ServerExitException.class)
        .hasMessageContaining("reason: {bad_return_value,null} from Scripted.handle")
        .satisfies(e -> badReturn(((CallException) e).cause()));
  }

  @Test
  @Rule("2.40")
  void replyToACastIsABadReturn() {
    ExitReason reason = endAfter(started(), step((state, self) -> Next.reply(new Get(), 1, "new")));
    assertThat(badReturn(reason))
        .isEqualTo(
            new BadReturnValue(
                "reply(Get[], 1, new)",
                "Scripted.handle",
                "there is no call to reply to; return noreply or stop, or answer an earlier call"
                    + " through the From that self.from gave"));
    assertThat(server.events())
        .as("the old state")
        .containsExactly("terminate " + reason + " state");
  }

  @Test
  @Rule("2.40")
  void stopWithReplyToACastIsABadReturn() {
    ExitReason reason =
        endAfter(started(), step((state, self) -> Next.stop(NORMAL, new Get(), 1, "new")));
    assertThat(badReturn(reason).returned()).isEqualTo("stop(normal, Get[], 1, new)");
  }

  @Test
  @Rule("2.40")
  void replyToAnotherCallIsABadReturn() {
    ServerRef<Message> ref = started();
    assertThatThrownBy(
            () -> ref.call(new Ask((ask, state, self) -> Next.reply(new Get(), 1, "new"))))
        .isInstanceOf(ServerExitException.class)
        .hasMessageContaining("it replies to Get[], not to the call that is being handled, Ask[");
  }

  @Test
  @Rule("2.40")
  void badReturnsNameTheCallback() {
    Step nothing = (state, self) -> null;
    Step replies = (state, self) -> Next.reply(new Get(), 1, state, Next.continueWith(nothing));
    for (Step step : List.of(nothing, replies)) {
      ExitReason reason =
          endAfter(started(), step((state, self) -> Next.noreply(state, Next.continueWith(step))));
      assertThat(badReturn(reason).callback()).isEqualTo("Scripted.handleContinue");
    }
  }

  @Test
  @Rule("2.40")
  void handleInfoThatReturnsNullIsABadReturn() {
    var nothing =
        new Scripted() {
          @Override
          public Next<Object> handleInfo(Info info, Object state, Self<Message> self) {
            return null;
          }
        };
    ServerRef<Message> ref = nothing.start(otp.runtime(), 1);
    ExitReason reason =
        otp.get(
            self -> {
              self.monitor(Scripted.pidOf(ref));
              ref.send("x");
              return TestRuntime.next(self, Down.class).reason();
            });
    assertThat(badReturn(reason).callback()).endsWith(".handleInfo");
  }

  @Test
  @Rule("2.40")
  void throwIsNoReturnButACrash() {
    ServerRef<Message> ref = started();
    assertThatThrownBy(
            () ->
                ref.call(
                    new Ask(
                        (ask, state, self) -> {
                          throw new java.io.IOException("checked");
                        })))
        .isInstanceOf(ServerExitException.class)
        .hasMessageContaining("reason: {nocatch,java.io.IOException: checked}");
  }

  @Test
  void nextRefusesNulls() {
    assertThatNullPointerException()
        .isThrownBy(() -> Next.reply(new Get(), null, 1))
        .withMessage("a reply cannot be null; Call.Ok.OK is there for calls with nothing to say");
    assertThatNullPointerException().isThrownBy(() -> Next.stop(null, 1));
    assertThatNullPointerException().isThrownBy(() -> Next.continueWith(null));
    assertThatNullPointerException().isThrownBy(() -> Next.noreply(1, null));
  }

  @Test
  void nextsCompareAndShowThemselves() {
    List<Supplier<Next<Integer>>> all =
        List.of(
            () -> Next.noreply(1),
            () -> Next.noreply(2),
            () -> Next.reply(new Get(), 2, 1),
            () -> Next.reply(new Get(), 3, 1),
            () -> Next.stop(NORMAL, 1),
            () -> Next.stop(BOOM, 1),
            () -> Next.stop(BOOM, new Get(), 2, 1),
            () -> Next.noreply(1, Next.timeout(Duration.ZERO)),
            () -> Next.noreply(1, Next.timeout(Duration.ofSeconds(1))),
            () -> Next.noreply(1, Next.continueWith("c")),
            () -> Next.noreply(1, Next.hibernate()),
            () -> Next.reply(new Get(), 2, 1, Next.continueWith("c")));
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        assertThat(all.get(i).get().equals(all.get(j).get())).as(i + " " + j).isEqualTo(i == j);
      }
      assertThat(all.get(i).get()).hasSameHashCodeAs(all.get(i).get()).isNotEqualTo("x");
    }
    assertThat(all.stream().map(n -> n.get().toString()).toList())
        .containsExactly(
            "noreply(1)",
            "noreply(2)",
            "reply(Get[], 2, 1)",
            "reply(Get[], 3, 1)",
            "stop(normal, 1)",
            "stop(boom, 1)",
            "stop(boom, Get[], 2, 1)",
            "noreply(1, timeout(PT0S))",
            "noreply(1, timeout(PT1S))",
            "noreply(1, continueWith(c))",
            "noreply(1, hibernate())",
            "reply(Get[], 2, 1, continueWith(c))");
  }

  // --- crashes

  @Test
  @Rule("2.41")
  void terminateGetsTheStateFromBeforeTheCallbackThatThrew() {
    for (Do last :
        List.of(
            step(
                (state, self) -> {
                  throw new IllegalStateException("x");
                }),
            step(
                (state, self) -> {
                  throw new StackOverflowError();
                }))) {
      server.events.clear();
      ServerRef<Message> ref = started();
      ref.cast(step((state, self) -> Next.noreply("before")));
      ExitReason reason = endAfter(ref, last);
      assertThat(reason).isInstanceOf(ExitReason.Crash.class);
      assertThat(server.events()).containsExactly("terminate " + reason + " before");
    }
  }

  @Test
  @Rule("2.41")
  void exitInACallbackIsTheReason() {
    ServerRef<Message> ref = started();
    assertThat(
            endAfter(
                ref,
                step(
                    (state, self) -> {
                      throw new ProcessExit(BOOM);
                    })))
        .isEqualTo(BOOM);
    assertThat(server.events()).containsExactly("terminate boom state");
  }

  @Test
  @Rule("2.41")
  void callThatFailsInACallbackEndsTheServerWithWhatItCalled() {
    ServerRef<Message> ref = started();
    assertThat(
            endAfter(
                ref,
                step(
                    (state, self) ->
                        Next.noreply(
                            ServerRef.<Message>of(otp.runtime(), "nobody").call(new Get())))))
        .isEqualTo(new ExitReason.CallFailed(ExitReason.NO_PROCESS, "'nobody'", new Get(), null));
  }

  @Test
  @Rule({"2.41", "1.87"})
  void stateThatIsMutableIsACrashWithTheOldState() {
    ServerRef<Message> ref = started();
    ExitReason reason =
        endAfter(ref, step((state, self) -> Next.noreply(new ArrayList<>(List.of(1)))));
    assertThat(reason)
        .isInstanceOfSatisfying(
            ExitReason.Crash.class,
            crash -> {
              assertThat(crash.cause().type()).isEqualTo(MutableMessageException.class.getName());
              assertThat(crash.cause().message())
                  .startsWith("State java.util.ArrayList cannot be shown immutable")
                  .contains("Return List.copyOf(");
            });
    assertThat(server.events()).containsExactly("terminate " + reason + " state");
  }

  @Test
  @Rule({"2.41", "1.87"})
  void replyThatIsMutableIsACrashWithTheOldStateAndNothingIsReplied() {
    ServerRef<Message> ref = started();
    assertThatThrownBy(
            () ->
                ref.call(new Ask((ask, state, self) -> Next.reply(ask, new ArrayList<>(), "new"))))
        .isInstanceOf(ServerExitException.class)
        .hasMessageContaining("Message java.util.ArrayList cannot be shown immutable");
    await("terminate", () -> server.events().size() == 1);
    assertThat(server.events().getFirst()).endsWith(" state");
  }

  @Test
  @Rule({"2.41", "1.87"})
  void requestThatIsMutableIsRefusedAtTheCaller() {
    ServerRef<Message> ref = started();
    record Mutable(Object content) implements Call<Message, Object> {}
    assertThatThrownBy(() -> ref.call(new Mutable(new ArrayList<>())))
        .isInstanceOf(MutableMessageException.class);
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  // --- continue

  @Test
  @Rule("2.42") // gen_server_SUITE:continue
  void continuationComesBeforeAnyMessageThatWaits() throws Exception {
    ServerRef<Message> ref = started();
    var release = new CountDownLatch(1);
    ref.cast(
        step(
            (state, self) -> {
              release.await();
              return Next.noreply(state, Next.continueWith("c"));
            }));
    ref.cast(new Note("waits"));
    ref.send("waits too");
    release.countDown();
    await("all", () -> server.events().size() == 3);
    assertThat(server.events()).containsExactly("continue c", "waits", "info waits too");
  }

  @Test
  @Rule("2.42")
  void continuationComesAfterTheReplyAndTheCallerIsUnblocked() throws Exception {
    ServerRef<Message> ref = started();
    var release = new CountDownLatch(1);
    Step slow =
        (state, self) -> {
          release.await();
          server.note("continued");
          return Next.noreply(state);
        };
    assertThat(
            ref.call(
                new Ask(
                    (ask, state, self) -> Next.reply(ask, "now", state, Next.continueWith(slow)))))
        .isEqualTo("now");
    assertThat(server.events()).isEmpty();
    release.countDown();
    assertThat(ref.call(new Get())).isEqualTo("state");
    assertThat(server.events()).containsExactly("continued");
  }

  @Test
  @Rule("2.42")
  void continuationsChainAndSeeEachOthersState() {
    ServerRef<Message> ref = started();
    ref.cast(step((state, self) -> Next.noreply(0, Next.continueWith(count(10_000)))));
    ref.cast(new Note("waits"));
    assertThat(ref.call(new Get())).isEqualTo(10_000);
    assertThat(server.events()).containsExactly("waits");
  }

  private static Step count(int to) {
    return (state, self) ->
        state.equals(to)
            ? Next.noreply(state)
            : Next.noreply((int) state + 1, Next.continueWith(count(to)));
  }

  @Test
  @Rule("2.42")
  void continuationMayStop() {
    ServerRef<Message> ref = started();
    assertThat(
            endAfter(
                ref,
                step(
                    (state, self) ->
                        Next.noreply(
                            "first",
                            Next.continueWith((Step) (s, it) -> Next.stop(BOOM, s + " second"))))))
        .isEqualTo(BOOM);
    assertThat(server.events()).last().isEqualTo("terminate boom first second");
  }

  @Test
  @Rule("2.42")
  void callMayBeAnsweredInAContinuation() {
    ServerRef<Message> ref = started();
    Object reply =
        ref.call(
            new Ask(
                (ask, state, self) ->
                    Next.noreply(
                        state,
                        Next.continueWith(
                            (Step)
                                (s, it) -> {
                                  it.from(ask).reply("continued");
                                  return Next.noreply(s);
                                }))));
    assertThat(reply).isEqualTo("continued");
  }

  @Test
  @Rule("2.42")
  void endlessChainOfContinuationsCanBeKilled() {
    ServerRef<Message> ref = started();
    ref.cast(step((state, self) -> Next.noreply(0, Next.continueWith(count(-1)))));
    Pid pid = Scripted.pidOf(ref);
    otp.run(
        self -> {
          self.monitor(pid);
          self.exit(pid, KILL);
          assertThat(TestRuntime.next(self, Down.class).reason()).isEqualTo(ExitReason.KILLED);
        });
    await("its thread ends", () -> otp.runtime().stats().zombies() == 0);
    assertThat(server.events()).isEmpty();
  }

  @Test
  @Rule("2.42")
  void serverWithoutHandleContinueCrashes() {
    var plain = new Silent();
    ServerRef<Object> ref =
        ServerRef.of(
            otp.runtime(),
            Scripted.pidOf(
                GenServers.start(otp.runtime(), plain, NoArgs.NO_ARGS, StartOptions.NONE)));
    record Continue() implements Cast<Object> {}
    ExitReason reason =
        otp.get(
            self -> {
              self.monitor(ref.whereis().orElseThrow());
              ref.cast(new Continue());
              return TestRuntime.next(self, Down.class).reason();
            });
    assertThat(reason)
        .hasToString(
            "java.lang.UnsupportedOperationException: io.otp.server.GenServerLoopTests$Silent"
                + " returned continueWith(more) but has no handleContinue. Override it.");
  }

  /** Has no optional callback. */
  static final class Silent implements GenServer<Object, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Object> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Object message, Integer state, Self<Object> self) {
      return message instanceof Call<?, ?> call
          ? reply(call, state)
          : Next.noreply(state + 1, Next.continueWith("more"));
    }

    @SuppressWarnings("unchecked")
    private static Next<Integer> reply(Call<?, ?> call, Integer state) {
      return Next.reply((Call<?, Integer>) call, state, state);
    }
  }

  // --- timeouts

  @Test
  @Rule("2.43")
  void timeoutComesIfNothingElseDoesAndOnlyOnce() {
    ServerRef<Message> ref = started();
    ref.cast(step((state, self) -> Next.noreply(state, Next.timeout(Duration.ofMillis(10)))));
    await("the timeout", () -> server.events().equals(List.of("info timeout")));
    assertThat(ref.call(new Get())).isEqualTo("state");
    otp.run(self -> self.sleep(Duration.ofMillis(40)));
    assertThat(server.events()).containsExactly("info timeout");
  }

  @Test
  @Rule("2.43")
  void timeoutMayGoWithAReply() {
    ServerRef<Message> ref = started();
    ref.call(
        new Ask(
            (ask, state, self) -> Next.reply(ask, 1, state, Next.timeout(Duration.ofMillis(5)))));
    await("the timeout", () -> server.events().equals(List.of("info timeout")));
  }

  @Test
  @Rule("2.43")
  void anyMessageCancelsTheTimeout() {
    var clock = new HandClock();
    var trapping = Scripted.trapping();
    try (ProcessRuntime slow = ProcessRuntime.builder().clock(clock).build()) {
      ServerRef<Message> ref = trapping.start(slow, "state");
      Pid pid = Scripted.pidOf(ref);
      List<Runnable> messages =
          List.of(
              () -> ref.cast(step((state, self) -> Next.noreply(state))),
              () -> ref.call(new Get()),
              () -> ref.send("junk"),
              () -> slow.exit(pid, BOOM)); // it traps
      for (Runnable message : messages) {
        ref.cast(step((state, self) -> Next.noreply(state, Next.timeout(Duration.ofSeconds(1)))));
        await("idle", () -> isIdle(slow, pid));
        long before = slow.info(pid).orElseThrow().summary().handled();
        message.run();
        await(
            "handled",
            () -> slow.info(pid).orElseThrow().summary().handled() > before && isIdle(slow, pid));
        clock.advance(Duration.ofSeconds(2));
        await("idle", () -> isIdle(slow, pid));
      }
      ref.call(new Get());
      assertThat(trapping.events()).hasSize(2).contains("info junk").doesNotContain("info timeout");
    }
  }

  private static boolean isIdle(ProcessRuntime runtime, Pid pid) {
    ProcessSummary summary = runtime.info(pid).orElseThrow().summary();
    return summary.mailbox() == 0 && summary.status() == ProcessStatus.WAITING;
  }

  @Test
  @Rule("2.43")
  void timeoutThatFiredWhileAMessageWaitedIsStale() {
    var clock = new HandClock();
    try (ProcessRuntime slow = ProcessRuntime.builder().clock(clock).build()) {
      ServerRef<Message> ref = server.start(slow, "state");
      ref.cast(step((state, self) -> Next.noreply(state, Next.timeout(Duration.ofSeconds(1)))));
      var entered = new CountDownLatch(1);
      var release = new CountDownLatch(1);
      ref.cast(
          step(
              (state, self) -> {
                entered.countDown();
                release.await();
                return Next.noreply(state, Next.timeout(Duration.ofSeconds(10)));
              }));
      await("entered", () -> entered.getCount() == 0);
      clock.advance(Duration.ofSeconds(2)); // the first timeout, cancelled already
      release.countDown();
      ref.call(
          new Ask(
              (ask, state, self) ->
                  Next.reply(ask, 1, state, Next.timeout(Duration.ofSeconds(10)))));
      assertThat(server.events()).isEmpty();
      clock.advance(Duration.ofSeconds(9));
      assertThat(Sys.getState(Scripted.pidOf(ref))).isEqualTo("state");
      assertThat(server.events()).isEmpty();
      clock.advance(Duration.ofSeconds(10));
      await("the second", () -> server.events().equals(List.of("info timeout")));
    }
  }

  @Test
  @Rule("2.43")
  void timeoutThatFiredBehindAMessageIsNotTakenForTheNextOne() {
    var clock = new HandClock();
    try (ProcessRuntime slow = ProcessRuntime.builder().clock(clock).build()) {
      ServerRef<Message> ref = server.start(slow, "state");
      Pid pid = Scripted.pidOf(ref);
      ref.call(
          new Ask(
              (ask, state, self) ->
                  Next.reply(ask, 1, state, Next.timeout(Duration.ofSeconds(1)))));
      Sys.suspend(pid);
      ref.cast(step((state, self) -> Next.noreply(state, Next.timeout(Duration.ofSeconds(10)))));
      clock.advance(Duration.ofSeconds(2));
      await("the first has fired", () -> slow.stats().timers() == 0);
      Sys.resume(pid);
      await("the second is set", () -> slow.stats().timers() == 1);
      assertThat(Sys.getState(pid)).isEqualTo("state");
      assertThat(server.events()).isEmpty();
      clock.advance(Duration.ofSeconds(10));
      await("the second", () -> server.events().equals(List.of("info timeout")));
    }
  }

  @Test
  @Rule("2.43")
  void timeoutRacesWithMessagesAndComesAtMostOnceForEach() {
    ServerRef<Message> ref = started();
    var timeouts = new AtomicInteger();
    var counting =
        new Scripted() {
          @Override
          public Next<Object> handleInfo(Info info, Object state, Self<Message> self) {
            timeouts.incrementAndGet();
            return Next.noreply(state);
          }
        };
    ServerRef<Message> racing = counting.start(otp.runtime(), 1);
    int rounds = 500;
    for (int i = 0; i < rounds; i++) {
      racing.call(
          new Ask(
              (ask, state, self) ->
                  Next.reply(ask, 1, state, Next.timeout(Duration.ofNanos(1_000_000)))));
      if (i % 3 == 0) {
        otp.run(self -> self.sleep(Duration.ofMillis(1)));
      }
    }
    racing.call(new Get());
    assertThat(timeouts.get()).isBetween(0, rounds);
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("2.44")
  void timeoutOfZeroComesOnlyIfTheMailboxIsEmpty() throws Exception {
    ServerRef<Message> ref = started();
    var release = new CountDownLatch(1);
    ref.cast(
        step(
            (state, self) -> {
              release.await();
              return Next.noreply(state, Next.timeout(Duration.ZERO));
            }));
    ref.send("waits");
    release.countDown();
    ref.call(new Get());
    assertThat(server.events()).containsExactly("info waits");
    ref.cast(step((state, self) -> Next.noreply(state, Next.timeout(Duration.ZERO))));
    await("the timeout", () -> server.events().equals(List.of("info waits", "info timeout")));
  }

  @Test
  @Rule({"2.44", "2.42"})
  void continuationOvertakesWhatATimeoutOfZeroDoesNot() throws Exception {
    ServerRef<Message> ref = started();
    var release = new CountDownLatch(1);
    ref.cast(
        step(
            (state, self) -> {
              release.await();
              return Next.noreply(state, Next.continueWith("c"));
            }));
    ref.send("waits");
    release.countDown();
    ref.call(new Get());
    assertThat(server.events()).containsExactly("continue c", "info waits");
  }

  @Test
  @Rule("2.45") // sys message at 40 of 60 ms: fires 60 ms after it
  void systemMessageStartsTheTimeoutAnew() {
    var clock = new HandClock();
    try (ProcessRuntime slow = ProcessRuntime.builder().clock(clock).build()) {
      ServerRef<Message> ref = server.start(slow, "state");
      Pid pid = Scripted.pidOf(ref);
      ref.call(
          new Ask(
              (ask, state, self) ->
                  Next.reply(ask, 1, state, Next.timeout(Duration.ofMillis(60)))));
      Sys.ping(pid, Duration.ofHours(1)); // the timeout runs when the callback is over
      clock.advance(Duration.ofMillis(40));
      assertThat(Sys.getState(pid)).isEqualTo("state");
      clock.advance(Duration.ofMillis(59));
      assertThat(Sys.getStatus(pid).suspended()).isFalse();
      assertThat(server.events()).isEmpty();
      clock.advance(Duration.ofMillis(60));
      await("the timeout", () -> server.events().equals(List.of("info timeout")));
    }
  }

  @Test
  @Rule("2.43")
  void negativeTimeoutIsACrash() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Next.timeout(Duration.ofMillis(-1)))
        .withMessage("A timeout of PT-0.001S is not allowed, it must not be negative");
    assertThat(
            endAfter(
                started(),
                step((state, self) -> Next.noreply(state, Next.timeout(Duration.ofMillis(-1))))))
        .isInstanceOf(ExitReason.Crash.class);
  }

  @Test
  @Rule("2.43")
  void timeoutThatNeverComesIsAllowed() {
    ServerRef<Message> ref = started();
    ref.call(
        new Ask(
            (ask, state, self) ->
                Next.reply(ask, 1, state, Next.timeout(Duration.ofSeconds(Long.MAX_VALUE)))));
    otp.run(self -> self.sleep(Duration.ofMillis(20)));
    assertThat(server.events()).isEmpty();
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule({"2.48", "1.91"})
  void hibernateChangesNothingButIsAccepted() {
    ServerRef<Message> ref = started();
    ref.call(new Ask((ask, state, self) -> Next.reply(ask, 1, "hibernating", Next.hibernate())));
    assertThat(ref.call(new Get())).isEqualTo("hibernating");
  }

  // --- info

  @Test
  @Rule("2.46") // gen_server_SUITE:undef_handle_info
  void messageForAServerWithoutHandleInfoIsReportedAndDropped() {
    ServerRef<Object> ref =
        ServerRef.of(
            otp.runtime(),
            Scripted.pidOf(
                GenServers.start(otp.runtime(), new Silent(), NoArgs.NO_ARGS, StartOptions.NONE)));
    Pid pid = ref.whereis().orElseThrow();
    ref.send("stray");
    await("the report", () -> otp.reports().size() == 1);
    assertThat(otp.reports().getFirst())
        .isEqualTo(new UnhandledReport(pid, "GenServerLoopTests$Silent", new Info.Message("stray")))
        .hasToString(
            "Server GenServerLoopTests$Silent "
                + pid
                + " has no handleInfo and dropped Message[value=stray]."
                + " Override handleInfo, or do not send it.");
    assertThat(otp.reports().getFirst().level()).isEqualTo(Report.Level.WARNING);
    assertThat(otp.reports().getFirst().label()).isEqualTo("gen_server,no_handle_info");
    assertThat(otp.runtime().isAlive(pid)).isTrue();
  }

  @Test
  @Rule("2.46") // gen_server_SUITE:undef_in_handle_info
  void handleInfoThatThrowsIsACrash() {
    var throwing =
        new Scripted() {
          @Override
          public Next<Object> handleInfo(Info info, Object state, Self<Message> self) {
            throw new IllegalStateException("in handleInfo");
          }
        };
    ServerRef<Message> ref = throwing.start(otp.runtime(), 1);
    otp.run(
        self -> {
          self.monitor(Scripted.pidOf(ref));
          ref.send("x");
          assertThat(TestRuntime.next(self, Down.class).reason().toString())
              .contains("in handleInfo");
        });
    assertThat(throwing.events()).hasSize(1).first().asString().startsWith("terminate ");
  }

  @Test
  @Rule("2.46")
  void messageOfAnotherTypeIsACrash() {
    ServerRef<Message> ref = started();
    record Foreign() implements Call<Message, Object> {}
    assertThatThrownBy(() -> ref.call(new Foreign()))
        .isInstanceOf(ServerExitException.class)
        .hasMessageContaining("ClassCastException");
  }

  @Test
  @Rule("2.47")
  void everythingElseComesToHandleInfo() {
    ServerRef<Message> ref = Scripted.trapping().start(otp.runtime(), 1);
    assertThat(ref.call(new Get())).isEqualTo(1);
    var trapping = Scripted.trapping();
    ServerRef<Message> all = trapping.start(otp.runtime(), 1);
    all.cast(
        step(
            (state, self) -> {
              self.startTimer(Duration.ZERO, "tick");
              self.monitor(self.spawn(inner -> {}));
              self.spawnLink(inner -> {});
              ref.sendRequest(self, new Get());
              self.send(self.pid(), "plain");
              return Next.noreply(state);
            }));
    await("five infos", () -> trapping.events().size() == 5);
    assertThat(trapping.events())
        .anyMatch(e -> e.contains(TimerExpired.class.getSimpleName()))
        .anyMatch(e -> e.contains(Down.class.getSimpleName()))
        .anyMatch(e -> e.contains(Exit.class.getSimpleName()))
        .anyMatch(e -> e.contains("Response"))
        .contains("info plain");
  }

  @Test
  @Rule("2.47")
  void lateTimerComesToHandleInfoAfterItWasCancelledInVain() {
    ServerRef<Message> ref = started();
    var fired = new CountDownLatch(1);
    ref.cast(
        step(
            (state, self) -> {
              var timer = self.startTimer(Duration.ZERO, "late");
              await("fired", () -> self.runtime().readTimer(timer).isEmpty());
              assertThat(self.cancelTimer(timer)).isEmpty();
              fired.countDown();
              return Next.noreply(state);
            }));
    await("the timer", () -> server.events().stream().anyMatch(e -> e.contains("late")));
  }

  // --- state

  @Test
  void serverMayHaveNoState() {
    record Nothing() implements Cast<Object>, Call<Object, Call.Ok> {}
    ArgsGenServer<NoArgs, Object, @Nullable Void> stateless =
        new ArgsGenServer<>() {
          @Override
          public Void init(NoArgs args, Self<Object> self) {
            return null;
          }

          @Override
          public Next<Void> handle(Object message, Void state, Self<Object> self) {
            return Next.reply((Nothing) message, Call.Ok.OK, null);
          }
        };
    ServerRef<Object> ref =
        ServerRef.of(
            otp.runtime(),
            Scripted.pidOf(
                GenServers.start(otp.runtime(), stateless, NoArgs.NO_ARGS, StartOptions.NONE)));
    assertThat(ref.call(new Nothing())).isEqualTo(Call.Ok.OK);
    assertThat(Sys.getState(ref.whereis().orElseThrow())).isEqualTo("undefined");
    assertThat(Sys.replaceState(ref.whereis().orElseThrow(), old -> old)).isEqualTo("undefined");
  }

  @Test
  void serverThatReceivesInACallbackLeavesCallsAlone() {
    ServerRef<Message> ref = started();
    ref.cast(
        step(
            (state, self) -> {
              server.note(
                  self.receive(
                          LIMIT,
                          m ->
                              m.equals("wanted")
                                  ? io.otp.process.Receive.take(m)
                                  : io.otp.process.Receive.skip())
                      .orElse("nothing"));
              return Next.noreply(state);
            }));
    var call = ref.callAsync(new Get()).toCompletableFuture();
    ref.send("unwanted");
    ref.send("wanted");
    assertThat(TestRuntime.get(call, "the call")).isEqualTo("state");
    await("both", () -> server.events().equals(List.of("wanted", "info unwanted")));
    otp.run(self -> assertThat(drain(self, QUIET)).isEmpty());
    assertThatThrownBy(() -> ref.call(new Ignore(), Duration.ZERO))
        .isInstanceOf(CallException.CallTimeoutException.class);
  }
}
