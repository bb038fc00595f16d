package io.otp.statem;

import static io.otp.statem.Transition.cancelStateTimeout;
import static io.otp.statem.Transition.cancelTimeout;
import static io.otp.statem.Transition.changeCallbackModule;
import static io.otp.statem.Transition.eventTimeout;
import static io.otp.statem.Transition.hibernate;
import static io.otp.statem.Transition.keepState;
import static io.otp.statem.Transition.keepStateAndData;
import static io.otp.statem.Transition.nextEvent;
import static io.otp.statem.Transition.nextState;
import static io.otp.statem.Transition.popCallbackModule;
import static io.otp.statem.Transition.postpone;
import static io.otp.statem.Transition.pushCallbackModule;
import static io.otp.statem.Transition.repeatStateAndData;
import static io.otp.statem.Transition.reply;
import static io.otp.statem.Transition.stateTimeout;
import static io.otp.statem.Transition.stop;
import static io.otp.statem.Transition.stopAndReply;
import static io.otp.statem.Transition.timeout;
import static io.otp.statem.Transition.updateEventTimeout;
import static io.otp.statem.Transition.updateStateTimeout;
import static io.otp.statem.Transition.updateTimeout;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Self;
import io.otp.server.NoArgs;
import io.otp.statem.Engine.Event;
import io.otp.statem.Engine.Step;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rules of transitions, without a process: what happens is one list, in order. */
class EngineTests {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration ZERO = Duration.ZERO;
  private static final ExitReason BYE = ExitReason.other("bye");

  private record Code(String name, boolean entersStates) implements Engine.Module {
    @Override
    public String toString() {
      return name;
    }
  }

  private record Question(String text) implements Call<Object, String> {}

  /** Another callback module. */
  private record Other() implements StateMachine<NoArgs, Object, Object, Object> {
    @Override
    public Initial<Object, Object> init(NoArgs args, Self<Object> self) {
      return Initial.of("a", "");
    }

    @Override
    public Transition<Object, Object> handle(
        On<Object, Object> on, Object data, Self<Object> self) {
      return keepStateAndData();
    }
  }

  /** A machine that answers as told, {@code keepStateAndData} if not, and writes down all. */
  private static final class Script {
    private final Map<String, Deque<Transition<Object, Object>>> answers = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private final Engine<Code> engine;

    Script(boolean enters) {
      engine =
          new Engine<>(new Code("first", enters), module -> new Code("other", enters), "a", "d");
    }

    @SafeVarargs
    final Script on(String state, Object event, Transition<Object, Object>... transitions) {
      for (Transition<Object, Object> transition : transitions) {
        answers.computeIfAbsent(state + "/" + event, k -> new ArrayDeque<>()).add(transition);
      }
      return this;
    }

    @SafeVarargs
    final Script onEnter(String state, Transition.Stay<Object, Object>... stays) {
      for (Transition<Object, Object> stay : stays) {
        answers.computeIfAbsent("enter " + state, k -> new ArrayDeque<>()).add(stay);
      }
      return this;
    }

    private Transition<Object, Object> answer(String key) {
      Deque<Transition<Object, Object>> queue = answers.get(key);
      return queue == null || queue.isEmpty() ? keepStateAndData() : queue.poll();
    }

    Script begin(Action... actions) {
      perform(engine.begin(List.of(actions)));
      return next();
    }

    Script event(String content) {
      handle(Event.cast(content));
      return next();
    }

    Script call(Question question) {
      handle(Event.call(question, "from " + question.text()));
      return next();
    }

    Script expire(long number) {
      Event event = engine.expired(number);
      if (event == null) {
        log.add("stale " + number);
        return this;
      }
      handle(event);
      return next();
    }

    private Script next() {
      for (Event e = engine.next(); e != null; e = engine.next()) {
        handle(e);
      }
      return this;
    }

    private void handle(Event event) {
      log.add(event.content() + "@" + engine.state());
      perform(engine.handled(event, answer(engine.state() + "/" + event.content())));
    }

    private void perform(List<Step> steps) {
      for (Step step : steps) {
        switch (step) {
          case Step.Answer(var to, var reply) -> log.add("reply " + reply + " to " + to);
          case Step.StartTimer(var number, var after, _) ->
              log.add("start " + number + " " + after);
          case Step.StopTimer(var number) -> log.add("stop " + number);
          case Step.Stop(var reason) ->
              log.add("end " + shown(reason) + " " + engine.state() + " " + engine.data());
          case Step.Enter(var from, var state, var data) -> {
            log.add("enter " + from + ">" + state + " " + data + " by " + engine.module());
            perform(engine.entered((Transition.Stay<?, ?>) stay("enter " + state)));
          }
        }
      }
    }

