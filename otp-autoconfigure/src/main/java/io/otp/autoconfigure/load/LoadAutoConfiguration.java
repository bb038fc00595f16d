package io.otp.autoconfigure.load;

import io.micrometer.core.instrument.MeterRegistry;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.tree.RegulatorReader;
import io.otp.load.AdmissionListener;
import io.otp.load.Regulator;
import io.otp.process.ProcessRuntime;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Description;
import org.springframework.context.annotation.Role;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Auto-configuration of the regulators that {@code otp.regulators} declares, if there is any. */
@AutoConfiguration(
    after = OtpAutoConfiguration.class,
    afterName =
        "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@Conditional(LoadAutoConfiguration.OnRegulators.class)
public final class LoadAutoConfiguration {

  /** They do not crash by themselves; a few restarts after kills by hand must not end the node. */
  private static final int INTENSITY = 10;

  @Bean
  @ConditionalOnMissingBean
  Regulators otpRegulators(ProcessRuntime runtime, Environment environment) {
    return new Regulators(runtime, RegulatorReader.read(environment));
  }

  /** An application of its own, started before those of the configuration. */
  @Bean
  @ConditionalOnMissingBean(name = "otpRegulatorsSpec")
  @Order(Integer.MIN_VALUE)
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  @Description("otp.regulators")
  SupervisorSpec otpRegulatorsSpec(
      Regulators regulators, ObjectProvider<AdmissionListener> listeners) {
    AdmissionListener listener = listeners.getIfAvailable(() -> AdmissionListener.NONE);
    ChildSpec[] children =
        regulators.definitions().stream()
            .map(
                definition ->
                    Regulator.childSpec(definition.name(), definition.options(), listener))
            .toArray(ChildSpec[]::new);
    return SupervisorSpec.of("regulators", Strategy.ONE_FOR_ONE, children)
        .withIntensity(INTENSITY, Duration.ofSeconds(1));
  }

  /** Meters, where there is a registry for them. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterRegistry.class)
  @ConditionalOnBean(MeterRegistry.class)
  @ConditionalOnBooleanProperty(name = "otp.metrics.enabled", matchIfMissing = true)
  static class Meters {

    @Bean
    @ConditionalOnMissingBean(AdmissionListener.class)
    AdmissionMeters otpAdmissionMeters(MeterRegistry registry, Regulators regulators) {
      return new AdmissionMeters(registry, regulators.names());
    }
  }

  /** Whether anything below {@code otp.regulators} is set. */
  static final class OnRegulators extends SpringBootCondition {

    @Override
    public ConditionOutcome getMatchOutcome(
        ConditionContext context, AnnotatedTypeMetadata metadata) {
      var message = ConditionMessage.forCondition("otp.regulators");
      return RegulatorReader.isAny(context.getEnvironment())
          ? ConditionOutcome.match(message.because("there are some"))
          : ConditionOutcome.noMatch(message.because("there is none"));
    }
  }
}
