package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.report.ReportAutoConfiguration;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.ProcessRuntime;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class OtpEndpointAutoConfigurationTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withInitializer(
              context -> // as SpringApplication does: "none" and NONE are the same
              context.getEnvironment().setConversionService(new ApplicationConversionService()))
          .withConfiguration(
              AutoConfigurations.of(
                  OtpAutoConfiguration.class,
                  TreeAutoConfiguration.class,
                  ReportAutoConfiguration.class,
                  OtpEndpointAutoConfiguration.class,
                  OtpHealthAutoConfiguration.class));

  @Test
  void endpointsAreThereWhenExposed() {
    runner
        .withPropertyValues("management.endpoints.web.exposure.include=otp,otpprocesses")
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(OtpEndpoint.class)
                    .hasSingleBean(OtpProcessesEndpoint.class)
                    .hasSingleBean(OtpProcessesWebExtension.class)
                    .doesNotHaveBean(OtpSupervisorsEndpoint.class)
                    .doesNotHaveBean(OtpSupervisorsWebExtension.class)
                    .doesNotHaveBean(OtpReportsEndpoint.class));
    runner.run(context -> assertThat(context).doesNotHaveBean(OtpEndpoint.class));
  }

  @Test
  void anEndpointWithoutAccessIsNotThere() {
    runner
        .withPropertyValues(
            "management.endpoints.web.exposure.include=*",
            "management.endpoint.otpprocesses.access=none")
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(OtpReportsEndpoint.class)
                    .doesNotHaveBean(OtpProcessesEndpoint.class)
                    .doesNotHaveBean(OtpProcessesWebExtension.class));
  }

  @Test
  void healthCanBeReplacedOrSwitchedOff() {
    runner.run(context -> assertThat(context).hasSingleBean(OtpHealthContributor.class));
    runner
        .withPropertyValues("management.health.otp.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthContributor.class));
    runner
        .withBean("otpHealthContributor", HealthIndicator.class, () -> () -> null)
        .run(context -> assertThat(context).doesNotHaveBean(OtpHealthContributor.class));
  }

  @Test
  void tablesAreThereAlsoWithoutTablesOnDisk() {
    runner
        .withPropertyValues("management.endpoints.web.exposure.include=otptables")
        .run(context -> assertThat(context).hasSingleBean(StoreSource.class));
    runner
        .withPropertyValues("management.endpoints.web.exposure.include=otptables")
        .withClassLoader(new FilteredClassLoader("io.otp.store"))
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(OtpTablesEndpoint.class)
                    .hasSingleBean(OtpTablesWebExtension.class)
                    .doesNotHaveBean(TableSource.class));
  }

  @Test
  void withoutActuatorThereAreNone() {
    runner
        .withPropertyValues("management.endpoints.web.exposure.include=*")
        .withClassLoader(
            new FilteredClassLoader(
                "org.springframework.boot.actuate", "org.springframework.boot.health"))
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(ProcessRuntime.class)
                    .doesNotHaveBean(OtpEndpointAutoConfiguration.class)
                    .doesNotHaveBean(OtpHealthAutoConfiguration.class));
  }
}
