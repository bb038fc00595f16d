package io.otp.supervisor;

import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/**
 * A child as reports show it; does not hold on to its start function.
 *
 * @param pid its process, also when that is dead; {@code null} if it has had none since it was last
 *     stopped
 * @param restarting whether an earlier attempt to restart it has failed
 * @param id its id; for a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor that of its template
 * @param restart its restart type
 * @param significant whether it is significant
 * @param shutdown how it is stopped
 * @param type worker or supervisor
 */
public record ReportedChild(
    @Nullable Pid pid,
    boolean restarting,
    String id,
    Restart restart,
    boolean significant,
    Shutdown shutdown,
    ChildType type) {

  static ReportedChild of(ChildSpec child, @Nullable Pid pid, boolean restarting) {
    return new ReportedChild(
        pid,
        restarting,
        child.id(),
        child.restart(),
        child.significant(),
        child.shutdown(),
        child.type());
  }

  /** In one line: {@code ledger <0.9.0> (permanent worker, shutdown 5s)}. */
  @Override
  public String toString() {
    return id
        + (pid == null ? "" : " " + pid)
        + (restarting ? " restarting" : "")
        + (" (" + restart.text() + (significant ? " significant " : " ") + type.text())
        + (", shutdown " + shutdown + ")");
  }
}
