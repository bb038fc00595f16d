package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.process.ExitReason.KILLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import io.otp.process.CallException;
import io.otp.process.CallException.CallTimeoutException;
import io.otp.process.MailboxBound;
import io.otp.process.MailboxFullException;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.Sys;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.RequestId.Answer;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Servers whose mailbox is bounded. OTP has no bound; what a call and a cast see of one is ours.
 */
class GenServerMailboxTests {

  private static final int LIMIT_OF_MAILBOX = 2;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final CountDownLatch release = new CountDownLatch(1);

  private Scripted server(Overload policy) {
    return new Scripted(
        ServerOptions.DEFAULT.withMailbox(
            new MailboxBound(LIMIT_OF_MAILBOX, policy, Duration.ofMillis(50))));
  }

  /**
   * A server named {@code busy} that handles a message until {@link #release} and has {@code
   * waiting} others in its mailbox.
   */
  private ServerRef<Message> busy(Scripted server, int waiting) {
    ServerRef<Message> ref =
        server.start(otp.runtime(), StartOptions.named("busy"), self -> "state");
    var entered = new CountDownLatch(1);
    ref.cast(
        new Do(
            (state, self) -> {
              entered.countDown();
              release.await();
              return Next.noreply(state);
            }));
    await("busy", () -> entered.getCount() == 0);
    for (int i = 0; i < waiting; i++) {
      ref.cast(new Note("waiting " + i));
    }
    return ref;
  }

  private String full(Pid pid, String request, String policy) {
    return "'busy' "
        + pid
        + " did not get "
        + request
        + ": its mailbox is bounded to 2 messages and full (overload policy "
        + policy
        + "). Send less, answer overload to your own caller, or raise the bound.";
  }

  @Test
  void rejectRefusesCastsAndCalls() {
    Scripted server = server(Overload.REJECT);
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(() -> ref.cast(new Note("too much")))
        .isInstanceOf(MailboxFullException.class)
        .hasMessage("Process " + full(pid, "Note", "reject"));
    assertThatThrownBy(() -> ref.call(new Get()))
        .isInstanceOf(CallException.MailboxFullException.class)
        .hasMessage("Server " + full(pid, "Get", "reject"));
    assertThat(ref.callAsync(new Get()).toCompletableFuture())
        .failsWithin(LIMIT)
        .withThrowableThat()
        .withCauseInstanceOf(CallException.MailboxFullException.class);
    release.countDown();
    assertThat(server.events()).doesNotContain("too much");
    await("the others", () -> server.events().equals(List.of("waiting 0", "waiting 1")));
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  void dropNewestDropsCastsSilentlyAndAnswersCallsAtOnce() {
    Scripted server = server(Overload.DROP_NEWEST);
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    Pid pid = Scripted.pidOf(ref);
    ref.cast(new Note("too much"));
    assertThatThrownBy(() -> ref.call(new Get()))
        .isInstanceOf(CallException.MailboxFullException.class)
        .hasMessage("Server " + full(pid, "Get", "drop-newest"));
    release.countDown();
    await("the others", () -> server.events().equals(List.of("waiting 0", "waiting 1")));
  }

  @Test
  void dropOldestMakesRoomAndAnswersTheCallThatGoes() {
    Scripted server = server(Overload.DROP_OLDEST);
    ServerRef<Message> ref = busy(server, 0);
    Pid pid = Scripted.pidOf(ref);
    var oldest = ref.callAsync(new Get()).toCompletableFuture();
    await("the call", () -> otp.runtime().info(pid).orElseThrow().summary().mailbox() == 1);
    ref.cast(new Note("second"));
    ref.cast(new Note("third"));
    assertThat(oldest)
        .failsWithin(LIMIT)
        .withThrowableThat()
        .withCauseInstanceOf(CallException.MailboxFullException.class)
        .withMessageContaining(full(pid, "Get", "drop-oldest"));
    ref.cast(new Note("fourth"));
    release.countDown();
    await("the youngest", () -> server.events().equals(List.of("third", "fourth")));
  }

  @Test
  void killEndsTheServer() {
    Scripted server = server(Overload.KILL);
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(() -> ref.call(new Get()))
        .isInstanceOf(CallException.class)
        .hasMessageContaining(pid.toString());
    await("its end", () -> !otp.runtime().isAlive(pid));
    otp.run(
        self -> {
          self.monitor(pid);
          assertThat(TestRuntime.next(self, io.otp.process.Down.class).reason())
              .isIn(KILLED, io.otp.process.ExitReason.NO_PROCESS);
        });
    release.countDown();
    assertThat(server.events()).isEmpty();
    await("the report", () -> otp.reports().size() == 1);
    assertThat(otp.reports().getFirst().toString()).contains("mailbox_full");
  }

  @Test
  void blockWaitsForRoomAndThenRefuses() {
    ServerRef<Message> ref = busy(server(Overload.BLOCK), LIMIT_OF_MAILBOX);
    Pid pid = Scripted.pidOf(ref);
    long begin = System.nanoTime();
    assertThatThrownBy(() -> ref.cast(new Note("too much")))
        .isInstanceOf(MailboxFullException.class)
        .hasMessage("Process " + full(pid, "Note", "block"));
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofMillis(49));
    assertThatThrownBy(() -> ref.call(new Get()))
        .isInstanceOf(CallException.MailboxFullException.class)
        .hasMessage("Server " + full(pid, "Get", "block"));
    release.countDown();
  }

