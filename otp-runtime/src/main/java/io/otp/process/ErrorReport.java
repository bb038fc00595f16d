package io.otp.process;

/**
 * A raw process crashed: Erlang's "Error in process … with exit value". A raw process that ends
 * with {@link ProcessExit} is not reported.
 *
 * @param pid the process
 * @param reason why
 */
public record ErrorReport(Pid pid, ExitReason reason) implements Report {

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "emulator,error";
  }

  @Override
  public String toString() {
    return "Process " + pid + " crashed: " + reason;
  }
}
