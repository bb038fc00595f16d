package io.otp.supervisor;

import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A start function returned a process that is not linked to the supervisor, which so will never
 * learn of its end. OTP says nothing in this case.
 *
 * @param pid the supervisor
 * @param name the supervisor's name
 * @param id the child
 * @param child the child's process
 */
public record UnlinkedChildReport(Pid pid, String name, String id, Pid child) implements Report {

  @Override
  public Level level() {
    return Level.WARNING;
  }

  @Override
  public String label() {
    return "supervisor,unlinked_child";
  }

  @Override
  public String toString() {
    return "Supervisor '"
        + name
        + "' "
        + pid
        + ": the start function of child '"
        + id
        + "' returned "
        + child
        + ", which is not linked to the supervisor, so its end will not be seen."
        + " Start it with a link.";
  }
}
