package io.otp.process;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RuntimeSamplerTests {

  record Callback(BehaviourCounters of, int waiting, long nanos) {}

  record Waited(BehaviourCounters of, long nanos) {}

  record Called(BehaviourCounters to, long nanos) {}

  record Failed(@Nullable BehaviourCounters to, ExitReason reason) {}

  /** Keeps what it is told. */
  static final class Recorder implements RuntimeSampler {
    final Queue<Callback> callbacks = new ConcurrentLinkedQueue<>();
    final Queue<Waited> waits = new ConcurrentLinkedQueue<>();
    final Queue<Called> calls = new ConcurrentLinkedQueue<>();
    final Queue<Failed> failures = new ConcurrentLinkedQueue<>();

    @Override
    public void callback(BehaviourCounters of, int waiting, long nanos) {
      callbacks.add(new Callback(of, waiting, nanos));
    }

    @Override
    public void mailbox(BehaviourCounters of, long nanos) {
      waits.add(new Waited(of, nanos));
    }

    @Override
    public void call(BehaviourCounters to, long nanos) {
      calls.add(new Called(to, nanos));
    }

    @Override
    public void callFailed(@Nullable BehaviourCounters to, ExitReason reason) {
      failures.add(new Failed(to, reason));
    }
  }

  private final Recorder recorder = new Recorder();

  @RegisterExtension
  final TestRuntime otp = new TestRuntime(builder -> builder.sampler(recorder, 1));

  private Pid server() {
    return otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE.withApplication("shop"));
  }

  private static TestBehaviour.Ask pong() {
    return new TestBehaviour.Ask(
        (request, _) -> {
          request.reply("pong");
          return null;
        });
  }

  @Test
  void measuresACallFromBothEnds() {
    otp.runtime().call(otp.runtime().address(server()), pong(), null);
    await("the callback", () -> !recorder.callbacks.isEmpty());
    assertThat(recorder.callbacks.element().of().module()).isEqualTo("TestBehaviour");
    assertThat(recorder.callbacks.element().nanos()).isPositive();
    assertThat(recorder.waits.element().nanos()).isPositive();
    Called call = recorder.calls.element();
    assertThat(call.to().application()).isEqualTo("shop");
    assertThat(call.nanos()).isGreaterThan(recorder.waits.element().nanos());
  }

  @Test
  void oneInOneIsEveryCallbackAlsoOfOneActivation() throws InterruptedException {
    Pid server = server();
    var go = new CountDownLatch(1);
    var handled = new CountDownLatch(20);
    otp.runtime().send(server, TestBehaviour.run(_ -> go.await()));
    for (int i = 0; i < 20; i++) {
      otp.runtime().send(server, TestBehaviour.run(_ -> handled.countDown()));
    }
    go.countDown();
    assertThat(handled.await(30, TimeUnit.SECONDS)).isTrue();
    await("all are measured", () -> recorder.callbacks.size() == 21);
  }

  @Test
  void measuresMessagesAndAsynchronousCalls() {
    Pid pid = server();
    otp.runtime().send(pid, "hello");
    otp.runtime().callAsync(otp.runtime().address(pid), pong(), null).toCompletableFuture().join();
    await("both waits", () -> recorder.waits.size() == 2);
    await("the call", () -> recorder.calls.size() == 1);
  }

  @Test
  void tellsEveryFailureOfACallAndWhoWasCalled() {
    Pid pid = server();
    otp.runtime().exit(pid, ExitReason.KILL);
    assertThatThrownBy(() -> otp.runtime().call(otp.runtime().address(pid), pong(), null))
        .isInstanceOf(CallException.NoProcessException.class);
    Pid silent = server();
    Sys.suspend(silent);
    assertThatThrownBy(
            () -> otp.runtime().call(otp.runtime().address(silent), pong(), Duration.ZERO))
        .isInstanceOf(CallException.CallTimeoutException.class);
    assertThatThrownBy(() -> otp.runtime().call(otp.runtime().address("nobody"), pong(), null))
        .isInstanceOf(CallException.NoProcessException.class);
    assertThat(recorder.failures)
        .extracting(Failed::reason)
        .containsExactly(ExitReason.NO_PROCESS, ExitReason.TIMEOUT, ExitReason.NO_PROCESS);
    assertThat(recorder.failures.stream().skip(2).findFirst().orElseThrow().to()).isNull();
  }

  @Test
  void aSamplerThatThrowsHurtsNobody() {
    var bad =
        ProcessRuntime.builder()
            .sampler(
                new RuntimeSampler() {
                  @Override
                  public void callback(BehaviourCounters of, int waiting, long nanos) {
                    throw new IllegalStateException("bad sampler");
                  }

                  @Override
                  public void mailbox(BehaviourCounters of, long nanos) {
                    throw new IllegalStateException("bad sampler");
                  }

                  @Override
                  public void call(BehaviourCounters to, long nanos) {
                    throw new IllegalStateException("bad sampler");
                  }

                  @Override
                  public void callFailed(@Nullable BehaviourCounters to, ExitReason reason) {
                    throw new IllegalStateException("bad sampler");
                  }
                },
                1);
    try (ProcessRuntime runtime = bad.build()) {
      Pid pid = runtime.spawn(new TestBehaviour(), SpawnOptions.NONE);
      assertThat(runtime.call(runtime.address(pid), pong(), null)).isEqualTo("pong");
      assertThat(runtime.isAlive(pid)).isTrue();
    }
  }

  @Test
  void oneInManyIsMeasured() {
    try (ProcessRuntime runtime =
        ProcessRuntime.builder().schedulers(1).sampler(recorder, 100).build()) {
      Pid pid = runtime.spawn(new TestBehaviour(), SpawnOptions.NONE);
      for (int i = 0; i < 1_000; i++) {
        runtime.call(runtime.address(pid), pong(), null);
      }
      assertThat(recorder.callbacks).hasSizeBetween(1, 100);
    }
  }

  @Test
  void oneInNoneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProcessRuntime.builder().sampler(recorder, 0))
        .withMessage("One sample in 0 is not possible, it must be at least 1");
  }
}
