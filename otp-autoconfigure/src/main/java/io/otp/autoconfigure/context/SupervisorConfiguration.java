package io.otp.autoconfigure.context;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AliasFor;

/**
 * A configuration class for the context of a supervisor: its beans are made anew with each
 * incarnation of that supervisor.
 *
 * {@snippet :
 * @SupervisorConfiguration
 * class PaymentsConfiguration {
 *   @Bean
 *   GatewayClient client(GatewayProperties properties) {    // closed and made anew at a restart
 *     return GatewayClient.connect(properties.url());
 *   }
 *
 *   @Bean
 *   Gateway gateway(GatewayClient client) {
 *     return new Gateway(client);
 *   }
 * }
 * }
 *
 * <p>It is a {@link Configuration} that counts in such contexts only. Elsewhere it is passed over,
 * whichever way it is found: by a component scan, as a class within a configuration class, by an
 * import. So the root's component scan does not make the same beans a second time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Configuration
@Conditional(OnSupervisorContext.class)
public @interface SupervisorConfiguration {

  /** See {@link Configuration#proxyBeanMethods()}; {@code true} by default. */
  @AliasFor(annotation = Configuration.class)
  boolean proxyBeanMethods() default true;
}
