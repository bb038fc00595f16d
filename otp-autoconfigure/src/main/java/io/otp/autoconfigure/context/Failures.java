package io.otp.autoconfigure.context;

import io.otp.process.Thrown;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/**
 * Says in words why a context could not be opened, as Boot does for the root: with every failure
 * analyzer there is.
 */
final class Failures {

  private Failures() {}

  static ContextFailure of(
      ContextSpec spec, String id, Throwable failure, @Nullable SupervisorApplicationContext of) {
    FailureAnalysis analysis = of == null ? null : analyze(failure, of);
    String description = analysis == null ? text(failure) : analysis.getDescription();
    String action = analysis == null ? "" : Objects.requireNonNullElse(analysis.getAction(), "");
    return new ContextFailure(
        spec.supervisor(),
        id,
        spec.where(),
        description.strip(),
        action.strip(),
        Thrown.of(failure));
  }

  private static @Nullable FailureAnalysis analyze(
      Throwable failure, SupervisorApplicationContext context) {
    return SpringFactoriesLoader.forDefaultResourceLocation(context.getClassLoader())
        .load(
            FailureAnalyzer.class,
            ArgumentResolver.of(BeanFactory.class, context.getBeanFactory())
                .and(Environment.class, context.getEnvironment()),
            FailureHandler.handleMessage((message, cause) -> {}))
        .stream()
        .map(analyzer -> analyze(analyzer, failure))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** One that fails itself must not hide why the context failed. */
  private static @Nullable FailureAnalysis analyze(FailureAnalyzer analyzer, Throwable failure) {
    try {
      return analyzer.analyze(failure);
    } catch (RuntimeException | LinkageError e) {
      return null;
    }
  }

  /** The innermost cause is what went wrong; those around it say which bean it went wrong in. */
  private static String text(Throwable failure) {
    Throwable innermost = failure;
    while (innermost.getCause() != null && innermost.getCause() != innermost) {
      innermost = innermost.getCause();
    }
    return innermost == failure
        ? failure.toString()
        : failure.getMessage() + " Innermost cause: " + innermost;
  }
}
