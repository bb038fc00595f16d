package io.otp.sample.chat;

import static io.otp.server.Next.continueWith;
import static io.otp.server.Next.noreply;
import static io.otp.server.Next.stop;

import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MailboxBound;
import io.otp.process.MailboxFullException;
import io.otp.process.NameTakenException;
import io.otp.process.Opaque;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.registry.ProcessGroups;
import io.otp.server.ArgsGenServer;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildStartException;
import io.otp.supervisor.DynamicSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.socket.CloseStatus;

/**
 * A user in a room, for as long as the connection lasts. One process each, registered as {@code
 * session:ROOM/USER}: so a name is taken while its session lives, whatever happens to the room.
 *
 * <p>It knows the number of the last message its client has seen and the requests that were not
 * answered yet. When the room dies, it goes back in, asks for what was said since, and repeats what
 * is still unanswered; the client notices nothing.
 */
@Component
final class Session implements ArgsGenServer<Session.Start, Session.Message, Session.State> {

  /** Where the user is, and how the client is reached. */
  record Start(String room, String user, Opaque<ClientConnection> connection) {}

  sealed interface Message {}

  /** The client sent a text frame. */
  record Received(String text) implements Message, Cast<Message> {}

  /** The connection is closed or about to be. */
  record Disconnected() implements Message, Cast<Message> {}

  /**
   * The room has something for the client.
   *
   * @param seq the number of the message, {@link #UNNUMBERED} if it is none
   * @param origin which request it answers, if any
   */
  record Deliver(long seq, @Nullable Origin origin, Frame frame) implements Message, Cast<Message> {
    static Deliver of(Frame frame) {
      return new Deliver(UNNUMBERED, null, frame);
    }
  }

  static final long UNNUMBERED = 0;

  /** Time to try again to get into the room. */
  record Rejoin() implements Message, Cast<Message> {}

  /** Time to see whether the client is still there. */
  record Ping() implements Message, Cast<Message> {}

  /**
   * @param place the room, {@code null} while it has none
   * @param seq the number of the last message the client has seen, {@link Room#NOTHING} before the
   *     welcome
   * @param last the latest request
   * @param pending the requests without an answer, oldest first
   * @param failures how often it was tried in vain to get into the room
   */
  record State(
      Start start,
      @Nullable Place place,
      long seq,
      Origin last,
      List<Room.Request> pending,
      int failures) {

    ClientConnection client() {
      return start.connection().value();
    }

    State at(Place place, long seq) {
      return new State(start, place, seq, last, pending, 0);
    }

    State seen(long seq) {
      return new State(start, place, seq, last, pending, failures);
    }

    State asking(Room.Request request) {
      var more = new ArrayList<>(pending);
      more.add(request);
      return new State(start, place, seq, request.origin(), List.copyOf(more), failures);
    }

    State answered(@Nullable Origin origin) {
      if (origin == null || pending.isEmpty() || origin.source() != last.source()) {
        return this;
      }
      List<Room.Request> fewer =
          pending.stream().filter(request -> !request.origin().equals(origin)).toList();
      return new State(start, place, seq, last, fewer, failures);
    }

    State failed() {
      return new State(start, null, seq, last, pending, failures + 1);
    }
  }

  /** A process of the room and the monitor on it. */
  record Place(ServerRef<Room.Message> room, Ref monitor) {}

  private static final ServerOptions OPTIONS =
      ServerOptions.DEFAULT.withMailbox(MailboxBound.of(10_000, Overload.KILL));
  private static final String JOIN = "join";
  private static final int MAX_PENDING = 100;
  private static final int MAX_FAILURES = 15;
  private static final long MAX_BACKOFF_MILLIS = 2_000;

  /** How long the supervisor of the rooms may take; then it is tried again, as after a crash. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final DynamicSupervisor<String, Room.Message> rooms;
  private final ProcessGroups<String> presence;
  private final Moderation moderation;
  private final ChatJson json;
  private final ChatProperties properties;

  Session(
      DynamicSupervisor<String, Room.Message> rooms,
      ProcessGroups<String> presence,
      Moderation moderation,
      ChatJson json,
      ChatProperties properties) {
    this.rooms = rooms;
    this.presence = presence;
    this.moderation = moderation;
    this.json = json;
    this.properties = properties;
  }

  /** A session that is so far behind is of no use to anybody; its connection closes with it. */
  @Override
  public ServerOptions options() {
    return OPTIONS;
  }

  /** The process name of a user's session. */
  static String nameOf(String room, String user) {
    return "session:" + room + "/" + user;
  }

  @Override
  public State init(Start start, Self<Message> self) {
    try {
      self.register(nameOf(start.room(), start.user()));
    } catch (NameTakenException e) {
      throw Init.error(ExitReason.other(new NameTaken(start.user())));
    }
    presence.join(start.room(), self.pid());
    return new State(start, null, Room.NOTHING, Origin.create(), List.of(), 0);
  }

  /** Why a session did not start. */
  record NameTaken(String user) {}

  /** Into the room without making the supervisor wait for it. */
  @Override
  public Next<State> started(State state, Self<Message> self) {
    self.sendAfter(jittered(properties.ping()), new Ping());
    return noreply(state, continueWith(JOIN));
  }

