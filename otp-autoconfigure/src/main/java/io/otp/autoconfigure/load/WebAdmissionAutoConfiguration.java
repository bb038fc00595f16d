package io.otp.autoconfigure.load;

import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.DispatcherServlet;
import reactor.core.publisher.Mono;

/** Auto-configuration of what the web layer does about refusals. */
@AutoConfiguration(
    after = LoadAutoConfiguration.class,
    afterName =
        "org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration")
@ConditionalOnClass(ControllerAdvice.class)
@ConditionalOnWebApplication
public final class WebAdmissionAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  RefusalAdvice otpRefusalAdvice() {
    return new RefusalAdvice();
  }

  /** Requests ask only where there is somebody to be asked. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(Regulators.class)
  static class Rules {

    @Bean
    @ConditionalOnMissingBean
    AdmissionRules otpAdmissionRules(Regulators regulators, ObjectProvider<ExemptPaths> exempt) {
      return new AdmissionRules(regulators, exempt.orderedStream().toList());
    }
  }

  /** WebFlux. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(Regulators.class)
  @ConditionalOnClass(Mono.class)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class Reactive {

    @Bean
    @ConditionalOnMissingBean
    AdmissionWebFilter otpAdmissionWebFilter(AdmissionRules rules) {
      return new AdmissionWebFilter(rules);
    }

    /** Actuator's paths. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(PathMappedEndpoints.class)
    @ConditionalOnBean(PathMappedEndpoints.class)
    static class Actuator {
      @Bean
      ActuatorPaths otpActuatorPaths(PathMappedEndpoints endpoints) {
        return new ActuatorPaths(endpoints, "");
      }
    }
  }

  /** MVC. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(Regulators.class)
  @ConditionalOnClass({Filter.class, DispatcherServlet.class, DispatcherServletPath.class})
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  static class Servlet {

    @Bean
    @ConditionalOnMissingBean
    AdmissionFilter otpAdmissionFilter(AdmissionRules rules) {
      return new AdmissionFilter(rules);
    }

    /** Actuator's paths. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(PathMappedEndpoints.class)
    @ConditionalOnBean(PathMappedEndpoints.class)
    static class Actuator {
      @Bean
      ActuatorPaths otpActuatorPaths(
          PathMappedEndpoints endpoints, ObjectProvider<DispatcherServletPath> dispatcher) {
        DispatcherServletPath path = dispatcher.getIfAvailable();
        return new ActuatorPaths(endpoints, path == null ? "" : path.getPrefix());
      }
    }
  }
}
