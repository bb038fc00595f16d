package io.otp.sample.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The latest messages of a room, oldest first. Immutable: a longer one shares what it can with the
 * one it was made from, so it may be sent around and an append copies little.
 *
 * @param last the number of the last message, 0 if there was none
 * @param bytes about how much memory the messages take
 * @param messages what is kept, numbered without gaps up to {@code last}
 */
record MessageLog(long last, long bytes, PVector<ChatMessage> messages) {

  static final MessageLog EMPTY = new MessageLog(0, 0, TreePVector.empty());

  /** How many messages are shown to who comes in. */
  static final int SHOWN = 100;

  /** What a message takes besides its text, roughly. */
  private static final int MESSAGE_OVERHEAD = 300;

  /** With one message more. */
  MessageLog append(ChatMessage message) {
    return new MessageLog(message.seq(), bytes + bytesOf(message), messages.plus(message));
  }

  /** Without the oldest message, of which there must be one; the numbers stay. */
  MessageLog withoutOldest() {
    return new MessageLog(last, bytes - bytesOf(messages.getFirst()), messages.minus(0));
  }

  private static int bytesOf(ChatMessage message) {
    return MESSAGE_OVERHEAD + Character.BYTES * message.text().length();
  }

  /** The messages with a higher number, as far as they are kept. */
  List<ChatMessage> after(long seq) {
    int size = messages.size();
    int count = Math.toIntExact(Math.clamp(last - seq, 0, size));
    var found = new ArrayList<ChatMessage>(count);
    for (int i = size - count; i < size; i++) {
      found.add(messages.get(i));
    }
    return List.copyOf(found);
  }

  /** The messages that are shown to who comes in. */
  List<ChatMessage> latest() {
    return after(last - SHOWN);
  }

  /** The message that came from {@code origin}, if it is kept. */
  Optional<ChatMessage> find(Origin origin) {
    return messages.stream().filter(message -> message.origin().equals(origin)).findFirst();
  }

  int size() {
    return messages.size();
  }

  boolean isEmpty() {
    return last == 0;
  }
}
