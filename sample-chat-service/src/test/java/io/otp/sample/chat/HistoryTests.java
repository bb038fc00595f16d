package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Sys;
import io.otp.server.ServerRef;
import io.otp.table.EtsTable;
import io.otp.table.Tables;
import io.otp.test.OtpExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.util.unit.DataSize;

/** The history alone; probes are its rooms. */
class HistoryTests {

  private static final int MAX_ROOMS = 3;
  private static final int KEEP = 100;
  private static final long MEMORY = 500_000;
  private static final Duration ABSENCE = Duration.ofSeconds(3);

  @RegisterExtension final OtpExtension otp = OtpExtension.withManualClock();

  private History code;
  private ServerRef<History.Message> history;

  @BeforeEach
  void start() {
    ServerRef<Heir.Message> heir = otp.start(new Heir());
    code =
        new History(
            heir,
            new ChatProperties(
                MAX_ROOMS,
                10,
                KEEP,
                DataSize.ofBytes(MEMORY),
                Duration.ofMinutes(1),
                ABSENCE,
                20,
                DataSize.ofKilobytes(512),
                Duration.ofSeconds(30),
                Duration.ofSeconds(3),
                null,
                DataSize.ofMegabytes(10)));
    history = otp.start(code);
  }

  @Test
  void numbersGoOnWhenARoomIsOpenedAgain() {
    Pid first = open("lobby");
    assertThat(say("lobby", "one").seq()).isEqualTo(1);
    assertThat(say("lobby", "two").seq()).isEqualTo(2);
    down(first);
    open("lobby");
    assertThat(state().entry("lobby").log().last()).isEqualTo(2);
    assertThat(say("lobby", "three").seq()).isEqualTo(3);
  }

  @Test
  void theEndOfAPredecessorDoesNotCloseTheRoom() {
    Pid first = open("lobby");
    Pid second = open("lobby");
    end(first);
    Pid other = open("other");
    down(other);
    assertThat(state().entry("lobby").process()).isEqualTo(second);
    assertThat(state().processes().values()).containsExactly("lobby");
  }

  @Test
  void membersOfACrashedRoomAreRememberedForAWhile() {
    Pid room = open("lobby");
    members().insert("lobby", "joe");
    down(room);
    assertThat(members().lookup("lobby")).containsExactly("joe");
    assertThat(state().closed()).isEmpty();
    otp.clock().advance(ABSENCE);
    await(state -> !state.rooms().member("lobby"));
    assertThat(members().size()).isZero();
  }

  @Test
  void membersWhoCameBackAreNotForgotten() {
    Pid room = open("lobby");
    members().insert("lobby", "joe");
    down(room);
    Pid next = open("lobby");
    otp.clock().advance(ABSENCE);
    otp.clock().advance(ABSENCE);
    assertThat(state().entry("lobby").process()).isEqualTo(next);
    assertThat(members().lookup("lobby")).containsExactly("joe");
  }

  @Test
  void aRoomWhereNothingWasSaidLeavesNothing() {
    down(open("lobby"));
    assertThat(state().rooms().size()).isZero();
    assertThat(state().processes()).isEmpty();
    assertThat(state().closed()).isEmpty();
    assertThat(state().bytes()).isZero();
  }

  @Test
  void beyondTheBoundTheRoomClosedLongestIsForgotten() {
    Pid first = open("first");
    Pid second = open("second");
    open("third");
    say("first", "x");
    say("second", "x");
    assertThat(history.call(new History.Open("fourth", otp.probe().pid())))
        .isEqualTo(new History.Full(MAX_ROOMS));
    down(second);
    down(first);
    open("fourth");
    assertThat(rooms()).containsExactlyInAnyOrder("first", "third", "fourth");
    assertThat(state().closed()).containsExactly("first");
    assertThat(history.call(new History.Look("second")).log().isEmpty()).isTrue();
  }

  @Test
  void aRoomIsNotForgottenForItself() {
    Pid first = open("first");
    say("first", "x");
    open("second");
    open("third");
    down(first);
    open("first");
    assertThat(state().entry("first").log().last()).isEqualTo(1);
    assertThat(state().closed()).isEmpty();
  }

  @Test
  void keepsSoManyMessagesOfARoom() {
    open("lobby");
    for (int i = 1; i <= 3 * KEEP; i++) {
      say("lobby", "x");
      assertThat(state().entry("lobby").log().size()).isEqualTo(Math.min(i, KEEP));
    }
  }

