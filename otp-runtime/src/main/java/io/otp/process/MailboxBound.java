package io.otp.process;

import java.time.Duration;

/**
 * The bound of a mailbox and what happens beyond it.
 *
 * @param limit how many messages may wait, at least 1; signals are not counted
 * @param policy what happens to a message beyond it
 * @param timeout how long {@link Overload#BLOCK} waits, positive; ignored by the other policies
 */
public record MailboxBound(int limit, Overload policy, Duration timeout) {

  /** How long {@link Overload#BLOCK} waits by default: 5 s, as a call. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** Checks the limit and the timeout. */
  public MailboxBound {
    if (limit < 1) {
      throw new IllegalArgumentException(
          "A mailbox bound of " + limit + " is not allowed, it must be at least 1");
    }
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException(
          "A mailbox bound's timeout of " + timeout + " is not allowed, it must be positive");
    }
  }

  /** A bound with the default timeout. */
  public static MailboxBound of(int limit, Overload policy) {
    return new MailboxBound(limit, policy, DEFAULT_TIMEOUT);
  }
}
