package io.otp.autoconfigure.context;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a bean method that returns a {@link io.otp.supervisor.SupervisorSpec}: the supervisor owns a
 * context with these configuration classes. What {@code context: {configuration: […]}} is in YAML.
 *
 * {@snippet :
 * @Bean
 * @SupervisorContext(PaymentsConfiguration.class)
 * SupervisorSpec payments() {
 *   return SupervisorSpec.of("payments", REST_FOR_ONE,
 *       BeanChild.worker("ledger"),                       // beans of the context, by name
 *       BeanChild.worker("gateway").withRestart(TRANSIENT));
 * }
 * }
 *
 * <p>An annotation and not a part of the spec, because references to the servers of the context are
 * made before any bean is.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(SupervisorContext.Several.class)
public @interface SupervisorContext {

  /** The configuration classes, best {@link SupervisorConfiguration}s. */
  Class<?>[] value();

  /** The name of the supervisor that owns it; by default the one that the bean is. */
  String supervisor() default "";

  /**
   * One for each of several supervisors of a tree; an inner one's context is in the outer one's.
   */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @Documented
  @interface Several {

    /** The contexts. */
    SupervisorContext[] value();
  }
}
