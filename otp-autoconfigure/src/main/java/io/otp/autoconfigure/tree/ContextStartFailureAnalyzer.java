package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.ContextFailure;
import io.otp.process.ExitReason;
import io.otp.supervisor.FailedToStartChild;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Shows why a supervisor's context could not be opened when the application was started. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ContextStartFailureAnalyzer extends AbstractFailureAnalyzer<ApplicationStartException> {

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable rootFailure, ApplicationStartException cause) {
    ExitReason reason = cause.reason();
    while (reason instanceof ExitReason.ShutdownWith(FailedToStartChild(_, var deeper))) {
      reason = deeper;
    }
    if (!(reason instanceof ExitReason.Other(ContextFailure failure))) {
      return null;
    }
    return new FailureAnalysis(
        "Application '"
            + cause.application()
            + "' did not start: the context of supervisor '"
            + failure.supervisor()
            + "' could not be opened. "
            + failure.description(),
        (failure.action().isEmpty() ? "" : failure.action() + " ")
            + "The context is declared by "
            + failure.where()
            + ".",
        cause);
  }
}