    private Transition<Object, Object> stay(String key) {
      Deque<Transition<Object, Object>> queue = answers.get(key);
      return queue == null || queue.isEmpty()
          ? Transition.<Object, Object>keepStateAndData(new EnterAction[0])
          : queue.poll();
    }

    private static Object shown(ExitReason reason) {
      return reason instanceof ExitReason.Other(BadTransition bad) ? bad.tag() : reason;
    }

    void assertLog(String... expected) {
      assertThat(log).containsExactly(expected);
    }
  }

  private static Script machine() {
    return new Script(false);
  }

  private static Script enteringMachine() {
    return new Script(true);
  }

  // --- states

  @Test
  @Rule({"3.04", "3.13"})
  void firstStateIsEnteredFromItselfAndThenComeTheEventsOfInit() {
    enteringMachine()
        .begin(nextEvent("one"), nextEvent("two"))
        .event("message")
        .assertLog("enter a>a d by first", "one@a", "two@a", "message@a");
  }

  @Test
  @Rule("3.11")
  void equalStateIsNoChange() {
    enteringMachine()
        .on("a", "wait", keepStateAndData(postpone(), stateTimeout(SECOND, "late")))
        .on("a", "same", nextState(new String("a"), "e"))
        .event("wait")
        .event("same")
        .expire(1)
        .assertLog("wait@a", "start 1 PT1S", "same@a", "late@a");
  }

  @Test
  @Rule("3.12")
  void repeatedStateIsEnteredAgainAndNothingElse() {
    enteringMachine()
        .on("a", "wait", keepStateAndData(postpone(), stateTimeout(SECOND, "late")))
        .on("a", "again", repeatStateAndData())
        .event("wait")
        .event("again")
        .expire(1)
        .assertLog("wait@a", "start 1 PT1S", "again@a", "enter a>a d by first", "late@a");
  }

  @Test
  @Rule("3.13")
  void enterCallComesAfterTheRepliesAndBeforeEvents() {
    enteringMachine()
        .on("a", "Question[text=q]", nextState("b", "e", nextEvent("in"), reply(Q, "yes")))
        .onEnter("b", keepState("f", stateTimeout(SECOND, "late")))
        .call(Q)
        .assertLog(
            "Question[text=q]@a",
            "reply yes to from q",
            "enter a>b e by first",
            "start 1 PT1S",
            "in@b");
  }

  private static final Question Q = new Question("q");

  @Test
  @Rule("3.13")
  void enterCallMayRepeatItself() {
    enteringMachine()
        .on("a", "go", nextState("b", "e"))
        .onEnter("b", Transition.repeatState("f"), Transition.repeatState("g"))
        .event("go")
        .assertLog("go@a", "enter a>b e by first", "enter a>b f by first", "enter a>b g by first");
  }

  @Test
  @Rule({"3.10", "3.13"})
  void enterCallMayStopTheMachineInTheNewState() {
    enteringMachine()
        .on("a", "go", nextState("b", "e", nextEvent("never")))
        .onEnter("b", stop(BYE, "f"))
        .event("go")
        .assertLog("go@a", "enter a>b e by first", "end bye b f");
  }

  @Test
  @Rule("3.14")
  void replacedStateIsNotEnteredAndTimersGoOn() {
    Script script =
        enteringMachine().on("a", "wait", keepStateAndData(stateTimeout(SECOND, "late")));
    script.event("wait");
    script.engine.replace("b", "x");
    script.event("more").expire(1).assertLog("wait@a", "start 1 PT1S", "more@b", "late@b");
  }

  @Test
  @Rule("3.10")
  void stopEndsTheTransitionAndKeepsItsData() {
    machine().on("a", "go", stop(BYE, "e")).event("go").assertLog("go@a", "end bye a e");
    machine().on("a", "go", stop(BYE)).event("go").assertLog("go@a", "end bye a d");
  }

  @Test
  @Rule("3.41")
  void stopSendsItsRepliesFirst() {
    machine()
        .on("a", Q, stopAndReply(BYE, "e", reply(Q, "no")))
        .call(Q)
        .assertLog("Question[text=q]@a", "reply no to from q", "end bye a e");
  }

