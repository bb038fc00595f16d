package io.otp.sample.chat;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.time.Instant;
import java.util.List;

/** What the service says to a client, as JSON with its kind in {@code type}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
sealed interface ServerFrame
    permits ChatMessage,
        Problem,
        ServerFrame.Welcome,
        ServerFrame.Direct,
        ServerFrame.Joined,
        ServerFrame.Left {

  /**
   * The first frame of a connection.
   *
   * @param members who is in the room, the client among them
   * @param history the latest messages, oldest first
   */
  @JsonTypeName("welcome")
  record Welcome(String room, String user, List<String> members, List<ChatMessage> history)
      implements ServerFrame {}

  /** A message for one member; its sender gets it too, as the acknowledgement. */
  @JsonTypeName("direct")
  record Direct(String room, String from, String to, String text, Instant at)
      implements ServerFrame {}

  /** Somebody came into the room. */
  @JsonTypeName("joined")
  record Joined(String user) implements ServerFrame {}

  /** Somebody left the room. */
  @JsonTypeName("left")
  record Left(String user) implements ServerFrame {}
}
