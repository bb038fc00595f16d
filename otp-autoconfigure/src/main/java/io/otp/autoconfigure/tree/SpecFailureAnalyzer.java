package io.otp.autoconfigure.tree;

import io.otp.supervisor.InvalidSpecException;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Names the bean that made a supervisor or child that cannot be. */
final class SpecFailureAnalyzer extends AbstractFailureAnalyzer<InvalidSpecException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, InvalidSpecException cause) {
    BeanCreationException creation = findCause(rootFailure, BeanCreationException.class);
    while (creation != null
        && findCause(creation.getCause(), BeanCreationException.class) != null) {
      creation = findCause(creation.getCause(), BeanCreationException.class);
    }
    return new FailureAnalysis(
        cause.error().message(),
        creation == null || creation.getBeanName() == null
            ? "Fix the spec."
            : "Fix bean '"
                + creation.getBeanName()
                + "'"
                + (creation.getResourceDescription() == null
                    ? "."
                    : ", defined in " + creation.getResourceDescription() + "."),
        cause);
  }
}
