package io.otp.autoconfigure.context;

import java.util.Objects;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether definitions are being read for the context of a supervisor. A condition and no {@code
 * TypeExcludeFilter}, because filters see what a scan finds and nothing else; and Boot names it
 * where somebody misses the bean.
 */
final class OnSupervisorContext extends SpringBootCondition {

  /** A singleton that such a context has, and no other. */
  private static final String MARKER = "io.otp.autoconfigure.context.supervisor";

  /** Makes of {@code factory} that of a supervisor's context. */
  static void mark(ConfigurableListableBeanFactory factory, Object marker) {
    factory.registerSingleton(MARKER, marker);
  }

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    boolean marked =
        Objects.requireNonNull(context.getBeanFactory(), "bean factory").containsSingleton(MARKER);
    ConditionMessage.Builder message = ConditionMessage.forCondition("Supervisor context");
    return marked
        ? ConditionOutcome.match(message.because("this is the context of a supervisor"))
        : ConditionOutcome.noMatch(
            message.because(
                "this is not the context of a supervisor; beans of such a context are seen in it"
                    + " and in those below it"));
  }
}
