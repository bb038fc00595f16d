package io.otp.supervisor;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.CrashReport;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Sys;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a supervisor does at each of its starts, and at its end. */
class SupervisorInitTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final AtomicInteger incarnations = new AtomicInteger();

  private ChildSpec child(String id) {
    return ChildSpec.of(
        id,
        supervisor -> {
          var traps = new CountDownLatch(1);
          Pid pid =
              supervisor.spawnLink(
                  self -> {
                    self.trapExits(true);
                    events.add("start " + id);
                    traps.countDown();
                    while (!(self.receive() instanceof Exit)) {
                      // waits for its supervisor
                    }
                    events.add("stop " + id);
                    throw new ProcessExit(ExitReason.SHUTDOWN);
                  });
          traps.await();
          return new StartResult.Started(pid, null);
        });
  }

  /** Writes down what happens; its children have the number of the incarnation in their ids. */
  private SupervisorSpec numbered(ChildSpec... more) {
    return SupervisorSpec.of("numbered", Strategy.ONE_FOR_ONE)
        .withInit(
            _ -> {
              int n = incarnations.incrementAndGet();
              events.add("init " + n);
              var children = new java.util.ArrayList<>(List.of(child("child-" + n)));
              children.addAll(List.of(more));
              return new SupervisorInit.Incarnation(
                  children, self -> events.add("ended " + n + " in " + (self != null)));
            });
  }

  private Pid pid() {
    return otp.runtime().whereis("numbered").orElseThrow();
  }

  @Test
  void childrenStartAfterItAndEndBeforeItsEnd() {
    assertThat(Supervisor.start(otp.runtime(), numbered())).isInstanceOf(StartResult.Started.class);
    Sys.terminate(pid(), ExitReason.SHUTDOWN, Duration.ofSeconds(10));
    assertThat(events)
        .containsExactly("init 1", "start child-1", "stop child-1", "ended 1 in true");
  }

  @Test
  void eachIncarnationHasItsOwn() {
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of(
            "top", Strategy.ONE_FOR_ONE, ChildSpec.supervisor("numbered", numbered())));
    Pid first = pid();
    otp.runtime().exit(first, ExitReason.KILL);
    await(
        "another incarnation",
        () -> otp.runtime().whereis("numbered").filter(pid -> pid != first).isPresent());
    assertThat(Supervisor.of(otp.runtime(), "numbered").whichChildren())
        .extracting(ChildInfo::id)
        .containsExactly("child-2");
    assertThat(events).doesNotContain("ended 1 in true"); // it was killed
  }

  @Test
  void endsWhereAChildDoesNotStart() {
    SupervisorSpec spec =
        numbered(ChildSpec.of("bad", _ -> new StartResult.Failed(ExitReason.other("no disk"))));
    assertThat(Supervisor.start(otp.runtime(), spec)).isInstanceOf(StartResult.Failed.class);
    assertThat(events)
        .containsExactly("init 1", "start child-1", "stop child-1", "ended 1 in true");
  }

  @Test
  void endsWhereItGivesUp() {
    Supervisor.start(otp.runtime(), numbered().withIntensity(0, Duration.ofSeconds(5)));
    Pid child = Supervisor.of(otp.runtime(), "numbered").whichChildren().getFirst().pid();
    otp.runtime().exit(child, ExitReason.KILL);
    await("it has given up", () -> otp.runtime().whereis("numbered").isEmpty());
    assertThat(events).containsExactly("init 1", "start child-1", "ended 1 in true");
  }

  @Test
  void aFailureIsAFailedStartThatTheParentCounts() {
    SupervisorSpec failing =
        SupervisorSpec.of("failing", Strategy.ONE_FOR_ONE)
            .withInit(
                _ -> {
                  if (incarnations.incrementAndGet() > 1) {
                    throw new IllegalStateException("no bus");
                  }
                  return new SupervisorInit.Incarnation(List.of(), _ -> {});
                });
    Supervisor.start(
        otp.runtime(),
        SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, ChildSpec.supervisor("failing", failing))
            .withIntensity(3, Duration.ofSeconds(60)));
    Pid first = otp.runtime().whereis("failing").orElseThrow();
    otp.runtime().exit(first, ExitReason.KILL);
    await("the parent has given up", () -> otp.runtime().whereis("top").isEmpty());
    assertThat(incarnations).hasValue(1 + 3);
    assertThat(otp.reports())
        .filteredOn(CrashReport.class::isInstance)
        .anySatisfy(report -> assertThat(report.toString()).contains("no bus"));
  }
}