  @Override
  public Next<State> handleContinue(Object join, State state, Self<Message> self) {
    return join(state, self);
  }

  @Override
  public Next<State> handle(Message message, State state, Self<Message> self) {
    return switch (message) {
      case Deliver(var seq, var origin, var frame) -> noreply(deliver(seq, origin, frame, state));
      case Received(var text) -> noreply(received(text, state));
      case Rejoin _ -> state.place() == null ? join(state, self) : noreply(state);
      case Ping _ -> {
        state.client().ping(properties.ping().multipliedBy(3));
        self.sendAfter(properties.ping(), new Ping());
        yield noreply(state);
      }
      case Disconnected _ -> stop(ExitReason.NORMAL, state);
    };
  }

  @Override
  public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
    if (info instanceof Down(var monitor, _, _)) {
      return state.place() != null && state.place().monitor().equals(monitor)
          ? join(state, self)
          : noreply(state);
    }
    return ArgsGenServer.super.handleInfo(info, state, self);
  }

  // --- the room

  private Next<State> join(State state, Self<Message> self) {
    String room = state.start().room();
    Pid process;
    try {
      process = rooms.getOrStart(room, room, PATIENCE).whereis().orElse(null);
    } catch (ChildStartException e) {
      Optional<Problem> refusal = Room.refusal(e);
      return refusal.isPresent() ? giveUp(refusal.get(), state) : again(state, self);
    } catch (CallException e) {
      return again(state, self);
    }
    if (process == null) {
      return again(state, self);
    }
    Ref monitor = self.monitor(process);
    ServerRef<Room.Message> ref = ServerRef.of(self.runtime(), process);
    try {
      return switch (ref.call(new Room.Join(state.start().user(), self.pid(), state.seq()))) {
        case Room.Entered entered -> noreply(entered(entered, new Place(ref, monitor), state));
        case Room.Crowded(int members) ->
            giveUp(
                new Problem("room-full", "There are " + members + " in this room, no more fit in."),
                state);
      };
    } catch (CallException e) {
      self.demonitorFlush(monitor);
      return again(state, self);
    }
  }

  private State entered(Room.Entered entered, Place place, State before) {
    State state;
    if (before.seq() == Room.NOTHING) {
      Start start = before.start();
      before
          .client()
          .offer(
              json.encode(
                  new ServerFrame.Welcome(
                      start.room(), start.user(), entered.members(), entered.messages())));
      long seq = entered.messages().isEmpty() ? 0 : entered.messages().getLast().seq();
      state = before.at(place, seq);
    } else {
      state = before.at(place, before.seq());
      for (ChatMessage missed : entered.messages()) {
        state = deliver(missed.seq(), missed.origin(), json.encode(missed), state);
      }
    }
    for (Room.Request request : state.pending()) {
      state = sent(request, place, state);
    }
    return state;
  }

  private Next<State> again(State state, Self<Message> self) {
    if (state.failures() >= MAX_FAILURES) {
      return giveUp(new Problem("no-room", "The room cannot be opened now."), state);
    }
    long millis = Math.min(MAX_BACKOFF_MILLIS, 10L << Math.min(state.failures(), 10));
    self.sendAfter(jittered(Duration.ofMillis(millis)), new Rejoin());
    return noreply(state.failed());
  }

  private Next<State> giveUp(Problem problem, State state) {
    moderation.refused(state.start().room(), state.start().user(), problem, "");
    state.client().fail(problem, CloseStatus.SERVICE_OVERLOAD.getCode());
    return stop(ExitReason.NORMAL, state);
  }

  /** Between half and all of it, so that not everybody comes at once. */
  private static Duration jittered(Duration time) {
    long nanos = time.toNanos();
    return Duration.ofNanos(nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
  }

  /** What it got already, from the room before its crash or when it came back, is left out. */
  private static State deliver(long seq, @Nullable Origin origin, Frame frame, State state) {
    if (seq != UNNUMBERED && seq <= state.seq()) {
      return state;
    }
    state.client().offer(frame);
    State answered = state.answered(origin);
    return seq == UNNUMBERED ? answered : answered.seen(seq);
  }

  // --- the client

  private State received(String frame, State state) {
    String user = state.start().user();
    return switch (json.decode(frame)) {
      case ClientFrame.Say(var text, var id) ->
          ask(new Room.Say(new ChatMessage.Draft(user, text, id, state.last().next())), state);
      case ClientFrame.Direct(var to, var text) ->
          ask(new Room.Direct(user, to, text, state.last().next()), state);
      case ClientFrame.Bad(var problem) -> refuse(problem, frame, state);
    };
  }

  private State ask(Room.Request request, State state) {
    if (state.pending().size() >= MAX_PENDING) {
      return refuse(new Problem("busy", "Too much is waiting for an answer."), "", state);
    }
    State asking = state.asking(request);
    return state.place() == null ? asking : sent(request, state.place(), asking);
  }

  private State sent(Room.Request request, Place place, State state) {
    try {
      place.room().cast(request);
      return state;
    } catch (MailboxFullException e) {
      return refuse(new Problem("busy", "The room is busy."), "", state.answered(request.origin()));
    }
  }

  private State refuse(Problem problem, String frame, State state) {
    moderation.refused(state.start().room(), state.start().user(), problem, frame);
    state.client().offer(json.encode(problem));
    return state;
  }
}
