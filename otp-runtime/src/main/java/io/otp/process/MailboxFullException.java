package io.otp.process;

/** A message was refused because the receiver's bounded mailbox is full. */
public final class MailboxFullException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Pid receiver;

  private final int limit;

  MailboxFullException(Pid receiver, String name, int limit, Overload policy, Object message) {
    super(
        "Process "
            + name
            + " did not get "
            + message.getClass().getSimpleName()
            + ": its mailbox is bounded to "
            + limit
            + " messages and full (overload policy "
            + policy.text()
            + "). Send less, answer overload to your own caller, or raise the bound.");
    this.receiver = receiver;
    this.limit = limit;
  }

  /** The process whose mailbox is full. */
  public Pid receiver() {
    return receiver;
  }

  /** How many messages it may hold. */
  public int limit() {
    return limit;
  }
}
