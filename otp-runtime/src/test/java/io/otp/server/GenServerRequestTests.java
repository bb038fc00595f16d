package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static io.otp.TestRuntime.random;
import static io.otp.process.ExitReason.NO_PROCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.ExitReason;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.Response;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.RequestId.Answer;
import io.otp.server.RequestIds.Outcome;
import io.otp.server.Scripted.Ask;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Ignore;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerRequestTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final Duration SHORT = Duration.ofMillis(10);
  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private ServerRef<Message> started() {
    return server.start(otp.runtime(), 1);
  }

  private ServerRef<Message> dead() {
    Pid pid = otp.runtime().spawn(self -> {});
    await("its end", () -> !otp.runtime().isAlive(pid));
    return ServerRef.of(otp.runtime(), pid);
  }

  /** Replies with {@code reply} when {@code release} is counted down. */
  private static Ask when(CountDownLatch release, Object reply) {
    return new Ask(
        (ask, state, self) -> {
          release.await();
          return Next.reply(ask, reply, state);
        });
  }

  private static <R> Optional<Answer<R>> reply(R value) {
    return Optional.of(new Answer.Reply<>(value));
  }

  // --- one request

  @Test
  @Rule({"2.33", "2.34"}) // gen_server_SUITE:send_request
  void replyIsReceived() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          assertThat(ref.sendRequest(self, new Get()).receiveResponse(self, LIMIT))
              .isEqualTo(reply(1));
          assertThat(ref.sendRequest(self, new Get()).waitResponse(self, LIMIT))
              .isEqualTo(reply(1));
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.33")
  void missingServerIsToldAtResponseTime() {
    otp.run(
        self -> {
          for (ServerRef<Message> ref :
              List.of(ServerRef.<Message>of(otp.runtime(), "nobody"), dead())) {
            RequestId<Object> id = ref.sendRequest(self, new Get());
            assertThat(id.server()).isEqualTo(ref);
            assertThat(id.receiveResponse(self, LIMIT))
                .contains(new Answer.Failed<>(NO_PROCESS, ref));
          }
        });
  }

  @Test
  @Rule("2.33")
  void serverThatEndsIsToldWithItsReason() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          RequestId<Object> id =
              ref.sendRequest(self, new Ask((ask, state, inner) -> Next.stop(BOOM, state)));
          assertThat(id.receiveResponse(self, LIMIT)).contains(new Answer.Failed<>(BOOM, ref));
          RequestId<Object> second = ref.sendRequest(self, new Get());
          assertThat(second.receiveResponse(self, LIMIT))
              .contains(new Answer.Failed<>(NO_PROCESS, ref));
        });
  }

  @Test
  @Rule("2.33")
  void requestMustBeImmutableAndComeFromAProcess() {
    otp.run(
        self -> {
          assertThatThrownBy(() -> started().sendRequest(self, new NoRequest(new ArrayList<>())))
              .isInstanceOf(MutableMessageException.class);
          assertThat(drain(self, QUIET)).isEmpty();
        });
    var leaked = new CompletableFuture<Self<Object>>();
    otp.run(leaked::complete);
    assertThatIllegalStateException()
        .isThrownBy(() -> started().sendRequest(leaked.join(), new Get()))
        .withMessageContaining(
            "which runs no process and has no mailbox for the response. Use callAsync.");
  }

  private record NoRequest(Object content) implements io.otp.process.Call<Message, Object> {}

  @Test
  @Rule("2.34")
  void requestThatWasWaitedForInVainCanBeWaitedForAgain() {
    otp.run(
        self -> {
          var release = new CountDownLatch(1);
          RequestId<Object> id = started().sendRequest(self, when(release, "late"));
          assertThat(id.waitResponse(self, SHORT)).isEmpty();
          assertThat(id.waitResponse(self, Duration.ZERO)).isEmpty();
          release.countDown();
          assertThat(id.waitResponse(self, INFINITY)).isEqualTo(reply("late"));
        });
  }

  @Test
  @Rule("2.34")
  void requestThatWasReceivedInVainIsGivenUp() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          var release = new CountDownLatch(1);
          RequestId<Object> id = ref.sendRequest(self, when(release, "late"));
          assertThat(id.receiveResponse(self, SHORT)).isEmpty();
          release.countDown();
          assertThat(ref.call(new Get())).isEqualTo(1);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.34")
  void replyThatRacesWithTheEndOfTheWaitIsSeenOrNeverArrives() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          int seen = 0;
          for (int i = 0; i < 2000; i++) {
            if (ref.sendRequest(self, new Get())
                .receiveResponse(self, Duration.ofNanos(i * 20L))
                .isPresent()) {
              seen++;
            }
            assertThat(drain(self)).isEmpty();
          }
          assertThat(seen).isBetween(0, 2000);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.34")
  void checkKnowsItsOwnResponseAndNoOther() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          RequestId<Object> id = ref.sendRequest(self, new Get());
          RequestId<Object> other = ref.sendRequest(self, new Get());
          Object message = next(self);
          assertThat(message).isInstanceOf(Response.class);
          assertThat(id.checkResponse(message)).isEqualTo(reply(1));
          assertThat(other.checkResponse(message)).isEmpty();
          assertThat(id.checkResponse("something else")).isEmpty();
          assertThat(other.checkResponse(next(self))).isEqualTo(reply(1));
        });
  }

  @Test
  @Rule({"2.34", "2.47"})
  void responseComesToAServersHandleInfo() {
    ServerRef<Message> ref = started();
    var asks = new Asking();
    ServerRef<Message> asking = asks.start(otp.runtime(), 1);
    asking.cast(new Do((state, self) -> Next.noreply(ref.sendRequest(self, new Get()))));
    await("the response", () -> asks.events().equals(List.of("answer Reply[value=1]")));
  }

  /** Its state is a request under way. */
  private static final class Asking extends Scripted {
    @Override
    public Next<Object> handleInfo(io.otp.process.Info info, Object state, Self<Message> self) {
      ((RequestId<?>) state).checkResponse(info).ifPresent(answer -> note("answer " + answer));
      return Next.noreply(state);
    }
  }

  @Test
  @Rule("2.33")
  void serverMaySendItselfARequest() {
    var asks = new Asking();
    ServerRef<Message> ref = asks.start(otp.runtime(), 1);
    ref.cast(
        new Do(
            (state, self) ->
                Next.noreply(
                    ref.sendRequest(
                        self, new Ask((ask, s, inner) -> Next.reply(ask, "to myself", s))))));
    await("the response", () -> asks.events().equals(List.of("answer Reply[value=to myself]")));
  }

  @Test
  @Rule("2.34")
  void selectiveReceiveLeavesOtherMessagesInOrder() {
    otp.run(
        self -> {
          self.send(self.pid(), "a");
          RequestId<Object> id = started().sendRequest(self, new Get());
          self.send(self.pid(), "b");
          assertThat(id.receiveResponse(self, LIMIT)).isEqualTo(reply(1));
          assertThat(drain(self)).containsExactly("a", "b");
        });
  }

  @Test
  @Rule("2.34")
  void requestIsWaitedForByItsSenderOnly() {
    var id = new CompletableFuture<RequestId<Object>>();
    otp.run(self -> id.complete(started().sendRequest(self, new Get())));
    otp.run(
        self ->
            assertThatIllegalArgumentException()
                .isThrownBy(() -> id.join().receiveResponse(self, SHORT))
                .withMessageContaining("its response goes to who sent it"));
  }

  @Test
  @Rule("2.34")
  void negativeTimeoutIsRefused() {
    otp.run(
        self -> {
          RequestId<Object> id = started().sendRequest(self, new Get());
          assertThatIllegalArgumentException()
              .isThrownBy(() -> id.waitResponse(self, Duration.ofMillis(-1)));
          assertThat(id.receiveResponse(self, LIMIT)).isEqualTo(reply(1));
        });
  }

  @Test
  @Rule("2.33")
  void requestsOfOneSenderAreHandledInOrderWithItsCasts() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          ref.cast(new Note("cast"));
          RequestId<Object> id =
              ref.sendRequest(
                  self, new Ask((ask, state, inner) -> Next.reply(ask, server.events(), state)));
          ref.cast(new Note("after"));
          assertThat(id.receiveResponse(self, LIMIT)).isEqualTo(reply(List.of("cast")));
        });
  }

  // --- collections

  @Test
  @Rule("2.35") // gen_server_SUITE:send_request_receive_reqid_collection
  void responsesComeInTheOrderOfTheirArrival() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          var release = new CountDownLatch(1);
          RequestIds<Object, String> ids =
              RequestIds.<Object, String>empty()
                  .add(ref.sendRequest(self, when(release, "slow")), "first sent")
                  .add(dead().sendRequest(self, new Get()), "second sent");
          assertThat(ids.size()).isEqualTo(2);
          assertThat(ids.toList())
              .extracting(RequestIds.Labelled::label)
              .containsExactly("first sent", "second sent");

          var overtakes = (Outcome.Answered<Object, String>) ids.receiveResponse(self, LIMIT, true);
          assertThat(overtakes.label()).isEqualTo("second sent");
          assertThat(overtakes.answer()).isInstanceOf(Answer.Failed.class);
          assertThat(overtakes.rest().size()).isEqualTo(1);

          release.countDown();
          var last =
              (Outcome.Answered<Object, String>)
                  overtakes.rest().receiveResponse(self, LIMIT, true);
          assertThat(last.label()).isEqualTo("first sent");
          assertThat(last.answer()).isEqualTo(new Answer.Reply<>("slow"));
          assertThat(last.rest().receiveResponse(self, INFINITY, true))
              .isEqualTo(new Outcome.NoRequest<>());
          assertThat(ids.size()).as("the first collection is as it was").isEqualTo(2);
        });
  }

  @Test
  @Rule("2.35")
  void emptyCollectionHasNothingToWaitFor() {
    otp.run(
        self -> {
          RequestIds<Object, String> none = RequestIds.empty();
          assertThat(none.size()).isZero();
          assertThat(none.toList()).isEmpty();
          assertThat(none.receiveResponse(self, INFINITY, true))
              .isEqualTo(new Outcome.NoRequest<>());
          assertThat(none.waitResponse(self, INFINITY, false)).isEqualTo(new Outcome.NoRequest<>());
          assertThat(none.checkResponse("x", true)).isEqualTo(new Outcome.NoRequest<>());
        });
  }

  @Test
  @Rule("2.35")
  void withoutDeleteTheRequestStaysInTheCollection() {
    otp.run(
        self -> {
          RequestIds<Object, String> ids =
              RequestIds.<Object, String>empty()
                  .add(started().sendRequest(self, new Get()), "label");
          var answered = (Outcome.Answered<Object, String>) ids.waitResponse(self, LIMIT, false);
          assertThat(answered.rest()).isSameAs(ids);
          assertThat(answered.rest().waitResponse(self, SHORT, true))
              .as("it does not come twice")
              .isEqualTo(new Outcome.TimedOut<>());
        });
  }

  @Test
  @Rule("2.35")
  void waitThatTimesOutKeepsAllAndReceiveGivesAllUp() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          ServerRef<Message> other = started();
          var release = new CountDownLatch(1);
          RequestIds<Object, Integer> ids =
              RequestIds.<Object, Integer>empty()
                  .add(ref.sendRequest(self, when(release, "one")), 1)
                  .add(other.sendRequest(self, when(release, "two")), 2)
                  .add(other.sendRequest(self, new Ignore()), 3);
          assertThat(ids.waitResponse(self, SHORT, true)).isEqualTo(new Outcome.TimedOut<>());
          assertThat(ids.receiveResponse(self, SHORT, true)).isEqualTo(new Outcome.TimedOut<>());
          release.countDown();
          ref.call(new Get());
          other.call(new Get());
          GenServers.stop(other);
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.35")
  void receiveThatTimesOutLeavesNothingOfRepliesThatRaceWithIt() {
    otp.run(
        self -> {
          var refs = List.of(started(), started(), started());
          for (int i = 0; i < 500; i++) {
            RequestIds<Object, Integer> ids = RequestIds.empty();
            for (ServerRef<Message> ref : refs) {
              ids = ids.add(ref.sendRequest(self, new Get()), i);
            }
            var time = Duration.ofNanos(i * 50L);
            while (ids.receiveResponse(self, time, true)
                instanceof Outcome.Answered<Object, Integer> answered) {
              ids = answered.rest();
            }
            assertThat(drain(self)).isEmpty();
          }
          assertThat(drain(self, QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("2.35")
  void checkFindsTheRequestAMessageAnswers() {
    otp.run(
        self -> {
          ServerRef<Message> ref = started();
          RequestIds<Object, String> ids =
              RequestIds.<Object, String>empty().add(ref.sendRequest(self, new Get()), "mine");
          RequestId<Object> foreign = ref.sendRequest(self, new Get());
          Object mine = next(self);
          Object other = next(self);
          assertThat(ids.checkResponse("x", true)).isEqualTo(new Outcome.NoReply<>());
          assertThat(ids.checkResponse(other, true)).isEqualTo(new Outcome.NoReply<>());
          assertThat(foreign.checkResponse(other)).isPresent();
          assertThat(ids.checkResponse(mine, false))
              .isEqualTo(new Outcome.Answered<>(new Answer.Reply<>(1), "mine", ids));
          var deleted = (Outcome.Answered<Object, String>) ids.checkResponse(mine, true);
          assertThat(deleted.rest().size()).isZero();
        });
  }

  @Test
  @Rule("2.35")
  void requestIsInACollectionOnce() {
    otp.run(
        self -> {
          RequestId<Object> id = started().sendRequest(self, new Get());
          RequestIds<Object, Integer> ids = RequestIds.<Object, Integer>empty().add(id, 1);
          assertThatIllegalArgumentException()
              .isThrownBy(() -> ids.add(id, 2))
              .withMessage(id + " is in the collection already");
        });
  }

  @Test
  @Rule("2.35")
  void collectionMayBePartOfAState() {
    ServerRef<Message> ref = started();
    ServerRef<Message> asking = started();
    asking.cast(
        new Do(
            (state, self) ->
                Next.noreply(
                    RequestIds.<Object, String>empty()
                        .add(ref.sendRequest(self, new Get()), "label"))));
    await("the response", () -> server.events().size() == 1);
    assertThat(asking.call(new Get()))
        .isInstanceOfSatisfying(RequestIds.class, ids -> assertThat(ids.size()).isEqualTo(1));
  }

  @Test
  @Rule("2.35")
  void collectionOfManyAddsAndRemovesInAnyOrder() {
    var random = random("collectionOfManyAddsAndRemovesInAnyOrder");
    otp.run(
        self -> {
          ServerRef<Message> silent = server.start(otp.runtime(), StartOptions.NONE, inner -> 1);
          var all = new ArrayList<RequestId<Object>>();
          for (int i = 0; i < 2000; i++) {
            all.add(silent.sendRequest(self, new Ignore()));
          }
          var shuffled = new ArrayList<>(all);
          java.util.Collections.shuffle(shuffled, random);
          RequestIds<Object, Integer> ids = RequestIds.empty();
          for (RequestId<Object> id : shuffled) {
            ids = ids.add(id, all.indexOf(id));
          }
          assertThat(ids.size()).isEqualTo(2000);
          assertThat(ids.toList()).extracting(RequestIds.Labelled::id).isEqualTo(all);
          GenServers.stop(silent);
          var seen = new HashSet<Integer>();
          while (ids.receiveResponse(self, LIMIT, true)
              instanceof Outcome.Answered<Object, Integer> answered) {
            seen.add(answered.label());
            ids = answered.rest();
            assertThat(ids.size()).isEqualTo(2000 - seen.size());
          }
          assertThat(seen).hasSize(2000);
        });
  }
}
