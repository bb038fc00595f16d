package io.otp.supervisor;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.GenServer;
import io.otp.server.HandClock;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatTests {

  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration STEP = Duration.ofSeconds(1);

  private final HandClock clock = new HandClock();

  @RegisterExtension final TestRuntime otp = new TestRuntime(builder -> builder.clock(clock));

  sealed interface Message {
    /** Does not return before the latch is open. */
    record Block(io.otp.process.Opaque<CountDownLatch> latch) implements Message, Cast<Message> {}

    record Idle(Duration timeout) implements Message, Call<Message, Call.Ok> {}
  }

  /** Traps exits, and cleans up until it may end. */
  private static final class Tidy implements GenServer<Message, String> {
    final CountDownLatch tidying = new CountDownLatch(1);
    final CountDownLatch mayEnd = new CountDownLatch(1);
    final AtomicReference<String> tidied = new AtomicReference<>();

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(true);
    }

    @Override
    public String init(NoArgs args, Self<Message> self) {
      return "";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return Next.noreply(state);
    }

    @Override
    public void terminate(ExitReason reason, String state, Self<Message> self) throws Exception {
      tidying.countDown();
      mayEnd.await();
      tidied.set(reason.toString());
    }
  }

  @Test // H6
  void aChildThatIsBeingStoppedHasTheTimeOfItsShutdown() {
    var tidy = new Tidy();
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of(
            "top",
            Strategy.ONE_FOR_ONE,
            ChildSpec.worker("tidy", tidy)
                .withShutdown(Duration.ofHours(1))
                .withHeartbeat(Heartbeat.every(EVERY).withTimeout(TIMEOUT))));
    Pid pid = otp.runtime().whereis("tidy").orElseThrow();
    int before = otp.runtime().stats().processes();
    var stopped =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () -> Supervisor.of(otp.runtime(), "top").terminateChild("tidy"));
    await("it cleans up", () -> tidy.tidying.getCount() == 0);
    await( // it has been told to leave, or asks and is told too late that it may kill
        "nobody watches it any more",
        () -> {
          clock.advance(STEP);
          return otp.runtime().stats().processes() < before;
        });
    assertThat(otp.runtime().isAlive(pid)).isTrue();
    tidy.mayEnd.countDown();
    TestRuntime.get(stopped, "it is stopped");
    assertThat(tidy.tidied).hasValue("shutdown");
    assertThat(otp.reports()).noneMatch(HeartbeatReport.class::isInstance);
  }

  @Test // H7
  void childrenThatAreStartedOneByOneAreWatchedToo() {
    SupervisorSpec spec =
        DynamicSupervisor.spec(
            "clerks", new Clerk(false), Restart.TEMPORARY, new Shutdown.After(Duration.ofHours(1)));
    ChildSpec watched =
        spec.children().getFirst().withHeartbeat(Heartbeat.every(EVERY).withTimeout(TIMEOUT));
    Supervisor.start(otp.runtime(), spec.withChildren(watched));
    int none = otp.runtime().stats().processes();
    var clerks = DynamicSupervisor.<NoArgs, Message>of(otp.runtime(), "clerks");
    ServerRef<Message> clerk = clerks.startChild(NoArgs.NO_ARGS);
    Pid stuck = clerk.whereis().orElseThrow();
    var latch = new CountDownLatch(1);
    clerk.cast(new Message.Block(io.otp.process.Opaque.of(latch)));
    await(
        "it is killed",
        () -> {
          clock.advance(STEP);
          return !otp.runtime().isAlive(stuck);
        });
    latch.countDown();
    await("what watched it is gone", () -> otp.runtime().stats().processes() == none);
    assertThat(otp.reports()).filteredOn(HeartbeatReport.class::isInstance).hasSize(1);
  }

  private static final class Clerk implements GenServer<Message, String> {
    final AtomicReference<String> timedOut = new AtomicReference<>();
    private final boolean traps;

    Clerk(boolean traps) {
      this.traps = traps;
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(traps);
    }

    @Override
    public String init(NoArgs args, Self<Message> self) {
      return "";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) throws Exception {
      return switch (message) {
        case Message.Block(var latch) -> {
          latch.value().await();
          yield Next.noreply(state);
        }
        case Message.Idle idle -> Next.reply(idle, Call.Ok.OK, state, Next.timeout(idle.timeout()));
      };
    }

    @Override
    public Next<String> handleInfo(Info info, String state, Self<Message> self) {
      timedOut.set(info.toString());
      return Next.noreply(state);
    }
  }

  private Pid start(Clerk clerk) {
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of(
            "top",
            Strategy.ONE_FOR_ONE,
            ChildSpec.worker("clerk", clerk)
                .withHeartbeat(Heartbeat.every(EVERY).withTimeout(TIMEOUT))));
    return clerk();
  }

  private Pid clerk() {
    return otp.runtime().whereis("clerk").orElseThrow();
  }

  /** Moves the clock, and waits until the question that is due has been answered. */
  private void beat(Duration time) {
    clock.advance(time);
    var watching = new ArrayList<Pid>();
    otp.runtime()
        .walk(
            0,
            1_000,
            process -> {
              if (process.behaviour().equals("heartbeat")) {
                watching.add(process.pid());
              }
              return true;
            });
    Sys.ping(watching.getFirst(), Duration.ofHours(1)); // comes after the question
  }

  private static SupervisorReport terminated(Object report) {
    return (SupervisorReport) report;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true}) // H1, H2
  void aServerThatIsStuckInACallbackIsKilledAndRestarted(boolean traps) {
    Pid stuck = start(new Clerk(traps));
    var latch = new CountDownLatch(1);
    ServerRef.<Message>of(otp.runtime(), "clerk")
        .cast(new Message.Block(io.otp.process.Opaque.of(latch)));
    await(
        "it is killed",
        () -> {
          clock.advance(
              STEP); // when the question is asked, and so when it is too late, is not ours
          return !otp.runtime().isAlive(stuck);
        });
    latch.countDown();
    await(
        "another one",
        () -> otp.runtime().whereis("clerk").filter(pid -> !pid.equals(stuck)).isPresent());
    var reason = new ExitReason.Other(new Heartbeat.Missed(TIMEOUT));
    assertThat(otp.reports())
        .filteredOn(HeartbeatReport.class::isInstance)
        .singleElement()
        .satisfies(
            report -> {
              assertThat(report).isEqualTo(new HeartbeatReport(stuck, "clerk", "top", TIMEOUT));
              assertThat(report)
                  .hasToString(
                      "Child 'clerk' "
                          + stuck
                          + " gave no sign of life within 3000 ms and was killed: one of its"
                          + " callbacks takes longer, or more messages wait than it can handle. Let"
                          + " it do slow work elsewhere, or raise the timeout of its heartbeat.");
            });
    await(
        "the supervisor's report",
        () -> otp.reports().stream().anyMatch(SupervisorReport.class::isInstance));
    assertThat(otp.reports())
        .filteredOn(SupervisorReport.class::isInstance)
        .first()
        .satisfies(report -> assertThat(terminated(report).reason()).isEqualTo(reason));
    assertThat(reason).hasToString("{no_heartbeat,3000}");
  }

  @Test // H1
  void theOneThatWasRestartedIsWatchedToo() {
    Pid first = start(new Clerk(false));
    for (Pid stuck = first; ; stuck = clerk()) {
      Pid current = stuck;
      var latch = new CountDownLatch(1);
      ServerRef.<Message>of(otp.runtime(), stuck)
          .cast(new Message.Block(io.otp.process.Opaque.of(latch)));
      await(
          "it is killed",
          () -> {
            clock.advance(STEP);
            return !otp.runtime().isAlive(current);
          });
      latch.countDown();
      if (current != first) {
        return;
      }
      await(
          "another one",
          () -> otp.runtime().whereis("clerk").filter(pid -> !pid.equals(current)).isPresent());
    }
  }

  @Test // H3
  void aServerThatAnswersLivesSuspendedOrNot() {
    Pid pid = start(new Clerk(false));
    Sys.suspend(pid);
    beat(EVERY);
    beat(EVERY);
    Sys.resume(pid);
    for (int i = 0; i < 20; i++) {
      beat(EVERY);
    }
    assertThat(otp.runtime().isAlive(pid)).isTrue();
    assertThat(otp.reports()).noneMatch(HeartbeatReport.class::isInstance);
  }

  @Test // H4
  void aHeartbeatDoesNotPutOffATimeout() {
    var clerk = new Clerk(false);
    Pid pid = start(clerk);
    ServerRef.<Message>of(otp.runtime(), pid).call(new Message.Idle(Duration.ofMinutes(1)));
    Sys.ping(pid, Duration.ofHours(1)); // the timeout runs when the callback is over
    for (int i = 0; i < 5; i++) {
      beat(Duration.ofSeconds(11));
    }
    assertThat(clerk.timedOut).hasNullValue(); // 55 s
    clock.advance(Duration.ofSeconds(6));
    await("the timeout", () -> clerk.timedOut.get() != null);
  }

  @Test // H5
  void whatWatchesEndsWithTheChild() {
    Pid pid = start(new Clerk(false));
    int before = otp.runtime().stats().processes();
    Supervisor.of(otp.runtime(), "top").terminateChild("clerk");
    assertThat(otp.runtime().isAlive(pid)).isFalse();
    await("two less", () -> otp.runtime().stats().processes() == before - 2);
  }

  @Test
  void timesMustBePositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Heartbeat.every(Duration.ZERO))
        .withMessage("A heartbeat with every PT0S is not possible: it must be more than 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Heartbeat.every(EVERY).withTimeout(STEP.negated()))
        .withMessage("A heartbeat with timeout PT-1S is not possible: it must be more than 0");
  }
}
