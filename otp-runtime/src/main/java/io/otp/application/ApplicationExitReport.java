package io.otp.application;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Report;
import java.util.Locale;

/**
 * An application has ended by itself, or did not start: OTP's <code>{application_controller, exit}
 * </code> event. Unlike in OTP, where its level is notice, it is an error if it was abnormal or the
 * node ends, and else a warning. An application that is stopped is not reported.
 *
 * @param pid what was its top supervisor; where that did not start, its application master
 * @param application its name
 * @param type what its end means to the node
 * @param reason why it ended
 * @param nodeEnds whether the node ends with it
 */
public record ApplicationExitReport(
    Pid pid, String application, ApplicationType type, ExitReason reason, boolean nodeEnds)
    implements Report {

  @Override
  public Level level() {
    return nodeEnds || reason.isAbnormal() ? Level.ERROR : Level.WARNING;
  }

  @Override
  public String label() {
    return "application_controller,exit";
  }

  @Override
  public String toString() {
    return "Application '"
        + application
        + "' ended with "
        + reason
        + "; it is "
        + type.name().toLowerCase(Locale.ROOT)
        + " and the node "
        + (nodeEnds ? "ends" : "goes on");
  }
}
