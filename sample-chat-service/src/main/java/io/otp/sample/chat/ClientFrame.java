package io.otp.sample.chat;

import org.jspecify.annotations.Nullable;

/** What a client says, checked. */
sealed interface ClientFrame {

  /**
   * For everybody in the room.
   *
   * @param id what the client calls it, if anything
   */
  record Say(String text, @Nullable String id) implements ClientFrame {}

  /** For one member. */
  record Direct(String to, String text) implements ClientFrame {}

  /** Nothing to act on. */
  record Bad(Problem problem) implements ClientFrame {}
}
