package io.otp.statem;

import static io.otp.TestRuntime.await;
import static io.otp.statem.Transition.eventTimeout;
import static io.otp.statem.Transition.keepState;
import static io.otp.statem.Transition.keepStateAndData;
import static io.otp.statem.Transition.nextEvent;
import static io.otp.statem.Transition.nextState;
import static io.otp.statem.Transition.popCallbackModule;
import static io.otp.statem.Transition.postpone;
import static io.otp.statem.Transition.pushCallbackModule;
import static io.otp.statem.Transition.repeatState;
import static io.otp.statem.Transition.reply;
import static io.otp.statem.Transition.stateTimeout;
import static io.otp.statem.Transition.stop;
import static io.otp.statem.Transition.stopAndReply;
import static io.otp.statem.Transition.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.CrashReport;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.statem.StateMachine.Status;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** State machines as processes; what a transition comes to is in {@link EngineTests}. */
class StateMachineTests {

  private static final ExitReason BYE = ExitReason.other("bye");
  private static final Duration ZERO = Duration.ZERO;
  private static final Duration LONG = Duration.ofSeconds(100);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  private sealed interface Event {}

  private interface Step {
    Transition<String, Object> run(On<String, Event> on, Object data, Self<Event> self)
        throws Exception;
  }

  @Immutable
  private record Do(Step step) implements Event, Cast<Event> {}

  @Immutable
  private record Ask(Answer answer) implements Event, Call<Event, Object> {}

  private interface Answer {
    Transition<String, Object> run(Ask ask, String state, Object data, Self<Event> self)
        throws Exception;
  }

  private record Later(String text) implements Event, Call<Event, Object> {}

  private record Own(String text) implements Event {}

  private class Machine implements StateMachine<NoArgs, Event, String, Object> {
    @Override
    public Initial<String, Object> init(NoArgs args, Self<Event> self) {
      return Initial.of("a", "d");
    }

    @Override
    public Transition<String, Object> handle(On<String, Event> on, Object data, Self<Event> self)
        throws Exception {
      return switch (on.event()) {
        case Do(var step) -> step.run(on, data, self);
        case Ask ask -> ask.answer().run(ask, on.state(), data, self);
        case Later later when on.state().equals("a") -> keepStateAndData(postpone());
        case Later later -> keepStateAndData(reply(later, later.text()));
        case Own(var text) -> {
          told.add(text + "@" + on.state());
          yield keepStateAndData();
        }
      };
    }

    @Override
    public void terminate(ExitReason reason, String state, Object data, Self<Event> self) {
      told.add("terminate " + state + " " + data);
    }
  }

  private ServerRef<Event> start(StateMachine<NoArgs, Event, ?, ?> machine) {
    StartResult result =
        StateMachines.start(otp.runtime(), machine, NoArgs.NO_ARGS, StartOptions.NONE);
    assertThat(result).isInstanceOf(StartResult.Started.class);
    return ServerRef.of(otp.runtime(), ((StartResult.Started) result).pid());
  }