  @Test
  void memoryIsBoundedWhateverIsSaid() {
    Pid closed = open("closed");
    for (int i = 0; i < 20; i++) {
      say("closed", "x".repeat(4096));
    }
    down(closed);
    open("one");
    open("two");
    for (int seq = 1; seq <= 200; seq++) {
      assertThat(say("one", "x".repeat(4096)).seq()).isEqualTo(seq);
      assertThat(state().entry("one").log().messages().getLast().seq()).isEqualTo(seq);
      assertThat(say("two", "x".repeat(4096)).seq()).isEqualTo(seq);
      assertThat(state().bytes()).isLessThanOrEqualTo(MEMORY);
    }
    assertThat(rooms()).containsExactlyInAnyOrder("one", "two");
    assertThat(state().bytes())
        .isEqualTo(
            state().rooms().fold(0L, (bytes, _, entry) -> bytes + entry.log().bytes()).longValue());
  }

  @Test
  void findsWhatBecameOfARequest() {
    open("lobby");
    ChatMessage message = say("lobby", "x");
    assertThat(history.call(new History.Find("lobby", message.origin())).message())
        .contains(message);
    assertThat(history.call(new History.Find("lobby", Origin.create())).message()).isEmpty();
  }

  // --- its successor

  @Test
  void itsSuccessorKnowsAllThatWasAcknowledged() {
    Pid room = open("lobby");
    ChatMessage one = say("lobby", "one");
    ChatMessage two = say("lobby", "two");
    State before = summary();
    succeed();
    assertThat(summary()).isEqualTo(before);
    assertThat(state().entry("lobby").log().after(0)).containsExactly(one, two);
    assertThat(history.call(new History.Find("lobby", two.origin())).message()).contains(two);
    assertThat(say("lobby", "three").seq()).isEqualTo(3);
    // It monitors the room, which it has never heard of.
    down(room);
    assertThat(state().closed()).containsExactly("lobby");
  }

  @Test
  void itsSuccessorForgetsInTheSameOrder() {
    Pid first = open("first");
    Pid second = open("second");
    open("third");
    say("first", "x");
    say("second", "x");
    down(second);
    down(first);
    succeed();
    assertThat(state().closed()).containsExactly("second", "first");
    open("fourth");
    assertThat(rooms()).containsExactlyInAnyOrder("first", "third", "fourth");
    succeed();
    Pid again = open("first");
    down(again);
    assertThat(state().closed()).containsExactly("first");
  }

  /** Rooms and the history crash together, as far as anybody can tell. */
  @Test
  void itsSuccessorNoticesARoomThatDiedMeanwhile() {
    Pid empty = open("empty");
    Pid full = open("full");
    say("empty", "x");
    members().insert("full", "joe");
    end(history.whereis().orElseThrow());
    end(empty);
    end(full);
    history = otp.start(code);
    await(state -> state.processes().isEmpty());
    assertThat(state().closed()).containsExactly("empty");
    succeed(); // the time that members have to come back begins again
    otp.clock().advance(ABSENCE);
    await(state -> !state.rooms().member("full"));
  }

  /** What is made from the table, and what is in it. */
  private record State(
      List<String> rooms, Map<Pid, String> processes, List<String> closed, long bytes) {}

  private State summary() {
    History.State state = state();
    return new State(
        rooms(), Map.copyOf(state.processes()), List.copyOf(state.closed()), state.bytes());
  }

  private void succeed() {
    end(history.whereis().orElseThrow());
    history = otp.start(code);
  }

  // --- steps

  private List<String> rooms() {
    return state().rooms().select(state().rooms().match(), (room, _) -> room).stream()
        .sorted()
        .toList();
  }

  private EtsTable<String, String> members() {
    return Tables.of(otp.runtime()).find(Heir.MEMBERS);
  }

  private Pid open(String room) {
    Pid process = otp.probe().pid();
    assertThat(history.call(new History.Open(room, process))).isInstanceOf(History.Known.class);
    return process;
  }

  private ChatMessage say(String room, String text) {
    var draft = new ChatMessage.Draft("joe", text, null, Origin.create());
    return history.call(new History.Append(room, draft)).message();
  }

  private void end(Pid room) {
    otp.runtime().exit(room, ExitReason.KILL);
    otp.eventually(room + " has ended", () -> !otp.runtime().isAlive(room));
  }

  /** Ends a room and waits until the history has noticed. */
  private void down(Pid room) {
    end(room);
    await(state -> !state.processes().containsKey(room));
  }

  private void await(Predicate<History.State> wanted) {
    otp.eventually("the history is as it should be", () -> wanted.test(state()));
  }

  private History.State state() {
    return (History.State) Sys.getState(history.whereis().orElseThrow());
  }
}
