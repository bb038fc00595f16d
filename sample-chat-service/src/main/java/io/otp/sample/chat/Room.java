package io.otp.sample.chat;

import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;
import static io.otp.server.Next.stop;
import static io.otp.server.Next.timeout;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MailboxBound;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.registry.ProcessGroups;
import io.otp.server.ArgsGenServer;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildError;
import io.otp.supervisor.ChildStartException;
import io.otp.supervisor.StartChildResult;
import io.otp.table.EtsTable;
import io.otp.table.Tables;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.springframework.stereotype.Component;

/**
 * A room: who is in it, and everybody gets what one of them says. One process each, registered as
 * {@code room:NAME} and started by the first who comes.
 *
 * <p>What must not be lost is with the {@link History}, and in the table of members. So the process
 * may die at any time: the sessions in it notice by their monitors, start it again and come back,
 * and as it knows from the table who they were, nobody is told that they left or came.
 *
 * <p>Sessions are in the process group of their room from their start to their end, and the room
 * monitors the group: that is how it learns who has gone.
 */
@Component
final class Room implements ArgsGenServer<String, Room.Message, Room.State> {

  sealed interface Message {}

  /**
   * A session comes in, or comes back after the room has crashed.
   *
   * @param process the session, which is in the group of the room
   * @param since the number of the last message it has seen, {@link #NOTHING} if it is new
   */
  record Join(String user, Pid process, long since) implements Message, Call<Message, Admission> {}

  /** Of a session that has not seen any message. */
  static final long NOTHING = -1;

  /** The answer to {@link Join}. */
  sealed interface Admission {}

  /**
   * It is in.
   *
   * @param messages what it has missed, or the latest ones if it is new
   */
  record Entered(List<String> members, List<ChatMessage> messages) implements Admission {}

  /** There are as many members as there may be. */
  record Crowded(int members) implements Admission {}

  /** What a session asks a room to do for its client; answered by a frame with the same origin. */
  sealed interface Request extends Message, Cast<Message> {
    Origin origin();
  }

  record Say(ChatMessage.Draft draft) implements Request {
    @Override
    public Origin origin() {
      return draft.origin();
    }
  }

  record Direct(String from, String to, String text, Origin origin) implements Request {}

  /** Somebody who is not in the room says something. */
  record Post(ChatMessage.Draft draft) implements Message, Call<Message, ChatMessage> {}

  /** Who has not come back by now does not come. */
  record Settled() implements Message, Cast<Message> {}

  record Member(String user, Pid process, ServerRef<Session.Message> session) {}

  /**
   * @param told who the members know to be here, outlives the room
   * @param members by name
   * @param names the names by process
   * @param awaited who was in the room when it crashed and has not come back yet
   */
  record State(
      String room,
      EtsTable<String, String> told,
      MessageLog log,
      PMap<String, Member> members,
      PMap<Pid, String> names,
      PSet<String> awaited) {

    State withLog(MessageLog log) {
      return new State(room, told, log, members, names, awaited);
    }

    State with(Member member) {
      return new State(
          room,
          told,
          log,
          members.plus(member.user(), member),
          names.plus(member.process(), member.user()),
          awaited.minus(member.user()));
    }

    State without(Member member) {
      return new State(
          room, told, log, members.minus(member.user()), names.minus(member.process()), awaited);
    }

    State withoutAwaited() {
      return new State(room, told, log, members, names, awaited.minusAll(awaited));
    }

    boolean isEmpty() {
      return members.isEmpty() && awaited.isEmpty();
    }

    /** Who comes back has its place. */
    boolean admits(String user, int maxMembers) {
      return members.containsKey(user)
          || awaited.contains(user)
          || members.size() + awaited.size() < maxMembers;
    }

    List<String> everybody() {
      return Stream.concat(members.keySet().stream(), awaited.stream()).sorted().toList();
    }
  }

  private static final ServerOptions OPTIONS =
      ServerOptions.DEFAULT.withMailbox(MailboxBound.of(10_000, Overload.REJECT));

  private static final Problem TOO_MANY =
      new Problem("too-many-rooms", "There are as many rooms as there may be. Use one of them.");

  private final ServerRef<History.Message> history;
  private final ProcessGroups<String> presence;
  private final ChatJson json;
  private final ChatProperties properties;

  Room(
      ServerRef<History.Message> history,
      ProcessGroups<String> presence,
      ChatJson json,
      ChatProperties properties) {
    this.history = history;
    this.presence = presence;
    this.json = json;
    this.properties = properties;
  }

  @Override
  public ServerOptions options() {
    return OPTIONS;
  }

  @Override
  public State init(String room, Self<Message> self) {
    return switch (history.call(new History.Open(room, self.pid()))) {
      case History.Known(var log) -> {
        // Who is in the group and comes in has come before, or will leave after, this moment.
        presence.monitor(self, room);
        EtsTable<String, String> told = Tables.of(self.runtime()).find(Heir.MEMBERS);
        PSet<String> awaited = HashTreePSet.from(told.lookup(room));
        if (!awaited.isEmpty()) {
          self.sendAfter(properties.absence(), new Settled());
        }
        yield new State(room, told, log, HashTreePMap.empty(), HashTreePMap.empty(), awaited);
      }
      case History.Full full -> throw Init.error(ExitReason.other(full));
    };
  }

