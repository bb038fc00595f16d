package io.otp.port;

/** A port could not be opened, or not be used. */
public final class PortException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What is wrong, in the words of POSIX and Erlang. */
  public enum Problem {
    /** {@code enoent}: there is no such program or directory. */
    NO_SUCH_FILE,
    /** {@code eacces}: the program may not be executed, or the directory not be entered. */
    NOT_PERMITTED,
    /** {@code enotdir}: what shall be the working directory is none. */
    NOT_A_DIRECTORY,
    /** {@code einval}: the packet is too long. */
    TOO_LONG,
    /** The program did not read what it was sent, and the wait for it was over. */
    BUSY,
    /** The port has ended. */
    CLOSED,
    /** The operating system refused for another reason, or the JVM is ending. */
    SYSTEM
  }

  private final Problem problem;

  PortException(Problem problem, String message) {
    super(message);
    this.problem = problem;
  }

  PortException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  /** What is wrong. */
  public Problem problem() {
    return problem;
  }
}
