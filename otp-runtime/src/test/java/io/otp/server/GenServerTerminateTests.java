package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.KILLED;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.NO_PROCESS;
import static io.otp.process.ExitReason.SHUTDOWN;
import static io.otp.process.ExitReason.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.CrashReport;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Report;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Ask;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerTerminateTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();
  private final Scripted trapping = Scripted.trapping();

  private ServerRef<Message> started() {
    return server.start(otp.runtime(), "state");
  }

  private static Pid linked(Self<?> self, Scripted server) {
    return Scripted.pidOf(GenServers.startLink(self, server, inner -> "state", StartOptions.NONE));
  }

  private ExitReason endOf(Pid pid) {
    return otp.get(
        self -> {
          self.monitor(pid);
          return next(self, Down.class).reason();
        });
  }

  /** As a state: what terminate does. */
  private static Do inTerminate(Scripted.Step step) {
    return new Do(step);
  }

  // --- when

  @Test
  @Rule("2.50")
  void terminateIsCalledWhenACallbackStops() {
    for (ExitReason reason : List.of(NORMAL, SHUTDOWN, new ExitReason.ShutdownWith("done"), BOOM)) {
      server.events.clear();
      ServerRef<Message> ref = started();
      ref.cast(new Do((state, self) -> Next.stop(reason, "last")));
      await("terminate", () -> server.events().equals(List.of("terminate " + reason + " last")));
    }
  }

  @Test
  @Rule({"2.50", "2.11"})
  void exitOfTheParentTerminatesAServerThatTrapsAndHandleInfoIsNotCalled() {
    for (ExitReason reason : List.of(BOOM, NORMAL, SHUTDOWN)) {
      trapping.events.clear();
      otp.run(
          self -> {
            self.trapExits(true);
            Pid pid = linked(self, trapping);
            self.exit(pid, reason);
            assertThat(next(self)).isEqualTo(new Exit(pid, reason));
          });
      assertThat(trapping.events()).containsExactly("terminate " + reason + " state");
    }
  }

  @Test
  @Rule("2.50")
  void endOfTheParentTerminatesAServerThatTraps() {
    var pid = new CompletableFuture<Pid>();
    otp.run(self -> pid.complete(linked(self, trapping)));
    assertThat(endOf(pid.join())).isIn(NORMAL, NO_PROCESS);
    assertThat(trapping.events()).containsExactly("terminate normal state");
  }

  @Test
  @Rule("2.50")
  void exitOfTheParentWaitsItsTurnInTheMailbox() throws Exception {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid = linked(self, trapping);
          ServerRef<Message> ref = ServerRef.of(otp.runtime(), pid);
          ref.cast(new Note("before"));
          self.exit(pid, SHUTDOWN);
          ref.cast(new Note("after"));
          assertThat(next(self)).isEqualTo(new Exit(pid, SHUTDOWN));
        });
    assertThat(trapping.events()).containsExactly("before", "terminate shutdown state");
  }

  @Test
  @Rule({"2.51", "2.56"})
  void serverThatDoesNotTrapIsNotTerminatedByAnExitSignal() {
    for (ExitReason reason : List.of(BOOM, SHUTDOWN)) {
      otp.run(
          self -> {
            self.trapExits(true);
            Pid pid = linked(self, server);
            self.exit(pid, reason);
            assertThat(next(self)).isEqualTo(new Exit(pid, reason));
          });
    }
    assertThat(server.events()).isEmpty();
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule({"2.51", "2.54", "13.06"})
  void killTerminatesNobodyAndIsNotReported() {
    ServerRef<Message> ref = trapping.start(otp.runtime(), "state");
    Pid pid = Scripted.pidOf(ref);
    otp.runtime().exit(pid, KILL);
    assertThat(endOf(pid)).isIn(KILLED, NO_PROCESS);
    assertThat(trapping.events()).isEmpty();
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule({"2.51", "2.54"})
  void callbackThatIsInterruptedByAKillDoesNotTerminate() {
    for (int i = 0; i < 50; i++) {
      ServerRef<Message> ref = trapping.start(otp.runtime(), "state");
      Pid pid = Scripted.pidOf(ref);
      var entered = new CountDownLatch(1);
      var left = new CountDownLatch(1);
      ref.cast(
          new Do(
              (state, self) -> {
                entered.countDown();
                try {
                  new CountDownLatch(1).await(); // foreign code: interrupted by the kill
                } finally {
                  left.countDown();
                }
                return Next.noreply(state);
              }));
      await("in the callback", () -> entered.getCount() == 0);
      otp.runtime().exit(pid, KILL);
      await("out of the callback", () -> left.getCount() == 0);
    }
    await(
        "the last thread",
        () -> otp.runtime().stats().processes() == 0 && otp.runtime().stats().zombies() == 0);
    assertThat(trapping.events()).isEmpty();
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("2.51")
  void exitSignalDuringACallbackDoesNotTerminateAServerThatDoesNotTrap() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    var entered = new CountDownLatch(1);
    ref.cast(
        new Do(
            (state, self) -> {
              entered.countDown();
              self.sleep(LIMIT);
              return Next.noreply(state);
            }));
    await("in the callback", () -> entered.getCount() == 0);
    otp.runtime().exit(pid, BOOM);
    await("its end", () -> otp.runtime().stats().processes() == 0);
    assertThat(server.events()).isEmpty();
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("2.52")
  void exitOfAnotherProcessIsAnInfoForAServerThatTraps() {
    ServerRef<Message> ref = trapping.start(otp.runtime(), "state");
    otp.run(
        self -> {
          self.exit(Scripted.pidOf(ref), BOOM);
          assertThat(ref.call(new Get())).isEqualTo("state");
          assertThat(trapping.events()).containsExactly("info " + new Exit(self.pid(), BOOM));
        });
  }

  @Test
  @Rule({"2.52", "2.11"})
  void endOfTheStarterIsAnInfoIfItIsNoParent() {
    var ref = new CompletableFuture<ServerRef<Message>>();
    otp.run(
        self -> {
          Pid pid =
              Scripted.pidOf(GenServers.start(self, trapping, inner -> "state", StartOptions.NONE));
          ref.complete(ServerRef.of(otp.runtime(), pid));
          ref.join()
              .call(
                  new Ask(
                      (ask, state, inner) -> {
                        inner.link(self.pid());
                        return Next.reply(ask, 1, state);
                      }));
        });
    await("the exit", () -> trapping.events().size() == 1);
    assertThat(trapping.events().getFirst()).startsWith("info Exit");
    assertThat(ref.join().call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("2.56")
  void serverMayTurnTrappingOnItself() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid =
              Scripted.pidOf(
                  GenServers.startLink(
                      self,
                      server,
                      inner -> {
                        inner.trapExits(true);
                        return "state";
                      },
                      StartOptions.NONE));
          self.exit(pid, SHUTDOWN);
          assertThat(next(self)).isEqualTo(new Exit(pid, SHUTDOWN));
        });
    assertThat(server.events()).containsExactly("terminate shutdown state");
  }

  // --- with what

  @Test
  @Rule("2.53")
  void reasonIsTheStopReasonWhateverTerminateDoes() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid = linked(self, server);
          ServerRef.<Message>of(otp.runtime(), pid)
              .cast(new Do((state, inner) -> Next.stop(BOOM, "last")));
          assertThat(next(self)).isEqualTo(new Exit(pid, BOOM));
        });
  }

  @Test
  @Rule({"2.53", "2.54"}) // gen_server_SUITE:undef_in_terminate
  void terminateThatThrowsGivesTheReasonAndIsReported() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (ExitReason stop : List.of(NORMAL, BOOM)) {
            Pid pid = linked(self, server);
            ServerRef.<Message>of(otp.runtime(), pid)
                .cast(
                    new Do(
                        (state, inner) ->
                            Next.stop(
                                stop,
                                inTerminate(
                                    (s, it) -> {
                                      throw new IllegalStateException("in terminate");
                                    }))));
            Exit exit = next(self, Exit.class);
            assertThat(exit.reason()).isInstanceOf(ExitReason.Crash.class);
            await(
                "the reports",
                () -> otp.reports().stream().filter(r -> r.pid() == pid).count() == 2);
            assertThat(otp.reports())
                .filteredOn(r -> r.pid() == pid)
                .first()
                .isInstanceOfSatisfying(
                    TerminateReport.class, r -> assertThat(r.reason()).isEqualTo(exit.reason()));
          }
        });
  }

  @Test
  @Rule("2.53")
  void terminateMayExitWithAnotherReason() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid = linked(self, server);
          ServerRef.<Message>of(otp.runtime(), pid)
              .cast(
                  new Do(
                      (state, inner) ->
                          Next.stop(
                              BOOM,
                              inTerminate(
                                  (s, it) -> {
                                    throw new ProcessExit(SHUTDOWN);
                                  }))));
          assertThat(next(self)).isEqualTo(new Exit(pid, SHUTDOWN));
        });
    assertThat(otp.reports()).isEmpty();
  }

  // --- reports

  @Test
  @Rule({"2.54", "13.06"})
  void endIsReportedFirstByTheServerThenAsACrash() {
    ServerRef<Message> ref =
        server.start(otp.runtime(), StartOptions.named("ledger"), self -> "state");
    Pid pid = Scripted.pidOf(ref);
    Do last = new Do((state, self) -> Next.stop(BOOM, "last"));
    ref.cast(last);
    await("two reports", () -> otp.reports().size() == 2);
    assertThat(otp.reports().getFirst())
        .isEqualTo(new TerminateReport(pid, "Scripted", "ledger", last, "last", BOOM, null))
        .hasToString(
            "Server Scripted 'ledger' "
                + pid
                + " terminating, reason: boom; last message "
                + last
                + "; state last");
    assertThat(otp.reports().getFirst().level()).isEqualTo(Report.Level.ERROR);
    assertThat(otp.reports().getFirst().label()).isEqualTo("gen_server,terminate");
    assertThat(otp.reports().getLast())
        .isInstanceOfSatisfying(
            CrashReport.class,
            crash -> {
              assertThat(crash.pid()).isEqualTo(pid);
              assertThat(crash.registeredName()).isEqualTo("ledger");
              assertThat(crash.initialCall()).isEqualTo("Scripted");
              assertThat(crash.reason()).isEqualTo(BOOM);
            });
  }

  @Test
  @Rule({"2.54", "13.06"})
  void orderlyEndsAreNotReported() {
    for (ExitReason reason : List.of(NORMAL, SHUTDOWN, new ExitReason.ShutdownWith("done"))) {
      ServerRef<Message> ref = started();
      Pid pid = Scripted.pidOf(ref);
      ref.cast(new Do((state, self) -> Next.stop(reason, state)));
      await("its end", () -> !otp.runtime().isAlive(pid));
    }
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("2.54")
  void reportNamesTheClientAndWhereItsCodeIs() {
    ServerRef<Message> ref = started();
    var client = new CompletableFuture<Pid>();
    otp.runtime()
        .spawn(
            self -> {
              self.register("client");
              client.complete(self.pid());
              clientThatCalls(ref, new Ask((ask, state, inner) -> Next.stop(BOOM, state)));
            });
    await("the reports", () -> otp.reports().size() >= 2);
    var report = (TerminateReport) otp.reports().getFirst();
    assertThat(report.client()).isNotNull();
    assertThat(report.client().pid()).isEqualTo(client.join());
    assertThat(report.client().name()).isEqualTo("client");
    assertThat(report.client().alive()).isTrue();
    assertThat(report.client().stack()).anyMatch(frame -> frame.contains("clientThatCalls"));
    assertThat(report.client()).hasToString("'client' " + client.join());
    assertThat(report.toString()).contains(" from 'client' " + client.join() + "; state state");
  }

  private static void clientThatCalls(ServerRef<Message> ref, Ask ask) {
    ref.call(ask);
  }

  @Test
  @Rule("2.54")
  void reportSaysIfTheClientIsDead() {
    ServerRef<Message> ref = started();
    var client = new CompletableFuture<Pid>();
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    otp.runtime()
        .spawn(
            self -> {
              client.complete(self.pid());
              ref.call(
                  new Ask(
                      (ask, state, inner) -> {
                        entered.countDown();
                        release.await();
                        return Next.stop(BOOM, state);
                      }));
            });
    await("the call", () -> entered.getCount() == 0);
    otp.runtime().exit(client.join(), KILL);
    release.countDown();
    await("the reports", () -> otp.reports().size() == 2);
    assertThat(((TerminateReport) otp.reports().getFirst()).client())
        .isEqualTo(new TerminateReport.Client(client.join(), null, false, List.of()))
        .hasToString(client.join() + " (dead)");
  }

  @Test
  @Rule("2.54")
  void reportOfAContinuationNamesItAndNoClient() {
    ServerRef<Message> ref = started();
    otp.run(
        self -> {
          self.monitor(Scripted.pidOf(ref));
          Scripted.Step fails = (state, inner) -> Next.stop(BOOM, state);
          ref.call(
              new Ask((ask, state, inner) -> Next.reply(ask, 1, state, Next.continueWith(fails))));
          next(self, Down.class);
        });
    var report = (TerminateReport) otp.reports().getFirst();
    assertThat(report.lastMessage()).isInstanceOf(ArgsGenServer.Status.Continue.class);
    assertThat(report.client()).isNull();
  }

  @Test
  @Rule("2.54")
  void reportSurvivesAToStringThatThrows() {
    record Rude() {
      @Override
      public String toString() {
        throw new IllegalStateException("no text");
      }
    }
    Pid pid = otp.runtime().nobody();
    assertThat(new TerminateReport(pid, "M", null, new Rude(), null, BOOM, null))
        .hasToString(
            "Server M "
                + pid
                + " terminating, reason: boom; last message a "
                + Rude.class.getName()
                + " whose toString threw java.lang.IllegalStateException; state null");
  }

  // --- stop

  @Test
  @Rule("2.55") // gen_server_SUITE:stop1 ... stop10
  void stopWaitsUntilTheServerHasEnded() {
    ServerRef<Message> ref =
        server.start(otp.runtime(), StartOptions.named("stops"), self -> "state");
    Pid pid = Scripted.pidOf(ref);
    GenServers.stop(ref);
    assertThat(otp.runtime().isAlive(pid)).isFalse();
    assertThat(otp.runtime().whereis("stops")).isEmpty();
    assertThat(server.events()).containsExactly("terminate normal state");
  }

  @Test
  @Rule("2.55")
  void stopGivesItsReason() {
    for (ExitReason reason : List.of(SHUTDOWN, BOOM)) {
      ServerRef<Message> ref = started();
      otp.run(
          self -> {
            Pid pid = Scripted.pidOf(ref);
            self.monitor(pid);
            GenServers.stop(ref, reason, LIMIT);
            assertThat(drain(self)).extracting(m -> ((Down) m).reason()).containsExactly(reason);
          });
    }
  }

  @Test
  @Rule("2.55")
  void callerThatIsLinkedHasItsExitWhenStopReturns() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 300; i++) {
            Pid pid = linked(self, server);
            GenServers.stop(ServerRef.of(otp.runtime(), pid), SHUTDOWN, INFINITY);
            assertThat(drain(self)).containsExactly(new Exit(pid, SHUTDOWN));
          }
        });
  }

  @Test
  @Rule("2.55")
  void stopWorksWhileTheServerIsSuspended() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    Sys.suspend(pid);
    ref.cast(new Note("never handled"));
    GenServers.stop(ref, NORMAL, LIMIT);
    assertThat(server.events()).containsExactly("terminate normal state");
  }

  @Test
  @Rule("2.55")
  void stopOfAServerThatIsNotThereFails() {
    ServerRef<Message> named = ServerRef.of(otp.runtime(), "nobody");
    assertThatThrownBy(() -> GenServers.stop(named))
        .isInstanceOf(StopException.class)
        .hasMessage("Server 'nobody' is not running, so it cannot be stopped.")
        .extracting(e -> ((StopException) e).reason())
        .isEqualTo(NO_PROCESS);
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    GenServers.stop(ref);
    assertThatThrownBy(() -> GenServers.stop(ref))
        .isInstanceOf(StopException.class)
        .hasMessage("Server " + pid + " is not running, so it cannot be stopped.");
    otp.run(
        self -> {
          self.spawnMonitor(inner -> GenServers.stop(ref));
          assertThat(next(self, Down.class).reason())
              .as("the caller exits with it")
              .isEqualTo(NO_PROCESS);
        });
  }

  @Test
  @Rule("2.55")
  void stopThatTimesOutLetsTheServerGoOnEnding() {
    var release = new CountDownLatch(1);
    ServerRef<Message> ref =
        server.start(
            otp.runtime(),
            inTerminate(
                (state, self) -> {
                  release.await();
                  return Next.noreply(state);
                }));
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(() -> GenServers.stop(ref, SHUTDOWN, SHORT))
        .isInstanceOf(StopException.class)
        .hasMessage(
            "Server "
                + pid
                + " did not end within 20 ms. It goes on ending; kill it if it must go now.")
        .extracting(e -> ((StopException) e).reason())
        .isEqualTo(TIMEOUT);
    assertThat(otp.runtime().isAlive(pid)).isTrue();
    otp.run(
        self -> {
          self.monitor(pid);
          release.countDown();
          assertThat(next(self, Down.class).reason()).isEqualTo(SHUTDOWN);
        });
  }

  @Test
  @Rule("2.55")
  void stopOfAServerThatEndsOtherwiseFailsWithThatReason() {
    ServerRef<Message> ref =
        server.start(
            otp.runtime(),
            inTerminate(
                (state, self) -> {
                  throw new ProcessExit(BOOM);
                }));
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(() -> GenServers.stop(ref))
        .isInstanceOf(StopException.class)
        .hasMessage("Server " + pid + " was asked to end with normal but ended with boom.")
        .extracting(e -> ((StopException) e).reason())
        .isEqualTo(BOOM);
  }

  @Test
  @Rule("2.55")
  void serverCannotStopItselfByWaitingForIt() {
    ServerRef<Message> ref = started();
    Object text =
        ref.call(
            new Ask(
                (ask, state, self) ->
                    Next.reply(
                        ask,
                        catchThrowableOfType(StopException.class, () -> GenServers.stop(ref))
                            .getMessage(),
                        state)));
    assertThat(text)
        .isEqualTo(
            "Server "
                + Scripted.pidOf(ref)
                + " cannot wait for its own end. Return Next.stop instead.");
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("2.55")
  void stopRefusesANegativeTimeout() {
    ServerRef<Message> ref = started();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenServers.stop(ref, NORMAL, Duration.ofMillis(-1)))
        .withMessage("A stop timeout of PT-0.001S is not allowed, it must not be negative");
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("2.55")
  void manyMayStopTheSameServer() {
    ServerRef<Message> ref = started();
    List<CompletableFuture<Boolean>> all =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(
                i -> {
                  var done = new CompletableFuture<Boolean>();
                  otp.runtime()
                      .spawn(
                          self -> {
                            try {
                              GenServers.stop(ref, SHUTDOWN, LIMIT);
                              done.complete(true);
                            } catch (StopException e) {
                              done.complete(e.reason().equals(NO_PROCESS));
                            }
                          });
                  return done;
                })
            .toList();
    all.forEach(done -> assertThat(TestRuntime.get(done, "a stop")).isTrue());
    assertThat(server.events()).containsExactly("terminate shutdown state");
  }

  @Test
  @Rule("2.51")
  void closeOfTheRuntimeTerminatesNobody() {
    ProcessRuntime other = ProcessRuntime.builder().name("other").build();
    trapping.start(other, "state");
    other.close();
    assertThat(trapping.events()).isEmpty();
    otp.run(self -> assertThat(drain(self, QUIET)).isEmpty());
  }
}
