package io.otp.autoconfigure.context;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.ConfigurablePropertyResolver;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The context of one incarnation of a supervisor. Made without {@code SpringApplication}: no
 * shutdown hook, no listeners, no banner, no second set-up of logging.
 *
 * <p>What happens to it is its own affair: that it was refreshed or closed, and what its beans say
 * of availability, is not told to its parent. What its beans publish otherwise goes up, as in every
 * hierarchy of contexts.
 */
final class SupervisorApplicationContext extends AnnotationConfigApplicationContext {

  private final ProcessBeans processBeans;

  SupervisorApplicationContext(
      String id, AbstractApplicationContext parent, ProcessBeans processBeans) {
    super(factory(parent));
    this.processBeans = processBeans;
    setId(id);
    setDisplayName("Context of supervisor " + id);
    setClassLoader(parent.getClassLoader());
    setEnvironment(environment(parent.getEnvironment()));
    setParent(parent);
    getBeanFactory().registerScope(ProcessScope.NAME, processBeans);
    addBeanFactoryPostProcessor(SupervisorApplicationContext::singletons);
  }

  /** As {@code SpringApplication} has set up the one of the parent. */
  private static DefaultListableBeanFactory factory(AbstractApplicationContext parent) {
    var outer = (DefaultListableBeanFactory) parent.getBeanFactory();
    var factory = new DefaultListableBeanFactory();
    factory.setAllowBeanDefinitionOverriding(outer.isAllowBeanDefinitionOverriding());
    factory.setAllowCircularReferences(outer.isAllowCircularReferences());
    factory.setConversionService(outer.getConversionService());
    return factory;
  }

  /**
   * An environment of its own, so that a {@code @PropertySource} ends with the context, over the
   * very sources of the parent, whose changes it sees.
   */
  static ConfigurableEnvironment environment(ConfigurableEnvironment outer) {
    var environment = new ChildEnvironment();
    environment.setConversionService(outer.getConversionService());
    for (PropertySource<?> source : outer.getPropertySources()) {
      if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
        environment.getPropertySources().addLast(source);
      }
    }
    environment.setActiveProfiles(outer.getActiveProfiles());
    ConfigurationPropertySources.attach(environment);
    return environment;
  }

  private static final class ChildEnvironment extends StandardEnvironment {
    @Override
    protected void customizePropertySources(MutablePropertySources sources) {
      // those of the parent, and no second set of the JVM's
    }

    @Override
    protected ConfigurablePropertyResolver createPropertyResolver(MutablePropertySources sources) {
      return ConfigurationPropertySources.createPropertyResolver(sources);
    }
  }

  /** One instance per incarnation is one instance per context. */
  private static void singletons(ConfigurableListableBeanFactory factory) {
    for (String name : factory.getBeanDefinitionNames()) {
      BeanDefinition definition = factory.getBeanDefinition(name);
      if (SupervisorScope.NAME.equals(definition.getScope())) {
        definition.setScope(BeanDefinition.SCOPE_SINGLETON);
      }
    }
  }

  @Override
  protected void publishEvent(Object event, @Nullable ResolvableType typeHint) {
    if (event instanceof ApplicationContextEvent || event instanceof AvailabilityChangeEvent) {
      publishHere((ApplicationEvent) event);
    } else {
      super.publishEvent(event, typeHint);
    }
  }

  /** Before there is a multicaster there are no listeners either. */
  private void publishHere(ApplicationEvent event) {
    if (getBeanFactory().containsSingleton(APPLICATION_EVENT_MULTICASTER_BEAN_NAME)) {
      getBeanFactory()
          .getBean(APPLICATION_EVENT_MULTICASTER_BEAN_NAME, ApplicationEventMulticaster.class)
          .multicastEvent(event);
    }
  }

  /** Spring's caches are by class, and the classes are those of the application, which goes on. */
  @Override
  protected void resetCommonCaches() {}

  @Override
  protected void destroyBeans() {
    processBeans.close(); // they use the others
    super.destroyBeans();
  }
}
