package io.otp.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.otp.application.ApplicationController;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.CrashReport;
import io.otp.process.ExitReason;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.EventType;

/** The extension, also where the test it serves has to fail. */
class OtpExtensionTests {

  private static final Duration IMPATIENT = Duration.ofMillis(300);

  sealed interface Message {}

  record Count() implements Message, Call<Message, Integer> {}

  record Add(int n) implements Message, Cast<Message> {}

  record Crash() implements Message, Cast<Message> {}

  /** Counts. */
  static final class Counter implements GenServer<Message, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Message message, Integer count, Self<Message> self) {
      return switch (message) {
        case Count request -> Next.reply(request, count, count);
        case Add(var n) -> Next.noreply(count + n);
        case Crash _ -> throw new IllegalStateException("as told");
      };
    }
  }

  /** What went wrong in the tests of {@code fixture}, by the name of the test. */
  private static List<String> failures(Class<?> fixture) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(fixture))
        .execute()
        .testEvents()
        .list()
        .stream()
        .filter(event -> event.getType() == EventType.FINISHED)
        .map(OtpExtensionTests::outcome)
        .toList();
  }

  private static String outcome(Event event) {
    return event
        .getRequiredPayload(TestExecutionResult.class)
        .getThrowable()
        .map(e -> e.getClass().getSimpleName() + ": " + e.getMessage())
        .orElse("passed");
  }

  // --- what it gives a test

  static final class Serves {
    private static final AtomicReference<ProcessRuntime> BEFORE = new AtomicReference<>();

    @RegisterExtension final OtpExtension otp = OtpExtension.withSystemClock();

    @Test
    void aServer() {
      isNew();
      ServerRef<Message> counter = otp.start(new Counter());
      counter.cast(new Add(2));
      assertThat(counter.call(new Count())).isEqualTo(2);
    }

    @Test
    void aTree() {
      isNew();
      otp.start(
          SupervisorSpec.of(
              "tree", Strategy.ONE_FOR_ONE, ChildSpec.worker("counter", new Counter())));
      ServerRef<Message> counter = ServerRef.of(otp.runtime(), "counter");
      var before = counter.whereis();
      counter.cast(new Crash());
      otp.eventually(
          "it is there again",
          () -> counter.whereis().isPresent() && !counter.whereis().equals(before));
      assertThat(counter.call(new Count())).isZero();
      assertThat(otp.reports()).hasAtLeastOneElementOfType(CrashReport.class);
    }

    @Test
    void noReportsOfTheTestBefore() {
      isNew();
      assertThat(otp.reports()).isEmpty();
    }

    private void isNew() {
      ProcessRuntime before = BEFORE.getAndSet(otp.runtime());
      assertThat(otp.runtime()).isNotSameAs(before);
      assertThat(before == null || before.isClosed()).isTrue();
      assertThat(otp.runtime().stats().processes()).isZero();
    }
  }

  @Test
  void eachTestHasARuntimeOfItsOwnWhichIsClosedAfterIt() {
    Serves.BEFORE.set(null);
    assertThat(failures(Serves.class)).containsExactly("passed", "passed", "passed");
    assertThat(Objects.requireNonNull(Serves.BEFORE.get()).isClosed()).isTrue();
  }

  // --- what it stops

  private static final ConcurrentLinkedQueue<String> ENDED = new ConcurrentLinkedQueue<>();

  /** Says when it ends. */
  record Named(String name) implements GenServer<Message, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Message message, Integer count, Self<Message> self) {
      return Next.noreply(count);
    }

    @Override
    public void terminate(ExitReason reason, Integer count, Self<Message> self) {
      ENDED.add(name + " " + reason);
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(true);
    }
  }

  static final class Stops {
    @RegisterExtension final OtpExtension otp = OtpExtension.withSystemClock();

    @Test
    void whatItStarted() {
      otp.start(new Named("first"));
      otp.start(new Named("second"));
      otp.probe();
    }
  }

  @Test
  void whatATestStartedIsStoppedInReverse() {
    ENDED.clear();
    assertThat(failures(Stops.class)).containsExactly("passed");
    assertThat(ENDED).containsExactly("second shutdown", "first shutdown");
  }

  static final class Applications {
    @RegisterExtension final OtpExtension otp = new OtpExtension(false, IMPATIENT);

    @Test
    void looksAtApplications() {
      assertThat(ApplicationController.of(otp.runtime()).applications()).isEmpty();
    }
  }

  @Test
  void theControllerOfApplicationsMayOutliveATest() {
    assertThat(failures(Applications.class)).containsExactly("passed");
  }

  // --- what it refuses

  static final class Leaves {
    @RegisterExtension final OtpExtension otp = new OtpExtension(false, IMPATIENT);

    @Test
    void aLodger() {
      otp.runtime()
          .spawn(
              self -> {
                self.register("lodger");
                self.receive();
              });
      otp.eventually("it has its name", () -> otp.runtime().whereis("lodger").isPresent());
    }
  }

  @Test
  void aProcessThatOutlivesItsTestFailsIt() {
    assertThat(failures(Leaves.class))
        .singleElement()
        .asString()
        .matches(
            "AssertionError: These processes outlive the test: \\[<0\\.\\d+\\.\\d+> lodger]\\."
                + " Start them under a supervisor or with this extension, or end them in the"
                + " test\\.");
  }

  private static volatile CountDownLatch release = new CountDownLatch(0);

  /** Does not stop before the test says so. */
  static final class Stubborn implements GenServer<Message, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      self.label("mule");
      return 0;
    }

    @Override
    public Next<Integer> handle(Message message, Integer count, Self<Message> self) {
      return Next.noreply(count);
    }

    @Override
    public void terminate(ExitReason reason, Integer count, Self<Message> self) throws Exception {
      release.await();
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(true);
    }
  }

  static final class DoesNotStop {
    @RegisterExtension final OtpExtension otp = new OtpExtension(true, IMPATIENT);

    @Test
    void inTime() {
      otp.start(new Stubborn());
    }
  }

  @Test
  void whatDoesNotStopIsNamed() {
    release = new CountDownLatch(1);
    try {
      assertThat(failures(DoesNotStop.class))
          .singleElement()
          .asString()
          .startsWith(
              "AssertionError: What the test started does not stop within 300 ms. Still there: [<")
          .contains(" mule]")
          .endsWith("The manual clock stands still, so no shutdown time of a supervisor passes.");
    } finally {
      release.countDown();
    }
  }

  /** Does not start. */
  static final class Broken implements GenServer<Message, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Message> self) {
      throw new IllegalStateException("no database");
    }

    @Override
    public Next<Integer> handle(Message message, Integer count, Self<Message> self) {
      return Next.noreply(count);
    }
  }

  static final class Fails {
    @RegisterExtension final OtpExtension otp = new OtpExtension(false, IMPATIENT);

    @Test
    void toStart() {
      otp.start(new Broken());
    }
  }

  static final class Waits {
    @RegisterExtension final OtpExtension otp = new OtpExtension(false, IMPATIENT);

    @Test
    void forNothing() {
      otp.eventually("pigs fly", () -> false);
    }
  }

  static final class Asks {
    @RegisterExtension final OtpExtension otp = OtpExtension.withSystemClock();

    @Test
    void forAClock() {
      otp.clock();
    }
  }

  @Test
  void saysWhatWentWrong() {
    assertThat(failures(Fails.class))
        .singleElement()
        .asString()
        .startsWith("AssertionError: It did not start: ")
        .contains("no database");
    assertThat(failures(Waits.class))
        .containsExactly("AssertionError: Expected that pigs fly within 300 ms");
    assertThat(failures(Asks.class))
        .containsExactly(
            "IllegalStateException: This test has no manual clock; use"
                + " OtpExtension.withManualClock()");
  }

  @Test
  void thereIsARuntimeOnlyWhileATestRuns() {
    assertThatIllegalStateException()
        .isThrownBy(() -> OtpExtension.withSystemClock().runtime())
        .withMessage(
            "There is a runtime only while a test runs; is OtpExtension a @RegisterExtension"
                + " field?");
  }
}
