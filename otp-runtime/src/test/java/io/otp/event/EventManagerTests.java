package io.otp.event;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.event.Scribe.Get;
import io.otp.event.Scribe.State;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.CrashReport;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.MailboxBound;
import io.otp.process.MutableMessageException;
import io.otp.process.NoSuchNameException;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessExit;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.server.GenServers.Monitored;
import io.otp.server.NoArgs;
import io.otp.server.RequestId;
import io.otp.server.StartResult;
import io.otp.server.StopException;
import io.otp.supervisor.ChildInfo;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Event managers as processes; what happens to their handlers is in {@link HandlersTests}. */
class EventManagerTests {

  private static final HandlerId<Scribe> SCRIBE = HandlerId.of(Scribe.class);
  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scribe scribe = new Scribe();

  private EventManagerRef<Object> start() {
    return ref(EventManager.unnamed().start(otp.runtime()));
  }

  private EventManagerRef<Object> ref(StartResult result) {
    return EventManagerRef.of(otp.runtime(), pidOf(result));
  }

  private static Pid pidOf(StartResult result) {
    if (result instanceof StartResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError("not started: " + result);
  }

  private static Pid pidOf(EventManagerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  private static Scribe.Step fails() {
    return (state, self) -> {
      throw new ProcessExit(BOOM);
    };
  }

  // --- start

  @Test
  @Rule({"4.01"})
  void managerTrapsExitsAndRunsCodeOfNobody() {
    EventManagerRef<Object> manager = start();
    var info = otp.runtime().info(pidOf(manager)).orElseThrow();
    assertThat(info.trapsExits()).isTrue();
    assertThat(info.summary().behaviour()).isEqualTo("gen_event");
    assertThat(manager.whichHandlers()).isEmpty();
  }

  @Test
  @Rule({"4.01"})
  void nameIsRegisteredAndTakenOnce() {
    EventManager<Object> sales = EventManager.named("sales");
    Pid first = pidOf(sales.start(otp.runtime()));
    assertThat(otp.runtime().whereis("sales")).contains(first);
    assertThat(sales.start(otp.runtime())).isEqualTo(new StartResult.AlreadyStarted(first));
    otp.run(
        self -> {
          assertThat(sales.startLink(self)).isEqualTo(new StartResult.AlreadyStarted(first));
          assertThat(sales.startMonitor(self))
              .isEqualTo(new Monitored(new StartResult.AlreadyStarted(first), null));
        });
    EventManagerRef.of(otp.runtime(), "sales").stop();
    assertThat(otp.runtime().whereis("sales")).isEmpty();
  }

  @Test
  @Rule({"4.01"})
  void managersThatStartAtOnceUnderOneNameAreOne() {
    EventManager<Object> sales = EventManager.named("sales");
    otp.run(
        self -> {
          for (int i = 0; i < 20; i++) {
            self.spawn(
                starter -> {
                  starter.send(self.pid(), sales.start(starter));
                });
          }
          Pid winner = null;
          for (int i = 0; i < 20; i++) {
            Pid pid =
                switch (next(self, StartResult.class)) {
                  case StartResult.Started(var started, _) -> started;
                  case StartResult.AlreadyStarted(var holder) -> holder;
                  case StartResult other -> throw new AssertionError(other);
                };
            assertThat(winner == null ? pid : winner).isEqualTo(pid);
            winner = pid;
          }
        });
  }

  @Test
  @Rule({"4.01"})
  void startLinkLinksAndStartMonitorMonitors() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid linked = pidOf(EventManager.unnamed().startLink(self));
          assertThat(ProcLib.isLinked(self, linked)).isTrue();
          Monitored monitored = EventManager.unnamed().startMonitor(self);
          assertThat(ProcLib.isLinked(self, pidOf(monitored.result()))).isFalse();
          EventManagerRef.of(self.runtime(), pidOf(monitored.result())).stop();
          assertThat(next(self, Down.class).ref()).isEqualTo(monitored.monitor());
          EventManagerRef.of(self.runtime(), linked).stop();
          assertThat(next(self, Exit.class)).isEqualTo(new Exit(linked, ExitReason.NORMAL));
        });
  }

  @Test
  void managerBeginsWithItsHandlers() {
    EventManager<Object> sales =
        EventManager.unnamed()
            .withHandler(scribe.named("a").withId("a"))
            .withHandler(scribe.named("b").withId("b"));
    EventManagerRef<Object> manager = ref(sales.start(otp.runtime()));
    assertThat(manager.whichHandlers()).extracting(HandlerId::id).containsExactly("b", "a");
  }

  @Test
  void managerWhoseFirstHandlersDoNotStartDoesNotEither() {
    EventManager<Object> sales =
        EventManager.named("sales")
            .withHandler(scribe.named("a"))
            .withHandler(
                scribe.that(
                    "b",
                    self -> {
                      throw Refuse.with("no room");
                    }));
    assertThat(sales.start(otp.runtime()))
        .isEqualTo(
            new StartResult.Failed(
                ExitReason.other(new HandlerNotAdded(SCRIBE, new AddResult.Refused("no room")))));
    assertThat(scribe.events()).containsExactly("init a", "init b", "terminate a Stopped[]");
    assertThat(otp.runtime().whereis("sales")).isEmpty();
    assertThat(otp.reports()).hasSize(1).first().isInstanceOf(CrashReport.class);
  }

  // --- events

  @Test
  @Rule({"4.05"})
  void notifyReturnsAtOnceAndSyncNotifyWhenAllHaveHandledTheEvent() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a").withId("a"));
    manager.addHandler(scribe.named("b").withId("b"));
    scribe.events();
    var go = new CountDownLatch(1);
    manager.notify(
        Scribe.only(
            "b",
            (state, self) -> {
              await(go);
              return Handled.ok(state);
            }));
    manager.notify("tea");
    assertThat(scribe.events()).isEmpty();
    go.countDown();
    manager.syncNotify("coffee");
    assertThat(scribe.events()).containsExactly("b tea", "a tea", "b coffee", "a coffee");
  }

  @Test
  @Rule({"4.05"})
  void notifyOfADeadPidIsNothingAndOfAnUnknownNameAnError() {
    EventManagerRef<Object> manager = start();
    Pid pid = pidOf(manager);
    manager.stop();
    manager.notify("tea");
    EventManagerRef<Object> unknown = EventManagerRef.of(otp.runtime(), "nobody");
    assertThatThrownBy(() -> unknown.notify("tea")).isInstanceOf(NoSuchNameException.class);
    assertThatThrownBy(() -> EventManagerRef.of(otp.runtime(), pid).syncNotify("tea"))
        .isInstanceOf(CallException.NoProcessException.class);
    assertThatThrownBy(() -> unknown.syncNotify("tea", LIMIT))
        .isInstanceOf(CallException.NoProcessException.class);
  }

  @Test
  void notifyReachesWhoHasTheNameNow() {
    EventManager<Object> sales = EventManager.named("sales").withHandler(scribe.named("a"));
    EventManagerRef<Object> manager = EventManagerRef.of(otp.runtime(), "sales");
    for (int i = 0; i < 2; i++) {
      sales.start(otp.runtime());
      manager.notify("tea");
      manager.stop();
    }
    assertThat(scribe.events()).filteredOn("a tea"::equals).hasSize(2);
  }

  @Test
  void mutableEventIsRefusedAtTheSender() {
    EventManagerRef<Object> manager = start();
    assertThatThrownBy(() -> manager.notify(new ArrayList<String>()))
        .isInstanceOf(MutableMessageException.class);
    assertThatThrownBy(() -> manager.addHandler(HandlerSpec.of(new Any(), new ArrayList<String>())))
        .isInstanceOf(MutableMessageException.class);
  }

  private static final class Any implements EventHandler<Object, Object, Integer> {
    @Override
    public Integer init(Object args, Self<Object> self) {
      return 0;
    }

    @Override
    public Handled<Integer> handleEvent(Object event, Integer seen, Self<Object> self) {
      return Handled.ok(seen + 1);
    }
  }

  @Test
  @Rule({"4.05"})
  void eventsOfEachSenderAreHandledInTheirOrderAmongTenThousand() {
    record Numbered(int sender, int number) {}
    final class InOrder implements EventHandler<NoArgs, Numbered, List<Integer>> {
      @Override
      public List<Integer> init(NoArgs args, Self<Object> self) {
        return List.of(0, 0, 0, 0);
      }

      @Override
      public Handled<List<Integer>> handleEvent(
          Numbered event, List<Integer> seen, Self<Object> self) {
        if (seen.get(event.sender()) != event.number()) {
          throw new IllegalStateException("out of order: " + event + " after " + seen);
        }
        var next = new ArrayList<>(seen);
        next.set(event.sender(), event.number() + 1);
        return Handled.ok(List.copyOf(next));
      }
    }
    EventManagerRef<Numbered> manager =
        EventManagerRef.of(
            otp.runtime(), pidOf(EventManager.<Numbered>unnamed().start(otp.runtime())));
    manager.addHandler(new InOrder(), NoArgs.NO_ARGS);
    otp.run(
        self -> {
          for (int s = 0; s < 4; s++) {
            int sender = s;
            self.spawn(
                me -> {
                  for (int i = 0; i < 2_500; i++) {
                    manager.notify(new Numbered(sender, i));
                  }
                  me.send(self.pid(), "done");
                });
          }
          for (int s = 0; s < 4; s++) {
            next(self);
          }
        });
    manager.syncNotify(new Numbered(0, 2_500), LIMIT);
    assertThat(Sys.getState(pidOf(manager))).asString().contains("[2501, 2500, 2500, 2500]");
  }

  // --- handlers

  @Test
  @Rule({"4.04"})
  void managerOutlivesHandlersThatAreNotAdded() {
    EventManagerRef<Object> manager = start();
    assertThat(
            manager.addHandler(
                scribe.that(
                    "a",
                    self -> {
                      throw new ProcessExit(BOOM);
                    })))
        .isEqualTo(new AddResult.Failed(BOOM));
    assertThat(manager.addHandler(scribe.named("a"))).isEqualTo(new AddResult.Added());
    assertThat(manager.addHandlerIfAbsent(scribe.named("a")))
        .isEqualTo(new AddResult.AlreadyThere());
    assertThat(manager.whichHandlers()).containsExactly(SCRIBE);
  }

  @Test
  @Rule({"4.07"})
  void managerOutlivesHandlersThatFail() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    manager.notify(new Scribe.Do(fails()));
    assertThat(manager.whichHandlers()).isEmpty();
    assertThat(otp.reports())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("Event handler Scribe of " + pidOf(manager) + " failed and was removed")
        .contains("reason: {'EXIT',boom}");
  }

  @Test
  @Rule({"4.08"})
  void callTimesOutAndFailsWithItsManager() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    assertThat(manager.call(SCRIBE, new Get())).isEqualTo(new HandlerReply.Reply<>("new"));
    assertThat(manager.call(SCRIBE, new Get()).orElseThrow()).isEqualTo("new");
    assertThat(manager.call(HandlerId.of(Scribe.class, "b"), new Get()))
        .isEqualTo(new HandlerReply.NotFound<>());
    var go = new CountDownLatch(1);
    var slow =
        new Scribe.Ask(
            (q, state, self) -> {
              await(go);
              return Handled.reply(q, "late", state);
            });
    assertThatThrownBy(() -> manager.call(SCRIBE, slow, QUIET))
        .isInstanceOf(CallException.CallTimeoutException.class);
    go.countDown();
    manager.stop();
    assertThatThrownBy(() -> manager.call(SCRIBE, new Get()))
        .isInstanceOf(CallException.NoProcessException.class);
  }

  @Test
  void replyThatIsNoneThrowsWhatWentWrong() {
    EventManagerRef<Object> manager = start();
    assertThatThrownBy(() -> manager.call(SCRIBE, new Get()).orElseThrow())
        .isInstanceOfSatisfying(
            ProcessExit.class,
            e -> assertThat(e.reason()).isEqualTo(ExitReason.other("bad_module")));
    manager.addHandler(scribe.named("a"));
    assertThatThrownBy(
            () ->
                manager
                    .call(
                        SCRIBE,
                        new Scribe.Ask(
                            (q, state, self) -> {
                              throw new ProcessExit(BOOM);
                            }))
                    .orElseThrow())
        .isInstanceOfSatisfying(ProcessExit.class, e -> assertThat(e.reason()).isEqualTo(BOOM));
    manager.addHandler(scribe.named("a"));
    assertThatThrownBy(
            () -> manager.call(SCRIBE, new Scribe.Ask((q, state, self) -> null)).orElseThrow())
        .hasMessageContaining("it is no Handled");
  }

  @Test
  @Rule({"4.08"})
  void callMayBeAskedWithoutWaiting() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    assertThat(
            TestRuntime.get(
                manager.callAsync(SCRIBE, new Get()).toCompletableFuture(), "the answer"))
        .isEqualTo(new HandlerReply.Reply<>("new"));
    otp.run(
        self -> {
          RequestId<HandlerReply<Object>> id = manager.sendRequest(self, SCRIBE, new Get());
          assertThat(id.receiveResponse(self, LIMIT))
              .contains(new RequestId.Answer.Reply<>(new HandlerReply.Reply<>("new")));
        });
  }

  @Test
  @Rule({"4.09", "4.11"})
  void handlersAreDeletedAndSwapped() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    var other = new Scribe.Other();
    assertThat(manager.swapHandler(SCRIBE, "swap", other.named("b")))
        .isEqualTo(new AddResult.Added());
    assertThat(manager.deleteHandler(SCRIBE, "x")).isEqualTo(new HandlerEnd.NotFound());
    assertThat(manager.deleteHandler(HandlerId.of(Scribe.Other.class), "x"))
        .isEqualTo(new HandlerEnd.Result("b was here"));
  }

  @Test
  void handlerIsAddressedAsItsSuperclassIfSo() {
    EventManagerRef<Object> manager = start();
    var proxy = new Scribe.Other();
    manager.addHandler(proxy.named("a").addressedAs(Scribe.class));
    assertThat(manager.call(SCRIBE, new Get()).orElseThrow()).isEqualTo("new");
    assertThatThrownBy(() -> scribe.named("a").addressedAs(Scribe.Other.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A handler of io.otp.event.Scribe cannot be addressed as io.otp.event.Scribe$Other,"
                + " which it is not. Give its own class, a superclass or an interface of it.");
  }

  // --- supervised handlers

  @Test
  @Rule({"4.12"})
  void handlerGoesWithItsSupervisorAndTheOthersSeeIt() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a").withId("a"));
    for (ExitReason reason : List.of(ExitReason.NORMAL, BOOM)) {
      otp.run(
          self -> {
            Pid supervisor =
                self.spawn(
                    me -> {
                      manager.addSupervisedHandler(me, scribe.named("b"));
                      throw new ProcessExit(reason);
                    });
            await("the end of b", () -> scribe.events.stream().anyMatch(e -> e.contains("info")));
            assertThat(scribe.events())
                .contains(
                    "terminate b " + new TerminateReason.SupervisorEnded(reason),
                    "a info " + new Exit(supervisor, reason));
          });
    }
    assertThat(manager.whichHandlers()).containsExactly(HandlerId.of(Scribe.class, "a"));
    assertThat(otp.reports()).filteredOn(HandlerReport.class::isInstance).isEmpty();
  }

  @Test
  @Rule({"4.12"})
  void supervisorIsToldOfItsHandlersEnd() {
    EventManagerRef<Object> manager = start();
    otp.run(
        self -> {
          self.trapExits(true);
          manager.addSupervisedHandler(self, scribe.named("a"));
          manager.deleteHandler(SCRIBE, "x");
          assertThat(next(self))
              .isEqualTo(new HandlerExit(pidOf(manager), SCRIBE, new HandlerExit.Normal()));
          manager.addSupervisedHandler(self, scribe.named("a"));
          manager.notify(new Scribe.Do(fails()));
          assertThat(next(self, HandlerExit.class).cause())
              .isEqualTo(new HandlerExit.Failed(new HandlerFailure.Crashed(BOOM)));
          manager.addSupervisedHandler(self, scribe.named("a"));
          self.exit(pidOf(manager), BOOM); // the supervisor is alive, and still its handler goes
          assertThat(next(self, HandlerExit.class).cause()).isEqualTo(new HandlerExit.Shutdown());
          assertThat(manager.whichHandlers()).isEmpty();
          assertThat(ProcLib.isLinked(self, pidOf(manager))).isTrue();
        });
  }

  @Test
  @Rule({"4.12"})
  void supervisorSeesTheEndOfAKilledManagerAsAnyLink() {
    EventManagerRef<Object> manager = start();
    Pid pid = pidOf(manager);
    otp.run(
        self -> {
          self.trapExits(true);
          manager.addSupervisedHandler(self, scribe.named("a"));
          self.exit(pid, ExitReason.KILL);
          assertThat(next(self)).isEqualTo(new Exit(pid, ExitReason.KILLED));
          assertThat(drain(self, QUIET)).isEmpty();
        });
    assertThat(scribe.events()).containsExactly("init a");
  }

  @Test
  @Rule({"4.12"})
  void supervisorOfAStoppedManagerIsToldAndDoesNotEndWithIt() {
    EventManagerRef<Object> manager = start();
    Pid pid = pidOf(manager);
    otp.run(
        self -> {
          self.trapExits(true);
          manager.addSupervisedHandler(self, scribe.named("a"));
          manager.stop(BOOM, LIMIT);
          assertThat(next(self))
              .isEqualTo(new HandlerExit(pid, SCRIBE, new HandlerExit.Shutdown()));
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule({"4.12"})
  void supervisorThatIsDeadAlreadyTakesItsHandlerAtOnce() {
    EventManagerRef<Object> manager = start();
    var blocking = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    manager.addHandler(
        scribe.that(
            "blocker",
            self -> {
              return new State("blocker", "new");
            }));
    manager.notify(
        Scribe.only(
            "blocker",
            (state, self) -> {
              blocking.countDown();
              await(go);
              return Handled.ok(state);
            }));
    await(blocking); // else it is the event that waits
    otp.run(
        self -> {
          Self.Monitored dead =
              self.spawnMonitor(
                  me -> manager.addSupervisedHandler(me, scribe.named("late").withId("late")));
          await(
              "it waits",
              () -> otp.runtime().info(pidOf(manager)).orElseThrow().summary().mailbox() > 0);
          self.exit(dead.pid(), ExitReason.KILL);
          next(self, Down.class);
        });
    go.countDown();
    await(
        "late is gone", () -> scribe.events.stream().anyMatch(e -> e.startsWith("terminate late")));
    assertThat(manager.whichHandlers()).containsExactly(SCRIBE);
    assertThat(scribe.events()).contains("terminate late SupervisorEnded[reason=noproc]");
  }

  @Test
  @Rule({"4.13"})
  void handlerThatIsNotAddedLeavesNoLink() {
    EventManagerRef<Object> manager = start();
    otp.run(
        self -> {
          assertThat(
                  manager.addSupervisedHandler(
                      self,
                      scribe.that(
                          "a",
                          s -> {
                            throw Refuse.with("no");
                          })))
              .isEqualTo(new AddResult.Refused("no"));
          assertThat(ProcLib.isLinked(self, pidOf(manager))).isFalse();
        });
  }

  // --- infos

  @Test
  @Rule({"4.14"})
  void everythingElseIsAnInfo() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    manager.send("hello");
    otp.run(
        self -> {
          self.link(pidOf(manager));
          self.exit(pidOf(manager), BOOM);
        });
    await("the signals", () -> scribe.events.size() == 4);
    assertThat(scribe.events())
        .satisfiesExactly(
            e -> assertThat(e).isEqualTo("init a"),
            e -> assertThat(e).isEqualTo("a info hello"),
            e -> assertThat(e).contains("reason=boom"),
            e -> assertThat(e).contains("reason=normal"));
    assertThat(manager.whichHandlers()).containsExactly(SCRIBE);
  }

  @Test
  @Rule({"4.14"})
  void handlerWithoutHandleInfoIsWarnedOfAndStays() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(new Any(), "args");
    manager.send("hello");
    assertThat(manager.whichHandlers()).hasSize(1);
    assertThat(otp.reports())
        .hasSize(1)
        .first()
        .isInstanceOf(UnhandledInfoReport.class)
        .asString()
        .contains("EventManagerTests$Any", "has no handleInfo and passed over", "hello");
  }

  @Test
  @Rule({"4.14"})
  void callThatIsNoneOfTheManagersIsAnInfoAndNotAnswered() {
    record Stray() implements Call<Object, String> {}
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    var ref = io.otp.server.ServerRef.of(otp.runtime(), pidOf(manager));
    assertThatThrownBy(() -> ref.call(new Stray(), QUIET))
        .isInstanceOf(CallException.CallTimeoutException.class);
    assertThat(scribe.events()).contains("a info Stray[]");
  }

  // --- end

  @Test
  @Rule({"4.15"})
  void managerEndsWithItsParentAndForItsReason() {
    for (ExitReason reason : List.of(ExitReason.SHUTDOWN, BOOM)) {
      otp.run(
          self -> {
            Self.Monitored parent =
                self.spawnMonitor(
                    me -> {
                      Pid pid = pidOf(EventManager.unnamed().startLink(me));
                      EventManagerRef.of(me.runtime(), pid).addHandler(scribe.named("a"));
                      me.send(self.pid(), pid);
                      me.receive();
                      throw new ProcessExit(reason);
                    });
            Pid pid = next(self, Pid.class);
            var ref = self.monitor(pid);
            self.send(parent.pid(), "end");
            assertThat(
                    self.receive(
                            LIMIT,
                            m ->
                                m instanceof Down d && d.ref().equals(ref)
                                    ? io.otp.process.Receive.take(d)
                                    : io.otp.process.Receive.skip())
                        .orElseThrow()
                        .reason())
                .isEqualTo(reason);
          });
      assertThat(scribe.events()).containsExactly("init a", "terminate a Stopped[]");
    }
    assertThat(otp.reports()).hasSize(1).first().isInstanceOf(CrashReport.class);
  }

  @Test
  @Rule({"4.15"})
  void stopTerminatesTheHandlersAndWaits() {
    EventManagerRef<Object> manager = start();
    Pid pid = pidOf(manager);
    manager.addHandler(scribe.named("a"));
    manager.stop();
    assertThat(otp.runtime().isAlive(pid)).isFalse();
    assertThat(scribe.events()).containsExactly("init a", "terminate a Stopped[]");
    assertThatThrownBy(manager::stop)
        .isInstanceOfSatisfying(
            StopException.class, e -> assertThat(e.reason()).isEqualTo(ExitReason.NO_PROCESS));
    assertThat(otp.reports()).isEmpty();
    EventManagerRef<Object> other = start();
    other.stop(BOOM, LIMIT);
    assertThat(otp.reports()).hasSize(1).first().isInstanceOf(CrashReport.class);
  }

  @Test
  @Rule({"4.15"})
  void suspendedManagerStops() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    Sys.suspend(pidOf(manager));
    manager.notify("tea");
    manager.stop();
    assertThat(scribe.events()).containsExactly("init a", "terminate a Stopped[]");
  }

  @Test
  void killedManagerTerminatesNobody() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    var in = new CountDownLatch(1);
    manager.notify(
        new Scribe.Do(
            (state, self) -> {
              in.countDown();
              new CountDownLatch(1).await();
              return Handled.ok(state);
            }));
    await(in);
    Pid pid = pidOf(manager);
    otp.runtime().exit(pid, ExitReason.KILL);
    assertThat(otp.runtime().isAlive(pid)).isFalse();
    otp.run(self -> assertThat(drain(self, QUIET)).isEmpty());
    assertThat(scribe.events()).containsExactly("init a");
    assertThat(otp.reports()).isEmpty();
  }

  // --- under a supervisor

  @Test
  @Rule({"4.16"})
  void supervisorStartsOneAndItsModulesAreThoseOfItsHandlers() {
    ChildSpec child = EventManager.named("sales").withHandler(scribe.named("a")).child("sales");
    assertThat(child.modules()).as("dynamic").isEmpty();
    Pid top =
        pidOf(
            Supervisor.start(
                otp.runtime(), SupervisorSpec.of("shop", Strategy.ONE_FOR_ONE, child)));
    EventManagerRef<Object> sales = EventManagerRef.of(otp.runtime(), "sales");
    sales.addHandler(scribe.named("b").withId("b"));
    assertThat(sales.modules()).containsExactly(Scribe.class.getName());
    Pid first = pidOf(sales);
    otp.runtime().exit(first, ExitReason.KILL);
    await("a new one", () -> sales.whereis().filter(p -> !p.equals(first)).isPresent());
    assertThat(sales.whichHandlers()).as("what it begins with").containsExactly(SCRIBE);
    ChildInfo info = Supervisor.of(otp.runtime(), top).whichChildren().getFirst();
    assertThat(info.pid()).isEqualTo(pidOf(sales));
    assertThat(info.restarts()).isOne();
  }

  // --- sys

  @Test
  @Rule({"4.17"})
  void sysShowsAndReplacesStates() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    Pid pid = pidOf(manager);
    var state = new HandlerState(SCRIBE, new State("a", "new"));
    assertThat(Sys.getState(pid)).isEqualTo(List.of(state));
    assertThat(Sys.replaceState(pid, s -> ((HandlerState) s).withState(new State("a", "replaced"))))
        .isEqualTo(List.of(state.withState(new State("a", "replaced"))));
    assertThat(manager.call(SCRIBE, new Get()).orElseThrow()).isEqualTo("replaced");
    Sys.replaceState(
        pid,
        s -> {
          throw new IllegalStateException("no");
        });
    Sys.replaceState(pid, s -> ((HandlerState) s).withState(new State("a", "secret")));
    Sys.Status status = Sys.getStatus(pid);
    assertThat(status.state()).isEqualTo(List.of(state.withState("hidden")));
    assertThat(status.behaviour()).isEqualTo("gen_event");
  }

  @Test
  @Rule({"4.17"})
  void sysChangesTheCodeOfTheHandlersOfOneModule() {
    EventManagerRef<Object> manager = start();
    manager.addHandler(scribe.named("a"));
    manager.addHandler(new Any(), "args");
    Pid pid = pidOf(manager);
    String module = Scribe.class.getName();
    assertThatThrownBy(() -> Sys.changeCode(pid, module, "1", null))
        .isInstanceOf(SysException.class)
        .hasMessageContaining("suspend it first");
    Sys.suspend(pid);
    assertThatThrownBy(() -> Sys.changeCode(pid, "1", null))
        .isInstanceOf(SysException.class)
        .hasMessageContaining("say the class");
    Sys.changeCode(pid, module, "1", null);
    assertThatThrownBy(() -> Sys.changeCode(pid, module, "1", "a"))
        .isInstanceOf(SysException.class)
        .hasMessageContaining("old state stays");
    Sys.resume(pid);
    assertThat(manager.call(SCRIBE, new Get()).orElseThrow()).isEqualTo("changed");
    assertThat(scribe.events()).containsExactly("init a", "codeChange a 1", "codeChange a 1");
  }

  // --- blocking, bounds

  @Test
  @Rule({"4.18"})
  void handlerThatBlocksHoldsUpItsManagerAndNobodyElse() {
    EventManagerRef<Object> manager = start();
    EventManagerRef<Object> other = start();
    manager.addHandler(scribe.named("a"));
    other.addHandler(scribe.named("b"));
    scribe.events();
    var go = new CountDownLatch(1);
    for (int i = 0; i < 16; i++) {
      EventManagerRef<Object> blocked = start();
      blocked.addHandler(scribe.named("blocker"));
      blocked.notify(
          Scribe.only(
              "blocker",
              (state, self) -> {
                await(go);
                return Handled.ok(state);
              }));
    }
    manager.notify(
        new Scribe.Do(
            (state, self) -> {
              await(go);
              return Handled.ok(state);
            }));
    manager.notify("tea");
    other.syncNotify("coffee", LIMIT);
    assertThat(scribe.events()).contains("b coffee").doesNotContain("a tea");
    assertThatThrownBy(() -> manager.syncNotify("x", QUIET))
        .isInstanceOf(CallException.CallTimeoutException.class);
    go.countDown();
    manager.syncNotify("done", LIMIT);
    assertThat(scribe.events()).containsSubsequence("a tea", "a done");
  }

  @Test
  void mailboxMayBeBounded() {
    EventManagerRef<Object> manager =
        ref(
            EventManager.unnamed()
                .withMailbox(MailboxBound.of(1, Overload.REJECT))
                .start(otp.runtime()));
    Sys.suspend(pidOf(manager));
    manager.notify("one");
    assertThatThrownBy(() -> manager.notify("two"))
        .isInstanceOf(io.otp.process.MailboxFullException.class);
  }
}
