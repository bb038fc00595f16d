package io.otp.server;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.SHUTDOWN;
import static io.otp.process.ExitReason.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.CrashReport;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.MailboxBound;
import io.otp.process.MutableMessageException;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Start;
import io.otp.server.Scripted.Step;
import io.otp.server.StartResult.AlreadyStarted;
import io.otp.server.StartResult.Failed;
import io.otp.server.StartResult.Ignored;
import io.otp.server.StartResult.Started;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerStartTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final int RACES = 300;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private StartResult startLink(Self<?> self, Start init) {
    return GenServers.startLink(self, server, init, StartOptions.NONE);
  }

  /** How a process ends that runs {@code body} and then exits with {@code shutdown}. */
  private ExitReason endOf(Consumer<Self<Object>> body) {
    return otp.get(
        self -> {
          Self.Monitored child =
              self.spawnMonitor(
                  inner -> {
                    body.accept(inner);
                    throw new ProcessExit(SHUTDOWN);
                  });
          return next(self, Down.class).reason();
        });
  }

  // --- results

  @Test
  @Rule("2.01")
  void startReturnsWhenInitHasReturned() {
    var initialised = new AtomicBoolean();
    Start init =
        self -> {
          self.sleep(Duration.ofMillis(20));
          initialised.set(true);
          return 1;
        };
    otp.run(
        self -> {
          assertThat(startLink(self, init)).isInstanceOf(Started.class);
          assertThat(initialised).isTrue();
        });
    initialised.set(false);
    otp.run(
        self -> {
          assertThat(GenServers.start(self, server, init, StartOptions.NONE))
              .isInstanceOf(Started.class);
          assertThat(initialised).isTrue();
        });
    initialised.set(false);
    assertThat(GenServers.start(otp.runtime(), server, init, StartOptions.NONE))
        .isInstanceOf(Started.class);
    assertThat(initialised).isTrue();
  }

  @Test
  @Rule("2.01") // gen_server_SUITE:start_monitor
  void startMonitorMonitorsFromTheFirstInstant() {
    otp.run(
        self -> {
          GenServers.Monitored started =
              GenServers.startMonitor(self, server, _ -> 1, StartOptions.NONE);
          Pid pid = Scripted.pidOf(started.result());
          self.exit(pid, BOOM);
          assertThat(next(self)).isEqualTo(new Down(started.monitor(), pid, BOOM));
        });
  }

  @Test
  @Rule({"2.01", "2.06"})
  void startMonitorThatFailsLeavesNoMonitorAndNoDown() {
    otp.run(
        self -> {
          for (int i = 0; i < RACES; i++) {
            GenServers.Monitored failed =
                GenServers.startMonitor(
                    self,
                    server,
                    _ -> {
                      throw Init.stop(BOOM);
                    },
                    StartOptions.NONE);
            assertThat(failed).isEqualTo(new GenServers.Monitored(new Failed(BOOM), null));
          }
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.02")
  void initReturnsTheState() {
    assertThat(server.start(otp.runtime(), "first").call(new Scripted.Get())).isEqualTo("first");
  }

  @Test
  @Rule({"2.02", "2.43"})
  void serverMayBeginWithATimeout() {
    var begins = new Beginning(state -> Next.noreply(state, Next.timeout(Duration.ofMillis(5))));
    begins.start(otp.runtime(), "s");
    await("the timeout", () -> begins.events().equals(List.of("info timeout")));
  }

  @Test
  @Rule({"2.02", "2.44"})
  void serverMayBeginWithAZeroTimeout() {
    var begins = new Beginning(state -> Next.noreply(state, Next.timeout(Duration.ZERO)));
    begins.start(otp.runtime(), "s");
    await("the timeout", () -> begins.events().equals(List.of("info timeout")));
  }

  @Test
  @Rule({"2.02", "2.48"})
  void serverMayBeginHibernating() {
    var begins = new Beginning(state -> Next.noreply(state, Next.hibernate()));
    assertThat(begins.start(otp.runtime(), "s").call(new Scripted.Get())).isEqualTo("s");
  }

  @Test
  @Rule({"2.02", "2.42"}) // gen_server_SUITE:continue
  void serverThatBeginsWithAContinuationHasUnblockedItsStarter() throws Exception {
    var release = new CountDownLatch(1);
    Step wait =
        (state, self) -> {
          release.await();
          return Next.noreply("continued");
        };
    var begins = new Beginning(state -> Next.noreply(state, Next.continueWith(wait)));
    ServerRef<Message> ref =
        begins.start(otp.runtime(), "s"); // returns although the continuation has not ended
    ref.cast(new Scripted.Note("cast"));
    release.countDown();
    assertThat(ref.call(new Scripted.Get())).isEqualTo("continued");
    assertThat(begins.events()).containsExactly("cast");
  }

  @Test
  @Rule({"2.02", "2.42"})
  void processThatStartsAServerIsUnblockedBeforeItsContinuation() {
    var release = new CountDownLatch(1);
    Step wait =
        (state, self) -> {
          release.await();
          return Next.noreply("continued");
        };
    var begins = new Beginning(state -> Next.noreply(state, Next.continueWith(wait)));
    otp.run(
        self -> {
          Pid pid =
              Scripted.pidOf(GenServers.startLink(self, begins, inner -> 1, StartOptions.NONE));
          ServerRef<Message> ref = ServerRef.of(otp.runtime(), pid);
          ref.cast(new Scripted.Note("cast"));
          release.countDown();
          assertThat(ref.call(new Scripted.Get())).isEqualTo("continued");
        });
    assertThat(begins.events()).containsExactly("cast");
    var bounded =
        new Beginning(
            state -> Next.noreply(state, Next.continueWith("c")),
            ServerOptions.DEFAULT.withMailbox(MailboxBound.of(1, Overload.DROP_OLDEST)));
    otp.run(
        self -> {
          Pid pid =
              Scripted.pidOf(GenServers.startLink(self, bounded, inner -> 1, StartOptions.NONE));
          assertThat(ServerRef.<Message>of(otp.runtime(), pid).call(new Scripted.Get()))
              .isEqualTo(1);
        });
    assertThat(bounded.events()).containsExactly("continue c");
  }

  @Test
  @Rule({"2.02", "2.42"})
  void initsContinuationComesBeforeWhatInitSentToItself() {
    var begins = new Beginning(state -> Next.noreply(state, Next.continueWith("c")));
    begins.start(
        otp.runtime(),
        StartOptions.NONE,
        self -> {
          self.send(self.pid(), "early");
          return 1;
        });
    await("both", () -> begins.events().size() == 2);
    assertThat(begins.events()).containsExactly("continue c", "info early");
  }

  @Test
  @Rule({"2.02", "2.10"})
  void starterIsAnsweredBeforeWhatInitSentToItself() throws Exception {
    var release = new CountDownLatch(1);
    var wait =
        new Scripted.Do(
            (state, self) -> {
              release.await();
              return Next.noreply(state);
            });
    ServerRef<Message> ref =
        server.start(
            otp.runtime(),
            StartOptions.NONE,
            self -> {
              self.send(self.pid(), wait);
              return 1;
            });
    release.countDown();
    assertThat(ref.call(new Scripted.Get())).isEqualTo(1);
  }

  @Test
  @Rule("2.02")
  void startedMayChangeTheState() {
    var begins = new Beginning(state -> Next.noreply("changed", Next.continueWith("c")));
    assertThat(begins.start(otp.runtime(), "s").call(new Scripted.Get())).isEqualTo("changed");
  }

  @Test
  @Rule("2.02")
  void initThatStopsFailsTheStart() {
    assertThat(
            GenServers.start(
                otp.runtime(),
                server,
                _ -> {
                  throw Init.stop(BOOM);
                },
                StartOptions.NONE))
        .isEqualTo(new Failed(BOOM));
  }

  @Test
  @Rule("2.02")
  void startedThatStopsIsAsInitThatStops() {
    var begins = new Beginning(state -> Next.stop(BOOM, state));
    otp.run(
        self -> {
          self.trapExits(true);
          assertThat(GenServers.startLink(self, begins, _ -> 1, StartOptions.NONE))
              .isEqualTo(new Failed(BOOM));
        });
    assertThat(begins.events()).as("terminate is not called").isEmpty();
  }

  @Test
  @Rule("2.02")
  void initThatIsIgnored() {
    assertThat(
            GenServers.start(
                otp.runtime(),
                server,
                _ -> {
                  throw Init.ignore();
                },
                StartOptions.NONE))
        .isEqualTo(new Ignored());
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule({"2.02", "2.40"})
  void startedThatReturnsNoNextFailsTheStart() {
    var nothing = new Beginning(_ -> null);
    assertThat(GenServers.start(otp.runtime(), nothing, _ -> 1, StartOptions.NONE))
        .isEqualTo(
            new Failed(
                new ExitReason.Other(
                    new BadReturnValue(
                        "null",
                        "GenServerStartTests$Beginning.started",
                        "it is no Next; return noreply, reply or stop"))));
    var replies = new Beginning(state -> Next.reply(new Scripted.Get(), 1, state));
    assertThat(GenServers.start(otp.runtime(), replies, _ -> 1, StartOptions.NONE).toString())
        .contains("bad_return_value", "there is no call to reply to");
  }

  @Test
  @Rule("2.02")
  void stateOfInitMustBeImmutable() {
    StartResult result =
        GenServers.start(otp.runtime(), server, _ -> new ArrayList<>(), StartOptions.NONE);
    assertThat(result)
        .isInstanceOfSatisfying(
            Failed.class,
            failed ->
                assertThat(failed.reason())
                    .isInstanceOfSatisfying(
                        ExitReason.Crash.class,
                        crash ->
                            assertThat(crash.cause().type())
                                .isEqualTo(MutableMessageException.class.getName())));
  }

  @Test
  @Rule("2.03") // gen_server_SUITE:error_undef... the {error, Reason} of OTP 26
  void quietErrorIsToldToTheStarterOnly() {
    ExitReason end =
        endOf(
            self ->
                assertThat(
                        startLink(
                            self,
                            _ -> {
                              throw Init.error(BOOM);
                            }))
                    .isEqualTo(new Failed(BOOM)));
    assertThat(end).as("the linked parent lives").isEqualTo(SHUTDOWN);
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("2.04")
  void initThatExitsFailsTheStartWithItsReason() {
    assertThat(
            GenServers.start(
                otp.runtime(),
                server,
                _ -> {
                  throw new ProcessExit(BOOM);
                },
                StartOptions.NONE))
        .isEqualTo(new Failed(BOOM));
  }

  @Test
  @Rule("2.04")
  void initThatThrowsFailsTheStartWithTheCrash() {
    StartResult unchecked =
        GenServers.start(
            otp.runtime(),
            server,
            _ -> {
              throw new IllegalStateException("no database");
            },
            StartOptions.NONE);
    assertThat(unchecked.toString()).contains("IllegalStateException: no database");
    StartResult checked =
        GenServers.start(
            otp.runtime(),
            server,
            _ -> {
              throw new java.io.IOException("no disk");
            },
            StartOptions.NONE);
    assertThat(checked)
        .isInstanceOfSatisfying(
            Failed.class,
            failed ->
                assertThat(failed.reason())
                    .isInstanceOfSatisfying(
                        ExitReason.Crash.class,
                        crash -> assertThat(crash.kind()).isEqualTo(ExitReason.Crash.Kind.THROW)));
  }

  @Test
  @Rule("2.05")
  void linkedStarterThatDoesNotTrapDiesWithInit() {
    for (int i = 0; i < RACES; i++) {
      ExitReason end =
          endOf(
              self ->
                  startLink(
                      self,
                      _ -> {
                        throw Init.stop(BOOM);
                      }));
      assertThat(end).isEqualTo(BOOM);
    }
  }

  @Test
  @Rule("2.05")
  void linkedStarterThatDoesNotTrapSurvivesIgnore() {
    for (int i = 0; i < RACES; i++) {
      ExitReason end =
          endOf(
              self ->
                  assertThat(
                          startLink(
                              self,
                              _ -> {
                                throw Init.ignore();
                              }))
                      .isEqualTo(new Ignored()));
      assertThat(end).isEqualTo(SHUTDOWN);
    }
  }

  @Test
  @Rule("2.05")
  void behaviourThatStartsALinkedServerDiesWithItsInit() {
    Scripted starter = new Scripted();
    for (int i = 0; i < RACES; i++) {
      ServerRef<Message> ref = starter.start(otp.runtime(), 1);
      assertThatThrownBy(
              () ->
                  ref.call(
                      new Scripted.Ask(
                          (ask, state, self) ->
                              Next.reply(
                                  ask,
                                  startLink(
                                      self,
                                      _ -> {
                                        throw Init.stop(BOOM);
                                      }),
                                  state))))
          .hasMessageContaining("reason: boom");
    }
    assertThat(starter.events()).as("it was an exit signal: no terminate").isEmpty();
  }

  @Test
  @Rule("2.06") // proc_lib_SUITE:sync_start_link
  void starterThatTrapsFindsNoExitOfAFailedStart() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < RACES; i++) {
            var child = new AtomicReference<Pid>();
            StartOptions named = StartOptions.named("retry");
            StartResult result =
                GenServers.startLink(
                    self,
                    server,
                    inner -> {
                      child.set(inner.pid());
                      throw Init.stop(BOOM);
                    },
                    named);
            assertThat(result).isEqualTo(new Failed(BOOM));
            assertThat(self.runtime().isAlive(child.get())).isFalse();
            assertThat(self.runtime().whereis("retry")).isEmpty();
          }
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.06")
  void exitOfAnotherProcessStaysWhereItIsWhenAStartFails() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid other = self.spawnLink(inner -> {});
          await("the end of the other", () -> !self.runtime().isAlive(other));
          self.send(self.pid(), "mine");
          startLink(
              self,
              _ -> {
                throw Init.stop(BOOM);
              });
          assertThat(drain(self, QUIET)).containsExactlyInAnyOrder(new Exit(other, NORMAL), "mine");
        });
  }

  @Test
  @Rule("2.07") // gen_server_SUITE:start (timeout), proc_lib_SUITE:sync_start_timeout
  void initThatTakesTooLongIsKilled() {
    otp.run(
        self -> {
          var child = new AtomicReference<Pid>();
          StartResult result =
              GenServers.startLink(
                  self,
                  server,
                  inner -> {
                    child.set(inner.pid());
                    inner.sleep(Duration.ofHours(1));
                    return 1;
                  },
                  StartOptions.named("slow").withTimeout(Duration.ofMillis(20)));
          assertThat(result).isEqualTo(new Failed(TIMEOUT));
          assertThat(self.runtime().isAlive(child.get())).isFalse();
          assertThat(self.runtime().whereis("slow")).isEmpty();
          assertThat(drain(self, QUIET))
              .as("the link was removed first: I do not trap and live")
              .isEmpty();
          assertThat(self.runtime().info(self.pid()).orElseThrow().links()).isEmpty();
        });
    assertThat(server.events()).isEmpty();
    assertThat(otp.reports()).as("a kill is not reported").isEmpty();
  }

  @Test
  @Rule("2.07")
  void initThatIgnoresInterruptsIsGivenUpAllTheSame() {
    var stop = new AtomicBoolean();
    try {
      otp.run(
          self -> {
            StartResult result =
                GenServers.startLink(
                    self,
                    server,
                    _ -> {
                      while (!stop.get()) {
                        Thread.onSpinWait();
                      }
                      return 1;
                    },
                    StartOptions.named("stuck").withTimeout(Duration.ofMillis(20)));
            assertThat(result).isEqualTo(new Failed(TIMEOUT));
            assertThat(self.runtime().whereis("stuck")).isEmpty();
          });
    } finally {
      stop.set(true);
    }
  }

  @Test
  @Rule("2.07")
  void startFromAThreadWaitsUntilASlowInitIsGone() {
    var child = new AtomicReference<Pid>();
    StartResult result =
        GenServers.start(
            otp.runtime(),
            server,
            inner -> {
              child.set(inner.pid());
              inner.sleep(Duration.ofHours(1));
              return 1;
            },
            StartOptions.named("slow").withTimeout(Duration.ofMillis(20)));
    assertThat(result).isEqualTo(new Failed(TIMEOUT));
    assertThat(otp.runtime().isAlive(child.get())).isFalse();
    assertThat(otp.runtime().whereis("slow")).isEmpty();
  }

  @Test
  @Rule("2.07")
  void timeoutOfZeroIsAllowedAndNegativeIsNot() {
    StartResult result =
        GenServers.start(
            otp.runtime(),
            server,
            inner -> {
              inner.sleep(Duration.ofHours(1));
              return 1;
            },
            StartOptions.NONE.withTimeout(Duration.ZERO));
    assertThat(result).isEqualTo(new Failed(TIMEOUT));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.NONE.withTimeout(Duration.ofMillis(-1)))
        .withMessage("A start timeout of PT-0.001S is not allowed, it must not be negative");
  }

  @Test
  @Rule("2.07")
  void serverThatIsInTimeIsLeftAlone() {
    otp.run(
        self -> {
          Pid pid =
              Scripted.pidOf(
                  GenServers.startLink(
                      self, server, _ -> 1, StartOptions.NONE.withTimeout(TestRuntime.LIMIT)));
          assertThat(ServerRef.<Message>of(self.runtime(), pid).call(new Scripted.Get()))
              .isEqualTo(1);
        });
  }

  @Test
  void startThatIsInterruptedLeavesNoServerBehind() throws Exception {
    var child = new CompletableFuture<Pid>();
    var thrown = new CompletableFuture<Throwable>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    GenServers.start(
                        otp.runtime(),
                        server,
                        inner -> {
                          child.complete(inner.pid());
                          inner.sleep(Duration.ofHours(1));
                          return 1;
                        },
                        StartOptions.NONE);
                  } catch (Throwable t) {
                    thrown.complete(t);
                  }
                });
    Pid pid = TestRuntime.get(child, "init");
    thread.interrupt();
    assertThat(TestRuntime.get(thrown, "the interrupt")).isInstanceOf(CancellationException.class);
    await("the end of the server", () -> !otp.runtime().isAlive(pid));
  }

  // --- names

  @Test
  @Rule("2.08") // gen_server_SUITE:start
  void takenNameIsToldAndInitIsNotCalled() {
    Pid holder = Scripted.pidOf(server.start(otp.runtime(), StartOptions.named("taken"), _ -> 1));
    Start never =
        _ -> {
          throw new AssertionError("init was called");
        };
    otp.run(
        self -> {
          assertThat(GenServers.startLink(self, server, never, StartOptions.named("taken")))
              .isEqualTo(new AlreadyStarted(holder));
          assertThat(GenServers.startMonitor(self, server, never, StartOptions.named("taken")))
              .isEqualTo(new GenServers.Monitored(new AlreadyStarted(holder), null));
          assertThat(drain(self, QUIET)).isEmpty();
        });
    assertThat(GenServers.start(otp.runtime(), server, never, StartOptions.named("taken")))
        .isEqualTo(new AlreadyStarted(holder));
  }

  @Test
  @Rule("2.08")
  void nameIsRegisteredBeforeInit() {
    var seen = new AtomicReference<Object>();
    ServerRef<Message> ref =
        server.start(
            otp.runtime(),
            StartOptions.named("early"),
            self -> {
              seen.set(self.runtime().whereis("early").orElseThrow() == self.pid());
              return 1;
            });
    assertThat(seen).hasValue(true);
    assertThat(ServerRef.of(otp.runtime(), "early").whereis()).isEqualTo(ref.whereis());
  }

  @Test
  @Rule("2.08")
  void ofManyStartersOneGetsTheNameAndTheOthersItsPid() {
    for (int round = 0; round < 50; round++) {
      var inits = new AtomicInteger();
      var results = new ArrayList<CompletableFuture<StartResult>>();
      var go = new CountDownLatch(1);
      for (int i = 0; i < 8; i++) {
        var result = new CompletableFuture<StartResult>();
        results.add(result);
        otp.runtime()
            .spawn(
                self -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    return;
                  }
                  result.complete(
                      GenServers.start(
                          self, server, _ -> inits.incrementAndGet(), StartOptions.named("one")));
                });
      }
      go.countDown();
      List<StartResult> all = results.stream().map(f -> TestRuntime.get(f, "a start")).toList();
      List<Pid> started =
          all.stream().filter(Started.class::isInstance).map(Scripted::pidOf).toList();
      assertThat(started).hasSize(1);
      assertThat(inits).hasValue(1);
      assertThat(all)
          .filteredOn(r -> !(r instanceof Started))
          .hasSize(7)
          .allMatch(r -> r.equals(new AlreadyStarted(started.getFirst())));
      GenServers.stop(ServerRef.of(otp.runtime(), "one"));
    }
  }

  @Test
  @Rule("2.08")
  void nameThatCannotBeOneFailsTheStart() {
    assertThat(GenServers.start(otp.runtime(), server, _ -> 1, StartOptions.named("undefined")))
        .isEqualTo(
            new Failed(
                ExitReason.other(
                    "'undefined' cannot be a name: use 1 to 255 characters, and not 'undefined',"
                        + " which means no name")));
  }

  @Test
  @Rule("2.09") // gen_server_SUITE:otp_7669
  void nameIsFreeWhenAStarterHearsOfItsFailure() {
    for (int i = 0; i < RACES; i++) {
      StartResult result =
          GenServers.start(
              otp.runtime(),
              server,
              _ -> {
                throw Init.stop(BOOM);
              },
              StartOptions.named("retry"));
      assertThat(result).isEqualTo(new Failed(BOOM));
    }
    server.start(otp.runtime(), StartOptions.named("retry"), _ -> 1);
  }

  // --- the starter

  @Test
  @Rule("2.10")
  void whatInitSendsIsThereBeforeStartReturns() {
    otp.run(
        self -> {
          Pid me = self.pid();
          for (int i = 0; i < RACES; i++) {
            startLink(
                self,
                inner -> {
                  inner.send(me, "one");
                  inner.send(me, "two");
                  return 1;
                });
            assertThat(drain(self)).containsExactly("one", "two");
          }
        });
  }

  @Test
  @Rule("2.10")
  void startAnswersThoughTheMailboxIsFullAtOnce() {
    var bounded =
        new Scripted(ServerOptions.DEFAULT.withMailbox(MailboxBound.of(1, Overload.REJECT)));
    ServerRef<Message> ref = bounded.start(otp.runtime(), StartOptions.NONE, self -> "ready");
    await(
        "an empty mailbox",
        () -> otp.runtime().info(Scripted.pidOf(ref)).orElseThrow().summary().mailbox() == 0);
    assertThat(ref.call(new Scripted.Get())).isEqualTo("ready");
  }

  @Test
  @Rule("2.11")
  void parentOfALinkedServerIsItsStarterAndOfAnotherNobody() {
    otp.run(
        self -> {
          self.trapExits(true);
          var trapping = Scripted.trapping();
          Pid linked =
              Scripted.pidOf(GenServers.startLink(self, trapping, _ -> 1, StartOptions.NONE));
          Pid other = Scripted.pidOf(GenServers.start(self, trapping, _ -> 2, StartOptions.NONE));
          assertThat(io.otp.process.Sys.getStatus(linked).parent()).isEqualTo(self.pid());
          assertThat(io.otp.process.Sys.getStatus(other).parent()).isNull();
          self.exit(other, BOOM);
          self.exit(linked, BOOM);
          assertThat(next(self)).isEqualTo(new Exit(linked, BOOM));
          assertThat(self.runtime().isAlive(other)).isTrue();
          await("the info", () -> trapping.events().size() == 2);
          assertThat(trapping.events())
              .containsExactlyInAnyOrder("info " + new Exit(self.pid(), BOOM), "terminate boom 1");
        });
  }

  @Test
  void serverThatIsKilledBeforeItBeginsRunsNoInit() {
    var blocked = new CountDownLatch(1);
    otp.run(
        self -> {
          var seen = new AtomicBoolean();
          Self.Monitored child =
              self.spawn(
                  new ServerProcess(
                      ServerCode.of(server),
                      (Start)
                          _ -> {
                            seen.set(true);
                            return 1;
                          },
                      null),
                  io.otp.process.SpawnOptions.MONITOR);
          self.exit(child.pid(), KILL);
          assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.KILLED);
        });
    blocked.countDown();
  }

  @Test
  @Rule({"2.02", "2.04", "13.06"})
  void failedInitIsReportedAsACrashUnlessItsReasonIsOrderly() {
    GenServers.start(
        otp.runtime(),
        server,
        _ -> {
          throw Init.stop(SHUTDOWN);
        },
        StartOptions.NONE);
    assertThat(otp.reports()).isEmpty();
    GenServers.start(
        otp.runtime(),
        server,
        _ -> {
          throw Init.stop(BOOM);
        },
        StartOptions.NONE);
    assertThat(otp.reports())
        .singleElement()
        .isInstanceOfSatisfying(
            CrashReport.class,
            report -> {
              assertThat(report.reason()).isEqualTo(BOOM);
              assertThat(report.initialCall()).isEqualTo("Scripted");
            });
  }

  @Test
  void starterThatIsKilledLeavesALinkedServerNoTimeToLive() {
    var child = new CompletableFuture<Pid>();
    Pid starter =
        otp.runtime()
            .spawn(
                self ->
                    startLink(
                        self,
                        inner -> {
                          child.complete(inner.pid());
                          inner.sleep(Duration.ofHours(1));
                          return 1;
                        }));
    Pid pid = TestRuntime.get(child, "init");
    otp.runtime().exit(starter, KILL);
    await("the end of the server", () -> !otp.runtime().isAlive(pid));
  }

  /** Begins as it is told. */
  private static final class Beginning extends Scripted {

    private final java.util.function.Function<Object, Next<Object>> start;

    Beginning(java.util.function.Function<Object, Next<Object>> start) {
      this(start, ServerOptions.DEFAULT);
    }

    Beginning(java.util.function.Function<Object, Next<Object>> start, ServerOptions options) {
      super(options);
      this.start = start;
    }

    @Override
    public Next<Object> started(Object state, Self<Message> self) {
      return start.apply(state);
    }
  }
}
