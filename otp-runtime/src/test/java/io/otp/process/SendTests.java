package io.otp.process;

import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1c: send, and what it refuses. */
@Timeout(120)
class SendTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private Pid dead(Self<Object> self) {
    Pid pid = self.spawnMonitor(s -> {}).pid();
    next(self, Down.class);
    return pid;
  }

  @Test
  @Rule("1.30")
  void sendToDeadPidDoesNothing() {
    otp.run(
        self -> {
          Pid dead = dead(self);
          self.send(dead, "a");
          otp.runtime().send(dead, "b");
          otp.runtime().cast(otp.runtime().address(dead), "c");
          assertThat(otp.runtime().stats().deadLetters()).isEqualTo(3);
          assertThat(otp.reports()).isEmpty();
        });
  }

  @Test
  @Rule("1.31")
  void sendToUnregisteredNameFailsInTheSender() {
    otp.run(
        self -> {
          assertThatThrownBy(() -> self.send("nobody", "a"))
              .isInstanceOf(NoSuchNameException.class)
              .hasMessageContaining("nobody");
          assertThatThrownBy(() -> otp.runtime().send("nobody", "a"))
              .isInstanceOf(NoSuchNameException.class);
          assertThat(otp.runtime().isAlive(self.pid())).isTrue();
        });
  }

  /** What Erlang's <code>{Name, Node} ! Message</code> does. */
  @Test
  @Rule("1.31")
  void castToUnregisteredNameIsDropped() {
    otp.run(
        self -> {
          otp.runtime().cast(otp.runtime().address("nobody"), "a");
          assertThat(otp.runtime().stats().deadLetters()).isEqualTo(1);
        });
  }

  @Test
  @Rule("1.32")
  void sendToSelfIsQueuedLikeAnyOther() {
    otp.run(
        self -> {
          self.send(self.pid(), 1);
          self.send(self.pid(), 2);
          self.register("me");
          self.send("me", 3);
          assertThat(drain(self)).containsExactly(1, 2, 3);
        });
  }

  @Test
  @Rule("1.32")
  void behaviourThatSendsToItselfHandlesItLater() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          self.send(
              server,
              TestBehaviour.run(
                  s -> {
                    s.send(s.pid(), TestBehaviour.run(later -> later.send(me, "second")));
                    s.send(me, "first");
                  }));
          assertThat(List.of(next(self), next(self))).containsExactly("first", "second");
        });
  }

  /**
   * What is immutable and what is not is shown by {@link ImmutabilityTests}; here, that no way of
   * sending forgets to ask.
   */
  @Test
  @Rule("1.87")
  void everyWayOfSendingRefusesWhatIsMutable() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.register("me");
          Alias alias = self.alias();
          var mutable = new ArrayList<>(List.of(1));
          var runtime = otp.runtime();
          Pid server = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          var address = runtime.address(server);
          var soon = Duration.ofMillis(1);
          List<ThrowingCallable> sends =
              List.of(
                  () -> self.send(me, mutable),
                  () -> self.send("me", mutable),
                  () -> self.send(alias, mutable),
                  () -> self.sendAfter(soon, mutable),
                  () -> self.sendAfter(soon, me, mutable),
                  () -> self.startTimer(soon, mutable),
                  () -> self.sendInterval(soon, mutable),
                  () -> runtime.send(me, mutable),
                  () -> runtime.send("me", mutable),
                  () -> runtime.send(alias, mutable),
                  () -> runtime.sendAfter(soon, me, mutable),
                  () -> runtime.sendAfter(soon, "me", mutable),
                  () -> runtime.startTimer(soon, me, mutable),
                  () -> runtime.startTimer(soon, "me", mutable),
                  () -> runtime.cast(address, mutable),
                  () -> runtime.call(address, mutable, null),
                  () -> runtime.callAsync(address, mutable, null),
                  () -> runtime.sendRequest(address, mutable),
                  () -> runtime.multiCall(List.of(address), mutable, soon));
          for (ThrowingCallable send : sends) {
            assertThatThrownBy(send).isInstanceOf(MutableMessageException.class);
          }
          assertThat(drain(self, TestRuntime.QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("1.87")
  void receiverAndSenderShareNothingThatCanChange() {
    otp.run(
        self -> {
          var mutable = new ArrayList<>(List.of(1, 2));
          self.send(self.pid(), List.copyOf(mutable));
          mutable.add(3);
          assertThat(next(self)).isEqualTo(List.of(1, 2));
        });
  }

  @Test
  void signalTellsWhenItIsTakenOutOfTheMailbox() {
    otp.run(
        self -> {
          var taken = new ArrayList<String>();
          otp.runtime().signal(self.pid(), "a", () -> taken.add("a"));
          otp.runtime().signal(self.pid(), "b", () -> taken.add("b"));
          assertThat(taken).isEmpty();
          self.receive(m -> m.equals("b") ? Receive.take(m) : Receive.skip());
          assertThat(taken).containsExactly("b");
          assertThat(next(self)).isEqualTo("a");
          assertThat(taken).containsExactly("b", "a");
        });
  }

  @Test
  void signalTellsWhenABehaviourTakesIt() {
    var taken = new CountDownLatch(1);
    var got = new CountDownLatch(1);
    Pid pid =
        otp.runtime()
            .spawn(
                new TestBehaviour() {
                  @Override
                  protected ExitReason onInfo(Info info, Self<Object> self) {
                    assertThat(taken.getCount()).isZero();
                    got.countDown();
                    return null;
                  }
                },
                SpawnOptions.NONE);
    otp.runtime().signal(pid, "a", taken::countDown);
    TestRuntime.await(got);
  }
}
