package io.otp.process;

/**
 * This process has been ended from outside while its code ran. Every use of the runtime throws it
 * from then on. It is an {@link Error} so that {@code catch (Exception e)} lets it pass; do not
 * catch it: to everybody else the process is dead already.
 */
public final class ProcessKilledError extends Error {

  private static final long serialVersionUID = 1L;

  ProcessKilledError(Pid pid, ExitReason reason) {
    super(
        "Process "
            + pid
            + " was ended ("
            + reason
            + ") while its code ran; nothing it does has an effect any more",
        null,
        false,
        false);
  }
}
