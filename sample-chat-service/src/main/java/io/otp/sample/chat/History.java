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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.OrderedPSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.springframework.stereotype.Component;

/**
 * What has to outlive a room: its messages, the number of the last one, and who was in it. One
 * process, started before the rooms and theirs to call.
 *
 * <p>It numbers the messages, so a number is used once whatever happens to the room: everything a
 * room process sent before it died lies before the {@link Open} of its successor in this mailbox.
 *
 * <p>It is on the way of every message, so it does nothing that takes long: who wants to see the
 * rooms gets the immutable map of them as it is, and makes of it what it likes in its own time.
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

  /** What is known of all rooms, by name. */
  record Rooms() implements Message, Call<Message, PMap<String, Entry>> {}

  /** What is known of a room; of one that nobody has ever been in, nothing. */
  record Look(String room) implements Message, Call<Message, Entry> {}

  /**
   * What is known of a room.
   *
   * @param members who is in it; while it has no process, who may come back
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

    /** Nobody is in it and nobody is about to come back. */
    boolean isClosed() {
      return process == null && members.isEmpty();
    }
  }

  /**
   * @param rooms what is known of each room
   * @param monitors the rooms of the processes that are monitored
   * @param closed the rooms that may be forgotten, that which has been closed for longest first
   * @param bytes about how much memory all messages take
   */
  record State(
      PMap<String, Entry> rooms,
      PMap<Ref, String> monitors,
      OrderedPSet<String> closed,
      long bytes) {

    static final State EMPTY =
        new State(HashTreePMap.empty(), HashTreePMap.empty(), OrderedPSet.empty(), 0);

    Entry entry(String room) {
      return rooms.getOrDefault(room, Entry.NEW);
    }

    State with(String room, Entry entry) {
      if (entry.isClosed() && entry.log().isEmpty()) {
        return without(room);
      }
      return new State(
          rooms.plus(room, entry),
          monitors,
          entry.isClosed() ? closed.plus(room) : closed.minus(room),
          bytes - entry(room).log().bytes() + entry.log().bytes());
    }

    private State without(String room) {
      return new State(
          rooms.minus(room), monitors, closed.minus(room), bytes - entry(room).log().bytes());
    }

    State withoutLongestClosed() {
      return without(closed.iterator().next());
    }

    State withMonitors(PMap<Ref, String> monitors) {
      return new State(rooms, monitors, closed, bytes);
    }
  }

  private final ChatProperties properties;

  History(ChatProperties properties) {
    this.properties = properties;
  }

  @Override
  public State init(NoArgs args, Self<Message> self) {
    return State.EMPTY;
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
      case Rooms rooms -> reply(rooms, state.rooms(), state);
      case Look look -> reply(look, state.entry(look.room()), state);
    };
  }

  private Next<State> open(Open open, State before, Self<Message> self) {
    State state = before;
    if (!state.rooms().containsKey(open.room()) && state.rooms().size() >= properties.maxRooms()) {
      if (state.closed().isEmpty()) {
        return reply(open, new Full(properties.maxRooms()), state);
      }
      state = state.withoutLongestClosed();
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
    MessageLog log = entry.log().append(message);
    if (log.size() > properties.keep()) {
      log = log.withoutOldest();
    }
    State appended = bounded(append.room(), state.with(append.room(), entry.withLog(log)));
    return reply(append, new Appended(message, appended.entry(append.room()).log()), appended);
  }

  /** Within {@code chat.memory} again, after a message in {@code room}. */
  private State bounded(String room, State full) {
    long most = properties.memory().toBytes();
    State state = full;
    while (state.bytes() > most && !state.closed().isEmpty()) {
      state = state.withoutLongestClosed();
    }
    while (state.bytes() > most && state.entry(room).log().size() > 1) {
      Entry entry = state.entry(room);
      state = state.with(room, entry.withLog(entry.log().withoutOldest()));
    }
    return state;
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
