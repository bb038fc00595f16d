package io.otp.autoconfigure.tree;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a {@link TreeConfigurationException} as a start-up failure without a stack trace. */
final class TreeFailureAnalyzer extends AbstractFailureAnalyzer<TreeConfigurationException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, TreeConfigurationException cause) {
    return new FailureAnalysis(cause.description(), cause.action(), cause);
  }
}