  private static Pid pidOf(ServerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  private static Object state(ServerRef<?> ref) {
    return Sys.getState(pidOf(ref));
  }

  private void awaitEnd(ServerRef<?> ref) {
    await("the machine ends", () -> ref.whereis().isEmpty());
  }

  private void awaitReports(int count) {
    await(count + " reports", () -> otp.reports().size() >= count);
  }

  // --- events

  @Test
  @Rule({"3.03", "3.48"})
  void whatIsNoCallAndNoCastComesToHandleInfoAlsoWhenItIsAnEvent() {
    ServerRef<Event> machine = start(new Machine());
    machine.send(new Own("forged"));
    assertThat(state(machine)).isEqualTo(new StateData<>("a", "d"));
    awaitReports(1);
    assertThat(otp.reports())
        .containsExactly(
            new UnhandledInfoReport(
                pidOf(machine), "StateMachineTests$Machine", new Info.Message(new Own("forged"))));
    assertThat(otp.reports().getFirst())
        .hasToString(
            "State machine StateMachineTests$Machine "
                + pidOf(machine)
                + " has no handleInfo and dropped Message[value=Own[text=forged]]. Override"
                + " handleInfo, or do not send it.");
    assertThat(told).isEmpty();
  }

  @Test
  @Rule("3.21")
  void callThatWasPostponedIsAnsweredByTheOneWhoRetriesIt() {
    ServerRef<Event> machine = start(new Machine());
    CompletionStage<Object> first = machine.callAsync(new Later("first"));
    CompletionStage<Object> second = machine.callAsync(new Later("second"));
    assertThat(machine.call(new Ask((ask, s, d, self) -> nextState("b", d, reply(ask, "ok")))))
        .isEqualTo("ok");
    assertThat(first.toCompletableFuture().join()).isEqualTo("first");
    assertThat(second.toCompletableFuture().join()).isEqualTo("second");
  }

  @Test
  @Rule({"3.21", "3.40"})
  void postponedCallHasItsFromWhenItIsRetried() {
    ServerRef<Event> machine = start(new Machine());
    Ask late =
        new Ask(
            (ask, s, d, self) ->
                s.equals("a") ? keepStateAndData(postpone()) : nextState("c", self.from(ask)));
    CompletionStage<Object> answer = machine.callAsync(late);
    // A call that is not answered itself, in whose wake the postponed one is retried.
    CompletionStage<Object> open =
        machine.callAsync(new Ask((ask, s, d, self) -> nextState("b", d)));
    await(
        "both are handled",
        () -> state(machine) instanceof StateData<?, ?>(var s, _) && s.equals("c"));
    machine.cast(
        new Do(
            (on, data, self) -> {
              @SuppressWarnings("unchecked")
              From<Object> from = (From<Object>) data;
              return keepState("d", reply(from, "at last"));
            }));
    assertThat(answer.toCompletableFuture().join()).isEqualTo("at last");
    assertThat(open.toCompletableFuture()).isNotDone();
    StateMachines.stop(machine, BYE, LONG);
    assertThatExceptionOfType(java.util.concurrent.CompletionException.class)
        .isThrownBy(() -> open.toCompletableFuture().join())
        .havingCause()
        .isInstanceOfSatisfying(CallException.class, e -> assertThat(e.cause()).isEqualTo(BYE));
  }

  @Test
  @Rule("3.22")
  void everyCallThatWaitsFailsWhenARetriedOneStopsTheMachine() {
    ServerRef<Event> machine = start(new Machine());
    Ask stopper =
        new Ask((ask, s, d, self) -> s.equals("a") ? keepStateAndData(postpone()) : stop(BYE));
    var waiting = new ArrayList<CompletionStage<Object>>();
    waiting.add(machine.callAsync(new Ask((ask, s, d, self) -> keepStateAndData(postpone()))));
    waiting.add(machine.callAsync(stopper));
    waiting.add(machine.callAsync(new Later("never")));
    waiting.add(machine.callAsync(new Ask((ask, s, d, self) -> nextState("b", d))));
    for (CompletionStage<Object> call : waiting) {
      assertThatExceptionOfType(java.util.concurrent.CompletionException.class)
          .isThrownBy(() -> call.toCompletableFuture().join())
          .havingCause()
          .isInstanceOfSatisfying(CallException.class, e -> assertThat(e.cause()).isEqualTo(BYE));
    }
  }

  @Test
  @Rule("3.23")
  void systemMessagesWaitUntilAllInsertedEventsAreHandled() {
    ServerRef<Event> machine = start(new Machine());
    var entered = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    machine.cast(
        new Do(
            (on, d, self) -> {
              entered.countDown();
              await(go);
              return nextState(
                  "b", d, nextEvent(new Own("one")), timeout("x", ZERO, new Own("two")));
            }));
    await(entered);
    var state = new java.util.concurrent.CompletableFuture<Object>();
    Thread.ofVirtual().start(() -> state.complete(List.of(state(machine), List.copyOf(told))));
    await(
        "it waits", () -> otp.runtime().info(pidOf(machine)).orElseThrow().summary().mailbox() > 0);
    go.countDown();
    assertThat(TestRuntime.get(state, "the state"))
        .isEqualTo(List.of(new StateData<>("b", "d"), List.of("one@b", "two@b")));
  }

  @Test
  @Rule("3.42")
  void machineThatInsertsEventsForEverCanBeKilled() {
    ServerRef<Event> machine = start(new Machine());
    var again = new Step[1];
    again[0] = (on, d, self) -> keepStateAndData(nextEvent(new Do(again[0])));
    machine.cast(new Do(again[0]));
    otp.runtime().exit(pidOf(machine), ExitReason.KILL);
    awaitEnd(machine);
  }

  // --- timeouts

  @Test
  @Rule("3.38")
  void pendingZeroTimeoutIsReplaced() {
    ServerRef<Event> machine = start(new Machine());
    Do longer =
        new Do(
            (on, d, self) -> keepStateAndData(timeout("x", Duration.ofMillis(5), new Own("new"))));
    machine.cast(
        new Do(
            (on, d, self) ->
                keepStateAndData(timeout("x", ZERO, new Own("old")), nextEvent(longer))));
    await("the timeout", () -> !told.isEmpty());
    machine.cast(new Do((on, d, self) -> keepStateAndData(timeout("x", ZERO, new Own("again")))));
    await("another", () -> told.size() == 2);
    assertThat(told).containsExactly("new@a", "again@a");
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("3.37")
  void stateThatChangesOftenNeverSeesATimeoutOfAnEarlierOne() {
    ServerRef<Event> machine = start(new Machine());
    for (int i = 0; i < 2_000; i++) {
      String state = "s" + i;
      machine.cast(
          new Do(
              (on, d, self) ->
                  nextState(
                      state,
                      d,
                      stateTimeout(Duration.ofNanos(1), new Own(state)),
                      timeout("x", Duration.ofNanos(1), new Own("x" + state)))));
    }
    await("the last timeout", () -> told.contains("s1999@s1999"));
    state(machine);
    for (String timeout : told) {
      if (timeout.startsWith("s")) {
        String[] parts = timeout.split("@");
        assertThat(parts[0]).isEqualTo(parts[1]);
      }
    }
  }

  @Test
  @Rule("3.31")
  void negativeTimeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> eventTimeout(Duration.ofMillis(-1), new Own("x")))
        .withMessage("A timeout of PT-0.001S is not allowed, it must not be negative");
  }

