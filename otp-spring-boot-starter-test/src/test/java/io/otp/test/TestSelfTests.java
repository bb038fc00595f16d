package io.otp.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.process.Alias;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Response;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.TimerExpired;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.RequestId;
import io.otp.server.ServerRef;
import io.otp.test.TestSelf.Demonitored;
import io.otp.test.TestSelf.Exited;
import io.otp.test.TestSelf.Linked;
import io.otp.test.TestSelf.Monitors;
import io.otp.test.TestSelf.Registered;
import io.otp.test.TestSelf.Replied;
import io.otp.test.TestSelf.Requested;
import io.otp.test.TestSelf.Sent;
import io.otp.test.TestSelf.Slept;
import io.otp.test.TestSelf.Spawned;
import io.otp.test.TestSelf.TimerCancelled;
import io.otp.test.TestSelf.TimerStarted;
import io.otp.test.TestSelf.Unlinked;
import io.otp.test.TestSelf.Unregistered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TestSelfTests {

  private final TestSelf<Pages.Message> self = new TestSelf<>();

  /** Fetches pages from an archive and answers when they have come. */
  private static final class Pages implements GenServer<Pages.Message, Pages.State> {

    record State(Map<String, From<String>> waiting, Map<String, Ref> timers) {
      static final State EMPTY = new State(Map.of(), Map.of());

      State with(String page, From<String> from, Ref timer) {
        return new State(Map.of(page, from), Map.of(page, timer));
      }
    }

    sealed interface Message {}

    record Fetch(String page) implements Message, Call<Message, String> {}

    record Loaded(String page, String text) implements Message, Cast<Message> {}

    record Late(String page) implements Message, Cast<Message> {}

    record Load(String page, Pid to) {}

    @Override
    public State init(NoArgs args, Self<Message> self) {
      self.label("pages");
      return State.EMPTY;
    }

    @Override
    public Next<State> handle(Message message, State state, Self<Message> self) {
      return switch (message) {
        case Fetch fetch -> {
          self.send("archive", new Load(fetch.page(), self.pid()));
          Ref timer = self.sendAfter(Duration.ofSeconds(5), new Late(fetch.page()));
          yield Next.noreply(state.with(fetch.page(), self.from(fetch), timer));
        }
        case Loaded(var page, var text) -> {
          self.cancelTimer(state.timers().get(page));
          state.waiting().get(page).reply(text);
          yield Next.noreply(State.EMPTY);
        }
        case Late(var page) -> {
          state.waiting().get(page).reply("not found");
          yield Next.noreply(State.EMPTY);
        }
      };
    }

    @Override
    public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
      return info instanceof Down
          ? Next.stop(ExitReason.SHUTDOWN, state)
          : GenServer.super.handleInfo(info, state, self);
    }
  }

  @Test
  void callbackIsTestedAsAFunction() throws Exception {
    var pages = new Pages();
    var state = pages.init(NoArgs.NO_ARGS, self);
    assertThat(self.label()).isEqualTo("pages");

    var fetch = new Pages.Fetch("index");
    Next<Pages.State> next = pages.handle(fetch, state, self);
    assertThat(self.sentTo("archive")).containsExactly(new Pages.Load("index", self.pid()));
    assertThat(self.timers())
        .extracting(TimerStarted::message)
        .containsExactly(new Pages.Late("index"));
    assertThat(next)
        .isEqualTo(
            Next.noreply(state.with("index", self.from(fetch), self.timers().getFirst().ref())));
    assertThat(self.reply(fetch)).isEmpty();

    assertThat(pages.handle(new Pages.Loaded("index", "hello"), next.state(), self))
        .isEqualTo(Next.noreply(Pages.State.EMPTY));
    assertThat(self.reply(fetch)).contains("hello");
    assertThat(self.timers()).isEmpty();
  }

  @Test
  void timerExpiresWhenTheTestSaysSo() {
    var pages = new Pages();
    var fetch = new Pages.Fetch("index");
    Next<Pages.State> next = pages.handle(fetch, Pages.State.EMPTY, self);
    Ref timer = self.timers().getFirst().ref();
    pages.handle((Pages.Message) self.expire(timer), next.state(), self);
    assertThat(self.reply(fetch)).contains("not found");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> self.expire(timer))
        .withMessage(timer + " is no timer that still runs; those are []");
  }

  @Test
  void defaultHandleInfoWorks() throws Exception {
    assertThat(new Pages().handleInfo(new Info.Timeout(), Pages.State.EMPTY, self))
        .isEqualTo(Next.noreply(Pages.State.EMPTY));
  }

  @Test
  void effectsAreNotedInOrder() {
    Pid other = self.runtime().nobody();
    self.send(other, "one");
    self.exit(other, ExitReason.SHUTDOWN);
    self.link(other);
    Ref monitor = self.monitor(other);
    Ref named = self.monitor("name");
    self.demonitor(monitor);
    self.unlink(other);
    self.register("me");
    self.unregister();
    self.unregister();
    self.sleep(Duration.ofSeconds(1));
    assertThat(self.effects())
        .containsExactly(
            new Sent(other, "one"),
            new Exited(other, ExitReason.SHUTDOWN),
            new Linked(other),
            new Monitors(monitor, other),
            new Monitors(named, "name"),
            new Demonitored(monitor),
            new Unlinked(other),
            new Registered("me"),
            new Unregistered("me"),
            new Slept(Duration.ofSeconds(1)));
    assertThat(self.monitors()).containsExactly(Map.entry(named, "name"));
    assertThat(self.links()).isEmpty();
    assertThat(self.effects(Monitors.class)).hasSize(2);
    self.clearEffects();
    assertThat(self.effects()).isEmpty();
    assertThat(self.monitors()).hasSize(1);
  }

  @Test
  void timersAreNotedAndCancelled() {
    Ref after = self.sendAfter(Duration.ofSeconds(1), new Pages.Late("a"));
    Ref start = self.startTimer(Duration.ofSeconds(2), "tick");
    Ref interval = self.sendInterval(Duration.ofSeconds(3), new Pages.Late("b"));
    Ref exit = self.exitAfter(Duration.ofSeconds(4), self.pid(), ExitReason.SHUTDOWN);
    assertThat(self.timers())
        .containsExactly(
            new TimerStarted(after, Duration.ofSeconds(1), self.pid(), new Pages.Late("a"), false),
            new TimerStarted(
                start, Duration.ofSeconds(2), self.pid(), new TimerExpired(start, "tick"), false),
            new TimerStarted(
                interval, Duration.ofSeconds(3), self.pid(), new Pages.Late("b"), true),
            new TimerStarted(
                exit,
                Duration.ofSeconds(4),
                self.pid(),
                new Exit(self.pid(), ExitReason.SHUTDOWN),
                false));
    assertThat(self.expire(interval)).isEqualTo(new Pages.Late("b"));
    assertThat(self.expire(interval)).isEqualTo(new Pages.Late("b"));
    assertThat(self.cancelTimer(interval)).contains(Duration.ofSeconds(3));
    assertThat(self.cancelTimer(interval)).isEmpty();
    assertThat(self.effects(TimerCancelled.class)).containsExactly(new TimerCancelled(interval));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> self.startTimer(Duration.ofMillis(-1), "x"))
        .withMessage("A delay of PT-0.001S is not allowed, it must not be negative");
  }

  @Test
  void replyCountsOnce() {
    var fetch = new Pages.Fetch("a");
    assertThat(self.from(fetch)).isEqualTo(self.from(fetch));
    assertThat(self.from(fetch)).isNotEqualTo(self.from(new Pages.Fetch("a")));
    self.from(fetch).reply("one");
    self.from(fetch).reply("two");
    assertThat(self.effects()).containsExactly(new Replied(fetch, "one"));
    assertThat(self.from(fetch).pid()).isNull();
  }

  @Test
  void messagesMustBeImmutable() {
    assertThatExceptionOfType(MutableMessageException.class)
        .isThrownBy(() -> self.send("x", new ArrayList<>()));
    assertThatExceptionOfType(MutableMessageException.class)
        .isThrownBy(() -> self.startTimer(Duration.ZERO, new ArrayList<>()));
    assertThat(self.effects()).isEmpty();
  }

  @Test
  void receiveFindsWhatWasDelivered() {
    self.deliver("a", 1, "b");
    Optional<Integer> number =
        self.receive(
            Duration.ofSeconds(5), m -> m instanceof Integer i ? Receive.take(i) : Receive.skip());
    assertThat(number).contains(1);
    assertThat(self.mailbox()).containsExactly("a", "b");
    assertThat(self.receive()).isEqualTo("a");
    assertThat(self.<Object>receive(Duration.ofSeconds(5), m -> Receive.skip())).isEmpty();
    assertThat(self.receive()).isEqualTo("b");
    assertThatIllegalStateException()
        .isThrownBy(self::receive)
        .withMessage(
            "A receive without a timeout would wait for ever: nothing it takes is among []. Let the"
                + " test deliver a message first.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> self.receive(Duration.ofMillis(-1), Receive::take));
  }

  @Test
  void messageToItselfIsInItsMailbox() {
    self.send(self.pid(), "mine");
    assertThat(self.mailbox()).containsExactly("mine");
    assertThat(self.sentTo(self.pid())).containsExactly("mine");
  }

  @Test
  void exitOfItselfEndsTheCallbackUnlessItTraps() {
    assertThatThrownBy(() -> self.exit(self.pid(), ExitReason.SHUTDOWN))
        .isInstanceOfSatisfying(
            ProcessExit.class, e -> assertThat(e.reason()).isEqualTo(ExitReason.SHUTDOWN));
    assertThat(self.trapExits(true)).isFalse();
    assertThat(self.trapsExits()).isTrue();
    self.exit(self.pid(), ExitReason.SHUTDOWN);
    assertThat(self.mailbox()).containsExactly(new Exit(self.pid(), ExitReason.SHUTDOWN));
    assertThatThrownBy(() -> self.exit(self.pid(), ExitReason.KILL))
        .isInstanceOfSatisfying(
            ProcessExit.class, e -> assertThat(e.reason()).isEqualTo(ExitReason.KILLED));
  }

  @Test
  void processesAreNotStarted() {
    Consumer<Self<Object>> body =
        inner -> {
          throw new AssertionError("runs");
        };
    Pid plain = self.spawn(body);
    Pid linked = self.spawnLink(body);
    Self.Monitored monitored = self.spawnMonitor(body);
    assertThat(self.effects())
        .containsExactly(
            new Spawned(plain, body, SpawnOptions.NONE),
            new Spawned(linked, body, SpawnOptions.LINK),
            new Spawned(monitored.pid(), body, SpawnOptions.MONITOR));
    assertThat(self.links()).containsExactly(linked);
    assertThat(self.monitors()).containsExactly(Map.entry(monitored.ref(), monitored.pid()));
    assertThat(List.of(plain, linked, monitored.pid())).doesNotHaveDuplicates();
    assertThat(self.runtime().isAlive(plain)).isFalse();
  }

  @Test
  void requestIsNotedAndTheTestAnswersIt() {
    ServerRef<Pages.Message> ref = ServerRef.of(self.runtime(), "pages");
    RequestId<String> id = ref.sendRequest(self, new Pages.Fetch("a"));
    Requested requested = self.effects(Requested.class).getFirst();
    assertThat(requested.request()).isEqualTo(new Pages.Fetch("a"));
    assertThat(id.receiveResponse(self, Duration.ofSeconds(5))).isEmpty();
    self.deliver(new Response(requested.id(), "text", null));
    assertThat(id.receiveResponse(self, Duration.ofSeconds(5)))
        .contains(new RequestId.Answer.Reply<>("text"));
  }

  @Test
  void dictionaryIsThere() {
    assertThat(self.put("k", 1)).isNull();
    assertThat(self.get("k")).isEqualTo(1);
    assertThat(self.put("k", null)).isEqualTo(1);
    assertThat(self.get("k")).isNull();
    self.checkpoint();
  }

  @Test
  void aliasesTakeAProcess() {
    assertThatThrownBy(() -> self.alias(Alias.Mode.REPLY))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage(
            "An alias takes a process. Test this callback in a server that runs, with"
                + " OtpExtension.");
  }

  @Test
  void runtimeMayBeTheTestsOwn() {
    try (ProcessRuntime runtime = ProcessRuntime.builder().build()) {
      var mine = new TestSelf<Pages.Message>(runtime);
      assertThat(mine.runtime()).isSameAs(runtime);
      assertThat(mine.pid()).isNotEqualTo(new TestSelf<>(runtime).pid());
      assertThat(mine.pid().toString()).startsWith("<0.0.");
      assertThat(mine.toString()).isEqualTo("TestSelf[" + mine.pid() + "]");
    }
  }
}
