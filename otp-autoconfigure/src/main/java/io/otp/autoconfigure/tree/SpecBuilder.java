package io.otp.autoconfigure.tree;

import io.otp.process.ExitReason;
import io.otp.server.ArgsGenServer;
import io.otp.server.NoArgs;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.InvalidSpecException;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.ResolvableType;

/** Makes of a definition and the beans it names what the runtime starts. */
final class SpecBuilder {

  private static final Logger LOG = LoggerFactory.getLogger(SpecBuilder.class);

  private static final Shutdown DYNAMIC_SHUTDOWN = new Shutdown.After(Duration.ofSeconds(5));

  private final ConfigurableListableBeanFactory factory;
  private final ServerBeans servers;
  private final Binder binder;

  SpecBuilder(ConfigurableListableBeanFactory factory, Binder binder) {
    this.factory = factory;
    this.servers = new ServerBeans(factory);
    this.binder = binder;
  }

  SupervisorSpec build(TreeDefinition.Tree tree) {
    var children = new ArrayList<ChildSpec>();
    for (TreeDefinition.Child child : tree.children()) {
      children.add(
          switch (child) {
            case TreeDefinition.Server server -> server(server);
            case TreeDefinition.Subtree subtree -> subtree(subtree);
            case TreeDefinition.Dynamic dynamic -> dynamic(dynamic);
          });
    }
    try {
      SupervisorSpec spec =
          SupervisorSpec.of(tree.name(), tree.strategy(), children.toArray(ChildSpec[]::new))
              .withIntensity(tree.intensity(), tree.period())
              .withAutoShutdown(tree.autoShutdown());
      SupervisorSpec.check(spec.children(), spec.autoShutdown());
      return spec;
    } catch (InvalidSpecException e) {
      throw new TreeConfigurationException(e.error().message(), "Fix " + tree.key() + ".");
    }
  }

  private ChildSpec server(TreeDefinition.Server server) {
    ChildSpec spec = ChildSpec.worker(server.id(), callbacks(server.bean()), args(server), server.name());
    if (server.restart() != null) {
      spec = spec.withRestart(server.restart());
    }
    if (server.shutdown() != null) {
      spec = spec.withShutdown(server.shutdown());
    }
    return spec.withSignificant(server.significant());
  }

  @SuppressWarnings("unchecked") // what the arguments are is checked where they are bound
  private ArgsGenServer<Object, ?, ?> callbacks(String bean) {
    var server = (ArgsGenServer<Object, ?, ?>) factory.getBean(bean, ArgsGenServer.class);
    if (!server.options().trapExits() && overridesTerminate(server)) {
      LOG.warn(
          "Server '{}' overrides terminate but does not trap exits, so terminate is not called when its"
              + " supervisor stops it (OTP's rule; it is no @PreDestroy). To have it called, override options():"
              + " return ServerOptions.DEFAULT.withTrapExits(true);",
          bean);
    }
    return server;
  }

  private static boolean overridesTerminate(ArgsGenServer<?, ?, ?> server) {
    return Arrays.stream(server.getClass().getMethods())
        .anyMatch(
            method ->
                method.getName().equals("terminate")
                    && method.getParameterCount() == 3
                    && method.getParameterTypes()[0] == ExitReason.class
                    && method.getDeclaringClass() != ArgsGenServer.class);
  }

  private Object args(TreeDefinition.Server server) {
    ResolvableType type = servers.typeOf(server.bean()).getGeneric(0);
    if (type.resolve(Object.class) == NoArgs.class) {
      if (server.hasArgs()) {
        throw new TreeConfigurationException(
            "Server '" + server.bean() + "' takes no start arguments, but child '" + server.id() + "' has some.",
            "Remove " + server.key() + ".args, or let the bean implement ArgsGenServer with a record of arguments.");
      }
      return NoArgs.NO_ARGS;
    }
    return binder
        .bind(server.key() + ".args", Bindable.of(type))
        .orElseThrow(
            () ->
                new TreeConfigurationException(
                    "Server '" + server.bean() + "' of child '" + server.id() + "' needs start arguments of type " + type
                        + ".",
                    "Add " + server.key() + ".args."));
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
    return ChildSpec.supervisor(dynamic.id(), spec);
  }
}
