package io.otp.application;

import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * An application has started: OTP's <code>{application_controller, progress}</code> event, level
 * info, hidden unless asked for.
 *
 * @param pid its top supervisor; of a library, the application controller
 * @param application its name
 * @param type what its end will mean to the node
 */
public record ApplicationProgressReport(Pid pid, String application, ApplicationType type)
    implements Report {

  @Override
  public Level level() {
    return Level.INFO;
  }

  @Override
  public String label() {
    return "application_controller,progress";
  }

  @Override
  public String toString() {
    return "Application '" + application + "' started, its supervisor is " + pid;
  }
}
