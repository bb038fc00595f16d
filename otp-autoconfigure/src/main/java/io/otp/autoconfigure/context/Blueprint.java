package io.otp.autoconfigure.context;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.context.annotation.ConfigurationClassPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.util.ClassUtils;

/**
 * What will be in a context, before there is one: its bean definitions, from which names and types
 * can be told. No bean is ever made of them.
 */
public final class Blueprint {

  private Blueprint() {}

  /**
   * Reads the definitions of a context.
   *
   * @param outer the beans around it: those of the root, or the blueprint of an outer context
   */
  public static ConfigurableListableBeanFactory of(
      ContextSpec spec, ConfigurableListableBeanFactory outer, Environment environment) {
    var factory = new DefaultListableBeanFactory(outer);
    ClassLoader loader =
        outer.getBeanClassLoader() == null
            ? ClassUtils.getDefaultClassLoader()
            : outer.getBeanClassLoader();
    factory.setBeanClassLoader(loader);
    OnSupervisorContext.mark(factory, spec);
    Environment own =
        environment instanceof ConfigurableEnvironment configurable
            ? SupervisorApplicationContext.environment(configurable)
            : environment;
    var reader = new AnnotatedBeanDefinitionReader(factory, own);
    reader.register(spec.configuration().toArray(Class<?>[]::new));
    reader.register(SupervisorFeatures.class);
    var processor = new ConfigurationClassPostProcessor();
    processor.setEnvironment(own);
    processor.setResourceLoader(new DefaultResourceLoader(loader));
    if (loader != null) {
      processor.setBeanClassLoader(loader);
    }
    processor.postProcessBeanDefinitionRegistry(factory);
    return factory;
  }
}
