package io.otp.autoconfigure.tree;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;

/** The generic types of beans of a context and its parents, without creating them. */
final class BeanTypes {

  private BeanTypes() {}

  /**
   * Bean {@code name} as {@code type}, with generics as far as its definition says them.
   *
   * @return {@link ResolvableType#NONE} if it is not known to be one
   */
  static ResolvableType of(ConfigurableListableBeanFactory factory, String name, Class<?> type) {
    ResolvableType declared =
        isDefined(factory, name)
            ? factory.getMergedBeanDefinition(name).getResolvableType().as(type)
            : ResolvableType.NONE;
    if (declared.hasResolvableGenerics()) {
      return declared;
    }
    Class<?> found =
        factory.getType(name, false); // a factory bean's product, a singleton without a definition
    return found == null ? declared : ResolvableType.forClass(found).as(type);
  }

  private static boolean isDefined(ConfigurableListableBeanFactory factory, String name) {
    return factory.containsBeanDefinition(name)
        || factory.getParentBeanFactory() instanceof ConfigurableListableBeanFactory parent
            && !factory.containsLocalBean(name)
            && isDefined(parent, name);
  }
}
