package io.otp.stage;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.NoArgs;
import io.otp.server.StartResult;
import io.otp.stage.StageOptions.Keep;
import io.otp.stage.StageOptions.SubscribeTo;
import io.otp.stage.SubscribeOptions.Cancel;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageTests {

  private static final long FOR_EVER = Long.MAX_VALUE;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** Notes what it gets; for each batch it needs a permit. */
  private static final class Notes implements Consumer<NoArgs, Integer, Integer> {
    final Queue<Integer> events = new ConcurrentLinkedQueue<>();
    final Queue<Integer> batches = new ConcurrentLinkedQueue<>();
    final Semaphore permits;
    private final StageOptions options;

    Notes(int permits) {
      this(permits, StageOptions.DEFAULT);
    }

    Notes(int permits, StageOptions options) {
      this.permits = new Semaphore(permits);
      this.options = options;
    }

    @Override
    public StageOptions options() {
      return options;
    }

    @Override
    public Integer init(NoArgs args, Self<?> self) {
      return 0;
    }

    @Override
    public Emit<Void, Integer> handleEvents(List<Integer> batch, Integer state, Self<?> self)
        throws InterruptedException {
      permits.acquire();
      batches.add(batch.size());
      events.addAll(batch);
      return Emit.none(state);
    }

    @Override
    public Emit<Void, Integer> handleInfo(Info info, Integer state, Self<?> self) {
      throw new IllegalStateException("crash as told");
    }
  }

  /** Makes of n the events n and -n. */
  private static final class Twice implements ProducerConsumer<NoArgs, Integer, Integer, Integer> {
    final Queue<Integer> seen = new ConcurrentLinkedQueue<>();

    @Override
    public Integer init(NoArgs args, Self<?> self) {
      return 0;
    }

    @Override
    public Emit<Integer, Integer> handleEvents(List<Integer> events, Integer state, Self<?> self) {
      seen.addAll(events);
      return Emit.of(events.stream().flatMap(n -> java.util.stream.Stream.of(n, -n)).toList(), 0);
    }
  }

  /** Emits what it is sent, whatever was asked for. */
  private static final class Told implements Producer<NoArgs, Integer, Integer> {
    private final StageOptions options;

    Told(StageOptions options) {
      this.options = options;
    }

    @Override
    public StageOptions options() {
      return options;
    }

    @Override
    public Integer init(NoArgs args, Self<?> self) {
      return 0;
    }

    @Override
    public Emit<Integer, Integer> handleDemand(long demand, Integer state, Self<?> self) {
      return Emit.none(state);
    }

    @Override
    public Emit<Integer, Integer> handleInfo(Info info, Integer state, Self<?> self) {
      return info instanceof Info.Message(Integer n)
          ? Emit.of(IntStream.range(0, n).boxed().toList(), state)
          : Emit.none(state);
    }
  }

  private <A> Pid start(Stage<A, ?, ?, ?> stage, A args) {
    StartResult started = StageRef.start(otp.runtime(), stage, args, StartOptions.NONE);
    assertThat(started).isInstanceOf(StartResult.Started.class);
    return ((StartResult.Started) started).pid();
  }

  private <I, O> StageRef<I, O> ref(Pid pid) {
    return StageRef.of(otp.runtime(), pid);
  }

  private Subscription subscribe(Pid consumer, Pid producer, SubscribeOptions options) {
    return this.<Integer, Integer>ref(consumer).subscribeTo(ref(producer), options);
  }

  private ExitReason reasonOf(Pid pid) {
    var reason = new java.util.concurrent.CompletableFuture<ExitReason>();
    otp.runtime().atExit(pid, reason::complete);
    return TestRuntime.get(reason, pid + " ends");
  }

  private static List<Integer> range(int to) {
    return IntStream.range(0, to).boxed().toList();
  }

  // --- demand

  @Test // S1, S2, S3
  void aSlowConsumerIsSentNoMoreThanItAskedFor() {
    var numbers = new Numbers();
    var notes = new Notes(0);
    Pid producer = start(numbers, FOR_EVER);
    Pid consumer = start(notes, NoArgs.NO_ARGS);
    subscribe(consumer, producer, SubscribeOptions.maxDemand(10).withMinDemand(6));
    await("the first demand", () -> !numbers.demands.isEmpty());
    assertThat(numbers.demands).containsExactly(10L);
    notes.permits.release(); // 4 handled, so 4 more
    await("the second demand", () -> numbers.demands.size() == 2);
    assertThat(numbers.demands).containsExactly(10L, 4L);
    notes.permits.release(5);
    await("24 events", () -> notes.events.size() >= 20);
    assertThat(notes.events).containsExactlyElementsOf(range(notes.events.size()));
    assertThat(notes.batches).allMatch(size -> size <= 4);
    long sent = numbers.demands.stream().mapToLong(Long::longValue).sum();
    assertThat(sent - notes.events.size()).isLessThanOrEqualTo(10);
  }

  @Test // S4
  void aProducerConsumerWorksOnlyForThoseWhoAsk() {
    var numbers = new Numbers();
    var twice = new Twice();
    var notes = new Notes(0);
    Pid producer = start(numbers, FOR_EVER);
    Pid both = start(twice, NoArgs.NO_ARGS);
    Pid consumer = start(notes, NoArgs.NO_ARGS);
    subscribe(both, producer, SubscribeOptions.maxDemand(10).withMinDemand(5));
    await("10 on their way", () -> ref(both).status().queued() == 10);
    assertThat(twice.seen).isEmpty(); // nobody asks
    subscribe(consumer, both, SubscribeOptions.maxDemand(4).withMinDemand(0));
    await("what 4 need", () -> twice.seen.size() == 5);
    await("the rest is buffered", () -> ref(both).status().buffered() == 6);
    assertThat(twice.seen).containsExactly(0, 1, 2, 3, 4);
    notes.permits.release(50);
    await("40 events", () -> notes.events.size() >= 40);
    assertThat(new ArrayList<>(notes.events).subList(0, 6)).containsExactly(0, 0, 1, -1, 2, -2);
  }

  @ParameterizedTest // S5
  @CsvSource({"LAST, 7 8 9", "FIRST, 0 1 2"})
  void aFullBufferDropsByItsPolicyAndReportsIt(Keep keep, String kept) {
    Pid producer = start(new Told(StageOptions.DEFAULT.withBuffer(3, keep)), NoArgs.NO_ARGS);
    otp.runtime().send(producer, 10);
    await("7 dropped", () -> ref(producer).status().dropped() == 7);
    assertThat(ref(producer).status().buffered()).isEqualTo(3);
    assertThat(otp.reports())
        .filteredOn(StageBufferReport.class::isInstance)
        .singleElement()
        .hasToString(
            "Stage "
                + producer
                + " dropped 7 events: its buffer holds 3 and its consumers ask for less than it"
                + " emits. Emit no more than handleDemand says, or raise the buffer.");
    var notes = new Notes(100);
    subscribe(start(notes, NoArgs.NO_ARGS), producer, SubscribeOptions.DEFAULT);
    await("the rest", () -> notes.events.size() == 3);
    assertThat(notes.events.toString().replaceAll("[\\[\\],]", "")).isEqualTo(kept);
  }

  // --- dispatchers

  @Test // S6
  void theOneThatAskedForMostIsServedFirst() {
    Pid producer = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    var few = new Notes(100);
    var many = new Notes(100);
    subscribe(start(few, NoArgs.NO_ARGS), producer, SubscribeOptions.maxDemand(2));
    subscribe(start(many, NoArgs.NO_ARGS), producer, SubscribeOptions.maxDemand(5));
    await("both have asked", () -> ref(producer).status().demand() == 7);
    otp.runtime().send(producer, 7);
    await("all", () -> few.events.size() + many.events.size() == 7);
    assertThat(many.events).containsExactly(0, 1, 2, 3, 4);
    assertThat(few.events).containsExactly(5, 6);
  }

  @Test // S7
  void aBroadcastReachesAllAndIsAsSlowAsTheSlowest() {
    var numbers = new Numbers(StageOptions.DEFAULT.withDispatcher(Dispatcher.broadcast()));
    Pid producer = start(numbers, FOR_EVER);
    var quick = new Notes(1_000);
    var slow = new Notes(0);
    Pid one = start(quick, NoArgs.NO_ARGS);
    Pid other = start(slow, NoArgs.NO_ARGS);
    // The slow one first, and it cannot handle any, so that neither gets ahead of the other.
    subscribe(other, producer, SubscribeOptions.maxDemand(4).withMinDemand(0));
    await("four for it", () -> numbers.demands.contains(4L));
    subscribe(one, producer, SubscribeOptions.maxDemand(8).withMinDemand(0));
    await("both", () -> ref(producer).status().consumers() == 2);
    assertThat(quick.events).isEmpty(); // the slow one asks for none
    slow.permits.release(2);
    await("the quick one has as many", () -> quick.events.size() == 8);
    assertThat(quick.events).containsExactly(4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(slow.events).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test // S8
  void partitionsDoNotHoldUpEachOther() {
    Pid producer =
        start(
            new Told(StageOptions.DEFAULT.withDispatcher(Dispatcher.partition(2))), NoArgs.NO_ARGS);
    var even = new Notes(100);
    var odd = new Notes(100);
    subscribe(start(odd, NoArgs.NO_ARGS), producer, SubscribeOptions.DEFAULT.withPartition(1));
    otp.runtime().send(producer, 10);
    await("the odd ones", () -> odd.events.size() == 5);
    assertThat(odd.events).containsExactly(1, 3, 5, 7, 9);
    subscribe(start(even, NoArgs.NO_ARGS), producer, SubscribeOptions.DEFAULT);
    await("the even ones", () -> even.events.size() == 5);
    assertThat(even.events).containsExactly(0, 2, 4, 6, 8);
  }

  @Test // S8
  void aPartWithTwoConsumersIsServedToBoth() {
    Pid producer =
        start(
            new Told(StageOptions.DEFAULT.withDispatcher(Dispatcher.partition(1))), NoArgs.NO_ARGS);
    var stuck = new Notes(0);
    var other = new Notes(100);
    subscribe(start(stuck, NoArgs.NO_ARGS), producer, SubscribeOptions.maxDemand(5));
    subscribe(start(other, NoArgs.NO_ARGS), producer, SubscribeOptions.maxDemand(5));
    await("both have asked", () -> ref(producer).status().demand() == 10);
    otp.runtime().send(producer, 10);
    await("what the first has not asked for", () -> other.events.size() == 5);
    assertThat(other.events).containsExactly(5, 6, 7, 8, 9);
    stuck.permits.release(100);
  }

  @Test // S8
  void aPartThatDoesNotExistIsRefused() {
    Pid producer =
        start(
            new Told(StageOptions.DEFAULT.withDispatcher(Dispatcher.partition(2))), NoArgs.NO_ARGS);
    Pid consumer = start(new Notes(0), NoArgs.NO_ARGS);
    subscribe(consumer, producer, SubscribeOptions.DEFAULT.withPartition(2));
    assertThat(reasonOf(consumer))
        .isEqualTo(ExitReason.other("there is no partition 2, it must be 0 to 1"));
    assertThat(ref(producer).status().consumers()).isZero();
  }

  // --- ends

  @Test // S9
  void aProducerThatIsDoneEndsWhenAllIsTakenAndItsConsumerHasHandledAll() {
    var notes = new Notes(1_000);
    Pid producer = start(new Numbers(), 2_500L);
    Pid consumer = start(notes, NoArgs.NO_ARGS);
    subscribe(consumer, producer, SubscribeOptions.maxDemand(100));
    assertThat(reasonOf(consumer)).isEqualTo(ExitReason.NORMAL);
    assertThat(notes.events).containsExactlyElementsOf(range(2_500));
    assertThat(otp.runtime().isAlive(producer)).isFalse();
  }

  @ParameterizedTest // S9
  @CsvSource({
    "PERMANENT, shutdown, ends",
    "PERMANENT, oops, ends",
    "TRANSIENT, shutdown, lives",
    "TRANSIENT, oops, ends",
    "TEMPORARY, oops, lives"
  })
  void whatTheEndOfAProducerMeans(Cancel cancel, String why, String outcome) {
    ExitReason reason = why.equals("oops") ? new ExitReason.Other("oops") : ExitReason.SHUTDOWN;
    Pid producer = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    Pid consumer = start(new Notes(0), NoArgs.NO_ARGS);
    subscribe(consumer, producer, SubscribeOptions.DEFAULT.withCancel(cancel));
    otp.runtime().exit(producer, reason);
    if (outcome.equals("ends")) {
      assertThat(reasonOf(consumer)).isEqualTo(reason);
    } else {
      await("it has gone", () -> ref(consumer).status().producers() == 0);
    }
  }

  @Test // S10
  void aConsumerThatCrashesIsForgottenAndTheOthersGoOn() {
    Pid producer = start(new Numbers(), FOR_EVER);
    Pid crashes = start(new Notes(0), NoArgs.NO_ARGS);
    var notes = new Notes(1_000_000);
    Pid other = start(notes, NoArgs.NO_ARGS);
    subscribe(crashes, producer, SubscribeOptions.maxDemand(10));
    otp.runtime().exit(crashes, ExitReason.KILL);
    await("it is forgotten", () -> ref(producer).status().consumers() == 0);
    subscribe(other, producer, SubscribeOptions.maxDemand(10));
    await("events", () -> notes.events.size() > 100);
    assertThat(otp.runtime().isAlive(producer)).isTrue();
  }

  @Test // S10
  void aCancelledSubscriptionBringsNothingMore() {
    Pid producer = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    var notes = new Notes(100);
    Pid consumer = start(notes, NoArgs.NO_ARGS);
    Subscription subscription =
        subscribe(consumer, producer, SubscribeOptions.DEFAULT.withCancel(Cancel.TEMPORARY));
    assertThat(subscription.cancel()).isTrue();
    assertThat(subscription.cancel()).isFalse();
    await("it is gone", () -> ref(producer).status().consumers() == 0);
    otp.runtime().send(producer, 5);
    await("they wait", () -> ref(producer).status().buffered() == 5);
    assertThat(notes.events).isEmpty();
  }

  @Test // S10
  void aSubscriptionThatIsOverLeavesNoMonitor() {
    Pid producer = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    Pid consumer = start(new Notes(100), NoArgs.NO_ARGS);
    for (int i = 0; i < 3; i++) {
      subscribe(consumer, producer, SubscribeOptions.DEFAULT.withCancel(Cancel.TEMPORARY)).cancel();
    }
    await("it is gone", () -> ref(producer).status().consumers() == 0);
    var info = otp.runtime().info(consumer, 100).orElseThrow();
    assertThat(info.monitors()).isEmpty();
    assertThat(info.monitoredBy()).isEmpty();
  }

  /** Monitors a process of its own accord. */
  private static final class Watcher implements Consumer<Pid, Integer, String> {
    final Queue<Info> told = new ConcurrentLinkedQueue<>();

    @Override
    public String init(Pid watched, Self<?> self) {
      self.monitor(watched);
      return "";
    }

    @Override
    public Emit<Void, String> handleEvents(List<Integer> batch, String state, Self<?> self) {
      return Emit.none(state);
    }

    @Override
    public Emit<Void, String> handleInfo(Info info, String state, Self<?> self) {
      told.add(info);
      return Emit.none(state);
    }
  }

  @Test // S10
  void theEndOfWhomTheCodeMonitorsIsToldToTheCode() {
    Pid producer = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    Pid other = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    var watcher = new Watcher();
    Pid consumer = start(watcher, other);
    subscribe(consumer, producer, SubscribeOptions.DEFAULT.withCancel(Cancel.TEMPORARY));
    otp.runtime().exit(producer, new ExitReason.Other("first"));
    await("its subscription is over", () -> ref(consumer).status().producers() == 0);
    otp.runtime().exit(other, new ExitReason.Other("second"));
    await("it is told", () -> !watcher.told.isEmpty());
    assertThat(watcher.told)
        .singleElement()
        .isInstanceOfSatisfying(
            Down.class,
            down -> assertThat(down.reason()).isEqualTo(new ExitReason.Other("second")));
  }

  @Test
  void aProducerThatIsToSubscribeLivesAndTheMistakeIsNamed() {
    Pid one = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    Pid other = start(new Told(StageOptions.DEFAULT), NoArgs.NO_ARGS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subscribe(one, other, SubscribeOptions.DEFAULT))
        .withMessage(
            ref(one)
                + " is a producer and cannot subscribe to "
                + ref(other)
                + ". Only a consumer or a producer-consumer can; subscribe that one to this.");
    assertThat(otp.runtime().isAlive(one)).isTrue();
  }

  @Test // S9
  void aConsumerOfNobodyEndsWithNoproc() {
    Pid consumer = start(new Notes(0), NoArgs.NO_ARGS);
    StageRef.<Integer, Void>of(otp.runtime(), consumer)
        .subscribeTo(StageRef.of(otp.runtime(), "nobody"), SubscribeOptions.DEFAULT);
    assertThat(reasonOf(consumer)).isEqualTo(ExitReason.NO_PROCESS);
  }

  @Test // S11
  void stagesUnderASupervisorSubscribeAgainWhenTheyAreRestarted() {
    var notes =
        new Notes(
            1_000_000,
            StageOptions.DEFAULT.withSubscribeTo(
                new SubscribeTo("numbers", SubscribeOptions.maxDemand(10))));
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of(
                "top",
                Strategy.REST_FOR_ONE,
                StageRef.childSpec("numbers", new Numbers(), FOR_EVER),
                StageRef.childSpec("notes", notes, NoArgs.NO_ARGS))
            .withIntensity(5, Duration.ofSeconds(5)));
    await("events", () -> notes.events.size() > 100);
    Pid before = otp.runtime().whereis("numbers").orElseThrow();
    otp.runtime().exit(before, ExitReason.KILL);
    await(
        "another one",
        () -> otp.runtime().whereis("numbers").filter(pid -> !pid.equals(before)).isPresent());
    await("it begins anew", () -> notes.events.stream().filter(n -> n == 0).count() == 2);
  }

  @Test
  void mistakesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SubscribeOptions.maxDemand(5).withMinDemand(5))
        .withMessage(
            "A demand of 5 to 5 is not possible: the most must be 1 or more, and the least from 0"
                + " to less than that");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dispatcher.partition(0))
        .withMessage("0 partitions are not possible: there must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StageOptions.DEFAULT.withBuffer(-1, Keep.LAST))
        .withMessage("A buffer of -1 events is not possible: it must be 0 or more");
  }
}
