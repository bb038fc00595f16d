package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.ExitReason;
import io.otp.process.MailboxBound;
import io.otp.process.MutableMessageException;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.server.GenServers.Replies;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Ask;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Ignore;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerCastTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private ServerRef<Message> named(String name) {
    return server.start(otp.runtime(), StartOptions.named(name), self -> name);
  }

  private ServerRef<Message> dead() {
    Pid pid = otp.runtime().spawn(self -> {});
    await("its end", () -> !otp.runtime().isAlive(pid));
    return ServerRef.of(otp.runtime(), pid);
  }

  @Test
  @Rule("2.30") // gen_server_SUITE:cast
  void castIsHandled() {
    ServerRef<Message> ref = named("a");
    ref.cast(new Note("hello"));
    await("the note", () -> server.events().equals(List.of("hello")));
  }

  @Test
  @Rule("2.30")
  void castNeverFailsForWantOfAServer() {
    long before = otp.runtime().stats().deadLetters();
    dead().cast(new Note("x"));
    ServerRef.<Message>of(otp.runtime(), "nobody").cast(new Note("x"));
    otp.run(
        self -> {
          dead().cast(new Note("x"));
          ServerRef.<Message>of(otp.runtime(), "nobody").cast(new Note("x"));
        });
    assertThat(otp.runtime().stats().deadLetters() - before).isEqualTo(4);
  }

  @Test
  @Rule({"2.30", "1.87"})
  void castOfAMutableMessageIsRefusedAtTheSender() {
    ServerRef<Message> ref = named("a");
    assertThatThrownBy(() -> ref.cast(new Note(new ArrayList<>(List.of(1)))))
        .isInstanceOf(MutableMessageException.class)
        .hasMessageContaining("text");
    assertThat(ref.call(new Get())).isEqualTo("a");
    assertThat(server.events()).isEmpty();
  }

  @Test
  void castThatATimerOrAPlainSendBringsIsHandledAsOne() {
    ServerRef<Message> ref = named("a");
    ref.cast(
        new Do(
            (state, self) -> {
              self.sendAfter(Duration.ofMillis(1), new Note("by timer"));
              self.send(self.pid(), new Note("by send"));
              return Next.noreply(state);
            }));
    await("both", () -> server.events().equals(List.of("by send", "by timer")));
  }

  @Test
  void callThatIsSentInsteadOfCalledIsAnInfo() {
    ServerRef<Message> ref = named("a");
    ref.send(new Get());
    await("the info", () -> server.events().equals(List.of("info Get[]")));
    ServerRef.<Message>of(otp.runtime(), "nobody").send("nothing happens");
  }

  // --- several

  @Test
  @Rule("2.31") // gen_server_SUITE:multicall, multicall_down
  void multiCallSaysWhoRepliedAndWhoDidNot() {
    otp.run(
        self -> {
          ServerRef<Message> a = named("a");
          ServerRef<Message> slow = named("slow");
          ServerRef<Message> b = named("b");
          ServerRef<Message> dies = named("dies");
          ServerRef<Message> missing = ServerRef.of(otp.runtime(), "missing");
          var release = new CountDownLatch(1);
          Ask ask =
              new Ask(
                  (request, state, inner) -> {
                    if (state.equals("slow")) {
                      release.await();
                    }
                    return state.equals("dies")
                        ? Next.stop(ExitReason.other("boom"), state)
                        : Next.reply(request, "I am " + state, state);
                  });
          Replies<Message, Object> replies =
              GenServers.multiCall(List.of(a, slow, missing, dies, b), ask, Duration.ofMillis(100));
          assertThat(replies.replies())
              .containsExactly(java.util.Map.entry(a, "I am a"), java.util.Map.entry(b, "I am b"));
          assertThat(replies.bad()).containsExactly(slow, missing, dies);
          release.countDown();
          assertThat(slow.call(new Get())).isEqualTo("slow");
          assertThat(drain(self, QUIET)).as("late answers").isEmpty();
        });
  }

  @Test
  @Rule("2.31")
  void multiCallFromAThreadWorksTheSame() {
    ServerRef<Message> a = named("a");
    ServerRef<Message> missing = ServerRef.of(otp.runtime(), "missing");
    Replies<Message, Object> replies = GenServers.multiCall(List.of(a, missing), new Get(), LIMIT);
    assertThat(replies.replies()).containsEntry(a, "a").hasSize(1);
    assertThat(replies.bad()).containsExactly(missing);
  }

  @Test
  @Rule("2.31")
  void multiCallWaitsForAllAtOnceAndNotForOneAfterTheOther() {
    var refs = new ArrayList<ServerRef<Message>>();
    for (int i = 0; i < 20; i++) {
      refs.add(server.start(otp.runtime(), i));
    }
    long begin = System.nanoTime();
    assertThat(GenServers.multiCall(refs, new Ignore(), Duration.ofMillis(200)).bad()).hasSize(20);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(199), Duration.ofSeconds(3));
  }

  @Test
  @Rule({"2.31", "2.22"})
  void serverThatCallsItselfAmongOthersIsBadAtOnce() {
    ServerRef<Message> a = named("a");
    ServerRef<Message> b = named("b");
    Object bad =
        a.call(
            new Ask(
                (ask, state, self) ->
                    Next.reply(
                        ask, GenServers.multiCall(List.of(a, b), new Get(), LIMIT).bad(), state)));
    assertThat(bad).isEqualTo(List.of(a));
  }

  @Test
  @Rule("2.31")
  void multiCallRefusesABadTimeoutAndServersOfSeveralRuntimes() {
    ServerRef<Message> a = named("a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenServers.multiCall(List.of(a), new Get(), Duration.ofMillis(-1)))
        .withMessageContaining("must not be negative");
    try (ProcessRuntime other = ProcessRuntime.builder().name("other").build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  GenServers.multiCall(
                      List.of(a, ServerRef.<Message>of(other, "a")), new Get(), LIMIT))
          .withMessage(
              "ServerRef['a'] is of ProcessRuntime[other] and "
                  + a
                  + " of ProcessRuntime[test]; a multiCall is for servers of one runtime");
    }
    assertThat(GenServers.multiCall(List.<ServerRef<Message>>of(), new Get(), LIMIT).replies())
        .isEmpty();
  }

  @Test
  @Rule("2.31")
  void repliesMayBePartOfAState() {
    ServerRef<Message> a = named("a");
    ServerRef<Message> b = named("b");
    a.cast(
        new Do((state, self) -> Next.noreply(GenServers.multiCall(List.of(b), new Get(), LIMIT))));
    assertThat(a.call(new Get())).isInstanceOf(Replies.class);
  }

  @Test
  @Rule("2.32") // gen_server_SUITE:abcast
  void abcastReachesAllThatAreThere() {
    ServerRef<Message> a = named("a");
    ServerRef<Message> b = named("b");
    GenServers.abcast(
        List.of(a, dead(), ServerRef.of(otp.runtime(), "nobody"), b), new Note("hello"));
    await("both", () -> server.events().equals(List.of("hello", "hello")));
  }

  @Test
  @Rule("2.32")
  void abcastPassesOverAFullMailbox() {
    var full = new Scripted(ServerOptions.DEFAULT.withMailbox(MailboxBound.of(1, Overload.REJECT)));
    ServerRef<Message> busy = full.start(otp.runtime(), 1);
    ServerRef<Message> a = named("a");
    var go = new CountDownLatch(1);
    var waits = new CountDownLatch(1);
    busy.cast(
        new Scripted.Do(
            (state, self) -> {
              waits.countDown();
              TestRuntime.await(go);
              return Next.noreply(state);
            }));
    TestRuntime.await(waits);
    busy.cast(new Note("waits"));
    GenServers.abcast(List.of(busy, a), new Note("hello"));
    await("the other one", () -> server.events().equals(List.of("hello")));
    go.countDown();
    await("the one that waited", () -> full.events().equals(List.of("waits")));
  }
}