  // --- the end

  @Test
  @Rule("3.41")
  void replyIsThereBeforeTerminateIsCalled() {
    var go = new CountDownLatch(1);
    ServerRef<Event> machine =
        start(
            new Machine() {
              @Override
              public void terminate(
                  ExitReason reason, String state, Object data, Self<Event> self) {
                await(go);
              }
            });
    assertThat(
            machine.call(
                new Ask((ask, s, d, self) -> stopAndReply(ExitReason.NORMAL, d, reply(ask, "x")))))
        .isEqualTo("x");
    assertThat(machine.whereis()).isPresent();
    go.countDown();
    awaitEnd(machine);
  }

  @Test
  @Rule({"3.46", "3.45", "3.10"})
  void endIsReportedWithAllThatTheMachineHad() {
    StateMachine<NoArgs, Event, String, Object> entering =
        new Machine() {
          @Override
          public Transition.Stay<String, Object> enter(
              String from, String state, Object data, Self<Event> self) {
            return keepStateAndData();
          }

          @Override
          public Status formatStatus(Status status) {
            return status.withData("hidden");
          }
        };
    var result =
        (StartResult.Started)
            StateMachines.start(
                otp.runtime(), new Machine(), NoArgs.NO_ARGS, StartOptions.named("machine"));
    ServerRef<Event> machine = ServerRef.of(otp.runtime(), result.pid());
    machine.callAsync(new Later("postponed"));
    machine.call(
        new Ask(
            (ask, s, d, self) ->
                keepStateAndData(
                    reply(ask, "ok"),
                    stateTimeout(LONG, new Own("late")),
                    timeout("x", LONG, new Own("later")),
                    pushCallbackModule(entering))));
    Do crash =
        new Do(
            (on, d, self) -> {
              throw new ProcessExit(BYE);
            });
    machine.cast(
        new Do((on, d, self) -> keepStateAndData(nextEvent(crash), nextEvent(new Own("never")))));
    awaitEnd(machine);
    awaitReports(2);
    assertThat(otp.reports().get(1)).isInstanceOf(CrashReport.class);
    assertThat(otp.reports().getFirst())
        .isEqualTo(
            new MachineTerminateReport(
                result.pid(),
                "machine",
                List.of(
                    new Status.Event("internal", crash),
                    new Status.Event("internal", new Own("never"))),
                List.of(new Status.Event("call", new Later("postponed"))),
                List.of("StateMachineTests$1", "StateMachineTests$Machine").stream()
                    .map(name -> name.equals("StateMachineTests$1") ? nameOf(entering) : name)
                    .toList(),
                "handle_event_function",
                true,
                "a",
                "hidden",
                List.of(
                    new Status.Event("state_timeout", new Own("late")),
                    new Status.Event("{timeout,x}", new Own("later"))),
                BYE,
                null));
    assertThat(otp.reports().getFirst().toString())
        .startsWith("State machine " + nameOf(entering) + " 'machine' " + result.pid())
        .contains(
            "terminating, reason: bye; state a; data hidden; queue [{internal,",
            "; postponed [{call,Later[text=postponed]}]; timeouts [{state_timeout,Own[text=late]},"
                + " {{timeout,x},Own[text=later]}]; modules [");
  }

