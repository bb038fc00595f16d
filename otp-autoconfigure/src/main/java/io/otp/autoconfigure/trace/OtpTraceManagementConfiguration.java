package io.otp.autoconfigure.trace;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.servlet.DispatcherServlet;

/** The stream of traces where Actuator is, on the port of the application or on its own. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnAvailableEndpoint(endpoint = OtpTraceEndpoint.class, exposure = EndpointExposure.WEB)
@ConditionalOnBean(OtpTraceEndpoint.class)
final class OtpTraceManagementConfiguration {

  static final String PATH =
      "${management.endpoints.web.base-path:/actuator}"
          + "/${management.endpoints.web.path-mapping.otptrace:otptrace}";

  /** On MVC. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(DispatcherServlet.class)
  @ConditionalOnWebApplication(type = Type.SERVLET)
  static class Mvc {
    @Bean
    MvcTraceController otpTraceController(OtpTraceEndpoint endpoint) {
      return new MvcTraceController(endpoint.streams());
    }
  }

  /** On WebFlux. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(DispatcherHandler.class)
  @ConditionalOnWebApplication(type = Type.REACTIVE)
  static class WebFlux {
    @Bean
    FluxTraceController otpTraceController(OtpTraceEndpoint endpoint) {
      return new FluxTraceController(endpoint.streams());
    }
  }
}
