package io.otp.sample.chat;

import io.otp.process.CallException;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildStartException;
import io.otp.supervisor.DynamicSupervisor;
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

  /** How long a message may take that is said to a room which dies again and again. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration BACKOFF = Duration.ofMillis(20);

  private final ServerRef<History.Message> history;
  private final DynamicSupervisor<String, Room.Message> rooms;
  private final ChatJson json;

  ChatApi(
      ServerRef<History.Message> history,
      DynamicSupervisor<String, Room.Message> rooms,
      ChatJson json) {
    this.history = history;
    this.rooms = rooms;
    this.json = json;
  }

  /**
   * A line in the list of rooms.
   *
   * @param messages how many messages were ever said in it
   */
  record RoomLine(String room, int members, long messages) {}

  @GetMapping
  List<RoomLine> rooms() {
    return history.call(new History.Rooms()).entrySet().stream()
        .map(room -> line(room.getKey(), room.getValue()))
        .sorted(Comparator.comparing(RoomLine::room))
        .toList();
  }

  private static RoomLine line(String room, History.Entry entry) {
    return new RoomLine(room, entry.members().size(), entry.log().last());
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
    return new RoomView(room, entry.members().stream().sorted().toList(), entry.log().latest());
  }

  @PostMapping("/{room}/messages")
  @ResponseStatus(HttpStatus.CREATED)
  ChatMessage post(@PathVariable String room, @RequestBody(required = false) byte @Nullable [] body)
      throws InterruptedException {
    ProblemException.throwIf(Names.checkRoom(room));
    return say(room, json.decodePost(body == null ? "" : new String(body, StandardCharsets.UTF_8)));
  }

  /** Says it once, also if the room dies meanwhile: then its successor or the history knows. */
  private ChatMessage say(String room, ChatMessage.Draft draft) throws InterruptedException {
    long begun = System.nanoTime();
    for (int attempt = 1; System.nanoTime() - begun < PATIENCE.toNanos(); attempt++) {
      try {
        ServerRef<Room.Message> open = rooms.getOrStart(room, room);
        if (attempt > 1) {
          History.Found found = history.call(new History.Find(room, draft.origin()));
          if (found.message().isPresent()) {
            return found.message().get();
          }
        }
        return open.call(new Room.Post(draft));
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

  private static ProblemException refuse(Problem problem) {
    throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, problem);
  }
}
