package io.otp.sample.chat;

import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The protocol's JSON: frames out, and what clients send, checked. */
@Component
final class ChatJson {

  static final int MAX_TEXT_BYTES = 4096;
  private static final int MAX_ID_LENGTH = 64;

  private final JsonMapper mapper;

  ChatJson(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /** Encodes a frame; what is sent to many is encoded once. */
  Frame encode(ServerFrame frame) {
    return new Frame(mapper.writeValueAsBytes(frame));
  }

  /** Reads a frame of a WebSocket client. */
  ClientFrame decode(String json) {
    JsonNode node = read(json);
    if (node == null) {
      return bad(
          "not-json", "A frame is one JSON object, such as {\"type\":\"say\",\"text\":\"…\"}.");
    }
    String type = text(node, "type");
    return switch (type == null ? "" : type) {
      case "say" -> say(node);
      case "direct" -> direct(node);
      default -> bad("unknown-type", "The type of a frame is say or direct.");
    };
  }

  /** Reads the body of a POST: who says what. */
  ChatMessage.Draft decodePost(String json) {
    JsonNode node = read(json);
    if (node == null) {
      throw refused(
          new Problem("not-json", "The body is a JSON object: {\"user\":\"…\",\"text\":\"…\"}."));
    }
    String user = text(node, "user");
    ProblemException.throwIf(Names.checkUser(user));
    return switch (say(node)) {
      case ClientFrame.Say(var text, var id) ->
          new ChatMessage.Draft(String.valueOf(user), text, id, Origin.create());
      case ClientFrame.Bad(var problem) -> throw refused(problem);
      case ClientFrame.Direct _ -> throw new AssertionError("say makes no direct message");
    };
  }

  private static ProblemException refused(Problem problem) {
    return new ProblemException(HttpStatus.BAD_REQUEST, problem);
  }

  private ClientFrame say(JsonNode node) {
    String text = text(node, "text");
    if (checkText(text) instanceof Problem problem) {
      return new ClientFrame.Bad(problem);
    }
    Objects.requireNonNull(text); // checked
    JsonNode id = node.get("id");
    if (id == null || id.isNull()) {
      return new ClientFrame.Say(text, null);
    }
    return id.isString() && id.asString().length() <= MAX_ID_LENGTH && isUnicode(id.asString())
        ? new ClientFrame.Say(text, id.asString())
        : bad("bad-id", "An id is a text of at most " + MAX_ID_LENGTH + " characters.");
  }

  private ClientFrame direct(JsonNode node) {
    String text = text(node, "text");
    if (checkText(text) instanceof Problem problem) {
      return new ClientFrame.Bad(problem);
    }
    String to = text(node, "to");
    Optional<Problem> bad = Names.checkUser(to);
    return bad.isPresent()
        ? new ClientFrame.Bad(bad.get())
        : new ClientFrame.Direct(Objects.requireNonNull(to), Objects.requireNonNull(text));
  }

  private static @Nullable Problem checkText(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return new Problem("empty-text", "There is no text to send.");
    }
    if (text.length() > MAX_TEXT_BYTES
        || text.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT_BYTES) {
      return new Problem(
          "text-too-long", "A text has at most " + MAX_TEXT_BYTES + " bytes in UTF-8.");
    }
    return isUnicode(text)
        ? null
        : new Problem("bad-text", "The text is not Unicode: half a surrogate pair is missing.");
  }

  /** JSON can say {@code "\ud800"}, which no UTF-8 can: it must not reach the encoder of a room. */
  private static boolean isUnicode(String text) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    return encoder.canEncode(text);
  }

  private @Nullable JsonNode read(String json) {
    try {
      JsonNode node = mapper.readTree(json);
      return node != null && node.isObject() ? node : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  private static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value != null && value.isString() ? value.asString() : null;
  }

  private static ClientFrame bad(String code, String message) {
    return new ClientFrame.Bad(new Problem(code, message));
  }
}
