package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.autoconfigure.context.SupervisorContexts;
import io.otp.autoconfigure.report.ReportAutoConfiguration;
import io.otp.autoconfigure.report.ReportRing;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.ProcessRuntime;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of the endpoints. */
@AutoConfiguration(after = {TreeAutoConfiguration.class, ReportAutoConfiguration.class})
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(ProcessRuntime.class)
@EnableConfigurationProperties({ProcessesEndpointProperties.class, TablesEndpointProperties.class})
public final class OtpEndpointAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(ApplicationController.class)
  @ConditionalOnAvailableEndpoint
  OtpEndpoint otpEndpoint(ProcessRuntime runtime, ApplicationController applications) {
    return new OtpEndpoint(runtime, applications);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnAvailableEndpoint
  OtpProcessesEndpoint otpProcessesEndpoint(
      ProcessRuntime runtime, ProcessesEndpointProperties properties) {
    return new OtpProcessesEndpoint(runtime, properties.showState());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(OtpProcessesEndpoint.class)
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpProcessesEndpoint.class,
      exposure = EndpointExposure.WEB)
  OtpProcessesWebExtension otpProcessesWebExtension(
      OtpProcessesEndpoint endpoint, ProcessesEndpointProperties properties) {
    return new OtpProcessesWebExtension(endpoint, properties);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(ApplicationController.class)
  @ConditionalOnAvailableEndpoint
  OtpSupervisorsEndpoint otpSupervisorsEndpoint(
      ProcessRuntime runtime,
      ApplicationController applications,
      ObjectProvider<SupervisorContexts> contexts) {
    return new OtpSupervisorsEndpoint(runtime, applications, contexts.getIfAvailable());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(OtpSupervisorsEndpoint.class)
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpSupervisorsEndpoint.class,
      exposure = EndpointExposure.WEB)
  OtpSupervisorsWebExtension otpSupervisorsWebExtension(OtpSupervisorsEndpoint endpoint) {
    return new OtpSupervisorsWebExtension(endpoint);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(ApplicationController.class)
  @ConditionalOnAvailableEndpoint
  OtpApplicationsEndpoint otpApplicationsEndpoint(
      ApplicationController applications, ObjectProvider<SupervisorContexts> contexts) {
    return new OtpApplicationsEndpoint(applications, contexts.getIfAvailable());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(OtpApplicationsEndpoint.class)
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpApplicationsEndpoint.class,
      exposure = EndpointExposure.WEB)
  OtpApplicationsWebExtension otpApplicationsWebExtension(OtpApplicationsEndpoint endpoint) {
    return new OtpApplicationsWebExtension(endpoint);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(ReportRing.class)
  @ConditionalOnAvailableEndpoint
  OtpReportsEndpoint otpReportsEndpoint(ReportRing ring) {
    return new OtpReportsEndpoint(ring);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(OtpReportsEndpoint.class)
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpReportsEndpoint.class,
      exposure = EndpointExposure.WEB)
  OtpReportsWebExtension otpReportsWebExtension(OtpReportsEndpoint endpoint) {
    return new OtpReportsWebExtension(endpoint);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnAvailableEndpoint
  OtpTablesEndpoint otpTablesEndpoint(
      ProcessRuntime runtime,
      ObjectProvider<TableSource> others,
      TablesEndpointProperties properties) {
    List<TableSource> sources =
        Stream.concat(Stream.<TableSource>of(new EtsSource(runtime)), others.orderedStream())
            .toList();
    return new OtpTablesEndpoint(sources, properties.showValues());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBean(OtpTablesEndpoint.class)
  @ConditionalOnAvailableEndpoint(
      endpoint = OtpTablesEndpoint.class,
      exposure = EndpointExposure.WEB)
  OtpTablesWebExtension otpTablesWebExtension(
      OtpTablesEndpoint endpoint, TablesEndpointProperties properties) {
    return new OtpTablesWebExtension(endpoint, properties);
  }

  /** Where otp-store is. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "io.otp.store.Dets")
  static class StoredTables {
    @Bean
    @ConditionalOnAvailableEndpoint(endpoint = OtpTablesEndpoint.class)
    TableSource otpStoredTables(ProcessRuntime runtime) {
      return new StoreSource(runtime);
    }
  }
}
