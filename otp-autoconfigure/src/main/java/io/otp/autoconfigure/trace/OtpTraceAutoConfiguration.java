package io.otp.autoconfigure.trace;

import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.ProcessRuntime;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the endpoint of traces. */
@AutoConfiguration(after = TreeAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(ProcessRuntime.class)
@EnableConfigurationProperties(TraceEndpointProperties.class)
public final class OtpTraceAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpTraceEndpoint.class,
      exposure = EndpointExposure.WEB)
  TraceStreams otpTraceStreams(ProcessRuntime runtime, TraceEndpointProperties properties) {
    return new TraceStreams(runtime, properties);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(TraceStreams.class)
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpTraceEndpoint.class,
      exposure = EndpointExposure.WEB)
  OtpTraceEndpoint otpTraceEndpoint(TraceStreams streams) {
    return new OtpTraceEndpoint(streams);
  }
}
