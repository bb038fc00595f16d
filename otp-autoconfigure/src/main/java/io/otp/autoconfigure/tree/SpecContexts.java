package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.BeanStart;
import io.otp.autoconfigure.context.ContextSpec;
import io.otp.autoconfigure.context.OwnedContext;
import io.otp.autoconfigure.context.SupervisorContext;
import io.otp.autoconfigure.context.SupervisorContexts;
import io.otp.server.Startable;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.ChildStart;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.Restart;
import io.otp.supervisor.ServerStart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.SupervisorSpec;
import io.otp.supervisor.SupervisorStart;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** Gives trees that are beans the contexts that {@link SupervisorContext} declares for them. */
final class SpecContexts implements BeanPostProcessor {

  private static final Shutdown DYNAMIC_SHUTDOWN = new Shutdown.After(Duration.ofSeconds(5));

  private final ConfigurableListableBeanFactory factory;

  SpecContexts(ConfigurableListableBeanFactory factory) {
    this.factory = factory;
  }

  /**
   * The contexts that are declared for a tree, by supervisor; that of the top has the key "".
   *
   * @param bean the name of the {@link SupervisorSpec} bean, which is not made for this
   */
  static Map<String, ContextSpec> declared(ConfigurableListableBeanFactory factory, String bean) {
    var declared = new LinkedHashMap<String, ContextSpec>();
    for (SupervisorContext context :
        factory.findAllAnnotationsOnBean(bean, SupervisorContext.class, false)) {
      String supervisor = context.supervisor();
      declared.put(
          supervisor,
          new ContextSpec(
              supervisor.isEmpty() ? bean : supervisor,
              List.of(context.value()),
              "@SupervisorContext of SupervisorSpec bean '" + bean + "'"));
    }
    return declared;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (!(bean instanceof SupervisorSpec spec) || !factory.containsBeanDefinition(beanName)) {
      return bean;
    }
    Map<String, ContextSpec> declared = declared(factory, beanName);
    if (declared.isEmpty()) {
      return bean;
    }
    Map<String, ContextSpec> byName = new LinkedHashMap<>();
    declared.forEach(
        (supervisor, context) -> {
          String name = supervisor.isEmpty() ? spec.name() : supervisor;
          byName.put(name, new ContextSpec(name, context.configuration(), context.where()));
        });
    checkNames(new SpecBean(beanName, spec), byName);
    return bind(spec, null, byName);
  }

  private static void checkNames(SpecBean bean, Map<String, ContextSpec> contexts) {
    Set<String> known =
        bean.supervisors().map(SupervisorSpec::name).collect(Collectors.toUnmodifiableSet());
    for (String name : contexts.keySet()) {
      if (!known.contains(name)) {
        throw new TreeConfigurationException(
            "@SupervisorContext of "
                + bean
                + " is for supervisor '"
                + name
                + "', which is not in that tree.",
            Suggestion.of(name, known)
                + "Known: "
                + String.join(", ", known.stream().sorted().toList())
                + ".");
      }
    }
  }

  /** The same tree, with contexts, and with the beans of {@code outer} in place of their names. */
  private SupervisorSpec bind(
      SupervisorSpec spec, @Nullable OwnedContext outer, Map<String, ContextSpec> contexts) {
    ContextSpec context = contexts.get(spec.name());
    if (context == null) {
      return spec.withChildren(children(spec, outer, contexts).toArray(ChildSpec[]::new));
    }
    return spec.withInit(
        factory
            .getBean(SupervisorContexts.class)
            .init(context, outer, open -> children(spec, open, contexts)));
  }

  private List<ChildSpec> children(
      SupervisorSpec spec, @Nullable OwnedContext outer, Map<String, ContextSpec> contexts) {
    return spec.children().stream()
        .map(
            child -> {
              ChildStart start = child.start();
              if (start instanceof SupervisorStart(var below)) {
                start = new SupervisorStart(bind(below, outer, contexts));
              } else if (start instanceof BeanStart named && outer != null) {
                start = resolve(child.id(), named, outer);
              }
              return new ChildSpec(
                  child.id(),
                  start,
                  child.restart(),
                  child.shutdown(),
                  child.type(),
                  child.significant(),
                  child.modules());
            })
        .toList();
  }

  private static ChildStart resolve(String id, BeanStart start, OwnedContext context) {
    var servers = new ServerBeans(context.beans());
    servers.require(start.bean(), "Child '" + id + "'", "its BeanChild");
    @SuppressWarnings("unchecked") // the arguments are given beside the name, and checked by init
    var server = (Startable<Object, ?>) context.beans().getBean(start.bean(), Startable.class);
    ServerCheck.check(start.bean(), server);
    return switch (start) {
      case BeanStart.Worker(_, var args, var name) -> new ServerStart<>(server, args, name);
      case BeanStart.Dynamic(_, var name, var settings) ->
          new SupervisorStart(
              settings.apply(
                  DynamicSupervisor.spec(name, server, Restart.TEMPORARY, DYNAMIC_SHUTDOWN)));
    };
  }
}
