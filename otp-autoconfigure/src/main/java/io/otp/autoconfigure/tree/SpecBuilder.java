package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.OwnedContext;
import io.otp.autoconfigure.context.SupervisorContexts;
import io.otp.server.NoArgs;
import io.otp.server.Startable;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.InvalidSpecException;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.SpecError;
import io.otp.supervisor.SupervisorInit;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.core.ResolvableType;

/** Makes of a definition and the beans it names what the runtime starts. */
final class SpecBuilder {

  private static final Shutdown DYNAMIC_SHUTDOWN = new Shutdown.After(Duration.ofSeconds(5));

  private final ConfigurableListableBeanFactory factory;
  private final ServerBeans servers;

  /** Whose beans these are, {@code null} for the root. */
  private final @Nullable OwnedContext context;

  SpecBuilder(ConfigurableListableBeanFactory factory) {
    this(factory, null);
  }

  private SpecBuilder(ConfigurableListableBeanFactory factory, @Nullable OwnedContext context) {
    this.factory = factory;
    this.servers = new ServerBeans(factory);
    this.context = context;
  }

  SupervisorSpec build(TreeDefinition.Tree tree) {
    SupervisorSpec spec =
        SupervisorSpec.of(tree.name(), tree.strategy())
            .withIntensity(tree.intensity(), tree.period())
            .withAutoShutdown(tree.autoShutdown());
    return tree.context() == null
        ? spec.withChildren(children(tree).toArray(ChildSpec[]::new))
        : spec.withInit(inContext(tree, tree.context()));
  }

  /** The children of a supervisor with a context are made with it, each time it starts. */
  private SupervisorInit inContext(TreeDefinition.Tree tree, TreeDefinition.Context own) {
    return factory
        .getBean(SupervisorContexts.class)
        .init(
            new ContextClasses(factory).of(tree.name(), own),
            context,
            open -> new SpecBuilder(open.beans(), open).children(tree));
  }

  private List<ChildSpec> children(TreeDefinition.Tree tree) {
    var children = new ArrayList<ChildSpec>();
    for (TreeDefinition.Child child : tree.children()) {
      children.add(
          switch (child) {
            case TreeDefinition.Server server -> server(server);
            case TreeDefinition.Subtree subtree -> subtree(subtree);
            case TreeDefinition.Dynamic dynamic -> dynamic(dynamic);
            case TreeDefinition.Events events -> new EventBeans(factory).child(events);
          });
    }
    try {
      SupervisorSpec.of(tree.name(), tree.strategy(), children.toArray(ChildSpec[]::new));
      SupervisorSpec.check(children, tree.autoShutdown());
      return children;
    } catch (InvalidSpecException e) {
      throw new TreeConfigurationException(
          e.error().message(), "Fix " + keyOf(e.error(), tree).cited() + ".");
    }
  }

  /** Of two children with one id it is the second that is in the way. */
  private static Key keyOf(SpecError error, TreeDefinition.Tree tree) {
    return tree.children().reversed().stream()
        .filter(child -> child.id().equals(error.child()))
        .findFirst()
        .map(child -> child.key().child(error.key()))
        .orElseGet(tree::key);
  }

  private ChildSpec server(TreeDefinition.Server server) {
    Startable<Object, ?> callbacks = callbacks(server.bean());
    ChildSpec spec =
        ChildSpec.worker(server.id(), callbacks, args(server, callbacks), server.name());
    if (server.restart() != null) {
      spec = spec.withRestart(server.restart());
    }
    if (server.shutdown() != null) {
      spec = spec.withShutdown(server.shutdown());
    }
    if (server.heartbeat() != null) {
      spec = spec.withHeartbeat(server.heartbeat());
    }
    return spec.withSignificant(server.significant());
  }

  @SuppressWarnings("unchecked") // what the arguments are is checked where they are bound
  private Startable<Object, ?> callbacks(String bean) {
    var server = (Startable<Object, ?>) factory.getBean(bean, Startable.class);
    ServerCheck.check(bean, server);
    return server;
  }

  private Object args(TreeDefinition.Server server, Startable<?, ?> callbacks) {
    ResolvableType type = servers.argsOf(server.bean());
    if (type.resolve() == null) { // a bean method that returns a raw type: the object knows more
      type = ResolvableType.forClass(callbacks.getClass()).as(Startable.class).getGeneric(0);
    }
    if (type.resolve() == NoArgs.class) {
      if (server.args().exists()) {
        throw new TreeConfigurationException(
            "Server '"
                + server.bean()
                + "' takes no start arguments, but child '"
                + server.id()
                + "' has some.",
            "Remove "
                + server.args().cited()
                + ", or let the bean implement ArgsGenServer or StateMachine with a record of"
                + " arguments.");
      }
      return NoArgs.NO_ARGS;
    }
    if (type.resolve() == null) {
      throw new TreeConfigurationException(
          "It cannot be told which start arguments server '"
              + server.bean()
              + "' of child '"
              + server.id()
              + "' takes: "
              + callbacks.getClass().getName()
              + " does not say.",
          "Let the method that makes the bean return ArgsGenServer<…> or StateMachine<…> with its"
              + " types, or a class that has them.");
    }
    ResolvableType bound = type;
    return server
        .args()
        .bind(Bindable.of(bound))
        .orElseThrow(
            () ->
                new TreeConfigurationException(
                    "Server '"
                        + server.bean()
                        + "' of child '"
                        + server.id()
                        + "' needs start arguments of type "
                        + bound
                        + ".",
                    "Add " + server.args() + "."));
  }

  private ChildSpec subtree(TreeDefinition.Subtree subtree) {
    ChildSpec spec = ChildSpec.supervisor(subtree.id(), build(subtree.tree()));
    if (subtree.restart() != null) {
      spec = spec.withRestart(subtree.restart());
    }
    if (subtree.shutdown() != null) {
      spec = spec.withShutdown(subtree.shutdown());
    }
    return spec.withSignificant(subtree.significant());
  }

  private ChildSpec dynamic(TreeDefinition.Dynamic dynamic) {
    Shutdown shutdown = dynamic.shutdown() == null ? DYNAMIC_SHUTDOWN : dynamic.shutdown();
    SupervisorSpec spec =
        DynamicSupervisor.spec(dynamic.id(), callbacks(dynamic.bean()), dynamic.restart(), shutdown)
            .withMaxChildren(dynamic.maxChildren())
            .withIntensity(dynamic.intensity(), dynamic.period());
    if (dynamic.heartbeat() != null) {
      spec = spec.withChildren(spec.children().getFirst().withHeartbeat(dynamic.heartbeat()));
    }
    return ChildSpec.supervisor(dynamic.id(), spec);
  }
}
