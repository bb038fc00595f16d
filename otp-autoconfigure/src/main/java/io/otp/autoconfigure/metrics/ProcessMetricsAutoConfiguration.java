package io.otp.autoconfigure.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.ProcessRuntimeCustomizer;
import io.otp.process.ProcessRuntime;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of meters, where there is a registry for them. */
@AutoConfiguration(
    after = OtpAutoConfiguration.class,
    afterName =
        "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnBooleanProperty(name = "otp.metrics.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ProcessMetricsProperties.class)
public final class ProcessMetricsAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  RuntimeMeters otpRuntimeMeters(ProcessRuntime runtime) {
    return new RuntimeMeters(runtime);
  }

  @Bean
  @ConditionalOnMissingBean
  BehaviourMeters otpBehaviourMeters(ProcessRuntime runtime) {
    return new BehaviourMeters(runtime);
  }

  // The runtime is built with this one, which so cannot depend on it, nor on the registry.

  @Bean
  @ConditionalOnMissingBean
  static SampledMeters otpSampledMeters(ProcessMetricsProperties properties) {
    return new SampledMeters(properties.sampleEvery());
  }

  @Bean
  static ProcessRuntimeCustomizer otpSampling(
      SampledMeters meters, ProcessMetricsProperties properties) {
    return builder -> builder.sampler(meters, properties.sampleEvery());
  }
}
