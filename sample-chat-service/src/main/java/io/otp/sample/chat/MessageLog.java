package io.otp.sample.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The latest messages of a room, oldest first. Immutable and shared: an append copies at most one
 * block of references, whatever the length.
 *
 * @param last the number of the last message, 0 if there was none
 * @param blocks full blocks of {@link #BLOCK} messages
 * @param tail what follows them, less than a block
 */
record MessageLog(long last, List<List<ChatMessage>> blocks, List<ChatMessage> tail) {

  static final MessageLog EMPTY = new MessageLog(0, List.of(), List.of());

  /** How many messages are dropped at a time, and how many are shown. */
  static final int BLOCK = 100;

  /**
   * With one message more.
   *
   * @param keep how many messages must be kept; up to a block more are
   */
  MessageLog append(ChatMessage message, int keep) {
    var longer = new ArrayList<>(tail);
    longer.add(message);
    if (longer.size() < BLOCK) {
      return new MessageLog(message.seq(), blocks, List.copyOf(longer));
    }
    var more = new ArrayList<>(blocks);
    more.add(List.copyOf(longer));
    while ((more.size() - 1) * BLOCK >= keep) {
      more.removeFirst();
    }
    return new MessageLog(message.seq(), List.copyOf(more), List.of());
  }

  /** The messages with a higher number, as far as they are kept. */
  List<ChatMessage> after(long seq) {
    var found = new ArrayList<>(tail);
    for (List<ChatMessage> block : blocks.reversed()) {
      if (found.isEmpty() ? last <= seq : found.getFirst().seq() <= seq + 1) {
        break;
      }
      found.addAll(0, block);
    }
    return found.stream().filter(message -> message.seq() > seq).toList();
  }

  /** The messages that are shown to who comes in. */
  List<ChatMessage> latest() {
    return after(last - BLOCK);
  }

  /** The message that came from {@code origin}, if it is kept. */
  Optional<ChatMessage> find(Origin origin) {
    return after(0).stream().filter(message -> message.origin().equals(origin)).findFirst();
  }

  boolean isEmpty() {
    return last == 0;
  }
}
