package io.otp.autoconfigure.context;

import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.List;
import org.springframework.aop.ClassFilter;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.validation.beanvalidation.MethodValidationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.validation.beanvalidation.MethodValidationPostProcessor;

/**
 * {@code @Validated} in the context of a supervisor, with the validator of the root. Not Boot's
 * configuration: its filter is another one in each context, and Spring then makes another class of
 * each proxy, which are never unloaded. This one equals that of the incarnation before.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBean(Validator.class)
final class ValidationConfiguration {

  private static final MethodValidationExcludeFilter PROPERTIES =
      MethodValidationExcludeFilter.byAnnotation(ConfigurationProperties.class);

  /** What Boot calls, in every context, its filter for classes of properties. */
  private static final String PROPERTIES_FILTER = "methodValidationExcludeFilter";

  /** Equal if its filters are the same. */
  private record Included(List<MethodValidationExcludeFilter> filters) implements ClassFilter {
    @Override
    public boolean matches(Class<?> type) {
      return filters.stream().noneMatch(filter -> filter.isExcluded(type));
    }
  }

  private static final class Processor extends MethodValidationPostProcessor {
    private static final long serialVersionUID = 1L;
    private final transient Included included;

    Processor(Included included) {
      this.included = included;
    }

    @Override
    public void afterPropertiesSet() {
      super.afterPropertiesSet();
      if (advisor instanceof DefaultPointcutAdvisor own) {
        own.setPointcut(new ComposablePointcut(own.getPointcut()).intersection(included));
      }
    }
  }

  @Bean
  @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
  static MethodValidationPostProcessor methodValidationPostProcessor(
      Environment environment,
      ConfigurableListableBeanFactory factory,
      ObjectProvider<Validator> validator) {
    var filters = new ArrayList<>(List.of(PROPERTIES));
    BeanFactoryUtils.beansOfTypeIncludingAncestors(factory, MethodValidationExcludeFilter.class)
        .forEach(
            (name, filter) -> {
              if (!name.endsWith(PROPERTIES_FILTER)) {
                filters.add(filter);
              }
            });
    var processor = new Processor(new Included(List.copyOf(filters)));
    processor.setProxyTargetClass(
        environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
    processor.setAdaptConstraintViolations(
        environment.getProperty(
            "spring.validation.method.adapt-constraint-violations", Boolean.class, false));
    processor.setValidatorProvider(validator);
    return processor;
  }
}
