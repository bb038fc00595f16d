package io.otp.autoconfigure.report;

import io.otp.process.CrashReport;
import io.otp.process.ErrorReport;
import io.otp.process.ExitReason;
import io.otp.process.Report;
import io.otp.process.Thrown;
import org.jspecify.annotations.Nullable;

/**
 * The stack of what ended a process, as an exception is printed; in the one report that OTP shows
 * it in.
 */
final class StackText {

  private static final int LIMIT = 8_000;

  private StackText() {}

  /** {@code null} if nothing was thrown, or if another report shows it. */
  static @Nullable String of(Report report) {
    ExitReason reason =
        switch (report) {
          case CrashReport crash -> crash.reason();
          case ErrorReport error -> error.reason();
          default -> ExitReason.NORMAL;
        };
    return reason instanceof ExitReason.Crash(_, var cause) ? text(cause) : null;
  }

  private static String text(Thrown thrown) {
    var text = new StringBuilder(thrown.toString());
    for (Thrown t = thrown; t != null && text.length() < LIMIT; t = t.cause()) {
      if (t != thrown) {
        text.append("\nCaused by: ").append(t);
      }
      for (StackTraceElement frame : t.frames()) {
        text.append("\n\tat ").append(frame);
      }
    }
    return BoundedText.of(text, LIMIT);
  }
}
