package io.otp.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.event.Scribe.AtEnd;
import io.otp.event.Scribe.Get;
import io.otp.event.Scribe.State;
import io.otp.process.Call;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Report;
import io.otp.process.Self;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What each operation does to the handlers, without a process. */
class HandlersTests {

  private static final HandlerId<Scribe> SCRIBE = HandlerId.of(Scribe.class);
  private static final HandlerId<Scribe> A = HandlerId.of(Scribe.class, "a");
  private static final HandlerId<Scribe> B = HandlerId.of(Scribe.class, "b");
  private static final ExitReason BOOM = ExitReason.other("boom");

  /** For pids of nobody only. */
  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scribe scribe = new Scribe();
  private final Scribe.Other other = new Scribe.Other();
  private final World world = new World();
  private final Handlers handlers = new Handlers(world);
  private Pid manager;
  private Pid supervisor;

  /** Writes down what goes outside among what the handlers write. */
  private final class World implements Outside {
    final List<Report> reports = new ArrayList<>();
    final List<HandlerExit> told = new ArrayList<>();
    final Set<Pid> links = new HashSet<>();
    boolean ended;

    @Override
    @SuppressWarnings("unchecked")
    public Self<Object> self() {
      return (Self<Object>)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Self.class},
              (proxy, method, args) -> {
                throw new AssertionError("no process: " + method);
              });
    }

    @Override
    public Pid manager() {
      return manager;
    }

    @Override
    public @Nullable String name() {
      return "sales";
    }

    @Override
    public void checkMessage(Object message) {
      otp.runtime().checkMessage(message);
    }

    @Override
    public void checkState(@Nullable Object state) {
      otp.runtime().checkState(state);
    }

    @Override
    public void tell(Pid to, HandlerExit exit) {
      scribe.note("told " + exit.handler());
      told.add(exit);
    }

    @Override
    public void report(Report report) {
      scribe.note("report " + report.label());
      reports.add(report);
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }

    @Override
    public boolean link(Pid pid) {
      return links.add(pid);
    }

    @Override
    public void unlink(Pid pid) {
      links.remove(pid);
    }
  }

  @BeforeEach
  void pids() {
    manager = otp.runtime().nobody();
    supervisor = otp.runtime().nobody();
  }

  private AddResult add(HandlerSpec<?> spec) {
    return handlers.add(spec, null, false);
  }

  private void abc() {
    add(scribe.named("a").withId("a"));
    add(scribe.named("b").withId("b"));
    add(scribe.named("c").withId("c"));
    scribe.events();
  }

  private static Scribe.Step fails() {
    return (state, self) -> {
      throw new ProcessExit(BOOM);
    };
  }

  private static HandlerFailure crashed(ExitReason reason) {
    return new HandlerFailure.Crashed(reason);
  }

  // --- adding

  @Test
  @Rule({"4.02", "4.03"})
  void newestIsInFrontAndSeesEventsFirst() {
    abc();
    assertThat(handlers.which().toString()).isEqualTo("[{Scribe,c}, {Scribe,b}, {Scribe,a}]");
    handlers.event("tea");
    assertThat(scribe.events()).containsExactly("c tea", "b tea", "a tea");
  }

  @Test
  @Rule({"4.02"})
  void sameIdTwiceIsTwoHandlersAndTheNewerIsMeant() {
    add(scribe.named("old"));
    add(scribe.named("new"));
    assertThat(handlers.which()).containsExactly(SCRIBE, SCRIBE);
    handlers.event("tea");
    assertThat(scribe.events()).containsExactly("init old", "init new", "new tea", "old tea");
    assertThat(handlers.delete(SCRIBE, "x")).isEqualTo(new HandlerEnd.Result("new was here"));
    assertThat(handlers.delete(SCRIBE, "x")).isEqualTo(new HandlerEnd.Result("old was here"));
    assertThat(handlers.which()).isEmpty();
  }

  @Test
  @Rule({"4.02"})
  void handlerOfAClassIsNotTheOneWithAnId() {
    add(scribe.named("a").withId("a"));
    assertThat(handlers.call(SCRIBE, new Get())).isEqualTo(new HandlerReply.NotFound<>());
    assertThat(handlers.call(A, new Get())).isEqualTo(new HandlerReply.Reply<>("new"));
    assertThat(handlers.call(B, new Get())).isEqualTo(new HandlerReply.NotFound<>());
    assertThat(handlers.call(HandlerId.of(Scribe.Other.class, "a"), new Get()))
        .isEqualTo(new HandlerReply.NotFound<>());
  }

  @Test
  @Rule({"4.02"})
  void handlerIsAddedOnlyIfAbsent() {
    assertThat(handlers.add(scribe.named("one"), null, true)).isEqualTo(new AddResult.Added());
    assertThat(handlers.add(scribe.named("two"), null, true))
        .isEqualTo(new AddResult.AlreadyThere());
    assertThat(handlers.add(scribe.named("two").withId("a"), null, true))
        .isEqualTo(new AddResult.Added());
    assertThat(scribe.events()).containsExactly("init one", "init two");
  }

  @Test
  @Rule({"4.04"})
  void initThatRefusesGivesItsValueAndInitThatThrowsItsReason() {
    assertThat(
            add(
                scribe.that(
                    "a",
                    self -> {
                      throw Refuse.with("no room");
                    })))
        .isEqualTo(new AddResult.Refused("no room"));
    assertThat(
            add(
                scribe.that(
                    "a",
                    self -> {
                      throw new ProcessExit(BOOM);
                    })))
        .isEqualTo(new AddResult.Failed(BOOM));
    assertThat(add(scribe.that("a", self -> new State("a", new ArrayList<>()))))
        .isInstanceOf(AddResult.Failed.class)
        .asString()
        .contains("MutableMessageException");
    assertThat(
            add(
                scribe.that(
                    "a",
                    self -> {
                      throw Refuse.with(new ArrayList<>());
                    })))
        .isInstanceOf(AddResult.Failed.class);
    assertThat(handlers.which()).isEmpty();
    assertThat(world.reports).isEmpty();
  }

  // --- events

  @Test
  @Rule({"4.03", "4.06"})
  void statesChangeAndTheOrderStays() {
    abc();
    handlers.event(Scribe.only("b", (state, self) -> Handled.ok(state.with("changed"))));
    handlers.event(Scribe.only("c", (state, self) -> Handled.ok(state.with("too")).hibernate()));
    assertThat(handlers.states())
        .extracting(HandlerState::state)
        .containsExactly(new State("c", "too"), new State("b", "changed"), new State("a", "new"));
  }

  @Test
  @Rule({"4.06", "4.10"})
  void handlerThatWantsToGoIsTerminatedWithItsOldState() {
    abc();
    handlers.event(Scribe.only("b", (state, self) -> Handled.remove()));
    assertThat(scribe.events()).containsExactly("terminate b Removed[]");
    assertThat(world.reports).isEmpty();
    handlers.event("tea");
    assertThat(scribe.events()).containsExactly("c tea", "a tea");
  }

  @Test
  @Rule({"4.06", "4.11"})
  void handlerThatIsSwappedInACallbackGivesItsPlaceButNotTheEvent() {
    abc();
    handlers.event(
        Scribe.only(
            "b",
            (state, self) ->
                Handled.swap("args", state.with("last"), other.named("d").withId("d"))));
    assertThat(scribe.events()).containsExactly("terminate b Args[args=args] last");
    assertThat(other.events())
        .containsExactly("d takes over from Result[value=b was here]", "init d");
    assertThat(handlers.which()).extracting(HandlerId::id).containsExactly("c", "d", "a");
  }

  @Test
  @Rule({"4.11"})
  void swapInACallbackToAHandlerThatDoesNotStartLosesBoth() {
    abc();
    handlers.event(
        Scribe.only(
            "b",
            (state, self) ->
                Handled.swap(
                    "args",
                    state,
                    other.that(
                        "d",
                        s -> {
                          throw new ProcessExit(BOOM);
                        }))));
    assertThat(handlers.which()).extracting(HandlerId::id).containsExactly("c", "a");
    assertThat(world.reports).hasSize(1);
    assertThat(((HandlerReport) world.reports.getFirst()).reason()).isEqualTo(crashed(BOOM));
  }

  @Test
  @Rule({"4.07", "4.10"})
  void handlerThatFailsGoesAloneAndIsReported() {
    abc();
    var event = Scribe.only("b", fails());
    handlers.event(event);
    assertThat(scribe.events())
        .containsExactly("terminate b Failed[failure={'EXIT',boom}]", "report gen_event,terminate");
    assertThat(world.reports)
        .containsExactly(
            new HandlerReport(manager, "sales", B, event, new State("b", "new"), crashed(BOOM)));
    assertThat(handlers.which()).extracting(HandlerId::id).containsExactly("c", "a");
    handlers.event(
        Scribe.only(
            "c",
            (state, self) -> {
              throw new IllegalStateException("oops");
            }));
    assertThat(((HandlerReport) world.reports.getLast()).reason())
        .isInstanceOf(HandlerFailure.Crashed.class)
        .asString()
        .contains("IllegalStateException: oops");
  }

  @Test
  @Rule({"4.07"})
  void othersStillGetTheEventThatOneFailedWith() {
    abc();
    handlers.event(
        new Scribe.Do(
            (state, self) -> {
              if (state.name().equals("c")) {
                throw new ProcessExit(BOOM);
              }
              scribe.note(state.name() + " goes on");
              return Handled.ok(state);
            }));
    assertThat(scribe.events())
        .containsSubsequence("report gen_event,terminate", "b goes on", "a goes on");
  }

  @Test
  @Rule({"4.07"})
  void badReturnRemovesTheHandler() {
    abc();
    handlers.event(Scribe.only("a", (state, self) -> null));
    handlers.event(Scribe.only("b", (state, self) -> Handled.reply(new Get(), 1, state)));
    handlers.event(
        Scribe.only("c", (state, self) -> Handled.ok(state.with(new ArrayList<String>()))));
    assertThat(handlers.which()).isEmpty();
    assertThat(world.reports)
        .extracting(r -> ((HandlerReport) r).reason().toString())
        .satisfiesExactly(
            r ->
                assertThat(r)
                    .isEqualTo(
                        "bad return null from Scribe.handleEvent: it is no Handled; return ok,"
                            + " remove or swap, or reply to a query"),
            r -> assertThat(r).contains("nothing was asked"),
            r -> assertThat(r).contains("MutableMessageException"));
  }

  @Test
  @Rule({"4.07"})
  void terminateThatThrowsChangesNothing() {
    add(scribe.that("a", self -> new State("a", new AtEnd(fails()))));
    handlers.event(new Scribe.Do(fails()));
    assertThat(handlers.which()).isEmpty();
    assertThat(world.reports).hasSize(1);
  }

  @Test
  @Rule({"4.07"})
  void reportShowsWhatFormatStatusShows() {
    add(scribe.that("a", self -> new State("a", "secret")));
    handlers.event(new Scribe.Do(fails()));
    var report = (HandlerReport) world.reports.getFirst();
    assertThat(report.state()).isEqualTo("hidden");
    assertThat(report.lastMessage()).isEqualTo("hidden too");
    add(scribe.that("a", self -> new State("a", "unshowable")));
    handlers.event(new Scribe.Do(fails()));
    report = (HandlerReport) world.reports.getLast();
    assertThat(report.toString())
        .contains("not shown: Scribe.formatStatus threw")
        .doesNotContain("unshowable");
  }

  // --- calls

  @Test
  @Rule({"4.06", "4.08"})
  void callIsAnsweredByTheHandlerAlone() {
    abc();
    assertThat(handlers.call(B, new Scribe.Ask((q, state, self) -> Handled.reply(q, "yes", state))))
        .isEqualTo(new HandlerReply.Reply<>("yes"));
    assertThat(handlers.call(B, ask("gone", Handled.remove())))
        .isInstanceOf(HandlerReply.Failed.class);
    assertThat(scribe.events()).hasSize(2).first().asString().contains("bad return remove()");
  }

  private static Scribe.Ask ask(String what, Handled<State> handled) {
    return new Scribe.Ask((q, state, self) -> handled);
  }

  @Test
  @Rule({"4.06", "4.08"})
  void callMayRemoveOrSwap() {
    abc();
    assertThat(
            handlers.call(B, new Scribe.Ask((q, state, self) -> Handled.removeAndReply(q, "bye"))))
        .isEqualTo(new HandlerReply.Reply<>("bye"));
    assertThat(scribe.events()).containsExactly("terminate b Removed[]");
    assertThat(
            handlers.call(
                A,
                new Scribe.Ask(
                    (q, state, self) ->
                        Handled.swapAndReply(
                            q, "bye", "args", state, other.named("d").withId("d")))))
        .isEqualTo(new HandlerReply.Reply<>("bye"));
    assertThat(handlers.which()).extracting(HandlerId::id).containsExactly("c", "d");
  }

  @Test
  @Rule({"4.08"})
  void callToAHandlerThatFailsIsAValueAndTheHandlerGoes() {
    abc();
    var query =
        new Scribe.Ask(
            (q, state, self) -> {
              throw new ProcessExit(BOOM);
            });
    assertThat(handlers.call(B, query)).isEqualTo(new HandlerReply.Failed<>(crashed(BOOM)));
    assertThat(handlers.call(B, query)).isEqualTo(new HandlerReply.NotFound<>());
    assertThat(((HandlerReport) world.reports.getFirst()).lastMessage()).isEqualTo(query);
    assertThat(handlers.call(A, ask("", Handled.reply(new Get(), "x", new State("a", "new")))))
        .asString()
        .contains("not to what was asked");
    assertThat(
            handlers.call(
                HandlerId.of(Scribe.class, "c"),
                new Scribe.Ask((q, s, self) -> Handled.reply(q, new ArrayList<>(), s))))
        .asString()
        .contains("MutableMessageException");
    assertThat(handlers.which()).isEmpty();
  }

  @Test
  @Rule({"4.08"})
  void handlerWithoutHandleCallGoesWhenAsked() {
    record Unknown() implements Call<Scribe, String> {}
    abc();
    assertThat(handlers.call(A, new Unknown()))
        .asString()
        .contains("UnsupportedOperationException", "Override handleCall");
    assertThat(handlers.which()).hasSize(2);
  }

  // --- deleting and swapping

  @Test
  @Rule({"4.09", "4.10"})
  void deletedHandlerIsTerminatedWithTheArgumentsAndItsResultIsReturned() {
    abc();
    assertThat(handlers.delete(B, "closed")).isEqualTo(new HandlerEnd.Result("b was here"));
    assertThat(scribe.events()).containsExactly("terminate b Args[args=closed]");
    assertThat(handlers.delete(B, "closed")).isEqualTo(new HandlerEnd.NotFound());
    add(scribe.that("e", self -> new State("e", new AtEnd(fails()))));
    assertThat(handlers.delete(SCRIBE, "x")).isEqualTo(new HandlerEnd.Crashed(BOOM));
    assertThat(world.reports).isEmpty();
  }

  @Test
  @Rule({"4.11"})
  void swapHandsTheResultOfTheOldToTheNewWhichIsInFront() {
    abc();
    assertThat(handlers.swap(A, "args", other.named("d").withId("d"), null))
        .isEqualTo(new AddResult.Added());
    assertThat(scribe.events()).containsExactly("terminate a Args[args=args]");
    assertThat(other.events())
        .containsExactly("d takes over from Result[value=a was here]", "init d");
    assertThat(handlers.which()).extracting(HandlerId::id).containsExactly("d", "c", "b");
  }

  @Test
  @Rule({"4.11"})
  void swapOfAHandlerThatIsNotThereAddsTheNew() {
    assertThat(handlers.swap(A, "args", scribe.named("d"), null)).isEqualTo(new AddResult.Added());
    assertThat(scribe.events()).containsExactly("d takes over from NotFound[]", "init d");
  }

  @Test
  @Rule({"4.11"})
  void swapToAHandlerThatDoesNotStartLosesBoth() {
    abc();
    assertThat(
            handlers.swap(
                A,
                "args",
                scribe.that(
                    "d",
                    self -> {
                      throw Refuse.with("no");
                    }),
                null))
        .isEqualTo(new AddResult.Refused("no"));
    assertThat(handlers.which()).extracting(HandlerId::id).containsExactly("c", "b");
  }

  // --- supervised

  @Test
  @Rule({"4.12"})
  void supervisorIsToldWhyAHandlerGoes() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      handlers.add(scribe.named(name).withId(name), supervisor, false);
    }
    assertThat(world.links).containsExactly(supervisor);
    handlers.delete(A, "x");
    handlers.event(Scribe.only("b", (state, self) -> Handled.remove()));
    handlers.event(Scribe.only("c", fails()));
    handlers.swap(HandlerId.of(Scribe.class, "d"), "x", other.named("f"), null);
    handlers.event(Scribe.only("e", (state, self) -> null));
    assertThat(world.told)
        .allSatisfy(exit -> assertThat(exit.manager()).isEqualTo(manager))
        .extracting(HandlerExit::cause)
        .satisfiesExactly(
            c -> assertThat(c).isEqualTo(new HandlerExit.Normal()),
            c -> assertThat(c).isEqualTo(new HandlerExit.Normal()),
            c -> assertThat(c).isEqualTo(new HandlerExit.Failed(crashed(BOOM))),
            c ->
                assertThat(c)
                    .isEqualTo(
                        new HandlerExit.Swapped(HandlerId.of(Scribe.Other.class), supervisor)),
            c ->
                assertThat(c)
                    .isInstanceOf(HandlerExit.Failed.class)
                    .asString()
                    .contains("it is no Handled"));
    world.told.clear();
    handlers.delete(HandlerId.of(Scribe.Other.class), "x");
    assertThat(world.told).as("the new handler has the old one's supervisor").hasSize(1);
    handlers.add(scribe.named("g"), supervisor, false);
    handlers.event(
        Scribe.only("g", (state, self) -> Handled.swap("args", state, other.named("h"))));
    world.told.clear();
    handlers.delete(HandlerId.of(Scribe.Other.class), "x");
    assertThat(world.told).as("also where a callback swaps").hasSize(1);
  }

  @Test
  @Rule({"4.12"})
  void swapBySupervisorGivesTheNewHandlerThatSupervisor() {
    Pid second = otp.runtime().nobody();
    handlers.add(scribe.named("a"), supervisor, false);
    handlers.swap(SCRIBE, "x", other.named("b"), second);
    assertThat(world.told)
        .containsExactly(
            new HandlerExit(
                manager,
                SCRIBE,
                new HandlerExit.Swapped(HandlerId.of(Scribe.Other.class), second)));
    assertThat(world.links).containsExactlyInAnyOrder(supervisor, second);
    world.told.clear();
    handlers.exit(new Exit(second, BOOM));
    assertThat(world.told).hasSize(1);
    assertThat(handlers.which()).isEmpty();
  }

  @Test
  @Rule({"4.10", "4.12"})
  void exitOfASupervisorTakesItsHandlersAndTheOthersSeeIt() {
    handlers.add(scribe.named("a").withId("a"), supervisor, false);
    handlers.add(scribe.named("b").withId("b"), null, false);
    handlers.add(scribe.named("c").withId("c"), supervisor, false);
    scribe.events();
    var signal = new Exit(supervisor, ExitReason.NORMAL);
    handlers.exit(signal);
    assertThat(scribe.events())
        .containsExactly(
            "terminate c SupervisorEnded[reason=normal]",
            "told {Scribe,c}",
            "terminate a SupervisorEnded[reason=normal]",
            "told {Scribe,a}",
            "b info " + signal);
    assertThat(world.told).extracting(HandlerExit::cause).containsOnly(new HandlerExit.Shutdown());
    assertThat(world.reports).isEmpty();
  }

  @Test
  @Rule({"4.13"})
  void handlerThatIsNotAddedLeavesNoLinkUnlessItWasThereBefore() {
    Scribe.Begin refuses =
        self -> {
          throw Refuse.with("no");
        };
    handlers.add(scribe.that("a", refuses), supervisor, false);
    assertThat(world.links).isEmpty();
    handlers.add(scribe.named("a"), supervisor, false);
    handlers.add(scribe.that("b", refuses), supervisor, false);
    assertThat(world.links).containsExactly(supervisor);
  }

  // --- infos, end

  @Test
  @Rule({"4.14"})
  void everythingElseIsAnInfoToAll() {
    abc();
    handlers.info(new Info.Message("hello"));
    handlers.exit(new Exit(supervisor, BOOM));
    assertThat(scribe.events())
        .hasSize(6)
        .startsWith("c info hello", "b info hello", "a info hello")
        .endsWith("a info " + new Exit(supervisor, BOOM));
  }

  @Test
  @Rule({"4.10", "4.15"})
  void endTerminatesAllAndUnlinksSupervisorsButTheParent() {
    Pid parent = otp.runtime().nobody();
    handlers.add(scribe.named("a").withId("a"), supervisor, false);
    handlers.add(scribe.named("b").withId("b"), parent, false);
    handlers.add(scribe.named("c").withId("c"), null, false);
    scribe.events();
    handlers.stop(pid -> pid.equals(parent));
    assertThat(scribe.events())
        .containsExactly(
            "terminate c Stopped[]",
            "terminate b Stopped[]",
            "told {Scribe,b}",
            "terminate a Stopped[]",
            "told {Scribe,a}");
    assertThat(world.links).containsExactly(parent);
    assertThat(world.told).extracting(HandlerExit::cause).containsOnly(new HandlerExit.Shutdown());
  }

  @Test
  void whatAKilledManagersHandlerThrowsIsNoFailureOfIt() {
    abc();
    var event =
        new Scribe.Do(
            (state, self) -> {
              world.ended = true;
              throw new IllegalStateException("interrupted");
            });
    assertThat(catchThrowable(() -> handlers.event(event))).hasMessage("interrupted");
    assertThat(scribe.events()).isEmpty();
  }

  // --- sys

  @Test
  @Rule({"4.17"})
  void statesAreReplacedOneByOne() {
    abc();
    assertThat(
            handlers.replaceStates(
                state -> {
                  var s = (HandlerState) state;
                  return switch (s.id().id().toString()) {
                    case "a" -> s.withState(new State("a", "replaced"));
                    case "b" -> throw new IllegalStateException("no");
                    default -> new HandlerState(A, new State("c", "replaced"));
                  };
                }))
        .isEqualTo(handlers.states())
        .extracting(HandlerState::state)
        .containsExactly(new State("c", "new"), new State("b", "new"), new State("a", "replaced"));
    handlers.replaceStates(
        state -> ((HandlerState) state).withState(new State("x", new ArrayList<>())));
    handlers.replaceStates(state -> "no state");
    assertThat(handlers.states())
        .extracting(s -> ((State) s.state()).name())
        .containsExactly("c", "b", "a");
  }

  @Test
  @Rule({"4.17"})
  void codeIsChangedForHandlersOfThatModuleOnlyAndForAllOrNone() throws Exception {
    add(scribe.named("a"));
    add(other.named("b"));
    add(scribe.named("c"));
    scribe.events();
    handlers.changeCode(Scribe.class.getName(), "1", null);
    assertThat(scribe.events()).containsExactly("codeChange c 1", "codeChange a 1");
    assertThat(other.events()).containsExactly("init b");
    assertThat(handlers.states())
        .extracting(s -> ((State) s.state()).value())
        .containsExactly("changed", "new", "changed");
    handlers.replaceStates(s -> ((HandlerState) s).withState(new State("a", "old")));
    assertThat(catchThrowable(() -> handlers.changeCode(Scribe.class.getName(), "1", "a")))
        .hasMessage("refused");
    assertThat(handlers.states()).extracting(s -> ((State) s.state()).value()).containsOnly("old");
  }

  @Test
  @Rule({"4.16"})
  void modulesAreThoseOfTheHandlersEachOnce() {
    abc();
    add(other.named("d"));
    assertThat(handlers.modules())
        .containsExactly(Scribe.class.getName(), Scribe.Other.class.getName());
  }
}