  private static String nameOf(Object machine) {
    String name = machine.getClass().getName();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  @Test
  @Rule("3.46")
  void reportNamesTheClient() {
    ServerRef<Event> machine = start(new Machine());
    otp.run(
        self ->
            assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> machine.call(new Ask((ask, s, d, m) -> stop(BYE)))));
    awaitReports(2);
    var report = (MachineTerminateReport) otp.reports().getFirst();
    assertThat(report.client()).isNotNull();
    assertThat(report.state()).isEqualTo("a");
    assertThat(report.callbackMode()).isEqualTo("handle_event_function");
    assertThat(report.stateEnter()).isFalse();
  }

  @Test
  @Rule("3.45")
  void orderlyEndsAndKillsAreNotReported() {
    for (ExitReason reason :
        List.of(ExitReason.NORMAL, ExitReason.SHUTDOWN, new ExitReason.ShutdownWith("x"))) {
      ServerRef<Event> machine = start(new Machine());
      machine.cast(new Do((on, d, self) -> stop(reason, d)));
      awaitEnd(machine);
    }
    ServerRef<Event> machine = start(new Machine());
    otp.runtime().exit(pidOf(machine), ExitReason.KILL);
    awaitEnd(machine);
    assertThat(told).hasSize(3).containsOnly("terminate a d");
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("3.45")
  void terminateRunsOnShutdownOnlyIfExitsAreTrapped() {
    StateMachine<NoArgs, Event, String, Object> trapping =
        new Machine() {
          @Override
          public ServerOptions options() {
            return ServerOptions.DEFAULT.withTrapExits(true);
          }
        };
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of(
            "top",
            Strategy.ONE_FOR_ONE,
            ChildSpec.worker("trapping", trapping),
            ChildSpec.worker("plain", new Machine())));
    ServerRef<Event> plain = ServerRef.of(otp.runtime(), "plain");
    plain.cast(new Do((on, d, self) -> nextState("b", "plain")));
    assertThat(state(plain)).isEqualTo(new StateData<>("b", "plain"));
    Sys.terminate(
        otp.runtime().whereis("top").orElseThrow(), ExitReason.SHUTDOWN, Duration.ofSeconds(30));
    assertThat(told).containsExactly("terminate a d");
  }

