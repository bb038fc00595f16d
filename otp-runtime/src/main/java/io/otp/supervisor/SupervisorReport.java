package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Report;
import java.util.Locale;

/**
 * Something went wrong with a child: OTP's <code>{supervisor, ErrorContext}</code> event, level
 * error.
 *
 * @param kind OTP's error context
 * @param supervisor the supervisor's process
 * @param name the supervisor's name
 * @param reason why; {@link #REACHED_MAX_RESTART_INTENSITY} for {@link Kind#SHUTDOWN}
 * @param offender the child; without a pid where {@code nbChildren} is not 0
 * @param nbChildren how many children of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor ended
 *     with this reason when all were stopped, else 0
 */
public record SupervisorReport(
    Kind kind,
    Pid supervisor,
    String name,
    ExitReason reason,
    ReportedChild offender,
    int nbChildren)
    implements Report {

  /** The reason of {@link Kind#SHUTDOWN}. */
  public static final ExitReason REACHED_MAX_RESTART_INTENSITY =
      new ExitReason.Other("reached_max_restart_intensity");

  /** When a report is due. */
  public enum Kind {
    /** The child ended by itself, and abnormally or although it is permanent. */
    CHILD_TERMINATED,
    /**
     * The child's start failed, when the supervisor started or restarted it; not for {@code
     * start_child}.
     */
    START_ERROR,
    /**
     * The supervisor gives up: the child was to be restarted once more than the intensity allows.
     */
    SHUTDOWN,
    /** The supervisor stopped the child, and it ended otherwise than told. */
    SHUTDOWN_ERROR;

    /** OTP's word: {@code child_terminated} and so on. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "supervisor," + kind.text();
  }

  @Override
  public Pid pid() {
    return supervisor;
  }

  /**
   * In one line: {@code Supervisor 'shop' <0.2.0>: child_terminated, reason killed, child ledger
   * <0.9.0> (…)}.
   */
  @Override
  public String toString() {
    return "Supervisor '"
        + name
        + "' "
        + supervisor
        + ": "
        + kind.text()
        + ", reason "
        + reason
        + (nbChildren == 0 ? ", child " : ", " + nbChildren + " children of ")
        + offender;
  }
}
