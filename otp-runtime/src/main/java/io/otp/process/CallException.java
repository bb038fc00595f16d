package io.otp.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call got no answer. A process that does not catch this ends with <code>{Reason, {call, ...}}
 * </code>, as in OTP, see {@link ExitReason.CallFailed}.
 */
public abstract sealed class CallException extends ProcessExit {

  private static final long serialVersionUID = 1L;

  private final transient ExitReason.CallFailed failure;

  private CallException(ExitReason.CallFailed failure, String message) {
    super(failure, message);
    this.failure = failure;
  }

  /** The server as it was named in the call: a registered name or a pid. */
  public final String server() {
    return failure.server();
  }

  /** The request that was not answered. */
  public final Object request() {
    return failure.request();
  }

  /** Why: the server's exit reason, {@code noproc}, {@code timeout} or {@code calling_self}. */
  public final ExitReason cause() {
    return failure.reason();
  }

  /** No reply in time. The server may still act on the request; its late reply is dropped. */
  public static final class CallTimeoutException extends CallException {
    private static final long serialVersionUID = 1L;

    CallTimeoutException(ExitReason.CallFailed failure, String message) {
      super(failure, message);
    }
  }

  /** There is no such server. */
  public static final class NoProcessException extends CallException {
    private static final long serialVersionUID = 1L;

    NoProcessException(ExitReason.CallFailed failure, String message) {
      super(failure, message);
    }
  }

  /** The server ended before it replied; {@link #cause()} is its exit reason. */
  public static final class ServerExitException extends CallException {
    private static final long serialVersionUID = 1L;

    ServerExitException(ExitReason.CallFailed failure, String message) {
      super(failure, message);
    }
  }

  /** A server called itself and would have waited for ever. */
  public static final class CallingSelfException extends CallException {
    private static final long serialVersionUID = 1L;

    CallingSelfException(ExitReason.CallFailed failure, String message) {
      super(failure, message);
    }
  }

  /**
   * The server's mailbox is full and its policy refused or dropped the request; the server did not
   * see it.
   */
  public static final class MailboxFullException extends CallException {
    private static final long serialVersionUID = 1L;

    MailboxFullException(ExitReason.CallFailed failure, String message) {
      super(failure, message);
    }
  }

  static CallException of(
      ExitReason reason,
      Request.Target target,
      Object request,
      @Nullable Duration timeout,
      Duration waited) {
    var failure = new ExitReason.CallFailed(reason, target.toString(), request, timeout);
    String who = "Server " + target + " ";
    String what = request.getClass().getSimpleName();
    return switch (reason) {
      case ExitReason.Timeout _ ->
          new CallTimeoutException(
              failure,
              who
                  + "did not reply to "
                  + what
                  + " within "
                  + waited.toMillis()
                  + " ms"
                  + target.situation()
                  + ". It may still act on the request. Raise the timeout, or see what the server"
                  + " does in otpprocesses.");
      case ExitReason.NoProcess _ ->
          new NoProcessException(
              failure,
              who
                  + "is not running, so "
                  + what
                  + " was not delivered. Start it, or wait for its supervisor to.");
      case ExitReason.CallingSelf _ ->
          new CallingSelfException(
              failure,
              who
                  + "called itself with "
                  + what
                  + " and would wait for ever. Call a method, or cast to yourself.");
      case ExitReason.Other(MailboxFull full) ->
          new MailboxFullException(failure, who + full.sentence(what));
      default ->
          new ServerExitException(
              failure, who + "ended before it replied to " + what + ", reason: " + reason + ".");
    };
  }
}
