package io.otp.autoconfigure.report;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.OtpProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of what becomes of reports. */
@AutoConfiguration(before = OtpAutoConfiguration.class)
public final class ReportAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty(name = "otp.reports.log", matchIfMissing = true)
  ReportLogger otpReportLogger() {
    return new ReportLogger();
  }

  @Bean
  @ConditionalOnMissingBean
  ReportRing otpReportRing(OtpProperties properties) {
    return new ReportRing(properties.reports().ringSize());
  }

  @Bean
  @ConditionalOnMissingBean
  ReportEvents otpReportEvents(ApplicationEventPublisher publisher) {
    return new ReportEvents(publisher);
  }
}
