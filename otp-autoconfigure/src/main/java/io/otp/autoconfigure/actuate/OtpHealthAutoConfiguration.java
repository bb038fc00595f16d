package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.ProcessRuntime;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of health {@code otp}; {@code management.health.otp.enabled=false} removes it.
 */
@AutoConfiguration(after = TreeAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(ApplicationController.class)
public final class OtpHealthAutoConfiguration {

  @Bean
  @ConditionalOnEnabledHealthIndicator("otp")
  @ConditionalOnMissingBean(name = "otpHealthContributor")
  OtpHealthContributor otpHealthContributor(
      ProcessRuntime runtime, ApplicationController applications) {
    var heartbeats = new MissedHeartbeats(runtime.clock());
    runtime.addReportHandler(heartbeats);
    return new OtpHealthContributor(runtime, applications, heartbeats);
  }
}
