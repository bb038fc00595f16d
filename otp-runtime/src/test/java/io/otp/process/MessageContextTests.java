package io.otp.process;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MessageContextTests {

  private static final ThreadLocal<@Nullable String> TRACE = new ThreadLocal<>();

  private static final Queue<String> EVENTS = new ConcurrentLinkedQueue<>();

  /** Carries {@link #TRACE}; follows calls made under a trace. */
  static final class Traces implements MessageContext {
    @Override
    public @Nullable Object capture() {
      return TRACE.get();
    }

    @Override
    public @Nullable CallInProgress call(String to, Object message) {
      String trace = TRACE.get();
      return trace == null
          ? null
          : new CallInProgress() {
            @Override
            public Object captured() {
              return trace + "/call";
            }

            @Override
            public void ended(@Nullable ExitReason failure) {
              EVENTS.add("ended " + failure);
            }
          };
    }

    @Override
    public CallbackScope callback(Object captured, Pid pid, BehaviourCounters of, Object message) {
      TRACE.set((String) captured);
      return exit -> {
        TRACE.remove();
        EVENTS.add("closed " + captured + " " + exit);
      };
    }
  }

  @RegisterExtension
  final TestRuntime otp = new TestRuntime(builder -> builder.messageContext(new Traces()));

  @AfterEach
  void forget() {
    TRACE.remove();
    EVENTS.clear();
  }

  private Pid server() {
    return otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
  }

  private static TestBehaviour.Ask trace() {
    return new TestBehaviour.Ask(
        (request, _) -> {
          request.reply(String.valueOf(TRACE.get()));
          return null;
        });
  }

  @Test
  void goesWithACallAndIsClosedAfterTheCallback() {
    ProcessRuntime.Address server = otp.runtime().address(server());
    TRACE.set("t1");
    assertThat(otp.runtime().call(server, trace(), null)).isEqualTo("t1/call");
    assertThat(EVENTS).contains("ended null");
    TRACE.remove();
    assertThat(otp.runtime().call(server, trace(), null)).isEqualTo("null");
    await("closed", () -> EVENTS.contains("closed t1/call null"));
    assertThat(EVENTS).hasSize(2);
  }

  @Test
  void goesFromProcessToProcess() {
    var seen = new ConcurrentLinkedQueue<String>();
    Pid last = server();
    Pid first = server();
    TRACE.set("t2");
    otp.runtime()
        .send(
            first,
            TestBehaviour.run(
                self -> self.send(last, TestBehaviour.run(_ -> seen.add("got " + TRACE.get())))));
    await("the last has it", () -> seen.contains("got t2"));
  }

  @Test
  void goesToAnAlias() {
    Pid server = server();
    var alias = new CompletableFuture<Alias>();
    otp.runtime()
        .send(
            server,
            TestBehaviour.run(self -> alias.complete(self.alias(Alias.Mode.EXPLICIT_UNALIAS))));
    var seen = new ConcurrentLinkedQueue<String>();
    TRACE.set("t5");
    otp.runtime().send(alias.join(), TestBehaviour.run(_ -> seen.add("got " + TRACE.get())));
    await("the owner has it", () -> seen.contains("got t5"));
  }

  private static final TestBehaviour.Ask STARTED =
      new TestBehaviour.Ask(
          (request, _) -> {
            request.reply("started");
            return null;
          });

  private static TestBehaviour startedWith(Queue<String> seen) {
    return new TestBehaviour(
        TestBehaviour.newModule(),
        _ -> {
          seen.add("init " + TRACE.get());
          return null;
        });
  }

  @Test
  void aStartTakesItToInitAndNoFurther() {
    var seen = new ConcurrentLinkedQueue<String>();
    TRACE.set("t6");
    Pid pid =
        ProcLib.start(otp.runtime(), startedWith(seen), SpawnOptions.NONE, STARTED, null).pid();
    assertThat(seen).containsExactly("init t6");
    TRACE.remove();
    assertThat(otp.runtime().call(otp.runtime().address(pid), trace(), null)).isEqualTo("null");
    assertThat(EVENTS).containsExactly("closed t6 null");
  }

  @Test
  void whoStartsAServerKeepsItsOwn() {
    var seen = new ConcurrentLinkedQueue<String>();
    Pid parent = server();
    TRACE.set("t7");
    otp.runtime()
        .send(
            parent,
            TestBehaviour.run(
                self -> {
                  ProcLib.start(self, startedWith(seen), SpawnOptions.NONE, STARTED, null);
                  seen.add("parent " + TRACE.get());
                }));
    await("both", () -> seen.size() == 2);
    assertThat(seen).containsExactly("init t7", "parent t7");
  }

  /** Else a process that sets its next timer in the callback of the last would never let go. */
  @Test
  void aTimerDoesNotTakeIt() {
    Pid server = server();
    var seen = new ConcurrentLinkedQueue<String>();
    TRACE.set("t8");
    otp.runtime()
        .sendAfter(
            Duration.ofMillis(1), server, TestBehaviour.run(_ -> seen.add("got " + TRACE.get())));
    await("the timer", () -> !seen.isEmpty());
    assertThat(seen).containsExactly("got null");
  }

  @Test
  void goesWithRequestsAndSeveralCallsAtOnce() {
    Pid server = server();
    List<Object> replies =
        otp.get(
            self -> {
              TRACE.set("t3");
              self.runtime().sendRequest(self.runtime().address(server), trace());
              Object reply = TestRuntime.next(self, Response.class).reply();
              return List.<Object>of(
                  String.valueOf(reply),
                  self.runtime()
                      .multiCall(
                          List.of(self.runtime().address(server)), trace(), TestRuntime.LIMIT)
                      .getFirst()
                      .orElseThrow());
            });
    assertThat(replies).containsExactly("t3", "t3");
  }

  @Test
  void tellsHowACallEnded() {
    TRACE.set("t4");
    assertThatThrownBy(() -> otp.runtime().call(otp.runtime().address("nobody"), trace(), null))
        .isInstanceOf(CallException.class);
    assertThatThrownBy(
            () ->
                otp.runtime()
                    .callAsync(otp.runtime().address("nobody"), trace(), Duration.ofSeconds(1))
                    .toCompletableFuture()
                    .join())
        .hasCauseInstanceOf(CallException.class);
    await("both", () -> EVENTS.size() == 2);
    assertThat(EVENTS).containsOnly("ended noproc");
  }

  @Test
  void tellsTheReasonAProcessEndsWith() {
    Pid pid = server();
    TRACE.set("t5");
    otp.runtime().send(pid, new TestBehaviour.Do(_ -> ExitReason.other("enough")));
    await("closed", () -> EVENTS.contains("closed t5 enough"));
  }

  @Test
  void aContextThatThrowsHurtsNobody() {
    MessageContext bad =
        new MessageContext() {
          @Override
          public Object capture() {
            throw new IllegalStateException("bad context");
          }

          @Override
          public CallInProgress call(String to, Object message) {
            return new CallInProgress() {
              @Override
              public Object captured() {
                return "x";
              }

              @Override
              public void ended(@Nullable ExitReason failure) {
                throw new IllegalStateException("bad context");
              }
            };
          }

          @Override
          public CallbackScope callback(
              Object captured, Pid pid, BehaviourCounters of, Object message) {
            throw new IllegalStateException("bad context");
          }
        };
    try (ProcessRuntime runtime = ProcessRuntime.builder().messageContext(bad).build()) {
      Pid pid = runtime.spawn(new TestBehaviour(), SpawnOptions.NONE);
      assertThat(runtime.call(runtime.address(pid), trace(), null)).isEqualTo("null");
      runtime.send(pid, "plain");
      assertThat(runtime.isAlive(pid)).isTrue();
    }
  }
}
