package io.otp.sample.chat;

import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.springframework.stereotype.Component;

/**
 * What has to outlive a room: its messages, the number of the last one, and who was in it. One
 * process, started before the rooms and theirs to call.
 *
 * <p>It numbers the messages, so a number is used once whatever happens to the room: everything a
 * room process sent before it died lies before the {@link Open} of its successor in this mailbox.
 */
@Component
final class History implements GenServer<History.Message, History.State> {

  sealed interface Message {}

  /** A room process begins. Its end is noticed by a monitor. */
  record Open(String room, Pid process) implements Message, Call<Message, Opened> {}

  /** The answer to {@link Open}. */
  sealed interface Opened {}

  /**
   * @param members who was in the room when its last process died; they may come back
   */
  record Known(MessageLog log, PSet<String> members) implements Opened {}

  /** There are as many rooms as there may be. */
  record Full(int rooms) implements Opened {}

  /** Numbers a message and keeps it; the answer is a promise. */
  record Append(String room, ChatMessage.Draft draft) implements Message, Call<Message, Appended> {}

  record Appended(ChatMessage message, MessageLog log) {}

  /** Whether a request has become a message, asked after its room died. */
  record Find(String room, Origin origin) implements Message, Call<Message, Found> {}

  record Found(Optional<ChatMessage> message) {}

  record Arrived(String room, String user) implements Message, Cast<Message> {}

  record Gone(String room, String user) implements Message, Cast<Message> {}

  /** A room has had no process for a while. */
  record Abandoned(String room) implements Message, Cast<Message> {}

  record ListRooms() implements Message, Call<Message, Rooms> {}

  record Rooms(List<RoomLine> rooms) {}

  /**
   * A line in the list of rooms.
   *
   * @param messages how many messages it has seen
   */
  record RoomLine(String room, int members, long messages) {}

  record Show(String room) implements Message, Call<Message, RoomView> {}

  /** A room as the HTTP API shows it. */
  record RoomView(String room, List<String> members, List<ChatMessage> messages) {}

  /**
   * @param process the room's process, {@code null} while it has none
   */
  record Entry(MessageLog log, PSet<String> members, @Nullable Pid process, @Nullable Ref monitor) {

    static final Entry NEW = new Entry(MessageLog.EMPTY, HashTreePSet.empty(), null, null);

    Entry withLog(MessageLog log) {
      return new Entry(log, members, process, monitor);
    }

    Entry withMembers(PSet<String> members) {
      return new Entry(log, members, process, monitor);
    }

    Entry withProcess(@Nullable Pid process, @Nullable Ref monitor) {
      return new Entry(log, members, process, monitor);
    }

    boolean isForgettable() {
      return process == null && log.isEmpty() && members.isEmpty();
    }
  }

  /** What is known of each room, and the rooms of the processes that are monitored. */
  record State(PMap<String, Entry> rooms, PMap<Ref, String> monitors) {

    Entry entry(String room) {
      return rooms.getOrDefault(room, Entry.NEW);
    }

    State with(String room, Entry entry) {
      return new State(
          entry.isForgettable() ? rooms.minus(room) : rooms.plus(room, entry), monitors);
    }

    State withMonitors(PMap<Ref, String> monitors) {
      return new State(rooms, monitors);
    }
  }

  private final ChatProperties properties;

  History(ChatProperties properties) {
    this.properties = properties;
  }

  @Override
  public State init(NoArgs args, Self<Message> self) {
    return new State(HashTreePMap.empty(), HashTreePMap.empty());
  }

  @Override
  public Next<State> handle(Message message, State state, Self<Message> self) {
    return switch (message) {
      case Open open -> open(open, state, self);
      case Append append -> append(append, state);
      case Find find ->
          reply(find, new Found(state.entry(find.room()).log().find(find.origin())), state);
      case Arrived(var room, var user) -> {
        Entry entry = state.entry(room);
        yield noreply(state.with(room, entry.withMembers(entry.members().plus(user))));
      }
      case Gone(var room, var user) -> {
        Entry entry = state.entry(room);
        yield noreply(state.with(room, entry.withMembers(entry.members().minus(user))));
      }
      case Abandoned(var room) -> {
        Entry entry = state.entry(room);
        yield noreply(
            entry.process() == null
                ? state.with(room, entry.withMembers(HashTreePSet.empty()))
                : state);
      }
      case ListRooms list -> reply(list, list(state), state);
      case Show show -> reply(show, show(show.room(), state.entry(show.room())), state);
    };
  }

  private Next<State> open(Open open, State state, Self<Message> self) {
    if (!state.rooms().containsKey(open.room()) && state.rooms().size() >= properties.maxRooms()) {
      return reply(open, new Full(properties.maxRooms()), state);
    }
    Entry entry = state.entry(open.room());
    PMap<Ref, String> monitors = state.monitors();
    if (entry.monitor() != null) {
      self.demonitorFlush(entry.monitor());
      monitors = monitors.minus(entry.monitor());
    }
    Ref monitor = self.monitor(open.process());
    State opened =
        state
            .with(open.room(), entry.withProcess(open.process(), monitor))
            .withMonitors(monitors.plus(monitor, open.room()));
    return reply(open, new Known(entry.log(), entry.members()), opened);
  }

  private Next<State> append(Append append, State state) {
    Entry entry = state.entry(append.room());
    ChatMessage.Draft draft = append.draft();
    ChatMessage message =
        new ChatMessage(
            append.room(),
            entry.log().last() + 1,
            draft.user(),
            draft.text(),
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            draft.id(),
            draft.origin());
    MessageLog log = entry.log().append(message, properties.keep());
    return reply(append, new Appended(message, log), state.with(append.room(), entry.withLog(log)));
  }

  private static Rooms list(State state) {
    var lines = new ArrayList<RoomLine>(state.rooms().size());
    state
        .rooms()
        .forEach(
            (room, entry) ->
                lines.add(new RoomLine(room, entry.members().size(), entry.log().last())));
    lines.sort(Comparator.comparing(RoomLine::room));
    return new Rooms(List.copyOf(lines));
  }

  private static RoomView show(String room, Entry entry) {
    return new RoomView(room, entry.members().stream().sorted().toList(), entry.log().latest());
  }

  /** A room without a process is either empty, or its members are about to start it again. */
  @Override
  public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
    if (info instanceof Down(var monitor, _, _)
        && state.monitors().get(monitor) instanceof String room) {
      Entry closed = state.entry(room).withProcess(null, null);
      if (!closed.members().isEmpty()) {
        self.sendAfter(properties.absence(), new Abandoned(room));
      }
      return noreply(state.with(room, closed).withMonitors(state.monitors().minus(monitor)));
    }
    return GenServer.super.handleInfo(info, state, self);
  }
}
