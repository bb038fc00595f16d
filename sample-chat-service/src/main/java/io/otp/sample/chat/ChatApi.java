package io.otp.sample.chat;

import io.otp.process.CallException;
import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildStartException;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.table.Tables;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The chat over HTTP. These methods wait for processes, so they must not run on an event loop:
 * {@code spring.threads.virtual.enabled} gives each request a virtual thread.
 */
@RestController
@RequestMapping("/api/rooms")
class ChatApi {

  /**
   * How long a message may take in all: to a room that dies again and again, or is not started
   * since its supervisor has much to do.
   */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration BACKOFF = Duration.ofMillis(20);

  private final ServerRef<History.Message> history;
  private final DynamicSupervisor<String, Room.Message> rooms;
  private final Moderation moderation;
  private final ChatJson json;
  private final Tables tables;

  ChatApi(
      ServerRef<History.Message> history,
      DynamicSupervisor<String, Room.Message> rooms,
      Moderation moderation,
      ChatJson json,
      ProcessRuntime runtime) {
    this.history = history;
    this.rooms = rooms;
    this.moderation = moderation;
    this.json = json;
    this.tables = Tables.of(runtime);
  }

  /**
   * A line in the list of rooms.
   *
   * @param messages how many messages were ever said in it
   */
  record RoomLine(String room, int members, long messages) {}

  @GetMapping
  List<RoomLine> rooms() {
    // The history is asked for the table only; it is read here, which holds up nobody.
    return history.call(new History.Rooms()).toList().stream()
        .map(row -> line(row.key(), row.value()))
        .sorted(Comparator.comparing(RoomLine::room))
        .toList();
  }

  private RoomLine line(String room, History.Entry entry) {
    return new RoomLine(room, membersOf(room).size(), entry.log().last());
  }

  private List<String> membersOf(String room) {
    return tables.find(Heir.MEMBERS).lookup(room);
  }

  /**
   * A room and who is in it.
   *
   * @param messages the latest 100, oldest first
   */
  record RoomView(String room, List<String> members, List<ChatMessage> messages) {}

  @GetMapping("/{room}")
  RoomView room(@PathVariable String room) {
    ProblemException.throwIf(Names.checkRoom(room));
    History.Entry entry = history.call(new History.Look(room));
    return new RoomView(room, membersOf(room).stream().sorted().toList(), entry.log().latest());
  }

  @PostMapping("/{room}/messages")
  @ResponseStatus(HttpStatus.CREATED)
  ChatMessage post(@PathVariable String room, @RequestBody(required = false) byte @Nullable [] body)
      throws InterruptedException {
    ProblemException.throwIf(Names.checkRoom(room));
    String sent = body == null ? "" : new String(body, StandardCharsets.UTF_8);
    ChatMessage.Draft draft;
    try {
      draft = json.decodePost(sent);
    } catch (ProblemException e) {
      moderation.refused(room, "", e.problem(), sent);
      throw e;
    }
    return say(room, draft);
  }

  /**
   * Says it once, also if the room dies meanwhile: then its successor or the history knows. Every
   * step waits for what is left of the time, so all together wait no longer than {@link #PATIENCE}.
   */
  private ChatMessage say(String room, ChatMessage.Draft draft) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (int attempt = 1; left(end).isPositive(); attempt++) {
      try {
        ServerRef<Room.Message> open = rooms.getOrStart(room, room, left(end));
        if (attempt > 1) {
          var find = new History.Find(room, draft.origin());
          History.Found found = history.call(find, left(end));
          if (found.message().isPresent()) {
            return found.message().get();
          }
        }
        return open.call(new Room.Post(draft), left(end));
      } catch (ChildStartException e) {
        Room.refusal(e).ifPresent(ChatApi::refuse);
      } catch (CallException.NoProcessException | CallException.ServerExitException e) {
        // it died; its successor is asked
      } catch (CallException e) {
        break; // too slow or too full: what became of it is not known
      }
      Thread.sleep(BACKOFF.multipliedBy(Math.min(attempt, 10)));
    }
    throw refuse(
        new Problem("no-room", "The room does not answer. Look whether it has the message."));
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  private static ProblemException refuse(Problem problem) {
    throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, problem);
  }
}
