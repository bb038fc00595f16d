package io.otp.autoconfigure.context;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.scheduling.config.TaskManagementConfigUtils;
import org.springframework.util.ClassUtils;

/**
 * What every context of a supervisor has besides its own configuration. Post-processors are not
 * inherited from a parent, and most of Boot's auto-configuration backs off because the parent has
 * the bean; so what makes annotations work is declared here again. Read last, after the classes of
 * the application.
 */
@Configuration(proxyBeanMethods = false)
@Import(SupervisorFeatures.Selector.class)
final class SupervisorFeatures {

  /** Those that are possible here, and that the root has where it is the root's choice. */
  static final class Selector implements ImportSelector, BeanFactoryAware, BeanClassLoaderAware {

    @SuppressWarnings("NullAway.Init")
    private BeanFactory factory;

    @SuppressWarnings("NullAway.Init")
    private ClassLoader loader;

    @Override
    public void setBeanFactory(BeanFactory factory) {
      this.factory = factory;
    }

    @Override
    public void setBeanClassLoader(ClassLoader loader) {
      this.loader = loader;
    }

    @Override
    public String[] selectImports(AnnotationMetadata importing) {
      List<String> imports = new ArrayList<>();
      Stream.of(
              PropertyPlaceholderAutoConfiguration.class,
              ConfigurationPropertiesAutoConfiguration.class,
              LifecycleAutoConfiguration.class,
              AopAutoConfiguration.class,
              SchedulerConfiguration.class)
          .map(Class::getName)
          .forEach(imports::add);
      addIfPresent(
          imports,
          "org.springframework.transaction.annotation.EnableTransactionManagement",
          "io.otp.autoconfigure.context.TransactionConfiguration");
      addIfPresent(
          imports,
          "jakarta.validation.executable.ExecutableValidator",
          "io.otp.autoconfigure.context.ValidationConfiguration");
      if (factory.containsBean(TaskManagementConfigUtils.ASYNC_ANNOTATION_PROCESSOR_BEAN_NAME)) {
        imports.add(AsyncConfiguration.class.getName());
      }
      if (factory.containsBean(
          TaskManagementConfigUtils.SCHEDULED_ANNOTATION_PROCESSOR_BEAN_NAME)) {
        imports.add(SchedulingConfiguration.class.getName());
      }
      return imports.toArray(String[]::new);
    }

    private void addIfPresent(List<String> imports, String needed, String configuration) {
      if (ClassUtils.isPresent(needed, loader)) {
        imports.add(configuration);
      }
    }
  }
}
