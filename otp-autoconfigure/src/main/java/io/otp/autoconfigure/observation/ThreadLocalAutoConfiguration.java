package io.otp.autoconfigure.observation;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.ProcessRuntimeCustomizer;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration of what is cleared after a process has run: the logging context, every
 * registered {@link ThreadLocalAccessor}, the current observation, and Spring Security's context.
 */
@AutoConfiguration(before = OtpAutoConfiguration.class)
public final class ThreadLocalAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  static ThreadLocalCleaner otpThreadLocalCleaner() {
    ClassLoader loader = ThreadLocalAutoConfiguration.class.getClassLoader();
    var parts = new ArrayList<Runnable>();
    if (ClassUtils.isPresent("io.micrometer.observation.ObservationRegistry", loader)) {
      parts.add(Observations.cleaner());
    }
    if (ClassUtils.isPresent("io.micrometer.context.ContextRegistry", loader)) {
      parts.add(Accessors.cleaner());
    }
    if (ClassUtils.isPresent(
        "org.springframework.security.core.context.SecurityContextHolder", loader)) {
      parts.add(Security.cleaner());
    }
    return new ThreadLocalCleaner(parts);
  }

  /** First, so that whoever wants another cleaner can set it. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  static ProcessRuntimeCustomizer otpThreadLocals(ThreadLocalCleaner cleaner) {
    return builder -> builder.afterActivation(cleaner);
  }

  // Each is loaded only where its library is.

  private static final class Observations {
    private static final int MAX_SCOPES = 100;

    /** Scopes of all registries share one thread local, so any registry finds them. */
    static Runnable cleaner() {
      var registry = ObservationRegistry.create();
      return () -> {
        Observation.Scope scope = registry.getCurrentObservationScope();
        for (int open = 0; scope != null; open++) {
          if (open == MAX_SCOPES) {
            registry.setCurrentObservationScope(null); // closing them goes round in a circle
          } else {
            scope.close();
          }
          scope = registry.getCurrentObservationScope();
        }
      };
    }
  }

  private static final class Accessors {
    static Runnable cleaner() {
      List<ThreadLocalAccessor<?>> accessors =
          ContextRegistry.getInstance().getThreadLocalAccessors();
      return () -> {
        for (ThreadLocalAccessor<?> accessor : accessors) { // a live view: others may come later
          // That of observations would open an empty one on top of those that are there.
          if (!ObservationThreadLocalAccessor.KEY.equals(accessor.key())) {
            accessor.setValue();
          }
        }
      };
    }
  }

  private static final class Security {
    static Runnable cleaner() {
      return SecurityContextHolder::clearContext;
    }
  }
}
