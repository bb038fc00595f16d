package io.otp.supervisor;

import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A child was started: OTP's <code>{supervisor, progress}</code> event, level info. As in OTP 25
 * there is none for the children of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor.
 *
 * @param supervisor the supervisor's process
 * @param name the supervisor's name
 * @param started the child
 */
public record ProgressReport(Pid supervisor, String name, ReportedChild started) implements Report {

  @Override
  public Level level() {
    return Level.INFO;
  }

  @Override
  public String label() {
    return "supervisor,progress";
  }

  @Override
  public Pid pid() {
    return supervisor;
  }

  /** In one line: {@code Supervisor 'shop' <0.2.0>: started ledger <0.9.0> (…)}. */
  @Override
  public String toString() {
    return "Supervisor '" + name + "' " + supervisor + ": started " + started;
  }
}
