package io.otp.autoconfigure.observation;

import io.micrometer.observation.ObservationRegistry;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.ProcessRuntimeCustomizer;
import io.otp.process.MessageContext;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of observations; off unless {@code otp.observation.enabled}. */
@AutoConfiguration(
    before = OtpAutoConfiguration.class,
    afterName =
        "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
@ConditionalOnBooleanProperty("otp.observation.enabled")
@EnableConfigurationProperties(ProcessObservationProperties.class)
public final class ProcessObservationAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  static MessageContext otpObservedMessages(
      ObservationRegistry registry, ProcessObservationProperties properties) {
    return new ObservedMessages(registry, properties.mdc());
  }

  @Bean
  static ProcessRuntimeCustomizer otpObservations(MessageContext context) {
    return builder -> builder.messageContext(context);
  }
}
