package io.otp.port;

import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/** What the functions of {@link Port}, and the threads of a port, say to its process. */
sealed interface PortCall {

  /** The first call: answered when the program runs. */
  enum Open implements PortCall {
    OPEN
  }

  /** May be called by any process. */
  record Command(Bytes bytes, boolean suspend) implements PortCall {}

  /** Answered by the end of the port. */
  enum Close implements PortCall {
    CLOSE
  }

  /** {@code false}: {@code next} has ended. */
  record Connect(Pid next) implements PortCall {}

  /** Answered with a {@link PortInfo}. */
  enum Describe implements PortCall {
    DESCRIBE
  }

  /**
   * The program runs, or why it does not: one of the two.
   *
   * @param program what runs
   * @param failure why nothing does
   */
  record Launched(@Nullable Program program, @Nullable PortException failure) implements PortCall {}

  /** There is room for input again. */
  enum Writable implements PortCall {
    WRITABLE
  }

  /** There is no more output, and nobody wants to keep the port for that. */
  enum Ended implements PortCall {
    ENDED
  }

  /**
   * The port cannot go on.
   *
   * @param reason {@code epipe} or {@code emsgsize}, and what happened
   */
  record Broken(String reason) implements PortCall {}
}