  // --- events

  @Test
  @Rule("3.20")
  void orderIsInsertedThenPostponedThenQueuedThenZeroTimeouts() {
    enteringMachine()
        .on("a", "1", keepStateAndData(postpone()))
        .on("a", "2", keepStateAndData(postpone()))
        .on("a", "three", keepStateAndData(nextEvent("go"), nextEvent("queued")))
        .on(
            "a",
            "go",
            nextState("b", "d", stateTimeout(ZERO, "zero"), nextEvent("in1"), nextEvent("in2")))
        .event("1")
        .event("2")
        .event("three")
        .event("later")
        .assertLog(
            "1@a",
            "2@a",
            "three@a",
            "go@a",
            "enter a>b d by first",
            "in1@b",
            "in2@b",
            "1@b",
            "2@b",
            "queued@b",
            "zero@b",
            "later@b");
  }

  @Test
  @Rule("3.21")
  void postponedEventWaitsForAChangeOfState() {
    machine()
        .on("a", "p", keepStateAndData(postpone()))
        .on("a", "data", keepState("e"))
        .on("a", "go", nextState("b", "d"))
        .event("p")
        .event("data")
        .event("go")
        .assertLog("p@a", "data@a", "go@a", "p@b");
  }

  @Test
  @Rule("3.21")
  void retryKeepsTheOrderWhateverIsPostponedAgain() {
    machine()
        .on("a", "1", keepStateAndData(postpone()))
        .on("a", "2", keepStateAndData(postpone()))
        .on("a", "3", keepStateAndData(postpone()))
        .on("a", "go", nextState("b", "d"))
        .on("b", "1", keepStateAndData(postpone()))
        .on("b", "2", nextState("c", "d"))
        .event("1")
        .event("2")
        .event("3")
        .event("go")
        .assertLog("1@a", "2@a", "3@a", "go@a", "1@b", "2@b", "1@c", "3@c");
  }

  @Test
  @Rule("3.21")
  void eventThatIsPostponedAndChangesTheStateIsRetriedAtOnce() {
    machine()
        .on("a", "go", nextState("b", "d", postpone(), nextEvent("in")))
        .event("go")
        .assertLog("go@a", "in@b", "go@b");
  }

  @Test
  @Rule("3.40")
  void lastOfSeveralOptionsCounts() {
    machine()
        .on("a", "p", keepStateAndData(postpone(), postpone(false)))
        .on("a", "go", nextState("b", "d"))
        .event("p")
        .event("go")
        .assertLog("p@a", "go@a");
  }

  @Test
  @Rule("3.03")
  void insertedCallIsStillToBeAnswered() {
    machine()
        .on("a", Q, keepStateAndData(nextEvent(Q)), keepStateAndData(reply(Q, "yes")))
        .call(Q)
        .assertLog("Question[text=q]@a", "Question[text=q]@a", "reply yes to from q");
  }

  // --- timeouts

