package io.otp.sample.chat;

import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.TableTransfer;
import io.otp.table.Tables;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.OrderedPSet;
import org.pcollections.PMap;
import org.springframework.stereotype.Component;

/**
 * What has to outlive a room: its messages and the number of the last one. One process, started
 * before the rooms and theirs to call.
 *
 * <p>It numbers the messages, so a number is used once whatever happens to the room: everything a
 * room process sent before it died lies before the {@link Open} of its successor in this mailbox.
 *
 * <p>The truth is in a table, which the {@link Heir} keeps when this process dies. A message is in
 * there before anybody is told of it, so nothing acknowledged is lost; all else in the {@link
 * State} is made from the table at the start.
 *
 * <p>It is on the way of every message, so it does nothing that takes long: who wants to see the
 * rooms gets the table, and reads it in its own time.
 */
@Component
final class History implements GenServer<History.Message, History.State> {

  sealed interface Message {}

  /** A room process begins. Its end is noticed by a monitor. */
  record Open(String room, Pid process) implements Message, Call<Message, Opened> {}

  /** The answer to {@link Open}. */
  sealed interface Opened {}

  record Known(MessageLog log) implements Opened {}

  /** There are as many rooms as there may be. */
  record Full(int rooms) implements Opened {}

  /** Numbers a message and keeps it; the answer is a promise. */
  record Append(String room, ChatMessage.Draft draft) implements Message, Call<Message, Appended> {}

  record Appended(ChatMessage message, MessageLog log) {}

  /** Whether a request has become a message, asked after its room died. */
  record Find(String room, Origin origin) implements Message, Call<Message, Found> {}

  record Found(Optional<ChatMessage> message) {}

  /** A room has had no process for a while. */
  record Abandoned(String room) implements Message, Cast<Message> {}

  /** What is known of all rooms, by name: the table, with all that was appended before. */
  record Rooms() implements Message, Call<Message, EtsTable<String, Entry>> {}

  /** What is known of a room; of one that nobody has ever been in, nothing. */
  record Look(String room) implements Message, Call<Message, Entry> {}

  /**
   * What is known of a room.
   *
   * @param process the room's process, {@code null} while it has none
   * @param closed 0 while it has a process or members who may come back; else the larger, the later
   *     it was closed
   */
  record Entry(MessageLog log, @Nullable Pid process, long closed) {

    static final Entry NEW = new Entry(MessageLog.EMPTY, null, 0);

    Entry withLog(MessageLog log) {
      return new Entry(log, process, closed);
    }

    Entry open(Pid process) {
      return new Entry(log, process, 0);
    }

    /** Its process has died, and its members may come back. */
    Entry left() {
      return new Entry(log, null, 0);
    }

    Entry close(long closed) {
      return new Entry(log, null, closed);
    }
  }

  /**
   * @param rooms what is known of each room
   * @param members who is in which room; while it has no process, who may come back
   * @param processes the rooms of the processes that are monitored
   * @param closed the rooms that may be forgotten, that which has been closed for longest first
   * @param closings how many times a room was closed
   * @param bytes about how much memory all messages take
   */
  record State(
      EtsTable<String, Entry> rooms,
      EtsTable<String, String> members,
      PMap<Pid, String> processes,
      OrderedPSet<String> closed,
      long closings,
      long bytes) {

    Entry entry(String room) {
      return rooms.get(room).orElse(Entry.NEW);
    }

    /** Writes what is known of a room. */
    State put(String room, Entry entry) {
      long more = entry.log().bytes() - entry(room).log().bytes();
      rooms.insert(room, entry);
      return new State(
          rooms,
          members,
          processes,
          entry.closed() == 0 ? closed.minus(room) : closed.plus(room),
          Math.max(closings, entry.closed()),
          bytes + more);
    }

    /** Nobody is in it and nobody is about to come back; without messages nothing is left. */
    State close(String room) {
      Entry entry = entry(room);
      return entry.log().isEmpty() ? forget(room) : put(room, entry.close(closings + 1));
    }

    private State forget(String room) {
      long less = entry(room).log().bytes();
      rooms.delete(room);
      return new State(rooms, members, processes, closed.minus(room), closings, bytes - less);
    }

    State forgetLongestClosed() {
      return forget(closed.iterator().next());
    }

    State withProcesses(PMap<Pid, String> processes) {
      return new State(rooms, members, processes, closed, closings, bytes);
    }
  }

