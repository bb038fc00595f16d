package io.otp.load;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.otp.TestRuntime;
import io.otp.load.Admission.Admitted;
import io.otp.load.Admission.Cause;
import io.otp.load.Admission.Rejected;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.HandClock;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RegulatorTests {

  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration TENTH = Duration.ofMillis(100);

  private final HandClock clock = new HandClock();

  @RegisterExtension final TestRuntime otp = new TestRuntime(builder -> builder.clock(clock));

  private final Queue<String> heard = new ConcurrentLinkedQueue<>();

  private Regulator regulator(RegulatorOptions options) {
    var listener =
        new AdmissionListener() {
          @Override
          public void admitted(String regulator, Duration waited) {
            heard.add(regulator + " admitted after " + waited.toMillis());
          }

          @Override
          public void rejected(String regulator, Cause cause, Duration waited) {
            heard.add(regulator + " rejected " + cause + " after " + waited.toMillis());
          }

          @Override
          public void gaveUp(String regulator, Duration waited) {
            heard.add(regulator + " gave up after " + waited.toMillis());
          }
        };
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of(
            "top", Strategy.ONE_FOR_ONE, Regulator.childSpec("door", options, listener)));
    return Regulator.of(otp.runtime(), "door");
  }

  private static Ticket admitted(Admission admission) {
    assertThat(admission).isInstanceOf(Admitted.class);
    return ((Admitted) admission).ticket();
  }

  private static Ticket admitted(CompletableFuture<Admission> answer) {
    return admitted(TestRuntime.get(answer, "the answer"));
  }

  private static Rejected rejected(CompletableFuture<Admission> answer) {
    Admission admission = TestRuntime.get(answer, "the answer");
    assertThat(admission).isInstanceOf(Rejected.class);
    return (Rejected) admission;
  }

  /** Asks, and waits until that is known. */
  private static CompletableFuture<Admission> waiting(Regulator regulator, int place) {
    CompletableFuture<Admission> answer = regulator.askAsync(LONG);
    await("place " + place, () -> regulator.status().waiting() == place);
    return answer;
  }

  // --- counter

  @Test // L1
  void admitsAsManyAtOnceAsItsLimit() {
    Regulator door = regulator(RegulatorOptions.counter(2));
    Ticket one = admitted(door.ask());
    admitted(door.ask());
    assertThat(door.ask()).isEqualTo(new Rejected(Cause.OVERLOAD, TENTH));
    door.done(one);
    door.done(one); // once is enough
    admitted(door.ask());
    assertThat(door.ask()).isInstanceOf(Rejected.class);
    assertThat(door.status()).isEqualTo(new RegulatorStatus(2, 0, 3, 2, 0));
  }

  @Test // L1
  void manyAtOnceNeverExceedTheLimit() throws Exception {
    Regulator door = regulator(RegulatorOptions.counter(3).withQueue(1_000));
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 20; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = 0; n < 50; n++) {
                      door.run(
                          () -> {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            Thread.yield();
                            return inside.decrementAndGet();
                          },
                          LONG);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isBetween(1, 3);
    await("all are out", () -> door.status().active() == 0);
    assertThat(door.status().admitted()).isEqualTo(1_000);
  }

  // --- queue

  @Test // L2
  void theQueueIsServedInOrderAndIsBounded() {
    Regulator door = regulator(RegulatorOptions.counter(1).withQueue(2));
    Ticket one = admitted(door.ask());
    var second = waiting(door, 1);
    var third = waiting(door, 2);
    assertThat(rejected(door.askAsync(LONG)).cause()).isEqualTo(Cause.OVERLOAD);
    door.done(one);
    door.done(admitted(second));
    admitted(third);
  }

  @Test // L3
  void whoDoesNotWaitAnyLongerLosesItsTurnAndNobodyElse() {
    Regulator door = regulator(RegulatorOptions.counter(1).withQueue(2));
    Ticket one = admitted(door.ask());
    var second = waiting(door, 1);
    var third = waiting(door, 2);
    second.cancel(false);
    await("one less", () -> door.status().waiting() == 1);
    door.done(one);
    admitted(third);
    assertThat(heard).contains("door gave up after 0");
  }

  @Test // L3
  void anAnswerThatIsTooLateIsARefusalAndFreesThePlace() {
    Regulator door = regulator(RegulatorOptions.counter(1).withQueue(2));
    Ticket one = admitted(door.ask());
    assertThat(door.ask(Duration.ZERO)).isInstanceOf(Rejected.class);
    CompletableFuture<Admission> late = door.askAsync(TENTH);
    await("it waits", () -> door.status().waiting() == 1);
    await(
        "it does not any longer",
        () -> {
          clock.advance(TENTH);
          return late.isDone();
        });
    assertThat(rejected(late)).isEqualTo(new Rejected(Cause.OVERLOAD, TENTH));
    door.done(one);
    await("all places are free", () -> door.status().active() + door.status().waiting() == 0);
    admitted(door.ask());
  }

  @Test // L3
  void thePlaceOfAProcessThatEndsIsFreeAgain() {
    Regulator door = regulator(RegulatorOptions.counter(1).withQueue(2));
    var inside = new CountDownLatch(1);
    Pid holder =
        otp.runtime()
            .spawn(
                self -> {
                  admitted(door.ask());
                  inside.countDown();
                  self.receive();
                });
    await(inside);
    Pid waits = otp.runtime().spawn(self -> door.ask(LONG));
    await("it waits", () -> door.status().waiting() == 1);
    var third = waiting(door, 2);
    otp.runtime().exit(waits, ExitReason.KILL);
    await("it waits no more", () -> door.status().waiting() == 1);
    otp.runtime().exit(holder, ExitReason.KILL);
    admitted(third);
  }

  @Test // L3
  void runGivesThePlaceBackWhateverHappens() {
    Regulator door = regulator(RegulatorOptions.counter(1));
    assertThat(door.<Integer>run(() -> 7)).isEqualTo(7);
    await("free", () -> door.status().active() == 0);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () ->
                door.run(
                    () -> {
                      throw new ArithmeticException();
                    }));
    await("free", () -> door.status().active() == 0);
    admitted(door.ask());
    assertThatExceptionOfType(RejectedException.class)
        .isThrownBy(() -> door.run(() -> 1))
        .withMessage(
            "Regulator 'door' refused: all its places are taken and waiting takes too long. Come"
                + " again after 100 ms, or answer that to your own caller.")
        .satisfies(
            e -> {
              assertThat(e.regulator()).isEqualTo("door");
              assertThat(e.reason()).isEqualTo(Cause.OVERLOAD);
              assertThat(e.retryAfter()).isEqualTo(TENTH);
            });
  }

  // --- rate

  @Test // L4
  void admitsNoMoreThanItsRateAndSaysWhenToComeAgain() {
    Regulator door = regulator(RegulatorOptions.rate(10, Duration.ofSeconds(1), 2));
    admitted(door.ask());
    admitted(door.ask());
    assertThat(door.ask()).isEqualTo(new Rejected(Cause.RATE, TENTH));
    clock.advance(Duration.ofMillis(60));
    assertThat(door.ask()).isEqualTo(new Rejected(Cause.RATE, Duration.ofMillis(40)));
    clock.advance(Duration.ofMillis(40));
    admitted(door.ask());
    assertThat(door.ask()).isInstanceOf(Rejected.class);
    assertThat(door.status().active()).isZero(); // a rate has no places
    assertThat(heard).contains("door rejected RATE after 0");
  }

  @Test // L4
  void whoWaitsForTheRateIsServedWhenItsTimeComes() {
    Regulator door = regulator(RegulatorOptions.rate(10, Duration.ofSeconds(1), 1).withQueue(2));
    admitted(door.ask());
    var second = waiting(door, 1);
    var third = waiting(door, 2);
    assertThat(rejected(door.askAsync(LONG)))
        .isEqualTo(new Rejected(Cause.RATE, Duration.ofMillis(300)));
    clock.advance(TENTH);
    admitted(second);
    assertThat(third).isNotDone();
    await( // the timer for the third is set after the second has its answer
        "the third",
        () -> {
          clock.advance(TENTH);
          return third.isDone();
        });
    admitted(third);
  }

  @Test // L5
  void limitAndRateBothHold() {
    Regulator door = regulator(RegulatorOptions.counter(2).withRate(10, Duration.ofSeconds(1), 3));
    Ticket one = admitted(door.ask());
    Ticket two = admitted(door.ask());
    assertThat(((Rejected) door.ask()).cause()).isEqualTo(Cause.OVERLOAD);
    door.done(one);
    door.done(two);
    admitted(door.ask());
    assertThat(((Rejected) door.ask()).cause()).isEqualTo(Cause.RATE);
  }

  // --- queue delay

  @Test // L6
  void dropsAtTheHeadWhileTheDelayStaysOverTheTarget() {
    Regulator door =
        regulator(
            RegulatorOptions.counter(1).withQueue(100).withQueueDelay(Duration.ofMillis(5), TENTH));
    Ticket ticket = admitted(door.ask());
    List<CompletableFuture<Admission>> queue = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      queue.add(waiting(door, i));
    }
    var outcome = new ArrayList<String>();
    var served = new AtomicReference<>(ticket);
    for (int step = 1; step <= 6; step++) { // each holds its place for 50 ms
      clock.advance(Duration.ofMillis(50));
      door.done(served.get());
      long answered = door.status().admitted() + door.status().rejected() - 1;
      for (int i = outcome.size(); i < answered; i++) {
        Admission admission = TestRuntime.get(queue.get(i), "answer " + i);
        if (admission instanceof Admitted(var next, var waited)) {
          served.set(next);
          outcome.add("served after " + waited.toMillis());
        } else {
          assertThat(admission).isEqualTo(new Rejected(Cause.OVERLOAD, TENTH));
          outcome.add("dropped");
        }
      }
    }
    // over the target since 50; for an interval at 150; the next drop at 250, then at 320
    assertThat(outcome)
        .containsExactly(
            "served after 50",
            "served after 100",
            "dropped",
            "served after 150",
            "served after 200",
            "dropped",
            "served after 250",
            "served after 300");
    assertThat(heard).contains("door rejected OVERLOAD after 150");
  }

  // --- the process

  @Test // L7
  void aRestartedRegulatorKnowsOfNobody() {
    Regulator door = regulator(RegulatorOptions.counter(1));
    Ticket old = admitted(door.ask());
    Pid before = otp.runtime().whereis("door").orElseThrow();
    otp.runtime().exit(before, ExitReason.KILL);
    await(
        "restart",
        () -> otp.runtime().whereis("door").filter(pid -> !pid.equals(before)).isPresent());
    admitted(door.ask());
    door.done(old); // is nothing to it
    assertThat(door.ask()).isInstanceOf(Rejected.class);
  }

  @Test
  void aRegulatorThatIsNotThereIsNoRefusal() {
    Regulator nobody = Regulator.of(otp.runtime(), "nobody");
    assertThatExceptionOfType(CallException.NoProcessException.class).isThrownBy(nobody::ask);
    var answer = nobody.askAsync(LONG);
    await("an answer", answer::isDone);
    assertThat(answer.exceptionNow()).isInstanceOf(CallException.NoProcessException.class);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(
            () -> RegulatorOptions.counter(0),
            "A limit of 0 is not possible: it must be 1 or more"),
        mistake(
            () -> new RegulatorOptions(null, null, 0, null),
            "A regulator without a limit and without a rate admits all: give one of them"),
        mistake(
            () -> RegulatorOptions.counter(1).withQueue(-1),
            "A queue of -1 is not possible: it must be 0 to 1000000"),
        mistake(
            () -> RegulatorOptions.counter(1).withQueueDelay(TENTH, LONG),
            "A queue delay without a queue has no effect: give a queue of 1 or more"),
        mistake(
            () -> RegulatorOptions.counter(1).withQueue(1).withQueueDelay(TENTH, TENTH),
            "An interval of PT0.1S is not possible: it must be more than the target, PT0.1S, and at"
                + " most an hour"),
        mistake(
            () -> RegulatorOptions.counter(1).withQueue(1).withQueueDelay(Duration.ZERO, TENTH),
            "A target of PT0S is not possible: it must be more than 0"),
        mistake(
            () -> RegulatorOptions.rate(0, TENTH, 1),
            "A rate of 0 is not possible: it must be 1 or more"),
        mistake(
            () -> RegulatorOptions.rate(1, TENTH, 0),
            "A burst of 0 is not possible: it must be 1 or more"),
        mistake(
            () -> RegulatorOptions.rate(1, Duration.ZERO, 1),
            "A rate within PT0S is not possible: it must be more than 0, up to 365 days"),
        mistake(
            () -> RegulatorOptions.rate(2, Duration.ofNanos(1), 1),
            "A rate of 2 within PT0.000000001S is not possible: at most one each ns"),
        mistake( // its times would overflow, and nobody be admitted for centuries
            () -> RegulatorOptions.rate(1, Duration.ofDays(1), 200_000),
            "A rate of 1 within PT24H with a burst of 200000 and a queue of 0 is not possible: all"
                + " of them must be able to begin within 10000 days. Lower the burst or the"
                + " queue."));
  }

  private static Arguments mistake(Runnable action, String text) {
    return Arguments.of(text, action);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void mistakesAreNamed(String text, Runnable action) {
    assertThatIllegalArgumentException().isThrownBy(action::run).withMessage(text);
  }
}
