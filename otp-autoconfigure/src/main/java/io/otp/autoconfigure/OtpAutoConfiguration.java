package io.otp.autoconfigure;

import io.otp.port.Port;
import io.otp.process.ProcessRuntime;
import io.otp.process.ReportHandler;
import io.otp.process.RuntimeClock;
import java.time.Duration;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.NativeDetector;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import reactor.core.scheduler.Schedulers;

/** Auto-configuration of the process runtime. */
@AutoConfiguration
@EnableConfigurationProperties(OtpProperties.class)
public final class OtpAutoConfiguration {

  private static final Logger LOG = LoggerFactory.getLogger(OtpAutoConfiguration.class);

  /** How long Spring's shutdown hook is given before programs of ports are ended all the same. */
  private static final Duration ORDERLY_STOP = Duration.ofMinutes(2);

  @Bean
  @ConditionalOnMissingBean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  ProcessRuntime processRuntime(
      OtpProperties properties,
      Environment environment,
      ObjectProvider<RuntimeClock> clock,
      ObjectProvider<ReportHandler> reportHandlers,
      ObjectProvider<ProcessRuntimeCustomizer> customizers) {
    if (NativeDetector.inNativeImage()) {
      LOG.warn(
          "This is a native image, in which OTP for Spring Boot is not tested; live upgrade of"
              + " modules is not available in one");
    }
    ProcessRuntime.Builder builder =
        ProcessRuntime.builder()
            .name(nodeName(properties, environment))
            .maxProcesses(properties.maxProcesses())
            .immutability(properties.messages().immutability())
            .immutabilityDebug(properties.messages().debug())
            .immutableTypes(properties.messages().immutableTypes())
            .mayBlock(mayBlock());
    if (properties.schedulers() != null) {
      builder.schedulers(properties.schedulers());
    }
    clock.ifUnique(builder::clock);
    customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
    ProcessRuntime runtime = builder.build();
    reportHandlers.orderedStream().forEach(runtime::addReportHandler);
    if (environment.getProperty("spring.main.register-shutdown-hook", Boolean.class, true)) {
      Port.awaitCloseAtExit(runtime, ORDERLY_STOP);
    }
    return runtime;
  }

  private static String nodeName(OtpProperties properties, Environment environment) {
    return properties.nodeName() != null
        ? properties.nodeName()
        : environment.getProperty("spring.application.name", "otp");
  }

  /** A call on a Reactor thread would stop every request that this thread serves. */
  private static Predicate<Thread> mayBlock() {
    ClassLoader loader = OtpAutoConfiguration.class.getClassLoader();
    return ClassUtils.isPresent("reactor.core.scheduler.Schedulers", loader)
        ? ReactorThreads::mayBlock
        : _ -> true;
  }

  /** Loaded only where Reactor is present. */
  private static final class ReactorThreads {
    static boolean mayBlock(Thread thread) {
      return !Schedulers.isNonBlockingThread(thread);
    }
  }
}
