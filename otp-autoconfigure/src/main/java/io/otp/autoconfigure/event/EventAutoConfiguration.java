package io.otp.autoconfigure.event;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of handlers for event managers. */
@AutoConfiguration
public final class EventAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  SpringEventHandler otpSpringEventHandler(ApplicationEventPublisher publisher) {
    return new SpringEventHandler(publisher);
  }
}
