package io.otp.trace;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.event.EventHandler;
import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.event.Handled;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.Tracer.Flag;
import io.otp.process.Tracer.Kind;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateMachine;
import io.otp.statem.StateMachines;
import io.otp.statem.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TraceTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** Keeps what it is told. */
  private static class Kept implements TraceSink {
    final BlockingQueue<TraceEvent> events = new LinkedBlockingQueue<>();
    final CompletableFuture<TraceEnd> end = new CompletableFuture<>();

    @Override
    public void event(TraceEvent event) throws Exception {
      events.add(event);
    }

    @Override
    public void ended(TraceEnd why) {
      end.complete(why);
    }

    TraceEvent next() {
      try {
        TraceEvent event = events.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (event == null) {
          throw new AssertionError("no event came");
        }
        return event;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    List<String> next(int count) {
      var shown = new ArrayList<String>();
      for (int i = 0; i < count; i++) {
        TraceEvent event = next();
        shown.add(event.kind() + " " + event.subject() + " " + event.content());
      }
      return shown;
    }

    TraceEnd end() {
      return TestRuntime.get(end, "the end of the session");
    }
  }

  private final Kept kept = new Kept();

  sealed interface Message {}

  record Deposit(long cents) implements Message, Cast<Message> {}

  record Balance() implements Message, Call<Message, Long> {}

  static final class Ledger implements GenServer<Message, Long> {
    @Override
    public Long init(NoArgs args, Self<Message> self) {
      return 0L;
    }

    @Override
    public Next<Long> handle(Message message, Long state, Self<Message> self) {
      return switch (message) {
        case Deposit(var cents) when cents < 0 -> throw new IllegalArgumentException("negative");
        case Deposit(var cents) -> Next.noreply(state + cents);
        case Balance b -> Next.reply(b, state, state);
      };
    }
  }

  private ServerRef<Message> ledger(StartOptions options) {
    StartResult result = GenServers.start(otp.runtime(), new Ledger(), NoArgs.NO_ARGS, options);
    return ServerRef.of(otp.runtime(), ((StartResult.Started) result).pid());
  }

  private Pid pid(ServerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  private Trace trace() {
    return Trace.in(otp.runtime());
  }

  // --- events

  @Test
  @Rule({"7.10", "7.12"})
  void tellsOfMessagesCallbacksAndRepliesInTheirOrder() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    trace()
        .pid(pid(ref))
        .flags(Flag.SEND, Flag.RECEIVE, Flag.CALL)
        .withText(String::valueOf, 100)
        .start(kept);
    ref.cast(new Deposit(5));
    assertThat(ref.call(new Balance())).isEqualTo(5);
    assertThat(kept.next(7))
        .containsExactly(
            "RECEIVE null Deposit[cents=5]",
            "CALL TraceTests$Ledger:handle Deposit[cents=5]",
            "RETURN_FROM TraceTests$Ledger:handle " + Next.noreply(5L),
            "RECEIVE null Balance[]",
            "CALL TraceTests$Ledger:handle Balance[]",
            "RETURN_FROM TraceTests$Ledger:handle " + Next.reply(new Balance(), 5L, 5L),
            "SEND null 5");
  }

  @Test
  @Rule("7.12")
  void tellsOfCallbacksThatThrow() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    trace().pid(pid(ref)).flags(Flag.CALL).start(kept);
    ref.cast(new Deposit(-1));
    assertThat(kept.next(4))
        .containsExactly(
            "CALL TraceTests$Ledger:handle TraceTests$Deposit",
            "EXCEPTION_FROM TraceTests$Ledger:handle java.lang.IllegalArgumentException",
            "CALL TraceTests$Ledger:terminate java.lang.IllegalArgumentException",
            "RETURN_FROM TraceTests$Ledger:terminate null");
  }

  private static final class Machine implements StateMachine<NoArgs, Message, String, Long> {
    @Override
    public Initial<String, Long> init(NoArgs args, Self<Message> self) {
      return Initial.of("open", 0L);
    }

    @Override
    public Transition<String, Long> handle(On<String, Message> on, Long data, Self<Message> self) {
      return Transition.nextState("closed", data);
    }

    @Override
    public Transition.Stay<String, Long> enter(
        String from, String state, Long data, Self<Message> self) {
      return Transition.keepStateAndData();
    }
  }

  private static final class Handler implements EventHandler<NoArgs, String, Long> {
    @Override
    public Long init(NoArgs args, Self<Object> self) {
      return 0L;
    }

    @Override
    public Handled<Long> handleEvent(String event, Long state, Self<Object> self) {
      return Handled.ok(state + 1);
    }
  }

  @Test
  @Rule("7.12")
  void tellsOfCallbacksOfMachinesAndHandlers() {
    trace().newProcesses().flags(Flag.CALL).start(kept);
    StartResult result =
        StateMachines.start(otp.runtime(), new Machine(), NoArgs.NO_ARGS, StartOptions.NONE);
    Pid machine = ((StartResult.Started) result).pid();
    assertThat(kept.next().subject()).isEqualTo("TraceTests$Machine:init");
    assertThat(kept.next().kind()).isEqualTo(Kind.RETURN_FROM);
    assertThat(kept.next().subject()).isEqualTo("TraceTests$Machine:enter");
    assertThat(kept.next().kind()).isEqualTo(Kind.RETURN_FROM);
    ServerRef.<Message>of(otp.runtime(), machine).cast(new Deposit(1));
    assertThat(kept.next().subject()).isEqualTo("TraceTests$Machine:handle");
    assertThat(kept.next().kind()).isEqualTo(Kind.RETURN_FROM);
    assertThat(kept.next().subject()).isEqualTo("TraceTests$Machine:enter");
    assertThat(kept.next().kind()).isEqualTo(Kind.RETURN_FROM);
    Pid manager = ((StartResult.Started) EventManager.unnamed().start(otp.runtime())).pid();
    EventManagerRef<String> ref = EventManagerRef.of(otp.runtime(), manager);
    ref.addHandler(new Handler(), NoArgs.NO_ARGS);
    ref.notify("event");
    assertThat(kept.next(4))
        .containsExactly(
            "CALL TraceTests$Handler:init io.otp.server.NoArgs".replace("io.otp.server.", ""),
            "RETURN_FROM TraceTests$Handler:init Long",
            "CALL TraceTests$Handler:handleEvent String",
            "RETURN_FROM TraceTests$Handler:handleEvent Handled");
  }

  @Test
  @Rule("7.10")
  void tellsWhoeverCallsOfTheReply() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    otp.run(
        self -> {
          trace().pid(self.pid()).flags(Flag.SEND, Flag.RECEIVE).start(kept);
          ref.call(new Balance());
        });
    assertThat(kept.next(2))
        .containsExactly(
            "SEND " + pid(ref) + " TraceTests$Balance", "RECEIVE " + pid(ref) + " Long");
  }

  @Test
  @Rule("7.10")
  void eventsOfOneProcessAreInOrderAndTimesNeverGoBack() {
    int each = 200;
    var ready = new CountDownLatch(1);
    Pid sink = otp.runtime().spawn(self -> self.receive(m -> Receive.skip()));
    var senders = new ArrayList<Pid>();
    for (int i = 0; i < 3; i++) {
      senders.add(
          otp.runtime()
              .spawn(
                  self -> {
                    TestRuntime.await(ready);
                    for (int n = 0; n < each; n++) {
                      self.send(sink, n);
                    }
                  }));
    }
    Trace trace = trace().flags(Flag.SEND).withText(String::valueOf, 10);
    senders.forEach(trace::pid);
    trace.limits(TraceLimits.DEFAULT.withMax(3 * each).withPerSecond(100_000)).start(kept);
    ready.countDown();
    assertThat(kept.end()).isEqualTo(TraceEnd.COUNT);
    List<TraceEvent> events = List.copyOf(kept.events);
    assertThat(events).hasSize(3 * each);
    assertThat(events).extracting(TraceEvent::number).isSorted().doesNotHaveDuplicates();
    assertThat(events).extracting(TraceEvent::at).isSorted();
    for (Pid sender : senders) {
      List<Integer> sent =
          events.stream()
              .filter(e -> e.pid() == sender)
              .map(e -> Integer.valueOf(String.valueOf(e.content())))
              .toList();
      assertThat(sent).hasSize(each).isSorted();
    }
  }

  // --- texts

  @Test
  @Rule("7.11")
  void messagesAreMaskedUnlessAllowedAndCut() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    TraceSession masked = trace().pid(pid(ref)).flags(Flag.RECEIVE).start(kept);
    ref.cast(new Deposit(4711));
    assertThat(kept.next().content()).isEqualTo("TraceTests$Deposit");
    masked.close();
    var shown = new Kept();
    trace().pid(pid(ref)).flags(Flag.RECEIVE).withText(String::valueOf, 9).start(shown);
    ref.cast(new Deposit(4711));
    assertThat(shown.next().content()).isEqualTo("Deposit[c…");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trace().withText(String::valueOf, 0))
        .withMessage("Texts of 0 characters are not allowed, it must be 1 to 10000");
  }

  @Test
  void textThatThrowsIsSaid() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    trace()
        .pid(pid(ref))
        .flags(Flag.RECEIVE)
        .withText(
            message -> {
              throw new IllegalStateException();
            },
            100)
        .start(kept);
    ref.cast(new Deposit(1));
    assertThat(kept.next().content())
        .isEqualTo(
            "io.otp.trace.TraceTests$Deposit whose text threw java.lang.IllegalStateException");
  }

  // --- whom

  @Test
  @Rule("7.10")
  void choosesByNameAlsoLater() {
    trace().name("ledger").flags(Flag.PROCS, Flag.PROCS).start(kept);
    ServerRef<Message> first = ledger(StartOptions.named("ledger"));
    assertThat(kept.next().kind()).isEqualTo(Kind.REGISTER);
    otp.runtime().exit(pid(first), ExitReason.KILL);
    TraceEvent exit = kept.next();
    assertThat(exit.kind()).isEqualTo(Kind.EXIT);
    assertThat(exit.name()).isEqualTo("ledger");
    assertThat(exit.content()).isEqualTo("killed");
    assertThat(kept.next().kind()).isEqualTo(Kind.UNREGISTER);
    ledger(StartOptions.named("other"));
    ServerRef<Message> second = ledger(StartOptions.named("ledger"));
    TraceEvent again = kept.next();
    assertThat(again.kind()).isEqualTo(Kind.REGISTER);
    assertThat(again.pid()).isEqualTo(pid(second));
  }

  @Test
  @Rule("7.10")
  void choosesByBehaviourAndApplicationOldAndNew() {
    ServerRef<Message> old = ledger(StartOptions.NONE);
    ServerRef<Message> other = ledger(StartOptions.NONE.withApplication("shop"));
    trace().behaviour("TraceTests$Ledger").flags(Flag.RECEIVE).start(kept);
    var shop = new Kept();
    trace().application("shop").flags(Flag.RECEIVE).start(shop);
    old.cast(new Deposit(1));
    assertThat(kept.next().pid()).isEqualTo(pid(old));
    other.cast(new Deposit(1));
    assertThat(kept.next().pid()).isEqualTo(pid(other));
    assertThat(shop.next().pid()).isEqualTo(pid(other));
    ServerRef<Message> later = ledger(StartOptions.NONE);
    later.cast(new Deposit(1));
    assertThat(kept.next().pid()).isEqualTo(pid(later));
    assertThat(shop.events).isEmpty();
  }

  @Test
  @Rule("7.10")
  void newProcessesAreThoseStartedLater() {
    ServerRef<Message> old = ledger(StartOptions.NONE);
    trace().newProcesses().flags(Flag.RECEIVE).start(kept);
    old.call(new Balance());
    ServerRef<Message> later = ledger(StartOptions.NONE);
    later.cast(new Deposit(1));
    assertThat(kept.next().pid()).isEqualTo(pid(later));
  }

  @Test
  @Rule("7.10")
  void sessionsKnowNothingOfEachOther() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    var second = new Kept();
    TraceSession first = trace().pid(pid(ref)).flags(Flag.RECEIVE).start(kept);
    trace().pid(pid(ref)).flags(Flag.CALL).start(second);
    ref.cast(new Deposit(1));
    assertThat(kept.next().kind()).isEqualTo(Kind.RECEIVE);
    assertThat(second.next().kind()).isEqualTo(Kind.CALL);
    assertThat(second.next().kind()).isEqualTo(Kind.RETURN_FROM);
    first.close();
    ref.cast(new Deposit(1));
    assertThat(second.next().kind()).isEqualTo(Kind.CALL);
    assertThat(kept.end()).isEqualTo(TraceEnd.CLOSED);
    assertThat(kept.events).isEmpty();
  }

  // --- limits

  @Test
  @Rule("7.11")
  void endsWhenTheCountIsReached() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    TraceSession session =
        trace()
            .pid(pid(ref))
            .flags(Flag.RECEIVE)
            .limits(TraceLimits.DEFAULT.withMax(3))
            .start(kept);
    for (int i = 0; i < 10; i++) {
      ref.cast(new Deposit(1));
    }
    assertThat(kept.end()).isEqualTo(TraceEnd.COUNT);
    assertThat(kept.events).hasSize(3);
    assertThat(session.count()).isEqualTo(3);
    assertThat(session.end()).isEqualTo(TraceEnd.COUNT);
  }

  @Test
  @Rule("7.11")
  void endsWhenThereAreTooManyInASecond() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    trace()
        .pid(pid(ref))
        .flags(Flag.RECEIVE)
        .limits(TraceLimits.DEFAULT.withPerSecond(1))
        .start(kept);
    while (!kept.end.isDone()) {
      ref.call(new Balance());
    }
    assertThat(kept.end()).isEqualTo(TraceEnd.RATE);
  }

  @Test
  @Rule("7.11")
  void endsWhenTheTimeIsOver() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    trace().pid(pid(ref)).limits(TraceLimits.DEFAULT.withTime(QUIET)).start(kept);
    assertThat(kept.end()).isEqualTo(TraceEnd.TIME);
  }

  @Test
  @Rule("7.11")
  void endsWithASinkThatThrows() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    var failing =
        new Kept() {
          @Override
          public void event(TraceEvent event) throws Exception {
            throw new java.io.IOException("the client has gone");
          }
        };
    TraceSession session = trace().pid(pid(ref)).start(failing);
    ref.cast(new Deposit(1));
    assertThat(failing.end()).isEqualTo(TraceEnd.CONSUMER);
    assertThat(session.end()).isEqualTo(TraceEnd.CONSUMER);
    assertThat(ref.call(new Balance())).as("the server lives").isEqualTo(1);
  }

  @Test
  @Rule("7.11")
  void endsWithTheProcessThatGetsTheEvents() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    var got = new CompletableFuture<Object>();
    Pid consumer =
        otp.runtime()
            .spawn(
                self -> {
                  got.complete(self.receive());
                  self.receive();
                  self.receive(m -> Receive.skip());
                });
    TraceSession session =
        trace().pid(pid(ref)).pid(consumer).flags(Flag.RECEIVE).startFor(consumer);
    ref.cast(new Deposit(1));
    assertThat(((TraceEvent) TestRuntime.get(got, "an event")).pid())
        .as("the consumer itself is not traced")
        .isEqualTo(pid(ref));
    otp.runtime().exit(consumer, ExitReason.KILL);
    await("the end", () -> session.end() == TraceEnd.CONSUMER);
  }

  @Test
  @Rule("7.11")
  void endsWithTheRuntime() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    trace().pid(pid(ref)).flags(Flag.CALL).start(kept);
    otp.runtime().close();
    assertThat(kept.end()).isEqualTo(TraceEnd.RUNTIME);
  }

  @Test
  @Rule("7.11")
  void sinkThatIsSlowHoldsUpNobody() {
    ServerRef<Message> ref = ledger(StartOptions.NONE);
    var go = new CountDownLatch(1);
    var slow =
        new Kept() {
          @Override
          public void event(TraceEvent event) throws Exception {
            TestRuntime.await(go);
            super.event(event);
          }
        };
    trace().pid(pid(ref)).flags(Flag.RECEIVE).limits(TraceLimits.DEFAULT.withMax(50)).start(slow);
    for (int i = 0; i < 100; i++) {
      ref.call(new Balance());
    }
    go.countDown();
    assertThat(slow.end()).isEqualTo(TraceEnd.COUNT);
    assertThat(slow.events).hasSize(50);
  }

  @Test
  @Rule("7.11")
  void limitsAreChecked() {
    TraceLimits limits = TraceLimits.DEFAULT;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limits.withMax(0))
        .withMessage("A trace with the limit max=0 is not allowed, it must be 1 to 100000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limits.withPerSecond(1_000_000))
        .withMessage(
            "A trace with the limit perSecond=1000000 is not allowed, it must be 1 to 100000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limits.withTime(Duration.ofHours(2)))
        .withMessage("A trace of PT2H is not allowed, it must be 1 ms to 1 h");
  }

  @Test
  void traceOfNobodyIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> trace().start(kept))
        .withMessage(
            "A trace of no process was started. Choose some with pid, name, behaviour, application"
                + " or newProcesses.");
  }

  @Test
  void thereAreEightSessionsAtMostAndPlacesAreUsedAgain() {
    for (int round = 0; round < 3; round++) {
      var sessions = new ArrayList<TraceSession>();
      for (int i = 0; i < 8; i++) {
        sessions.add(trace().newProcesses().start(new Kept()));
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> trace().newProcesses().start(kept))
          .withMessage(
              "ProcessRuntime[test] has 8 trace sessions, which is the most. Close one first.");
      sessions.forEach(TraceSession::close);
    }
    Pid untraced = otp.runtime().spawn(self -> self.receive(m -> Receive.skip()));
    try (var _ = trace().newProcesses().start(kept)) {
      otp.runtime().send(untraced, "x");
      otp.get(self -> self.spawn(_ -> {}));
    }
    assertThat(kept.end()).isEqualTo(TraceEnd.CLOSED);
    assertThat(kept.events).extracting(TraceEvent::pid).doesNotContain(untraced);
  }

  @Test
  @Rule("7.10")
  void spawnsAndLinksAreToldOfBoth() {
    trace().newProcesses().flags(Flag.PROCS).start(kept);
    var pids = new CompletableFuture<List<Pid>>();
    otp.runtime()
        .spawn(
            self -> {
              Pid child = self.spawn(new Idle(), SpawnOptions.LINK).pid();
              pids.complete(List.of(self.pid(), child));
            });
    List<Pid> both = TestRuntime.get(pids, "both");
    Pid parent = both.getFirst();
    Pid child = both.getLast();
    var told = new ArrayList<String>();
    for (int i = 0; i < 7; i++) {
      TraceEvent event = kept.next();
      told.add((event.pid() == parent ? "parent " : "child ") + event.kind());
    }
    assertThat(told)
        .containsExactly(
            "parent SPAWNED",
            "parent SPAWN",
            "child SPAWNED",
            "parent LINK",
            "child GETTING_LINKED",
            "parent EXIT",
            "child GETTING_UNLINKED");
    assertThat(child).isNotEqualTo(parent);
  }

  private static final class Idle extends io.otp.process.Behaviour {
    @Override
    protected io.otp.process.CallbackModule module() {
      return io.otp.process.CallbackModule.of("Idle", "special");
    }

    @Override
    protected ExitReason init(Self<Object> self) {
      return null;
    }

    @Override
    protected ExitReason onCast(Object message, Self<Object> self) {
      return null;
    }

    @Override
    protected ExitReason onCall(io.otp.process.Request request, Self<Object> self) {
      return null;
    }

    @Override
    protected ExitReason onInfo(io.otp.process.Info info, Self<Object> self) {
      return null;
    }
  }
}
