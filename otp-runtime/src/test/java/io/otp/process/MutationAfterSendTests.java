package io.otp.process;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The debug mode of {@link Immutability} in the engine: a message is compared when it arrives. */
class MutationAfterSendTests {

  private static final String TEXT =
      "Message io.otp.process.MutationAfterSendTests$Order was changed after it was sent. An object"
          + " that was sent belongs to nobody: look for who still holds it, or a part of it, and"
          + " writes to it; copy before the send (List.copyOf, Set.copyOf, Map.copyOf) or make the"
          + " part a record.";

  /** Says that it is immutable and is not. */
  @Immutable
  record Order(List<String> lines) implements Cast<Object> {}

  /** The same as a call. */
  @Immutable
  record Price(List<String> lines) implements Call<Object, Integer> {}

  /** Counts the lines of what it is sent. */
  static class Counting extends Behaviour {
    private final CallbackModule module = TestBehaviour.newModule();
    final ConcurrentLinkedQueue<Integer> counts = new ConcurrentLinkedQueue<>();

    @Override
    protected CallbackModule module() {
      return module;
    }

    @Override
    protected ExitReason init(Self<Object> self) {
      return null;
    }

    @Override
    protected ExitReason onCast(Object message, Self<Object> self) {
      if (message instanceof TestBehaviour.Do(var action)) {
        return action.apply(self);
      }
      counts.add(((Order) message).lines().size());
      return null;
    }

    @Override
    protected ExitReason onCall(Request request, Self<Object> self) {
      request.reply(((Price) request.message()).lines().size());
      return null;
    }

    @Override
    protected ExitReason onInfo(Info info, Self<Object> self) {
      return null;
    }
  }

  @RegisterExtension
  final TestRuntime otp = new TestRuntime(builder -> builder.immutabilityDebug(true));

  private final Counting counting = new Counting();

  /** A process that is busy until the latch is open. */
  private Pid busy(CountDownLatch latch) {
    Pid pid = otp.runtime().spawn(counting, SpawnOptions.NONE);
    otp.runtime().send(pid, TestBehaviour.run(_ -> latch.await()));
    return pid;
  }

  private CompletableFuture<ExitReason> end(Pid pid) {
    var end = new CompletableFuture<ExitReason>();
    otp.runtime().atExit(pid, end::complete);
    return end;
  }

  private static void assertMutated(ExitReason reason, String text) {
    assertThat(reason).isInstanceOf(ExitReason.Crash.class);
    assertThat(((ExitReason.Crash) reason).cause())
        .hasToString(MutatedAfterSendException.class.getName() + ": " + text);
  }

  @Test
  void aChangedMessageEndsTheReceiver() {
    var latch = new CountDownLatch(1);
    Pid pid = busy(latch);
    CompletableFuture<ExitReason> end = end(pid);
    var lines = new ArrayList<>(List.of("bread"));
    otp.runtime().send(pid, new Order(lines));
    lines.add("butter");
    latch.countDown();
    assertMutated(end.join(), TEXT);
    assertThat(counting.counts).isEmpty();
    assertThat(otp.reports())
        .filteredOn(CrashReport.class::isInstance)
        .singleElement()
        .satisfies(report -> assertMutated(((CrashReport) report).reason(), TEXT));
  }

  @Test
  void aCallerIsToldToo() {
    var latch = new CountDownLatch(1);
    Pid pid = busy(latch);
    CompletableFuture<ExitReason> end = end(pid);
    var lines = new ArrayList<>(List.of("bread"));
    var price =
        otp.runtime().callAsync(otp.runtime().address(pid), new Price(lines), TestRuntime.LIMIT);
    lines.clear();
    latch.countDown();
    assertThatThrownBy(() -> price.toCompletableFuture().join())
        .cause()
        .isInstanceOf(CallException.class)
        .hasMessageContaining("was changed after it was sent");
    assertMutated(end.join(), TEXT.replace("$Order", "$Price"));
  }

  @Test
  void whatIsNotChangedIsHandled() {
    var latch = new CountDownLatch(1);
    Pid pid = busy(latch);
    otp.runtime().send(pid, new Order(new ArrayList<>(List.of("bread"))));
    otp.runtime().cast(otp.runtime().address(pid), new Order(List.of("a", "b")));
    latch.countDown();
    assertThat(
            otp.runtime()
                .call(otp.runtime().address(pid), new Price(new ArrayList<>()), TestRuntime.LIMIT))
        .isEqualTo(0);
    assertThat(counting.counts).containsExactly(1, 2);
  }

  @Test
  void aRawProcessIsToldByItsReceive() {
    var lines = new ArrayList<>(List.of("bread"));
    var latch = new CountDownLatch(1);
    var told = new CompletableFuture<String>();
    Pid pid =
        otp.runtime()
            .spawn(
                self -> {
                  try {
                    latch.await();
                    self.receive();
                  } catch (MutatedAfterSendException e) {
                    told.complete(e.getMessage());
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    otp.runtime().send(pid, new Order(lines));
    lines.clear();
    latch.countDown();
    assertThat(told.join()).isEqualTo(TEXT);
  }

  @Test
  void withoutTheDebugModeNobodyLooks() {
    var latch = new CountDownLatch(1);
    try (var runtime = ProcessRuntime.builder().build()) {
      Pid pid = runtime.spawn(counting, SpawnOptions.NONE);
      runtime.send(pid, TestBehaviour.run(_ -> latch.await()));
      var lines = new ArrayList<>(List.of("bread"));
      runtime.send(pid, new Order(lines));
      lines.add("butter");
      latch.countDown();
      await("handled", () -> counting.counts.contains(2));
    }
  }
}
