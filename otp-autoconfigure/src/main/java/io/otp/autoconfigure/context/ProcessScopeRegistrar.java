package io.otp.autoconfigure.context;

import io.otp.process.ProcessRuntime;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.function.SingletonSupplier;

/** Registers the process scope with the root. */
final class ProcessScopeRegistrar implements BeanFactoryPostProcessor {

  @SuppressWarnings("NullAway.Init") // Spring calls the method below before anybody gets this
  private ProcessBeans beans;

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory factory) {
    beans =
        new ProcessBeans(
            SingletonSupplier.of(() -> factory.getBean(ProcessRuntime.class)),
            () -> factory.getBean(ProcessScopeProperties.class).maxInstances());
    factory.registerScope(ProcessScope.NAME, beans);
  }

  ProcessBeans beans() {
    return beans;
  }
}
