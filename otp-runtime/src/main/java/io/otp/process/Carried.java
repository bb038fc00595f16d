package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * What goes with a message besides the message itself. Most messages carry nothing and are plain
 * nodes: this costs only who asked for it.
 *
 * @param context what a {@link MessageContext} captured
 * @param sentAt {@link System#nanoTime()} of the send if this message is a sample, else 0
 * @param fingerprint what {@link Immutability#fingerprint} said at the send, or {@link #NONE}
 */
record Carried(@Nullable Object context, long sentAt, long fingerprint) {

  /** No fingerprint: one is an {@code int}. */
  static final long NONE = Long.MIN_VALUE;

  /** A message with something to carry. A {@link Request} has a field for it. */
  static final class Envelope extends Mailbox.Node {
    private final Carried carried;

    Envelope(Object message, int kind, Carried carried) {
      super(message, kind);
      this.carried = carried;
    }
  }

  static Mailbox.Node node(Object message, int kind, @Nullable Carried carried) {
    return carried == null ? new Mailbox.Node(message, kind) : new Envelope(message, kind, carried);
  }

  /** What {@code node} carries, {@code null} for nothing. */
  static @Nullable Carried of(Mailbox.Node node) {
    if (node.kind() == Mailbox.Node.CALL) {
      return ((Request) node).carried;
    }
    return node instanceof Envelope envelope ? envelope.carried : null;
  }
}
