package io.otp.autoconfigure.tree;

import io.otp.event.EventManagerRef;
import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import io.otp.supervisor.DynamicSupervisor;
import java.util.function.Function;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;

/**
 * Defines what others inject to talk to servers, typed by the servers' messages and qualified by
 * name.
 *
 * <p>They are fallbacks: a bean of the same type that the application declares, or a test's mock,
 * is injected instead.
 *
 * <p>Ahead-of-time processing leaves them out: which there are depends on the configuration of the
 * day, so they are defined when the application starts, also in a native image.
 */
final class RefDefinitions {

  static final String SERVER = "serverRef.";
  static final String DYNAMIC = "dynamicSupervisor.";
  static final String EVENTS = "eventManagerRef.";

  private final BeanDefinitionRegistry registry;
  private final BeanFactory factory;

  RefDefinitions(BeanDefinitionRegistry registry, BeanFactory factory) {
    this.registry = registry;
    this.factory = factory;
  }

  /**
   * A server with a name.
   *
   * @param where what declares it, shown where Spring says where a bean is defined
   */
  void server(String name, ResolvableType messages, String where) {
    define(
        SERVER + name,
        ResolvableType.forClassWithGenerics(ServerRef.class, messages),
        name,
        where,
        runtime -> ServerRef.of(runtime, name));
  }

  /** Any number of servers of a kind. */
  void dynamic(String name, ResolvableType args, ResolvableType messages, String where) {
    define(
        DYNAMIC + name,
        ResolvableType.forClassWithGenerics(DynamicSupervisor.class, args, messages),
        name,
        where,
        runtime -> DynamicSupervisor.of(runtime, name));
  }

  /** An event manager with a name. */
  void events(String name, ResolvableType events, String where) {
    define(
        EVENTS + name,
        ResolvableType.forClassWithGenerics(EventManagerRef.class, events),
        name,
        where,
        runtime -> EventManagerRef.of(runtime, name));
  }

  private void define(
      String beanName,
      ResolvableType type,
      String name,
      String where,
      Function<ProcessRuntime, Object> make) {
    if (registry.containsBeanDefinition(beanName)) {
      return; // somebody's own, which is meant to replace ours
    }
    var definition = new RootBeanDefinition();
    definition.setTargetType(type);
    definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
    definition.setResourceDescription(where);
    definition.setFallback(true);
    definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, name));
    definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
    definition.setInstanceSupplier(() -> make.apply(factory.getBean(ProcessRuntime.class)));
    registry.registerBeanDefinition(beanName, definition);
  }
}
