package io.otp.snippets;

import static io.otp.statem.Transition.keepState;
import static io.otp.statem.Transition.keepStateAndData;
import static io.otp.statem.Transition.nextState;
import static io.otp.statem.Transition.postpone;
import static io.otp.statem.Transition.reply;
import static io.otp.statem.Transition.stateTimeout;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateFunction;
import io.otp.statem.StateFunctions;
import io.otp.statem.StateMachine;
import io.otp.statem.StateMachines;
import io.otp.statem.Transition;
import java.time.Duration;

/** The examples in the Javadoc of io.otp.statem, compiled. Change both together. */
final class MachineSnippets {

  private static final Duration HOLD = Duration.ofMinutes(10);
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private MachineSnippets() {}

  record PaymentId(String text) {}

  /** StateMachine. */
  // @Component
  static final class Payment
      implements StateMachine<PaymentId, Payment.Event, Payment.State, PaymentId> {
    sealed interface State {}

    record Idle() implements State {}

    record Authorized(long cents) implements State {}

    record Captured() implements State {}

    record Voided() implements State {}

    sealed interface Event {}

    record Authorize(long cents) implements Event, Call<Event, Boolean> {}

    record Capture() implements Event, Call<Event, Boolean> {}

    record HoldExpired() implements Event {}

    @Override
    public Initial<State, PaymentId> init(PaymentId id, Self<Event> self) {
      return Initial.of(new Idle(), id);
    }

    @Override
    public Transition<State, PaymentId> handle(
        On<State, Event> on, PaymentId id, Self<Event> self) {
      return switch (on) {
        case On(Idle _, Authorize a) ->
            nextState(
                new Authorized(a.cents()),
                id,
                reply(a, true),
                stateTimeout(HOLD, new HoldExpired()));
        case On(Authorized _, Capture c) -> nextState(new Captured(), id, reply(c, true));
        case On(Authorized _, HoldExpired _) -> nextState(new Voided(), id);
        case On(_, Authorize a) -> keepState(id, reply(a, false));
        case On(_, Capture c) -> keepState(id, reply(c, false));
        case On(_, HoldExpired _) -> keepState(id);
      };
    }
  }

  /** On. */
  static final class Turnstile
      implements StateMachine<NoArgs, Turnstile.Event, Turnstile.State, Integer> {
    sealed interface State {}

    record Locked() implements State {}

    record Unlocked() implements State {}

    sealed interface Event {}

    record Push() implements Event, Cast<Event> {}

    record Coin(int cents) implements Event, Cast<Event> {}

    @Override
    public Initial<State, Integer> init(NoArgs args, Self<Event> self) {
      return Initial.of(new Locked(), 0);
    }

    @Override
    public Transition<State, Integer> handle(On<State, Event> on, Integer total, Self<Event> self) {
      return switch (on) {
        case On(Locked _, Push _) -> keepStateAndData();
        case On(Locked _, Coin coin) -> nextState(new Unlocked(), total + coin.cents());
        case On(Unlocked _, Push _) -> nextState(new Locked(), total);
        case On(Unlocked _, Coin coin) -> keepState(total + coin.cents());
      };
    }
  }

  /** Transition. */
  static final class Lamp implements StateMachine<NoArgs, Lamp.Event, Lamp.State, Integer> {
    sealed interface State {}

    record Dark() implements State {}

    record Lit() implements State {}

    sealed interface Event {}

    record Press() implements Event, Call<Event, Boolean> {}

    record TurnOff() implements Event {}

    @Override
    public Initial<State, Integer> init(NoArgs args, Self<Event> self) {
      return Initial.of(new Dark(), 0);
    }

    @Override
    public Transition<State, Integer> handle(
        On<State, Event> on, Integer presses, Self<Event> self) {
      return switch (on) {
        case On(Dark _, Press p) ->
            nextState(
                new Lit(), presses + 1, reply(p, true), stateTimeout(TEN_SECONDS, new TurnOff()));
        case On(Lit _, Press _) -> keepStateAndData(postpone());
        case On(Lit _, TurnOff _) -> nextState(new Dark(), presses);
        case On(Dark _, TurnOff _) -> keepStateAndData();
      };
    }
  }

  sealed interface Event {}

  record Close() implements Event, Cast<Event> {}

  record Push() implements Event, Cast<Event> {}

  /** StateFunction. */
  sealed interface Door extends StateFunction<Door, Event, Integer> {}

  record Open() implements Door {
    @Override
    public Transition<Door, Integer> handle(Event event, Integer opened, Self<Event> self) {
      return switch (event) {
        case Close _ -> nextState(new Closed(), opened);
        case Push _ -> keepStateAndData();
      };
    }
  }

  record Closed() implements Door {
    @Override
    public Transition<Door, Integer> handle(Event event, Integer opened, Self<Event> self) {
      return switch (event) {
        case Close _ -> keepStateAndData();
        case Push _ -> nextState(new Open(), opened + 1);
      };
    }
  }

  /** StateFunctions. */
  static final class Doors implements StateFunctions<NoArgs, Event, Door, Integer> {
    @Override
    public Initial<Door, Integer> init(NoArgs args, Self<Event> self) {
      return Initial.of(new Closed(), 0);
    }
  }

  /** StateMachines. */
  static boolean starting(Self<Object> self, Payment payment) {
    StartResult result =
        StateMachines.startLink(self, payment, new PaymentId("4711"), StartOptions.NONE);
    if (result instanceof StartResult.Started(var pid, _)) {
      ServerRef<Payment.Event> ref = ServerRef.of(self.runtime(), pid);
      boolean held = ref.call(new Payment.Authorize(500));
      StateMachines.stop(ref);
      return held;
    }
    return false;
  }
}
