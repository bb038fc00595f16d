package io.otp.autoconfigure.context;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.AbstractTransactionManagementConfiguration;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/**
 * {@code @Transactional} in the context of a supervisor, where it or a context around it has a
 * transaction manager; its own comes first. Boot's configuration of the same would back off because
 * the root has it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBean(TransactionManager.class)
@ConditionalOnMissingBean(
    value = AbstractTransactionManagementConfiguration.class,
    search = SearchStrategy.CURRENT)
final class TransactionConfiguration {

  @Configuration(proxyBeanMethods = false)
  @EnableTransactionManagement(proxyTargetClass = false)
  @ConditionalOnBooleanProperty(
      name = "spring.aop.proxy-target-class",
      havingValue = false,
      matchIfMissing = false)
  static class JdkProxies {}

  @Configuration(proxyBeanMethods = false)
  @EnableTransactionManagement(proxyTargetClass = true)
  @ConditionalOnBooleanProperty(name = "spring.aop.proxy-target-class", matchIfMissing = true)
  static class ClassProxies {}
}
