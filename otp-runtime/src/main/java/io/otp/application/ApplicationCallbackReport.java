package io.otp.application;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A callback failed that an application does without: {@code prepStop}, {@code stop} or {@code
 * configChange}.
 *
 * @param pid the application master
 * @param application the application
 * @param callback which one: {@code Shop.stop}
 * @param reason why
 */
public record ApplicationCallbackReport(
    Pid pid, String application, String callback, ExitReason reason) implements Report {

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "application_master,callback_failed";
  }

  @Override
  public String toString() {
    return callback + " of application '" + application + "' failed: " + reason;
  }
}