  @Test
  @Rule("3.45")
  void supervisorRestartsAMachineInItsFirstState() {
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, ChildSpec.worker("machine", new Machine())));
    ServerRef<Event> machine = ServerRef.of(otp.runtime(), "machine");
    machine.cast(new Do((on, d, self) -> nextState("b", d)));
    Pid first = pidOf(machine);
    assertThat(state(machine)).isEqualTo(new StateData<>("b", "d"));
    machine.cast(new Do((on, d, self) -> stop(BYE)));
    await("it is restarted", () -> machine.whereis().filter(pid -> pid != first).isPresent());
    assertThat(state(machine)).isEqualTo(new StateData<>("a", "d"));
  }

  // --- start

  @Test
  @Rule("3.02")
  void failureInInitIsWhatStartReturns() {
    StateMachine<NoArgs, Event, String, Object> failing =
        new Machine() {
          @Override
          public Initial<String, Object> init(NoArgs args, Self<Event> self) {
            throw new IllegalStateException("boom");
          }
        };
    StartResult result =
        StateMachines.start(otp.runtime(), failing, NoArgs.NO_ARGS, StartOptions.named("x"));
    assertThat(result)
        .isInstanceOfSatisfying(
            StartResult.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .isInstanceOfSatisfying(
                        ExitReason.Crash.class,
                        crash -> assertThat(crash.toString()).contains("boom")));
    assertThat(otp.runtime().whereis("x")).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  @Rule("3.02")
  @SuppressWarnings("NullAway")
  void initThatReturnsNothingOrPostponesHasFailed() {
    StateMachine<NoArgs, Event, String, Object> nothing =
        new Machine() {
          @Override
          public Initial<String, Object> init(NoArgs args, Self<Event> self) {
            return null;
          }
        };
    assertThat(StateMachines.start(otp.runtime(), nothing, NoArgs.NO_ARGS, StartOptions.NONE))
        .isInstanceOfSatisfying(
            StartResult.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .hasToString(
                        "{bad_return_from_init,null} from "
                            + nameOf(nothing)
                            + ".init: it is no Initial; return Initial.of(state, data), or throw"
                            + " Init.ignore()"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initial.of("a", "d", postpone()))
        .withMessage(
            "init returned postpone(), but there is no event that could be postponed. Remove it.");
  }

  @Test
  @Rule("3.04")
  void starterDoesNotWaitForTheEnterCallOfTheFirstState() {
    var go = new CountDownLatch(1);
    ServerRef<Event> machine =
        start(
            new Machine() {
              @Override
              public Transition.Stay<String, Object> enter(
                  String from, String state, Object data, Self<Event> self) {
                await(go);
                return keepState("entered");
              }
            });
    go.countDown();
    assertThat(state(machine)).isEqualTo(new StateData<>("a", "entered"));
  }

  // --- immutability, types

  @Test
  @Rule("3.10")
  void mutableStateDataOrReplyEndsTheMachineWithTheOldOnes() {
    for (Step step :
        List.<Step>of(
            (on, d, self) -> keepState(new StringBuilder("mutable")),
            (on, d, self) -> nextState("b", new int[1]))) {
      ServerRef<Event> machine = start(new Machine());
      machine.cast(new Do(step));
      awaitEnd(machine);
    }
    assertThat(told).containsExactly("terminate a d", "terminate a d");
    awaitReports(4);
    assertThat(((MachineTerminateReport) otp.reports().getFirst()).reason().toString())
        .contains(MutableMessageException.class.getSimpleName());
    ServerRef<Event> machine = start(new Machine());
    assertThatExceptionOfType(CallException.class)
        .isThrownBy(
            () ->
                machine.call(
                    new Ask((ask, s, d, self) -> nextState("b", "e", reply(ask, new int[1])))));
    assertThat(told).hasSize(3).containsOnly("terminate a d");
  }

  @Test
  @Rule({"3.13", "3.12"})
  void enterCallMayNotReturnWhatItIsNotForAndThatDoesNotCompile() {
    Transition.Stay<String, Integer> repeated = repeatState(1, stateTimeout(LONG, new Own("x")));
    assertThat(repeated)
        .isEqualTo(
            Transition.<String, Integer>repeatState(
                1, new Action[] {stateTimeout(LONG, new Own("x"))}));
    // nextState, postpone, nextEvent and callback modules give a Transition, which is no Stay.
    Transition<String, Integer> postponed = keepState(1, postpone());
    assertThat(postponed).isNotInstanceOf(Transition.Stay.class);
    assertThat(Transition.<String, Integer>nextState("b", 1))
        .isNotInstanceOf(Transition.Stay.class);
    assertThat(Transition.<String, Integer>keepState(1, popCallbackModule()))
        .isNotInstanceOf(Transition.Stay.class);
    assertThat(Transition.<String, Integer>keepState(1, nextEvent(new Own("x"))))
        .isNotInstanceOf(Transition.Stay.class);
  }

  @Test
  @Rule("3.10")
  void transitionsCompareAndShowWhatTheyAre() {
    Transition<String, Integer> one = nextState("b", 1, postpone());
    assertThat(one)
        .isEqualTo(nextState("b", 1, postpone()))
        .hasSameHashCodeAs(nextState("b", 1, postpone()));
    assertThat(one).isNotEqualTo(nextState("b", 1)).isNotEqualTo(nextState("b", 2, postpone()));
    assertThat(one).hasToString("nextState(b, 1, Postpone[postpone=true])");
    Later later = new Later("x");
    assertThat(Transition.<String, Integer>keepStateAndData(reply(later, "y")))
        .hasToString("keepStateAndData(reply(Later[text=x], y))");
    assertThat(Transition.<String, Integer>stop(BYE, 1)).hasToString("stop(bye, 1)");
  }

  // --- sys

  @Test
  @Rule("3.14")
  void stateIsReplacedOnlyByBothOfThem() {
    ServerRef<Event> machine = start(new Machine());
    assertThatExceptionOfType(SysException.class)
        .isThrownBy(() -> Sys.replaceState(pidOf(machine), old -> "b"))
        .withMessageContaining("is replaced by a StateData, not by b");
    assertThat(Sys.replaceState(pidOf(machine), old -> new StateData<>("b", 1)))
        .isEqualTo(new StateData<>("b", 1));
    assertThat(Sys.getStatus(pidOf(machine)).behaviour()).isEqualTo("gen_statem");
    assertThat(Sys.getStatus(pidOf(machine)).state())
        .isEqualTo(new Status("b", 1, List.of(), List.of(), List.of(), null));
  }

  @Test
  @Rule("3.46")
  void formatStatusThatFailsShowsNothingElse() {
    ServerRef<Event> machine =
        start(
            new Machine() {
              @Override
              public Status formatStatus(Status status) {
                throw new IllegalStateException("secret");
              }
            });
    assertThat(Sys.getStatus(pidOf(machine)).state().toString())
        .contains("not shown: formatStatus of")
        .contains("threw java.lang.IllegalStateException")
        .doesNotContain("secret");
  }

  // --- callback mode

  private sealed interface Light extends StateFunction<Light, Event, String> {}

  private record Off() implements Light {
    @Override
    public Transition<Light, String> handle(Event event, String data, Self<Event> self) {
      return nextState(new Lit(), data);
    }
  }

  private record Lit() implements Light {
    @Override
    public Transition<Light, String> handle(Event event, String data, Self<Event> self) {
      return keepState(data + " again");
    }

    @Override
    public Transition.Stay<Light, String> enter(Light from, String data, Self<Event> self) {
      return keepState(data + " from " + from);
    }
  }

  private static final class Lights implements StateFunctions<NoArgs, Event, Light, String> {
    @Override
    public Initial<Light, String> init(NoArgs args, Self<Event> self) {
      return Initial.of(new Off(), "lit");
    }
  }

  @Test
  @Rule({"3.01", "3.13"})
  void statesMayHandleTheirOwnEvents() {
    ServerRef<Event> lights = start(new Lights());
    lights.send("stray");
    Do any = new Do((on, d, self) -> keepStateAndData());
    lights.cast(any);
    lights.cast(any);
    assertThat(state(lights)).isEqualTo(new StateData<>(new Lit(), "lit from Off[] again"));
    awaitReports(1);
    assertThat(otp.reports())
        .containsExactly(
            new UnhandledInfoReport(
                pidOf(lights), "StateMachineTests$Off", new Info.Message("stray")));
    Sys.terminate(pidOf(lights), BYE, LONG);
    awaitReports(2);
    assertThat(((MachineTerminateReport) otp.reports().get(1)).callbackMode())
        .isEqualTo("state_functions");
  }

  @Test
  @Rule("3.44")
  void callsWaitFiveSecondsByDefaultAndNoReplyIsLate() {
    ServerRef<Event> machine = start(new Machine());
    otp.run(
        self -> {
          assertThatExceptionOfType(CallException.CallTimeoutException.class)
              .isThrownBy(() -> machine.call(new Later("late"), Duration.ofMillis(5)));
          machine.cast(new Do((on, d, m) -> nextState("b", d)));
          assertThat(state(machine)).isEqualTo(new StateData<>("b", "d"));
          assertThat(TestRuntime.drain(self, TestRuntime.QUIET)).isEmpty();
        });
  }
}
