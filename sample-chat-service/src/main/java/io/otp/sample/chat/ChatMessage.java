package io.otp.sample.chat;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody said in a room. Who sees one can rely on finding it in the history.
 *
 * @param seq 1 for the first message of the room, one more for each that follows
 * @param id what the client calls it, if anything
 * @param origin which request it came from
 */
@JsonTypeName("message")
record ChatMessage(
    String room,
    long seq,
    String user,
    String text,
    Instant at,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String id,
    @JsonIgnore Origin origin)
    implements ServerFrame {

  /**
   * What becomes a message once the history has it.
   *
   * @param id what the client calls it, if anything
   */
  record Draft(String user, String text, @Nullable String id, Origin origin) {}
}
