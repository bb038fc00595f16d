package io.otp.process;

import java.util.Locale;

/**
 * What happens to a message for a process whose bounded mailbox is full. Calls that are refused or
 * dropped are answered at once with {@link CallException.MailboxFullException}; signals (exit,
 * down, timers, replies, system messages) are never refused.
 *
 * <p>Erlang's mailboxes have no bound, and ours have none by default.
 */
public enum Overload {
  /**
   * The sender waits until there is room, at most for the bound's timeout; then the message is
   * refused as by {@link #REJECT}.
   */
  BLOCK,
  /** The sender gets a {@link MailboxFullException}. */
  REJECT,
  /** The oldest waiting message is dropped to make room. */
  DROP_OLDEST,
  /** The message itself is dropped. */
  DROP_NEWEST,
  /** The receiver is ended with {@code killed}, as Erlang does for {@code max_heap_size}. */
  KILL;

  /** As it is written in configuration. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