  @Test
  void blockLetsTheSenderGoOnWhenThereIsRoom() {
    Scripted server =
        new Scripted(ServerOptions.DEFAULT.withMailbox(new MailboxBound(2, Overload.BLOCK, LIMIT)));
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    var done = new CompletableFuture<Boolean>();
    otp.runtime()
        .spawn(
            self -> {
              ref.cast(new Note("in the end"));
              done.complete(true);
            });
    release.countDown();
    assertThat(TestRuntime.get(done, "the cast")).isTrue();
    await("all", () -> server.events().equals(List.of("waiting 0", "waiting 1", "in the end")));
  }

  @Test
  void timeoutOfACallHoldsWhileItWaitsForRoom() {
    Scripted server =
        new Scripted(ServerOptions.DEFAULT.withMailbox(new MailboxBound(2, Overload.BLOCK, LIMIT)));
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    Duration timeout = Duration.ofMillis(50);
    long begin = System.nanoTime();
    assertThatThrownBy(() -> ref.call(new Get(), timeout)).isInstanceOf(CallTimeoutException.class);
    otp.run(
        self ->
            assertThatThrownBy(() -> ref.call(new Get(), timeout))
                .isInstanceOf(CallTimeoutException.class));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMIT.dividedBy(2));
    release.countDown();
  }

  @Test
  void asyncCallNeverBlocksItsCaller() {
    Scripted server =
        new Scripted(ServerOptions.DEFAULT.withMailbox(new MailboxBound(2, Overload.BLOCK, LIMIT)));
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    long begin = System.nanoTime();
    var call = ref.callAsync(new Get()).toCompletableFuture();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMIT.dividedBy(2));
    release.countDown();
    call.handle((reply, error) -> true).orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join();
  }

  @ParameterizedTest
  @EnumSource(Overload.class)
  void systemMessagesTimersAndSignalsPassEveryBound(Overload policy) {
    Scripted server = server(policy);
    ServerRef<Message> ref = busy(server, LIMIT_OF_MAILBOX);
    Pid pid = Scripted.pidOf(ref);
    otp.runtime().sendAfter(Duration.ZERO, pid, "timer");
    await("the timer", () -> otp.runtime().info(pid).orElseThrow().summary().mailbox() == 3);
    var state = new CompletableFuture<Object>();
    otp.runtime().spawn(self -> state.complete(Sys.getState(pid)));
    release.countDown();
    assertThat(TestRuntime.get(state, "the state")).isEqualTo("state");
    await("all", () -> server.events().equals(List.of("waiting 0", "waiting 1", "info timer")));
  }

  @ParameterizedTest
  @EnumSource(Overload.class)
  void requestToAFullMailboxIsAnsweredAtOnce(Overload policy) {
    if (policy == Overload.DROP_OLDEST) {
      return; // another one is
    }
    ServerRef<Message> ref = busy(server(policy), LIMIT_OF_MAILBOX);
    otp.run(
        self -> {
          RequestId<Object> id = ref.sendRequest(self, new Get());
          assertThat(id.receiveResponse(self, LIMIT))
              .get()
              .isInstanceOfSatisfying(
                  Answer.Failed.class,
                  failed -> assertThat(failed.reason().toString()).isIn("mailbox_full", "killed"));
          assertThat(drain(self, QUIET)).isEmpty();
        });
    release.countDown();
  }
}
