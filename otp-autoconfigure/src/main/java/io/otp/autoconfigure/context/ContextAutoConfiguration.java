package io.otp.autoconfigure.context;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.ProcessRuntime;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.context.support.AbstractApplicationContext;

/** Auto-configuration of contexts that supervisors own, and of the process scope. */
@AutoConfiguration(after = OtpAutoConfiguration.class)
@EnableConfigurationProperties(ProcessScopeProperties.class)
public final class ContextAutoConfiguration {

  @Bean
  static ProcessScopeRegistrar otpProcessScopeRegistrar() {
    return new ProcessScopeRegistrar();
  }

  @Bean
  @ConditionalOnMissingBean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  SupervisorContexts otpSupervisorContexts(
      ProcessRuntime runtime,
      AbstractApplicationContext context,
      ProcessScopeRegistrar processScope,
      ProcessScopeProperties properties) {
    return new SupervisorContexts(
        runtime, context, processScope.beans(), properties.maxInstances());
  }
}
