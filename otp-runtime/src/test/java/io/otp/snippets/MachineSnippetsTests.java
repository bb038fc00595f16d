package io.otp.snippets;

import static io.otp.statem.Transition.nextState;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.Sys;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.snippets.MachineSnippets.Closed;
import io.otp.snippets.MachineSnippets.Doors;
import io.otp.snippets.MachineSnippets.Event;
import io.otp.snippets.MachineSnippets.Open;
import io.otp.snippets.MachineSnippets.Payment;
import io.otp.snippets.MachineSnippets.Push;
import io.otp.snippets.MachineSnippets.Turnstile;
import io.otp.snippets.MachineSnippets.Turnstile.Coin;
import io.otp.snippets.MachineSnippets.Turnstile.Locked;
import io.otp.snippets.MachineSnippets.Turnstile.Unlocked;
import io.otp.statem.On;
import io.otp.statem.StateData;
import io.otp.statem.StateMachines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MachineSnippetsTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  @Test
  void paymentIsHeldByAProcess() {
    otp.run(self -> assertThat(MachineSnippets.starting(self, new Payment())).isTrue());
  }

  @Test
  void callbackIsTestedAsAFunction() {
    otp.run(
        self ->
            assertThat(new Turnstile().handle(new On<>(new Locked(), new Coin(20)), 100, null))
                .isEqualTo(nextState(new Unlocked(), 120)));
  }

  @Test
  void statesHandleTheirOwnEvents() {
    otp.run(
        self -> {
          var result =
              (StartResult.Started)
                  StateMachines.start(self, new Doors(), NoArgs.NO_ARGS, StartOptions.NONE);
          ServerRef<Event> door = ServerRef.of(self.runtime(), result.pid());
          assertThat(Sys.getState(result.pid())).isEqualTo(new StateData<>(new Closed(), 0));
          door.cast(new Push());
          assertThat(Sys.getState(result.pid())).isEqualTo(new StateData<>(new Open(), 1));
        });
  }
}
