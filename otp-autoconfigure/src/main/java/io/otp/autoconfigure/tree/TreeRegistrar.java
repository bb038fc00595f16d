package io.otp.autoconfigure.tree;

import io.otp.supervisor.SupervisorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.core.env.Environment;

/**
 * Reads the trees that configuration declares, checks what can be checked before beans exist, and
 * registers what others inject: a {@link io.otp.server.ServerRef} for each named server and a
 * {@link io.otp.supervisor.DynamicSupervisor} for each dynamic child.
 *
 * <p>A server bean that no configuration mentions may be in a {@link SupervisorSpec} bean; it gets
 * a reference under its own bean name, which is what {@code ChildSpec.worker(name, bean)}
 * registers.
 *
 * <p>Of a context and its parent it is the parent that has the trees, if both have this; its
 * references are seen by the child.
 */
final class TreeRegistrar implements BeanDefinitionRegistryPostProcessor {

  private final Environment environment;

  TreeRegistrar(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
    var factory = (ConfigurableListableBeanFactory) registry;
    String[] specs = factory.getBeanNamesForType(SupervisorSpec.class, true, false);
    if (factory.getParentBeanFactory() != null
        && factory.getParentBeanFactory().containsBean(Trees.BEAN_NAME)) {
      refuseSpecs(specs);
      return;
    }
    Groups.check(environment);
    List<TreeDefinition.Application> applications = new TreeReader(environment).read();
    var servers = new ServerBeans(factory);
    check(applications, servers, specs.length > 0);
    factory.registerSingleton(Trees.BEAN_NAME, new Trees(applications));
    var refs = new RefDefinitions(registry, factory);
    Set<String> mentioned = new HashSet<>();
    applications.stream()
        .flatMap(application -> application.supervisor().leaves())
        .forEach(
            child -> {
              switch (child) {
                case TreeDefinition.Server server -> {
                  mentioned.add(server.bean());
                  refs.server(
                      server.name(), servers.messagesOf(server.bean()), server.key().toString());
                }
                case TreeDefinition.Dynamic dynamic -> {
                  mentioned.add(dynamic.bean());
                  refs.dynamic(
                      dynamic.id(),
                      servers.argsOf(dynamic.bean()),
                      servers.messagesOf(dynamic.bean()),
                      dynamic.key().toString());
                }
                case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
              }
            });
    if (specs.length > 0) {
      servers.names().stream()
          .filter(bean -> !mentioned.contains(bean))
          .forEach(
              bean -> refs.server(bean, servers.messagesOf(bean), "server bean '" + bean + "'"));
    }
  }

  /** Nobody would start them: the life cycle is in the parent. */
  private static void refuseSpecs(String[] specs) {
    if (specs.length > 0) {
      throw new TreeConfigurationException(
          "SupervisorSpec bean '"
              + specs[0]
              + "' is in a child context, but trees are those of its parent, and would not see it.",
          "Declare it in the parent context, with the servers it starts.");
    }
  }

  private static void check(
      List<TreeDefinition.Application> applications, ServerBeans servers, boolean withSpecs) {
    Names.check(
        applications.stream().flatMap(application -> application.supervisor().names()).toList());
    for (TreeDefinition.Application application : applications) {
      application
          .supervisor()
          .leaves()
          .forEach(
              child -> {
                switch (child) {
                  case TreeDefinition.Server server ->
                      servers.require(
                          server.bean(),
                          "Child '" + server.id() + "'",
                          server.key().child("server"));
                  case TreeDefinition.Dynamic dynamic ->
                      servers.require(
                          dynamic.bean(),
                          "Dynamic child '" + dynamic.id() + "'",
                          dynamic.key().child("server"));
                  case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
                }
              });
    }
    // cycles and unknown names; what SupervisorSpec beans are called is known when they exist
    StartOrder.of(
        applications,
        withSpecs
            ? applications.stream()
                .flatMap(application -> application.dependsOn().stream())
                .toList()
            : List.of());
  }
}