  @Test
  @Rule("3.30")
  void stateTimeoutEndsWithTheState() {
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(SECOND, "late")))
        .on("a", "go", nextState("b", "d"))
        .event("set")
        .event("go")
        .expire(1)
        .assertLog("set@a", "start 1 PT1S", "go@a", "stop 1", "stale 1");
  }

  @Test
  @Rule("3.30")
  void stateTimeoutSetByTheChangeItselfIsKept() {
    machine()
        .on("a", "go", nextState("b", "d", stateTimeout(SECOND, "late")))
        .event("go")
        .expire(1)
        .assertLog("go@a", "start 1 PT1S", "late@b");
  }

  @Test
  @Rule("3.31")
  void eventTimeoutEndsWithAnyEvent() {
    machine()
        .on("a", "set", keepStateAndData(eventTimeout(SECOND, "idle")))
        .event("set")
        .event("other")
        .expire(1)
        .assertLog("set@a", "start 1 PT1S", "other@a", "stop 1", "stale 1");
    machine()
        .on("a", "set", keepStateAndData(eventTimeout(SECOND, "idle"), nextEvent("in")))
        .event("set")
        .assertLog("set@a", "start 1 PT1S", "in@a", "stop 1");
    machine()
        .on(
            "a",
            "set",
            keepStateAndData(eventTimeout(SECOND, "idle"), timeout("x", MINUTE, "minute")))
        .event("set")
        .expire(2)
        .assertLog("set@a", "start 1 PT1S", "start 2 PT1M", "minute@a", "stop 1");
  }

  @Test
  @Rule({"3.31", "3.32"})
  void zeroEventTimeoutEndsWithAnInsertedEventOrAnotherTimeout() {
    machine()
        .on("a", "set", keepStateAndData(eventTimeout(ZERO, "idle"), nextEvent("in")))
        .event("set")
        .assertLog("set@a", "in@a");
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(ZERO, "state"), eventTimeout(ZERO, "idle")))
        .event("set")
        .assertLog("set@a", "state@a");
    machine()
        .on("a", "set", keepStateAndData(eventTimeout(ZERO, "idle")))
        .event("set")
        .assertLog("set@a", "idle@a");
  }

  @Test
  @Rule("3.32")
  void timeoutsOfZeroComeInTheOrderInWhichTheyWereSetAfterAllEvents() {
    machine()
        .on(
            "a",
            "set",
            keepStateAndData(
                stateTimeout(ZERO, "s"),
                timeout("x", ZERO, "x"),
                nextEvent("in"),
                timeout("y", ZERO, "y")))
        .event("set")
        .event("message")
        .assertLog("set@a", "in@a", "s@a", "x@a", "y@a", "message@a");
  }

  @Test
  @Rule("3.32")
  void zeroStateTimeoutEndsWithTheState() {
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(ZERO, "s"), nextEvent("go")))
        .on("a", "go", nextState("b", "d"))
        .event("set")
        .assertLog("set@a", "go@a");
  }

  @Test
  @Rule({"3.33", "3.34"})
  void genericTimeoutsAreManyAndSurviveTheState() {
    machine()
        .on(
            "a",
            "set",
            keepStateAndData(timeout("x", SECOND, "late x"), timeout("y", MINUTE, "late y")))
        .on("a", "go", nextState("b", "d"))
        .event("set")
        .event("go")
        .expire(2)
        .expire(1)
        .assertLog("set@a", "start 1 PT1S", "start 2 PT1M", "go@a", "late y@b", "late x@b");
  }

  @Test
  @Rule({"3.34", "3.37"})
  void timerThatIsSetAgainStartsAnew() {
    machine()
        .on("a", "set", keepStateAndData(timeout("x", SECOND, "old")))
        .on("a", "reset", keepStateAndData(timeout("x", MINUTE, "new")))
        .event("set")
        .event("reset")
        .expire(1)
        .expire(2)
        .assertLog(
            "set@a", "start 1 PT1S", "reset@a", "stop 1", "start 2 PT1M", "stale 1", "new@a");
  }

  @Test
  @Rule("3.34")
  void ofSeveralForOneTimerTheLastCountsInItsPlace() {
    machine()
        .on(
            "a",
            "set",
            keepStateAndData(
                stateTimeout(ZERO, "old"), timeout("x", ZERO, "x"), stateTimeout(ZERO, "new")))
        .event("set")
        .assertLog("set@a", "x@a", "new@a");
    machine()
        .on("a", "set", keepStateAndData(timeout("x", SECOND, "old")))
        .on("a", "both", keepStateAndData(cancelTimeout("x"), updateTimeout("x", "new")))
        .event("set")
        .event("both")
        .expire(1)
        .assertLog("set@a", "start 1 PT1S", "both@a", "new@a");
  }

  @Test
  @Rule("3.35")
  void timersAreCancelledAndUpdated() {
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(SECOND, "old"), timeout("x", SECOND, "x")))
        .on("a", "change", keepStateAndData(updateStateTimeout("new"), cancelTimeout("x")))
        .event("set")
        .event("change")
        .expire(1)
        .expire(2)
        .assertLog(
            "set@a", "start 1 PT1S", "start 2 PT1S", "change@a", "stop 2", "new@a", "stale 2");
  }

  @Test
  @Rule("3.35")
  void updateOfATimerThatDoesNotRunFiresAtOnce() {
    machine()
        .on("a", "go", keepStateAndData(updateStateTimeout("s"), updateTimeout("x", "x")))
        .event("go")
        .assertLog("go@a", "s@a", "x@a");
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(SECOND, "old"), eventTimeout(SECOND, "o")))
        .on("a", "go", nextState("b", "d", updateStateTimeout("s")))
        .on("a", "idle", keepStateAndData(updateEventTimeout("e")))
        .event("set")
        .event("idle")
        .event("go")
        .assertLog(
            "set@a",
            "start 1 PT1S",
            "start 2 PT1S",
            "idle@a",
            "stop 2",
            "e@a",
            "go@a",
            "stop 1",
            "s@b");
  }

  @Test
  @Rule("3.35")
  void timeThatNeverComesIsACancel() {
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(SECOND, "old")))
        .on("a", "never", keepStateAndData(stateTimeout(Duration.ofSeconds(Long.MAX_VALUE), "n")))
        .event("set")
        .event("never")
        .expire(1)
        .assertLog("set@a", "start 1 PT1S", "never@a", "stop 1", "stale 1");
  }

  @Test
  @Rule("3.38") // OTP 25 delivers an info here and can use the name no more
  void pendingZeroTimeoutIsReplacedByALongerOne() {
    machine()
        .on("a", "set", keepStateAndData(timeout("x", ZERO, "zero"), nextEvent("longer")))
        .on("a", "longer", keepStateAndData(timeout("x", SECOND, "second")))
        .on("a", "second", keepStateAndData(timeout("x", ZERO, "again")))
        .event("set")
        .expire(1)
        .assertLog("set@a", "longer@a", "start 1 PT1S", "second@a", "again@a");
  }

  @Test
  @Rule({"3.32", "3.35"})
  void pendingZeroTimeoutIsUpdatedInItsPlaceAndCancelled() {
    machine()
        .on(
            "a",
            "set",
            keepStateAndData(
                stateTimeout(ZERO, "old"), timeout("x", ZERO, "x"), nextEvent("change")))
        .on("a", "change", keepStateAndData(updateStateTimeout("new"), cancelTimeout("x")))
        .event("set")
        .assertLog("set@a", "change@a", "new@a");
    machine()
        .on("a", "set", keepStateAndData(stateTimeout(ZERO, "old"), nextEvent("change")))
        .on("a", "change", keepStateAndData(cancelStateTimeout()))
        .event("set")
        .assertLog("set@a", "change@a");
  }

  @Test
  @Rule({"3.13", "3.34"})
  void timeoutsOfTheEnterCallComeAfterThoseOfTheEvent() {
    enteringMachine()
        .on("a", "go", nextState("b", "d", stateTimeout(ZERO, "event"), timeout("y", ZERO, "y")))
        .onEnter("b", keepStateAndData(stateTimeout(ZERO, "enter"), timeout("x", ZERO, "x")))
        .event("go")
        .assertLog("go@a", "enter a>b d by first", "y@b", "enter@b", "x@b");
  }

  // --- other actions

  @Test
  @Rule("3.42")
  void hibernateChangesNothing() {
    machine()
        .on("a", "go", keepStateAndData(hibernate(), nextEvent("in")))
        .event("go")
        .assertLog("go@a", "in@a");
  }

  @Test
  @Rule("3.43")
  void callbackModuleChangesForTheNextCallback() {
    Script script =
        enteringMachine()
            .on("a", "push", nextState("b", "d", pushCallbackModule(new Other())))
            .on("b", "pop", nextState("c", "d", popCallbackModule()))
            .on("c", "change", nextState("d", "d", changeCallbackModule(new Other())))
            .event("push");
    assertThat(script.engine.moduleNames()).containsExactly("other", "first");
    script.event("pop").event("change");
    assertThat(script.engine.moduleNames()).containsExactly("other");
    script.assertLog(
        "push@a",
        "enter a>b d by other",
        "pop@b",
        "enter b>c d by first",
        "change@c",
        "enter c>d d by other");
  }

  @Test
  @Rule("3.43")
  void popOfTheOnlyCallbackModuleEndsTheMachine() {
    machine()
        .on("a", "pop", nextState("b", "e", popCallbackModule()))
        .event("pop")
        .assertLog("pop@a", "end bad_action_from_state_function b e");
  }

  @Test
  @Rule({"3.10", "3.40"})
  void replyToAnotherCallEndsTheMachineAfterTheRepliesBeforeIt() {
    machine()
        .on("a", Q, keepState("e", reply(Q, "yes"), reply(new Question("q"), "no")))
        .call(Q)
        .assertLog(
            "Question[text=q]@a", "reply yes to from q", "end bad_action_from_state_function a e");
  }
}
