package io.otp.autoconfigure.context;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** One of a library whose classes do not fit together; of failures that say so. */
final class BrokenAnalyzer implements FailureAnalyzer {

  static final String TEXT = "break the analyzer";

  @Override
  public FailureAnalysis analyze(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (TEXT.equals(t.getMessage())) {
        throw new NoClassDefFoundError("as told");
      }
    }
    return null;
  }
}