  private final ServerRef<Heir.Message> heir;
  private final ChatProperties properties;

  History(ServerRef<Heir.Message> heir, ChatProperties properties) {
    this.heir = heir;
    this.properties = properties;
  }

  /** Takes the table over, with what its predecessor has left there. */
  @Override
  public State init(NoArgs args, Self<Message> self) {
    EtsTable<String, Entry> rooms = heir.call(new Heir.Claim(self.pid()));
    PMap<Pid, String> processes = HashTreePMap.empty();
    var closed = new TreeMap<Long, String>();
    long bytes = 0;
    for (Row<String, Entry> row : rooms.toList()) {
      Entry entry = row.value();
      bytes += entry.log().bytes();
      if (entry.process() != null) {
        self.monitor(entry.process()); // if it has died, too, this tells it
        processes = processes.plus(entry.process(), row.key());
      } else if (entry.closed() == 0) {
        self.sendAfter(properties.absence(), new Abandoned(row.key()));
      } else {
        closed.put(entry.closed(), row.key());
      }
    }
    return new State(
        rooms,
        Tables.of(self.runtime()).find(Heir.MEMBERS),
        processes,
        OrderedPSet.from(closed.values()),
        closed.isEmpty() ? 0 : closed.lastKey(),
        bytes);
  }

  @Override
  public Next<State> handle(Message message, State state, Self<Message> self) {
    return switch (message) {
      case Open open -> open(open, state, self);
      case Append append -> append(append, state);
      case Find find ->
          reply(find, new Found(state.entry(find.room()).log().find(find.origin())), state);
      case Abandoned(var room) -> noreply(abandoned(room, state));
      case Rooms rooms -> reply(rooms, state.rooms(), state);
      case Look look -> reply(look, state.entry(look.room()), state);
    };
  }

  private Next<State> open(Open open, State before, Self<Message> self) {
    State state = before;
    if (!state.rooms().member(open.room()) && state.rooms().size() >= properties.maxRooms()) {
      if (state.closed().isEmpty()) {
        return reply(open, new Full(properties.maxRooms()), state);
      }
      state = state.forgetLongestClosed();
    }
    Entry entry = state.entry(open.room());
    self.monitor(open.process());
    State opened =
        state
            .put(open.room(), entry.open(open.process()))
            .withProcesses(state.processes().plus(open.process(), open.room()));
    return reply(open, new Known(entry.log()), opened);
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
    State appended = bounded(append.room(), state.put(append.room(), entry.withLog(log)));
    return reply(append, new Appended(message, appended.entry(append.room()).log()), appended);
  }

  /** Within {@code chat.memory} again, after a message in {@code room}. */
  private State bounded(String room, State full) {
    long most = properties.memory().toBytes();
    State state = full;
    while (state.bytes() > most && !state.closed().isEmpty()) {
      state = state.forgetLongestClosed();
    }
    while (state.bytes() > most && state.entry(room).log().size() > 1) {
      Entry entry = state.entry(room);
      state = state.put(room, entry.withLog(entry.log().withoutOldest()));
    }
    return state;
  }

  private static State abandoned(String room, State state) {
    if (!state.rooms().member(room) || state.entry(room).process() != null) {
      return state;
    }
    state.members().delete(room);
    return state.close(room);
  }

  @Override
  public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
    return switch (info) {
      case Down(_, Pid process, _) when state.processes().get(process) instanceof String room -> {
        State without = state.withProcesses(state.processes().minus(process));
        // A predecessor may end after its successor has begun.
        yield noreply(
            Objects.equals(process, without.entry(room).process())
                ? ended(room, without, self)
                : without);
      }
      case Info.Message(TableTransfer _) -> noreply(state); // the table was there before
      default -> GenServer.super.handleInfo(info, state, self);
    };
  }

  /** A room without a process is either empty, or its members are about to start it again. */
  private State ended(String room, State state, Self<Message> self) {
    if (!state.members().member(room)) {
      return state.close(room);
    }
    self.sendAfter(properties.absence(), new Abandoned(room));
    return state.put(room, state.entry(room).left());
  }
}
