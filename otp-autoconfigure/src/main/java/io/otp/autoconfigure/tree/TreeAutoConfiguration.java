package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationSpec;
import io.otp.autoconfigure.DrainListener;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.OtpProperties;
import io.otp.autoconfigure.context.ContextAutoConfiguration;
import io.otp.process.ProcessRuntime;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Auto-configuration of supervision trees. */
@AutoConfiguration(after = {OtpAutoConfiguration.class, ContextAutoConfiguration.class})
public final class TreeAutoConfiguration {

  private static final Duration DEFAULT_PHASE_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration RESERVE = Duration.ofSeconds(2);

  @Bean
  static TreeRegistrar otpTreeRegistrar(Environment environment) {
    return new TreeRegistrar(environment);
  }

  @Bean
  static SpecContexts otpSpecContexts(ConfigurableListableBeanFactory factory) {
    return new SpecContexts(factory);
  }

  @Bean
  @ConditionalOnMissingBean
  NodeExit otpNodeExit(ConfigurableApplicationContext context, OtpProperties properties) {
    OtpProperties.NodeExit choice = properties.nodeExit();
    boolean exit = choice == null ? !isTestOrDevTools() : choice == OtpProperties.NodeExit.EXIT;
    return (application, reason) -> {
      if (exit) {
        System.exit(SpringApplication.exit(context, () -> 1));
      } else {
        context.close();
      }
    };
  }

  /** A node that gives up must not take a test run or a developer's restart loop with it. */
  private static boolean isTestOrDevTools() {
    ClassLoader loader = TreeAutoConfiguration.class.getClassLoader();
    return ClassUtils.isPresent("org.springframework.test.context.TestContext", loader)
        || ClassUtils.isPresent("org.springframework.boot.devtools.restart.Restarter", loader);
  }

  @Bean
  @ConditionalOnMissingBean
  ApplicationController otpApplicationController(ProcessRuntime runtime) {
    return ApplicationController.of(runtime);
  }

  @Bean
  @ConditionalOnMissingBean
  ApplicationEnvironment otpApplicationEnvironment(
      Environment environment, ApplicationController controller) {
    return new ApplicationEnvironment(environment, controller);
  }

  @Bean
  @ConditionalOnMissingBean
  ApplicationLifecycle otpApplicationLifecycle(
      ApplicationController controller,
      Trees trees,
      ObjectProvider<SupervisorSpec> specs,
      ObjectProvider<ApplicationSpec> applications,
      ConfigurableListableBeanFactory factory,
      ConfigurableApplicationContext context,
      ApplicationEnvironment applicationEnvironment,
      OtpProperties properties,
      NodeExit nodeExit) {
    Environment environment = context.getEnvironment();
    return new ApplicationLifecycle(
        controller,
        new Applications(trees, specs, applications, factory, environment),
        applicationEnvironment,
        stopTimeout(properties, environment),
        _ -> {
          AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
          AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
        },
        nodeExit);
  }

  @Bean
  @ConditionalOnMissingBean
  DrainLifecycle otpDrainLifecycle(
      ObjectProvider<DrainListener> listeners, OtpProperties properties) {
    return new DrainLifecycle(listeners, properties.shutdown().drainTimeout());
  }

  /** Boot's timeout is per phase and kills nothing; ours is a little shorter and does. */
  private static Duration stopTimeout(OtpProperties properties, Environment environment) {
    if (properties.shutdown().timeout() != null) {
      return properties.shutdown().timeout();
    }
    Duration phase =
        Binder.get(environment)
            .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
            .orElse(DEFAULT_PHASE_TIMEOUT);
    Duration less = phase.minus(RESERVE);
    return less.isPositive() ? less : phase;
  }
}
