package io.otp.autoconfigure.report;

import io.otp.process.Report;
import io.otp.process.Report.Level;
import io.otp.server.TerminateReport;
import io.otp.statem.MachineTerminateReport;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A report as it is kept, shown and logged: text only, so that it holds on to nothing of a process
 * that has ended, and bounded, however large that process's state was.
 *
 * @param time when it was written
 * @param level how bad it is
 * @param label OTP's label of such reports, for example <code>supervisor,child_terminated</code>
 * @param pid whom it is about, or who reports
 * @param message the report in one line
 * @param attributes each item of the report that has a value, by name
 */
public record ReportEntry(
    Instant time,
    Level level,
    String label,
    String pid,
    String message,
    Map<String, String> attributes) {

  /** Most characters of an attribute. */
  static final int ATTRIBUTE = 1_000;

  /** The attribute that shows where something was thrown. */
  static final String STACK = "stack";

  private static final int MESSAGE = 3_000;

  /** Describes {@code report}. */
  static ReportEntry of(Report report, Instant time) {
    var attributes = new LinkedHashMap<String, String>();
    if (report instanceof Record fields) {
      BoundedText.forEachComponent(
          fields, (name, value) -> attributes.put(name, BoundedText.of(value, ATTRIBUTE)));
    }
    attributes.remove("pid");
    String stack = StackText.of(report);
    if (stack != null) {
      attributes.put(STACK, stack);
    }
    return new ReportEntry(
        time,
        report.level(),
        report.label(),
        report.pid().toString(),
        message(report, attributes),
        attributes);
  }

  /** Its own text, but where that shows a state. */
  private static String message(Report report, Map<String, String> attributes) {
    if (report instanceof TerminateReport r) {
      return "Server "
          + r.module()
          + (r.name() == null ? "" : " '" + r.name() + "'")
          + (" " + r.pid() + " terminating, reason: " + attributes.get("reason"))
          + ("; last message " + attributes.get("lastMessage"))
          + (r.client() == null ? "" : " from " + r.client())
          + ("; state " + attributes.get("state"));
    }
    if (report instanceof MachineTerminateReport r) {
      return "State machine "
          + r.module()
          + (r.name() == null ? "" : " '" + r.name() + "'")
          + (" " + r.pid() + " terminating, reason: " + attributes.get("reason"))
          + ("; state " + attributes.get("state"))
          + ("; data " + attributes.get("data"))
          + ("; queue " + attributes.get("queue"))
          + (r.client() == null ? "" : ", the first from " + r.client())
          + ("; postponed " + attributes.get("postponed"))
          + ("; timeouts " + attributes.get("timeouts"));
    }
    return BoundedText.of(new Text(report), MESSAGE);
  }

  /** Keeps a record's own text from being taken apart. */
  private record Text(Report report) {
    @Override
    public String toString() {
      return report.toString();
    }
  }
}
