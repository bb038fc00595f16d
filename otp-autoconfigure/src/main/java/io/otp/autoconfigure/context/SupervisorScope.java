package io.otp.autoconfigure.context;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Scope;

/**
 * One instance per incarnation of the supervisor whose context the bean is in: made when the
 * supervisor starts, destroyed after its last child has ended.
 *
 * {@snippet :
 * @Component
 * @SupervisorScope
 * class RateTable {}      // in a package that a @SupervisorConfiguration scans
 * }
 *
 * <p>That is what every singleton of such a context is. The annotation says so, and it keeps a
 * {@code @Component} or a {@code @Bean} out of all other contexts: it is passed over there as a
 * {@link SupervisorConfiguration} is.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Scope(SupervisorScope.NAME)
@Conditional(OnSupervisorContext.class)
public @interface SupervisorScope {

  /** The name of the scope. */
  String NAME = "supervisor";
}
