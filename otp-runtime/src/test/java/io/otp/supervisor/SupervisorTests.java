package io.otp.supervisor;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static io.otp.process.Receive.skip;
import static io.otp.process.Receive.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.CallException;
import io.otp.process.CrashReport;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Supervisors at work: what only real processes can show. The decisions are in {@link
 * RestartPlanTests}.
 */
class SupervisorTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Queue<String> events = new ConcurrentLinkedQueue<>();

  /** A child that runs {@code body} in a raw process after it has said that it was started. */
  private ChildSpec child(String id, Consumer<Self<Object>> body) {
    return ChildSpec.of(
        id,
        supervisor -> {
          events.add("start " + id);
          return new StartResult.Started(supervisor.spawnLink(body), null);
        });
  }

  private ChildSpec idle(String id) {
    return child(id, SupervisorTests::idle);
  }

  private static void idle(Self<Object> self) {
    while (true) {
      self.receive();
    }
  }

  /** Traps exits and says when it is told to stop. */
  private ChildSpec polite(String id) {
    return trapping(
        id,
        self -> {
          while (!(self.receive() instanceof Exit)) {
            // waits for its supervisor
          }
          events.add("stop " + id);
          throw new ProcessExit(ExitReason.SHUTDOWN);
        });
  }

  /** A child that traps exits from the beginning: its start waits until it does. */
  private ChildSpec trapping(String id, Consumer<Self<Object>> body) {
    return ChildSpec.of(
        id,
        supervisor -> {
          events.add("start " + id);
          var traps = new CountDownLatch(1);
          Pid pid =
              supervisor.spawnLink(
                  self -> {
                    self.trapExits(true);
                    traps.countDown();
                    body.accept(self);
                  });
          traps.await();
          return new StartResult.Started(pid, null);
        });
  }

  private Supervisor start(SupervisorSpec spec) {
    assertThat(Supervisor.start(otp.runtime(), spec)).isInstanceOf(StartResult.Started.class);
    return Supervisor.of(otp.runtime(), spec.name());
  }

  private Pid pid(Supervisor supervisor, String id) {
    return supervisor.whichChildren().stream()
        .filter(child -> id.equals(child.id()))
        .findFirst()
        .orElseThrow()
        .pid();
  }

  private Pid pid(Supervisor supervisor) {
    return supervisor.whereis().orElseThrow();
  }

  private ExitReason endOf(Pid pid, Runnable action) {
    return otp.get(
        self -> {
          var ref = self.monitor(pid);
          action.run();
          Down down = next(self, Down.class);
          assertThat(down.ref()).isEqualTo(ref);
          return down.reason();
        });
  }

  @Test
  @Rule("5.06")
  void strayMessagesAreReportedAndDropped() {
    Supervisor supervisor = start(SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, idle("a")));
    otp.runtime().send(pid(supervisor), "junk");
    assertThat(supervisor.countChildren().active()).isEqualTo(1);
    assertThat(otp.reports())
        .anySatisfy(report -> assertThat(report.label()).isEqualTo("gen_server,no_handle_info"));
  }

  @Test
  @Rule("5.12")
  void theStarterIsToldWhichChildFailed() {
    SupervisorSpec spec =
        SupervisorSpec.of(
            "top",
            Strategy.ONE_FOR_ONE,
            polite("a"),
            ChildSpec.of("b", _ -> new StartResult.Failed(ExitReason.other("no disk"))),
            idle("c"));
    assertThat(Supervisor.start(otp.runtime(), spec))
        .isEqualTo(
            new StartResult.Failed(
                new ExitReason.ShutdownWith(
                    new FailedToStartChild("b", ExitReason.other("no disk")))));
    assertThat(events).containsExactly("start a", "stop a");
    assertThat(otp.runtime().whereis("top")).isEmpty();
    await("nothing is left", () -> otp.runtime().stats().processes() == 0);
  }

  @Test
  @Rule("5.14")
  void aSlowInitHoldsUpItsSupervisorAndNobodyElse() throws Exception {
    var go = new CountDownLatch(1);
    var waits = new CountDownLatch(1);
    Supervisor other = start(SupervisorSpec.of("other", Strategy.ONE_FOR_ONE, idle("a")));
    Supervisor supervisor = start(SupervisorSpec.of("top", Strategy.ONE_FOR_ONE));
    ChildSpec slow =
        ChildSpec.of(
            "slow",
            self -> {
              waits.countDown();
              go.await();
              return new StartResult.Started(self.spawnLink(SupervisorTests::idle), null);
            });
    Thread starter = Thread.ofVirtual().start(() -> supervisor.startChild(slow));
    waits.await();
    assertThatThrownBy(() -> supervisor.describe(1, Duration.ofMillis(40)))
        .isInstanceOf(CallException.CallTimeoutException.class);
    assertThat(other.countChildren().active()).isEqualTo(1);
    go.countDown();
    starter.join();
    assertThat(supervisor.countChildren().active()).isEqualTo(1);
  }

  @Test
  @Rule("5.20")
  void aKilledChildComesBackUnderItsName() {
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                "top",
                Strategy.ONE_FOR_ONE,
                child(
                    "a",
                    self -> {
                      self.register("a");
                      idle(self);
                    })));
    await("a is registered", () -> otp.runtime().whereis("a").isPresent());
    Pid before = otp.runtime().whereis("a").orElseThrow();
    otp.runtime().exit(before, ExitReason.KILL);
    await(
        "another process has the name",
        () -> otp.runtime().whereis("a").filter(pid -> pid != before).isPresent());
    assertThat(supervisor.whichChildren().getFirst().restarts()).isEqualTo(1);
    assertThat(supervisor.whichChildren().getFirst().lastExit()).isEqualTo(ExitReason.KILLED);
  }

  @Test
  @Rule("5.21")
  void theParentsExitStopsTheChildrenFirst() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid parent =
              self.spawnLink(
                  middle -> {
                    Supervisor.startLink(
                        middle,
                        SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, polite("a"), polite("b")));
                    middle.receive();
                  });
          await(
              "the tree runs",
              () -> otp.runtime().whereis("top").isPresent() && events.size() == 2);
          Pid supervisor = otp.runtime().whereis("top").orElseThrow();
          self.monitor(supervisor);
          self.send(parent, "end"); // normal
          assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.NORMAL);
          assertThat(events).containsExactly("start a", "start b", "stop b", "stop a");
        });
  }

  @Test
  @Rule("5.21")
  void aStrangersExitSignalIsIgnored() {
    Supervisor supervisor = start(SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, idle("a")));
    otp.run(self -> self.exit(pid(supervisor), ExitReason.SHUTDOWN));
    assertThat(supervisor.countChildren().active()).isEqualTo(1);
  }

  @Test
  @Rule("5.33")
  void theParentRestartsAPermanentSupervisorThatGaveUp() {
    SupervisorSpec inner =
        SupervisorSpec.of("inner", Strategy.ONE_FOR_ONE, idle("a"))
            .withIntensity(0, Duration.ofSeconds(5));
    Supervisor outer =
        start(
            SupervisorSpec.of("outer", Strategy.ONE_FOR_ONE, ChildSpec.supervisor("inner", inner)));
    Pid before = otp.runtime().whereis("inner").orElseThrow();
    ExitReason reason =
        endOf(
            before,
            () ->
                otp.runtime()
                    .exit(pid(Supervisor.of(otp.runtime(), before), "a"), ExitReason.KILL));
    assertThat(reason).isEqualTo(ExitReason.SHUTDOWN);
    await(
        "another one runs",
        () -> otp.runtime().whereis("inner").filter(pid -> pid != before).isPresent());
    await("it is counted", () -> outer.whichChildren().getFirst().restarts() == 1);
  }

  @Test
  @Rule("5.40")
  void aRestartThatFailsForEverDoesNotHoldUpTheSupervisor() {
    var fail = new AtomicBoolean();
    var attempts = new AtomicInteger();
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                    "top",
                    Strategy.ONE_FOR_ONE,
                    ChildSpec.of(
                        "a",
                        self -> {
                          attempts.incrementAndGet();
                          return fail.get()
                              ? new StartResult.Failed(ExitReason.other("no"))
                              : new StartResult.Started(
                                  self.spawnLink(SupervisorTests::idle), null);
                        }))
                .withIntensity(1_000_000, Duration.ofSeconds(1)));
    Pid child = pid(supervisor, "a");
    fail.set(true);
    otp.runtime().exit(child, ExitReason.KILL);
    await("it is tried again", () -> attempts.get() > 10);
    assertThat(supervisor.whichChildren().getFirst().status()).isEqualTo(ChildStatus.RESTARTING);
    assertThat(supervisor.terminateChild("a")).isEmpty();
    int after = attempts.get();
    assertThat(supervisor.whichChildren().getFirst().status()).isEqualTo(ChildStatus.UNDEFINED);
    assertThat(attempts.get()).isLessThanOrEqualTo(after + 1);
  }

  @Test
  @Rule("5.50")
  void stopsInReverseOrderEachAfterTheOneBefore() {
    Supervisor supervisor =
        start(SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, slow("a"), slow("b"), slow("c")));
    events.clear();
    Sys.terminate(pid(supervisor), ExitReason.SHUTDOWN, LIMIT);
    assertThat(events).containsExactly("tell c", "stop c", "tell b", "stop b", "tell a", "stop a");
  }

  /** Takes its time to stop, in which no other must be told to. */
  private ChildSpec slow(String id) {
    return trapping(
        id,
        self -> {
          self.receive(message -> message instanceof Exit ? take(message) : skip());
          events.add("tell " + id);
          self.receive(QUIET, _ -> skip());
          events.add("stop " + id);
          throw new ProcessExit(ExitReason.SHUTDOWN);
        });
  }

  private ChildSpec stubborn(String id) {
    return trapping(id, SupervisorTests::idle);
  }

  @Test
  @Rule("5.51")
  void aChildThatDoesNotStopInTimeIsKilled() {
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                "top",
                Strategy.ONE_FOR_ONE,
                stubborn("slow").withShutdown(Duration.ofMillis(20)),
                stubborn("never").withShutdown(Duration.ZERO),
                stubborn("brutal").withShutdown(Shutdown.BRUTAL_KILL)));
    for (String id : List.of("slow", "never", "brutal")) {
      assertThat(endOf(pid(supervisor, id), () -> supervisor.terminateChild(id)))
          .isEqualTo(ExitReason.KILLED);
    }
    assertThat(otp.reports())
        .filteredOn(report -> report.label().equals("supervisor,shutdown_error"))
        .hasSize(2); // a brutal kill ends with killed as told
  }

  @Test
  @Rule("5.52")
  void aChildThatUnlinkedItselfCannotHangItsSupervisor() {
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                "top",
                Strategy.ONE_FOR_ONE,
                child(
                        "naughty",
                        self -> {
                          self.trapExits(true);
                          self.unlink(otp.runtime().whereis("top").orElseThrow());
                          events.add("unlinked");
                          idle(self);
                        })
                    .withShutdown(Duration.ofMillis(20))));
    await("it is unlinked", () -> events.contains("unlinked"));
    assertThat(endOf(pid(supervisor, "naughty"), () -> supervisor.terminateChild("naughty")))
        .isEqualTo(ExitReason.KILLED);
  }

  @Test
  @Rule("5.52")
  void aChildThatHasJustDiedIsReportedWithItsOwnReason() {
    for (int i = 0; i < 200; i++) {
      String name = "top" + i;
      Supervisor supervisor =
          start(
              SupervisorSpec.of(
                  name, Strategy.ONE_FOR_ONE, idle("a").withRestart(Restart.TEMPORARY)));
      Pid child = pid(supervisor, "a");
      otp.runtime().exit(child, ExitReason.other("just so"));
      Sys.terminate(pid(supervisor), ExitReason.SHUTDOWN, LIMIT);
    }
    assertThat(otp.reports())
        .filteredOn(SupervisorReport.class::isInstance)
        .allSatisfy(
            report ->
                assertThat(((SupervisorReport) report).reason())
                    .isEqualTo(ExitReason.other("just so")));
  }

  /** The same among children that are stopped together. */
  @Test
  @Rule({"5.52", "5.72"})
  void aDynamicChildThatHasJustDiedIsReportedWithItsOwnReason() {
    DynamicStart<Integer> start =
        (_, self) -> new StartResult.Started(self.spawnLink(SupervisorTests::idle), null);
    for (int i = 0; i < 200; i++) {
      Supervisor supervisor =
          start(
              SupervisorSpec.of(
                  "top" + i,
                  Strategy.SIMPLE_ONE_FOR_ONE,
                  ChildSpec.template("t", start).withRestart(Restart.TEMPORARY)));
      supervisor.startChildWith(1);
      supervisor.startChildWith(2);
      Pid child = supervisor.whichChildren().getFirst().pid();
      otp.runtime().exit(child, ExitReason.other("just so"));
      Sys.terminate(pid(supervisor), ExitReason.SHUTDOWN, LIMIT);
    }
    assertThat(otp.reports())
        .filteredOn(SupervisorReport.class::isInstance)
        .hasSize(200)
        .allSatisfy(
            report ->
                assertThat(((SupervisorReport) report).reason())
                    .isEqualTo(ExitReason.other("just so")));
  }

  @Test
  @Rule("5.54")
  void aKilledSupervisorStopsNobodyButItsLinksDo() {
    Supervisor supervisor =
        start(SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, idle("plain"), stubborn("raw")));
    Pid plain = pid(supervisor, "plain");
    Pid raw = pid(supervisor, "raw");
    assertThat(endOf(plain, () -> otp.runtime().exit(pid(supervisor), ExitReason.KILL)))
        .isEqualTo(ExitReason.KILLED);
    assertThat(otp.runtime().isAlive(raw)).isTrue();
  }

  @Test
  @Rule("5.55")
  void goesOnWhenTheProcessIsDeadThoughItsThreadRunsOn() {
    var stop = new AtomicBoolean();
    var spins = new CountDownLatch(1);
    try {
      Supervisor supervisor =
          start(
              SupervisorSpec.of(
                  "top",
                  Strategy.ONE_FOR_ONE,
                  child(
                          "spin",
                          self -> {
                            spins.countDown();
                            while (!stop.get()) {
                              Thread.onSpinWait();
                            }
                          })
                      .withShutdown(Shutdown.BRUTAL_KILL)));
      spins.await();
      assertThat(
              TestRuntime.get(
                  CompletableFuture.supplyAsync(() -> supervisor.terminateChild("spin")),
                  "the supervisor goes on"))
          .isEmpty();
      await("one zombie", () -> otp.runtime().stats().zombies() == 1);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      stop.set(true);
    }
    await("its thread has ended", () -> otp.runtime().stats().zombies() == 0);
  }

  @Test
  @Rule({"5.72", "5.73"})
  void tenThousandDynamicChildrenStopTogether() {
    DynamicStart<Integer> start =
        (number, self) ->
            new StartResult.Started(
                self.spawnLink(
                    child -> {
                      child.trapExits(true);
                      idle(child);
                    }),
                null);
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                "top",
                Strategy.SIMPLE_ONE_FOR_ONE,
                ChildSpec.template("t", start)
                    .withRestart(Restart.TEMPORARY)
                    .withShutdown(Duration.ofMillis(50))));
    for (int i = 0; i < 10_000; i++) {
      supervisor.startChildWith(i);
    }
    assertThat(supervisor.countChildren().active()).isEqualTo(10_000);
    Sys.terminate(pid(supervisor), ExitReason.SHUTDOWN, LIMIT); // one after another: over 8 minutes
    await("all are gone", () -> otp.runtime().stats().processes() == 0);
    assertThat(otp.reports())
        .filteredOn(SupervisorReport.class::isInstance)
        .singleElement()
        .satisfies(
            report -> assertThat(((SupervisorReport) report).nbChildren()).isEqualTo(10_000));
  }

  @Test
  @Rule("5.82")
  void autoShutdownOfASubSupervisorEndsTheOneAboveIfItIsSignificantThere() {
    ChildSpec worker =
        child("worker", Self::receive).withRestart(Restart.TRANSIENT).withSignificant(true);
    SupervisorSpec inner =
        SupervisorSpec.of("inner", Strategy.ONE_FOR_ONE, worker)
            .withAutoShutdown(AutoShutdown.ANY_SIGNIFICANT);
    Supervisor outer =
        start(
            SupervisorSpec.of(
                    "outer",
                    Strategy.ONE_FOR_ONE,
                    ChildSpec.supervisor("inner", inner)
                        .withRestart(Restart.TRANSIENT)
                        .withSignificant(true),
                    polite("bystander"))
                .withAutoShutdown(AutoShutdown.ALL_SIGNIFICANT));
    Pid child = pid(Supervisor.of(otp.runtime(), "inner"), "worker");
    assertThat(endOf(pid(outer), () -> otp.runtime().send(child, "done")))
        .isEqualTo(ExitReason.SHUTDOWN);
    assertThat(events).contains("stop bystander");
  }

  @Test
  @Rule("5.92")
  void theCrashIsReportedBeforeTheRestart() {
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                "top", Strategy.ONE_FOR_ONE, ChildSpec.worker("fragile", new Fragile())));
    Pid before = pid(supervisor, "fragile");
    otp.runtime().send(before, new Fragile.Crash());
    await("it is restarted", () -> pid(supervisor, "fragile") != before);
    assertThat(otp.reports())
        .extracting(report -> report.label())
        .containsExactly(
            "supervisor,progress",
            "gen_server,terminate",
            "proc_lib,crash",
            "supervisor,child_terminated",
            "supervisor,progress");
    assertThat(otp.reports().get(2)).isInstanceOf(CrashReport.class);
  }

  @Test
  @Rule("5.95")
  void aNewSpecReachesTheSupervisorAndStartsNothing() {
    Supervisor supervisor =
        start(SupervisorSpec.of("top", Strategy.ONE_FOR_ONE, idle("a"), idle("b")));
    Pid a = pid(supervisor, "a");
    Pid top = pid(supervisor);
    Sys.suspend(top);
    Sys.changeCode(
        top,
        "1",
        SupervisorSpec.of("top", Strategy.ONE_FOR_ALL, idle("a"), idle("c"))
            .withIntensity(7, Duration.ofSeconds(9)));
    Sys.resume(top);
    assertThat(pid(supervisor, "a")).isEqualTo(a);
    assertThat(supervisor.whichChildren())
        .extracting(ChildInfo::id)
        .containsExactlyInAnyOrder("a", "b", "c");
    assertThat(supervisor.describe(9, LIMIT).intensity()).isEqualTo(7);
    assertThat(events).containsExactly("start a", "start b");
  }

  @Test
  @Rule("5.13")
  void aStartFunctionThatLinksNothingIsNamed() {
    Supervisor supervisor =
        start(
            SupervisorSpec.of(
                "top",
                Strategy.ONE_FOR_ONE,
                ChildSpec.of(
                    "loose",
                    self -> new StartResult.Started(self.spawn(SupervisorTests::idle), null))));
    assertThat(otp.reports())
        .anySatisfy(
            report ->
                assertThat(report.toString())
                    .isEqualTo(
                        "Supervisor 'top' "
                            + pid(supervisor)
                            + ": the start function of child 'loose' returned "
                            + pid(supervisor, "loose")
                            + ", which is not linked to the supervisor, so its end will not be"
                            + " seen. Start it with a link."));
  }

  @Test
  void supervisorsWithoutARegisteredNameMayBeManyUnderOneTemplate() {
    otp.run(
        self -> {
          var tenant =
              ChildSpec.<String>template(
                  "tenant",
                  (id, supervisor) ->
                      Supervisor.startLinkUnregistered(
                          supervisor, SupervisorSpec.of("tenant", Strategy.ONE_FOR_ONE, idle(id))));
          var spec = SupervisorSpec.of("tenants", Strategy.SIMPLE_ONE_FOR_ONE, tenant);
          assertThat(Supervisor.startLink(self, spec)).isInstanceOf(StartResult.Started.class);
          var tenants = Supervisor.of(otp.runtime(), "tenants");
          tenants.startChildWith("a");
          tenants.startChildWith("b");

          assertThat(events).containsExactly("start a", "start b");
          assertThat(otp.runtime().whereis("tenant")).isEmpty();
        });
  }
}