  /**
   * Why there is no room and will be none soon; empty if it was bad luck, such as a crash while it
   * started, and worth another attempt.
   */
  static Optional<Problem> refusal(ChildStartException failure) {
    return switch (failure.result()) {
      case StartChildResult.Failed(ExitReason.Other(History.Full _)) -> Optional.of(TOO_MANY);
      case StartChildResult.Refused(ChildError error) when error == ChildError.MAX_CHILDREN ->
          Optional.of(TOO_MANY);
      default -> Optional.empty();
    };
  }

  @Override
  public Next<State> started(State state, Self<Message> self) {
    return next(state);
  }

  @Override
  public Next<State> handle(Message message, State state, Self<Message> self) {
    return switch (message) {
      // It may have left the group before this process looked. If it leaves now, that is told.
      case Join join when !self.runtime().isAlive(join.process()) -> next(state);
      case Join join when !state.admits(join.user(), properties.maxMembers()) ->
          reply(join, new Crowded(properties.maxMembers()), state);
      case Join join -> {
        State joined = join(join, state, self);
        List<ChatMessage> messages =
            join.since() == NOTHING ? joined.log().latest() : joined.log().after(join.since());
        yield reply(join, new Entered(joined.everybody(), messages), joined);
      }
      case Say(var draft) -> next(say(draft, state).state());
      case Post post -> {
        Said said = say(post.draft(), state);
        yield said.state().isEmpty()
            ? reply(post, said.message(), said.state(), timeout(properties.emptyRoom()))
            : reply(post, said.message(), said.state());
      }
      case Direct direct -> next(direct(direct, state));
      case Settled _ -> next(settled(state));
    };
  }

  private State join(Join join, State state, Self<Message> self) {
    Member before = state.members().get(join.user());
    if (before != null && before.process().equals(join.process())) {
      return state; // it asks again, the answer came too late for it
    }
    State cleared = state;
    if (before != null) {
      // The name is free again, so that session has died; that it left is still on the way.
      cleared = left(before, state);
    }
    if (!cleared.awaited().contains(join.user())) {
      tell(cleared, new ServerFrame.Joined(join.user()));
      state.told().insert(state.room(), join.user());
    }
    return cleared.with(
        new Member(join.user(), join.process(), ServerRef.of(self.runtime(), join.process())));
  }

  private record Said(ChatMessage message, State state) {}

  /** The history first: what the members see is safe. */
  private Said say(ChatMessage.Draft draft, State state) {
    History.Appended appended = history.call(new History.Append(state.room(), draft));
    ChatMessage message = appended.message();
    tell(state, new Session.Deliver(message.seq(), message.origin(), json.encode(message)));
    return new Said(message, state.withLog(appended.log()));
  }

  private State direct(Direct direct, State state) {
    Member from = state.members().get(direct.from());
    Member to = state.members().get(direct.to());
    ServerFrame answer =
        to == null
            ? new Problem("no-such-user", "There is no " + direct.to() + " in this room.")
            : new ServerFrame.Direct(
                state.room(),
                direct.from(),
                direct.to(),
                direct.text(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
    var deliver = new Session.Deliver(Session.UNNUMBERED, direct.origin(), json.encode(answer));
    if (to != null) {
      to.session().cast(deliver);
    }
    if (from != null && from != to) {
      from.session().cast(deliver);
    }
    return state;
  }

  private State settled(State state) {
    State settled = state.withoutAwaited();
    for (String user : state.awaited()) {
      left(user, settled);
    }
    return settled;
  }

  private State left(List<Pid> sessions, State state) {
    State left = state;
    for (Pid session : sessions) {
      Member member = member(session, left);
      left = member == null ? left : left(member, left);
    }
    return left;
  }

  private State left(Member member, State state) {
    State without = state.without(member);
    left(member.user(), without);
    return without;
  }

  private void left(String user, State state) {
    tell(state, new ServerFrame.Left(user));
    state.told().deleteObject(state.room(), user);
  }

  private void tell(State state, ServerFrame frame) {
    if (!state.members().isEmpty()) {
      tell(state, Session.Deliver.of(json.encode(frame)));
    }
  }

  private static void tell(State state, Session.Deliver deliver) {
    for (Member member : state.members().values()) {
      member.session().cast(deliver);
    }
  }

  @Override
  public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
    return switch (info) {
      case Info.Message(ProcessGroups.Left(_, _, var sessions)) -> next(left(sessions, state));
      case Info.Message(ProcessGroups.Joined _) -> next(state); // it says so itself, by a Join
      case Info.Timeout _ -> state.isEmpty() ? stop(ExitReason.NORMAL, state) : noreply(state);
      default -> {
        ArgsGenServer.super.handleInfo(info, state, self);
        yield next(state);
      }
    };
  }

  private static @Nullable Member member(Pid process, State state) {
    String name = state.names().get(process);
    return name == null ? null : state.members().get(name);
  }

  /** An empty room ends after a while; its history stays. */
  private Next<State> next(State state) {
    return state.isEmpty() ? noreply(state, timeout(properties.emptyRoom())) : noreply(state);
  }
}
