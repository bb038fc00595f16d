package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationError;
import io.otp.process.ExitReason;
import io.otp.server.StartResult;
import io.otp.supervisor.FailedToStartChild;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Names the child whose {@code init} kept an application from starting. */
final class ApplicationStartFailureAnalyzer
    extends AbstractFailureAnalyzer<ApplicationStartException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, ApplicationStartException cause) {
    if (!(cause.error() instanceof ApplicationError.StartFailed failed)) {
      return new FailureAnalysis(cause.error().message(), "", cause);
    }
    ExitReason reason = cause.reason();
    var path = new StringBuilder(cause.application());
    while (reason instanceof ExitReason.ShutdownWith(FailedToStartChild(var id, var deeper))) {
      path.append(" → ").append(id);
      reason = deeper;
    }
    return new FailureAnalysis(
        "Application '"
            + cause.application()
            + "' did not start: "
            + path
            + (callsItself(failed) ? " failed in " + failed.callback() : " failed")
            + " with "
            + reason
            + where(reason)
            + ". What had been started before it was stopped.",
        action(reason),
        cause);
  }

  /** Whether it has code of its own and is not just a supervisor. */
  private static boolean callsItself(ApplicationError.StartFailed failed) {
    return !failed.callback().equals("SupervisorApplication.start");
  }

  private static String action(ExitReason reason) {
    return reason instanceof ExitReason.Other(StartResult.AlreadyStarted(var holder))
        ? "Another process, " + holder + ", has its name already. Give one of them another name."
        : "Look at the init method of that server; the crash report in the log has the details.";
  }

  /**
   * The innermost line that is not the JDK's: a check such as requireNonNull says nothing of who
   * failed it.
   */
  private static String where(ExitReason reason) {
    return reason instanceof ExitReason.Crash crash
        ? crash.cause().frames().stream()
            .filter(frame -> !"java.base".equals(frame.getModuleName()))
            .findFirst()
            .map(frame -> " at " + frame)
            .orElse("")
        : "";
  }
}
