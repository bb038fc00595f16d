package io.otp.test;

import static io.otp.statem.Transition.keepState;
import static io.otp.statem.Transition.keepStateAndData;
import static io.otp.statem.Transition.nextState;
import static io.otp.statem.Transition.reply;
import static io.otp.statem.Transition.stop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Self;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateMachine;
import io.otp.statem.Transition;
import io.otp.test.TransitionTable.Kind;
import io.otp.test.TransitionTable.Row;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TransitionTableTests {

  @RegisterExtension final OtpExtension otp = OtpExtension.withSystemClock();

  private sealed interface State {}

  private record Locked() implements State {}

  private record Unlocked(int pushes) implements State {}

  private enum Broken implements State {
    JAMMED
  }

  private sealed interface Event {}

  private record Push() implements Event, Cast<Event> {}

  private record Coin(int cents) implements Event, Call<Event, Boolean> {}

  private record Kick() implements Event, Cast<Event> {}

  private static final class Turnstile implements StateMachine<NoArgs, Event, State, Integer> {
    @Override
    public Initial<State, Integer> init(NoArgs args, Self<Event> self) {
      return Initial.of(new Locked(), 0);
    }

    @Override
    public Transition<State, Integer> handle(On<State, Event> on, Integer total, Self<Event> self) {
      return switch (on) {
        case On(Locked _, Push _) -> keepStateAndData();
        case On(Locked _, Coin coin) ->
            nextState(new Unlocked(0), total + coin.cents(), reply(coin, true));
        case On(Locked _, Kick _) -> nextState(Broken.JAMMED, total);
        case On(Unlocked(var pushes), Push _) ->
            pushes == 0 ? nextState(new Unlocked(1), total) : nextState(new Locked(), total);
        case On(Unlocked _, Coin coin) -> keepState(total, reply(coin, false));
        case On(Unlocked _, Kick _) -> stop(ExitReason.SHUTDOWN);
        case On(Broken _, _) -> throw new IllegalStateException("jammed");
      };
    }
  }

  private final TransitionTable table = new TransitionTable();

  @Test
  void failsWithTheListOfThePairsThatNoTestHadTried() {
    StateMachine<NoArgs, Event, State, Integer> turnstile = table.recording(new Turnstile());
    ServerRef<Event> running = otp.start(turnstile);
    assertThat(running.call(new Coin(20))).isTrue();
    assertThat(running.call(new Coin(20))).isFalse();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> table.assertComplete(State.class, Event.class))
        .withMessage(
            """
            7 of 9 pairs of a state and an event are not exercised:
              Locked × Push
              Locked × Kick
              Unlocked × Push
              Unlocked × Kick
              JAMMED × Push
              JAMMED × Coin
              JAMMED × Kick
            Handle each event in each state in a test.\
            """);
    assertThat(table.rows())
        .containsExactly(
            new Row("Locked", "Coin", Kind.CHANGED, "Unlocked"),
            new Row("Unlocked", "Coin", Kind.KEPT, "Unlocked"));
  }

  @Test
  void drawsWhatItHasSeen() throws Exception {
    table.recording(new Turnstile()).init(NoArgs.NO_ARGS, new TestSelf<>());
    table.sample(
        new Turnstile(),
        List.of(new Locked(), new Unlocked(0), new Unlocked(1), Broken.JAMMED),
        List.of(new Push(), new Coin(20), new Kick()),
        0,
        new TestSelf<>());
    table.assertComplete(State.class, Event.class);
    assertThat(table.toMermaid())
        .isEqualTo(
            """
            stateDiagram-v2
                [*] --> Locked
                JAMMED --> [*]: Coin (crash)
                JAMMED --> [*]: Kick (crash)
                JAMMED --> [*]: Push (crash)
                Locked --> Unlocked: Coin
                Locked --> JAMMED: Kick
                Unlocked --> [*]: Kick
                Unlocked --> Locked: Push
                Unlocked --> Unlocked: Push
            """);
  }

  interface Open {}

  @Test
  void refusesATypeOfWhichThereMayBeMore() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.assertComplete(Open.class, Event.class))
        .withMessage(
            Open.class.getName()
                + " is neither sealed nor final nor an enum, so nobody can say what there is of it."
                + " Make it sealed.");
  }
}
