package io.otp.stage;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.otp.TestRuntime;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.StartResult;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;

/** Stages and Reactor, both ways. */
class StageFlowTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private StageRef<Void, Integer> numbers(Numbers numbers, long end) {
    StartResult started = StageRef.start(otp.runtime(), numbers, end, StartOptions.NONE);
    Pid pid = ((StartResult.Started) started).pid();
    return StageRef.of(otp.runtime(), pid);
  }

  private static Flux<Integer> flux(StageRef<?, Integer> stage) {
    return JdkFlowAdapter.flowPublisherToFlux(stage.publisher());
  }

  private static List<Integer> range(int to) {
    return IntStream.range(0, to).boxed().toList();
  }

  @Test // F1
  void aStageIsAFlux() {
    assertThat(flux(numbers(new Numbers(), 5_000)).collectList().block(TestRuntime.LIMIT))
        .isEqualTo(range(5_000));
  }

  @Test // F1
  void aFluxAsksForNoMoreThanItsSubscriber() {
    var numbers = new Numbers();
    StageRef<Void, Integer> stage = numbers(numbers, Long.MAX_VALUE);
    assertThat(flux(stage).limitRate(8, 4).take(20).collectList().block(TestRuntime.LIMIT))
        .isEqualTo(range(20));
    assertThat(numbers.demands).allMatch(demand -> demand <= 8);
    await("it has left", () -> stage.status().consumers() == 0);
  }

  @Test // F3
  void aFluxThatRequestsAllIsServedInPortions() {
    var numbers = new Numbers();
    assertThat(flux(numbers(numbers, 25_000)).collectList().block(TestRuntime.LIMIT))
        .isEqualTo(range(25_000));
    assertThat(numbers.demands).allMatch(demand -> demand <= 1_000);
  }

  @Test // F1
  void aPartThatDoesNotExistIsAnError() {
    StageRef<Void, Integer> stage =
        numbers(
            new Numbers(StageOptions.DEFAULT.withDispatcher(Dispatcher.partition(2))),
            Long.MAX_VALUE);
    assertThatExceptionOfType(StageEndedException.class)
        .isThrownBy(
            () ->
                JdkFlowAdapter.flowPublisherToFlux(stage.publisher(2)).blockLast(TestRuntime.LIMIT))
        .withMessageContaining("there is no partition 2, it must be 0 to 1");
  }

  @Test // F1
  void theCrashOfAStageIsAnError() {
    StageRef<Void, Integer> stage = numbers(new Numbers(), Long.MAX_VALUE);
    assertThatExceptionOfType(StageEndedException.class)
        .isThrownBy(
            () ->
                flux(stage)
                    .doOnNext(
                        n ->
                            otp.runtime()
                                .exit(stage.whereis().orElseThrow(), new ExitReason.Other("oops")))
                    .limitRate(1)
                    .blockLast(TestRuntime.LIMIT))
        .withMessage("The stage that publishes ended with reason: oops")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(new ExitReason.Other("oops")));
  }

  @Test // F2
  void aFluxFeedsAStageByDemand() {
    var most = new AtomicLong();
    var requested = new AtomicLong();
    var emitted = new AtomicLong();
    Flux<Integer> source =
        Flux.range(0, 3_000)
            .doOnRequest(requested::addAndGet)
            .doOnNext(
                n -> most.accumulateAndGet(requested.get() - emitted.getAndIncrement(), Math::max));
    StageSubscriber<Integer> subscriber = StageSubscriber.start(otp.runtime());
    JdkFlowAdapter.publisherToFlowPublisher(source).subscribe(subscriber);
    assertThat(requested).hasValue(0); // nobody asks
    assertThat(flux(subscriber.stage()).limitRate(16, 8).collectList().block(TestRuntime.LIMIT))
        .isEqualTo(range(3_000));
    assertThat(most.get()).isBetween(1L, 16L);
  }

  @Test // F2
  void theErrorOfAFluxCrashesTheStageAfterWhatCameBefore() {
    StageSubscriber<Integer> subscriber = StageSubscriber.start(otp.runtime());
    StageRef<Void, Integer> stage = subscriber.stage();
    JdkFlowAdapter.publisherToFlowPublisher(
            Flux.just(1, 2).concatWith(Flux.error(new IllegalStateException("as told"))))
        .subscribe(subscriber);
    assertThat(
            flux(stage)
                .map(String::valueOf)
                .onErrorResume(StageEndedException.class, e -> Flux.just(e.getMessage()))
                .collectList()
                .block(TestRuntime.LIMIT))
        .hasSize(3)
        .startsWith("1", "2")
        .satisfies(all -> assertThat(all.get(2)).contains("as told"));
  }

  @Test // F2
  void theEndOfTheStageCancelsTheFlux() {
    var cancelled = new AtomicBoolean();
    StageSubscriber<Integer> subscriber = StageSubscriber.start(otp.runtime());
    JdkFlowAdapter.publisherToFlowPublisher(
            Flux.<Integer>never().doOnCancel(() -> cancelled.set(true)))
        .subscribe(subscriber);
    otp.runtime().exit(subscriber.stage().whereis().orElseThrow(), ExitReason.KILL);
    await("it is cancelled", cancelled::get);
  }
}
