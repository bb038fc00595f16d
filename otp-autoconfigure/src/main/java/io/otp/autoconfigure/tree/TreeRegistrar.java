package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationSpec;
import io.otp.autoconfigure.context.ContextSpec;
import io.otp.supervisor.SupervisorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.core.env.Environment;

/**
 * Reads the trees that configuration declares, checks what can be checked before beans exist, and
 * registers what others inject: a {@link io.otp.server.ServerRef} for each named server, a {@link
 * io.otp.supervisor.DynamicSupervisor} for each dynamic child and an {@link
 * io.otp.event.EventManagerRef} for each event manager.
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
    boolean withApplications =
        factory.getBeanNamesForType(ApplicationSpec.class, true, false).length > 0;
    boolean withBeans = specs.length > 0 || withApplications;
    List<TreeDefinition.Application> applications =
        new TreeReader(environment, withApplications).read();
    var servers = new ServerBeans(factory);
    var contexts = new ContextClasses(factory);
    List<Leaf> leaves =
        applications.stream()
            .flatMap(application -> leaves(application.supervisor(), servers, contexts))
            .toList();
    check(applications, leaves, withBeans);
    factory.registerSingleton(Trees.BEAN_NAME, new Trees(applications));
    var refs = new RefDefinitions(registry, factory);
    leaves.forEach(leaf -> define(leaf, refs));
    if (withApplications
        || Arrays.stream(specs).anyMatch(spec -> !isInfrastructure(spec, registry))) {
      Set<String> mentioned =
          leaves.stream()
              .filter(leaf -> leaf.servers() == servers)
              .map(Leaf::bean)
              .collect(Collectors.toUnmodifiableSet());
      servers.names().stream()
          .filter(bean -> !mentioned.contains(bean))
          .forEach(
              bean -> refs.server(bean, servers.messagesOf(bean), "server bean '" + bean + "'"));
    }
    for (String spec : specs) {
      defineOfSpec(spec, factory, servers, contexts, refs);
    }
  }

  /** A child that is no subtree, and the beans among which its bean is. */
  private record Leaf(TreeDefinition.Child child, ServerBeans servers) {
    String bean() {
      return switch (child) {
        case TreeDefinition.Server server -> server.bean();
        case TreeDefinition.Dynamic dynamic -> dynamic.bean();
        case TreeDefinition.Events manager -> manager.bean();
        case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
      };
    }
  }

  /** Those below a supervisor, at any depth. */
  private Stream<Leaf> leaves(
      TreeDefinition.Tree tree, ServerBeans outer, ContextClasses contexts) {
    ServerBeans servers =
        tree.context() == null
            ? outer
            : outer.within(contexts.of(tree.name(), tree.context()), environment);
    return tree.children().stream()
        .flatMap(
            child ->
                child instanceof TreeDefinition.Subtree subtree
                    ? leaves(subtree.tree(), servers, contexts)
                    : Stream.of(new Leaf(child, servers)));
  }

  private static void define(Leaf leaf, RefDefinitions refs) {
    ServerBeans servers = leaf.servers();
    switch (leaf.child()) {
      case TreeDefinition.Server server ->
          refs.server(server.name(), servers.messagesOf(server.bean()), server.key().toString());
      case TreeDefinition.Dynamic dynamic ->
          refs.dynamic(
              dynamic.id(),
              servers.argsOf(dynamic.bean()),
              servers.messagesOf(dynamic.bean()),
              dynamic.key().toString());
      case TreeDefinition.Events manager -> servers.events().define(manager, refs);
      case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
    }
  }

  /** A tree that is a bean is not there yet, but what its contexts will hold can be told. */
  private void defineOfSpec(
      String spec,
      ConfigurableListableBeanFactory factory,
      ServerBeans servers,
      ContextClasses contexts,
      RefDefinitions refs) {
    ServerBeans within = servers;
    for (ContextSpec context : SpecContexts.declared(factory, spec).values()) {
      contexts.check(context);
      ServerBeans found = within.within(context, environment);
      found.local().forEach(bean -> refs.server(bean, found.messagesOf(bean), context.where()));
      within = found; // an inner one may use the beans of those before it
    }
  }

  /** One of ours, in which there is no server of the application. */
  private static boolean isInfrastructure(String spec, BeanDefinitionRegistry registry) {
    return registry.containsBeanDefinition(spec)
        && registry.getBeanDefinition(spec).getRole() == BeanDefinition.ROLE_INFRASTRUCTURE;
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
      List<TreeDefinition.Application> applications, List<Leaf> leaves, boolean withBeans) {
    Names.check(
        applications.stream().flatMap(application -> application.supervisor().names()).toList());
    leaves.forEach(TreeRegistrar::check);
    // cycles and unknown names; what beans are called is known when they exist
    StartOrder.of(
        applications,
        withBeans
            ? applications.stream()
                .flatMap(application -> application.dependsOn().stream())
                .toList()
            : List.of());
  }

  private static void check(Leaf leaf) {
    switch (leaf.child()) {
      case TreeDefinition.Server server ->
          leaf.servers()
              .require(server.bean(), "Child '" + server.id() + "'", server.key().child("server"));
      case TreeDefinition.Dynamic dynamic ->
          leaf.servers()
              .require(
                  dynamic.bean(),
                  "Dynamic child '" + dynamic.id() + "'",
                  dynamic.key().child("server"));
      case TreeDefinition.Events manager -> leaf.servers().events().check(manager);
      case TreeDefinition.Subtree _ -> throw new AssertionError("a leaf is no subtree");
    }
  }
}
