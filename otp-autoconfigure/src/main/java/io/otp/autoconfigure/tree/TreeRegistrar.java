package io.otp.autoconfigure.tree;

import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.SupervisorSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

/**
 * Reads the trees that configuration declares, checks what can be checked before beans exist, and registers what others inject: a
 * {@link ServerRef} for each named server and a {@link DynamicSupervisor} for each dynamic child, typed by the server's messages
 * and qualified by name.
 *
 * <p>A server bean that no configuration mentions may be in a {@link SupervisorSpec} bean; it gets a reference under its own bean
 * name, which is what {@code ChildSpec.worker(name, bean)} registers.
 */
final class TreeRegistrar implements BeanFactoryPostProcessor {

  private final Environment environment;

  TreeRegistrar(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory factory) {
    List<TreeDefinition.Application> applications = new TreeReader(Binder.get(environment)).read();
    var servers = new ServerBeans(factory);
    check(applications, servers);
    factory.registerSingleton(Trees.BEAN_NAME, new Trees(applications));
    var registry = (BeanDefinitionRegistry) factory;
    Set<String> mentioned = new HashSet<>();
    applications.stream()
        .flatMap(application -> application.supervisor().leaves())
        .forEach(
            child -> {
              switch (child) {
                case TreeDefinition.Server server -> {
                  mentioned.add(server.bean());
                  registerRef(registry, servers.typeOf(server.bean()), server.name());
                }
                case TreeDefinition.Dynamic dynamic -> {
                  mentioned.add(dynamic.bean());
                  registerDynamic(registry, servers.typeOf(dynamic.bean()), dynamic.id());
                }
                case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
              }
            });
    if (factory.getBeanNamesForType(SupervisorSpec.class, true, false).length > 0) {
      servers.names().stream()
          .filter(bean -> !mentioned.contains(bean))
          .forEach(bean -> registerRef(registry, servers.typeOf(bean), bean));
    }
  }

  private static void check(List<TreeDefinition.Application> applications, ServerBeans servers) {
    Map<String, String> keys = new HashMap<>();
    for (TreeDefinition.Application application : applications) {
      application
          .supervisor()
          .names()
          .forEach(
              named -> {
                String before = keys.putIfAbsent(named.name(), named.key());
                if (before != null) {
                  throw new TreeConfigurationException(
                      "The name '" + named.name() + "' is used twice, by " + before + " and " + named.key()
                          + "; a name belongs to one process.",
                      "Change the id of one, or give a server another name with " + named.key() + ".name.");
                }
              });
      application
          .supervisor()
          .leaves()
          .forEach(
              child -> {
                switch (child) {
                  case TreeDefinition.Server server ->
                      servers.require(server.bean(), "Child '" + server.id() + "'", server.key());
                  case TreeDefinition.Dynamic dynamic ->
                      servers.require(dynamic.bean(), "Dynamic child '" + dynamic.id() + "'", dynamic.key());
                  case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
                }
              });
    }
    StartOrder.of(applications); // refuses cycles and unknown names
  }

  private static void registerRef(BeanDefinitionRegistry registry, ResolvableType server, String name) {
    ResolvableType type = ResolvableType.forClassWithGenerics(ServerRef.class, server.getGeneric(1));
    register(registry, "serverRef." + name, type, name, runtime -> ServerRef.of(runtime, name));
  }

  private static void registerDynamic(BeanDefinitionRegistry registry, ResolvableType server, String name) {
    ResolvableType type =
        ResolvableType.forClassWithGenerics(DynamicSupervisor.class, server.getGeneric(0), server.getGeneric(1));
    register(registry, "dynamicSupervisor." + name, type, name, runtime -> DynamicSupervisor.of(runtime, name));
  }

  private static void register(
      BeanDefinitionRegistry registry,
      String beanName,
      ResolvableType type,
      String qualifier,
      java.util.function.Function<ProcessRuntime, Object> make) {
    var definition = new RootBeanDefinition();
    definition.setTargetType(type);
    definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
    definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, qualifier));
    var factory = (ConfigurableListableBeanFactory) registry;
    definition.setInstanceSupplier(() -> make.apply(factory.getBean(ProcessRuntime.class)));
    registry.registerBeanDefinition(beanName, definition);
  }
}
