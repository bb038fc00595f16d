package io.otp.server;

import io.otp.process.MailboxBound;
import org.jspecify.annotations.Nullable;

/**
 * How the processes of a server are set up.
 *
 * @param trapExits whether exit signals become messages, and so whether {@code terminate} runs when
 *     the supervisor stops the server; {@code false} by default, as in OTP
 * @param mailbox the bound of the mailbox, {@code null} (the default) for none; then meter {@code
 *     otp.mailbox.size} shows it grow
 * @param threadLocals whether each run of the process gets a thread of its own, so that thread
 *     locals of libraries are never shared with other processes; {@code false} by default
 */
public record ServerOptions(
    boolean trapExits, @Nullable MailboxBound mailbox, boolean threadLocals) {

  /** No trapping, no bound, shared threads. */
  public static final ServerOptions DEFAULT = new ServerOptions(false, null, false);

  /** With exits trapped or not. */
  public ServerOptions withTrapExits(boolean trap) {
    return new ServerOptions(trap, mailbox, threadLocals);
  }

  /** With a bound for the mailbox. */
  public ServerOptions withMailbox(MailboxBound bound) {
    return new ServerOptions(trapExits, bound, threadLocals);
  }

  /** With a thread for each run or not. */
  public ServerOptions withThreadLocals(boolean own) {
    return new ServerOptions(trapExits, mailbox, own);
  }
}
