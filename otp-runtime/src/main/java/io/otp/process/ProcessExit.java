package io.otp.process;

/**
 * Ends the process it escapes from with a reason of one's choice: Erlang's {@code exit(Reason)}.
 * Unlike any other exception it is not a crash; whether it is reported depends on the reason.
 *
 * {@snippet :
 * throw new ProcessExit(ExitReason.SHUTDOWN);
 * }
 *
 * @see <a href="https://www.erlang.org/doc/apps/erts/erlang.html#exit/1">erlang:exit/1</a>
 */
public class ProcessExit extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient ExitReason reason;

  /** Creates an exit with {@code reason}. */
  public ProcessExit(ExitReason reason) {
    this(reason, "exit: " + reason);
  }

  /** For exits that carry a text of their own. */
  protected ProcessExit(ExitReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** The reason the process ends with unless this is caught. */
  public final ExitReason reason() {
    return reason;
  }
}
