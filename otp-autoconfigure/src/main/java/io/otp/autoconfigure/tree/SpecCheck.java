package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.BeanStart;
import io.otp.server.Startable;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.InvalidSpecException;
import io.otp.supervisor.ServerStart;
import io.otp.supervisor.SupervisorSpec;
import io.otp.supervisor.SupervisorStart;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Looks at trees that are beans before they are started, as others are looked at when they are
 * read.
 */
final class SpecCheck {

  private final ConfigurableListableBeanFactory factory;
  private final ServerBeans servers;
  private final Set<String> registered;

  SpecCheck(
      ConfigurableListableBeanFactory factory,
      List<SpecBean> beans,
      List<TreeDefinition.Application> declared) {
    this.factory = factory;
    this.servers = new ServerBeans(factory);
    this.registered =
        Stream.concat(
                beans.stream().flatMap(SpecBean::names),
                declared.stream()
                    .flatMap(application -> application.supervisor().names())
                    .map(TreeDefinition.Named::name))
            .collect(Collectors.toSet());
  }

  void check(SpecBean bean) {
    bean.supervisors().forEach(supervisor -> checkSignificance(bean, supervisor));
    bean.servers().forEach(start -> check(bean, start));
    checkNamed(bean.spec(), bean, false);
  }

  /** A server by the name of its bean needs a context at or above its supervisor. */
  private static void checkNamed(SupervisorSpec supervisor, SpecBean bean, boolean outer) {
    boolean inContext = outer || supervisor.init() != null;
    for (ChildSpec child : supervisor.children()) {
      if (child.start() instanceof SupervisorStart(var below)) {
        checkNamed(below, bean, inContext);
      } else if (child.start() instanceof BeanStart start && !inContext) {
        throw new TreeConfigurationException(
            "Child '"
                + child.id()
                + "' of supervisor '"
                + supervisor.name()
                + "' refers to bean '"
                + start.bean()
                + "' by its name, but neither that supervisor nor one above it has a context.",
            "Put @SupervisorContext on the method that makes "
                + bean
                + ", or use ChildSpec.worker with the bean itself.");
      }
    }
  }

  private static void checkSignificance(SpecBean bean, SupervisorSpec supervisor) {
    try {
      SupervisorSpec.check(supervisor.children(), supervisor.autoShutdown());
    } catch (InvalidSpecException e) {
      throw new TreeConfigurationException(e.error().message(), "Fix " + bean + ".");
    }
  }

  private void check(SpecBean bean, ServerStart<?> start) {
    Startable<?, ?> server = start.server();
    String name = servers.nameOf(server);
    ServerCheck.check(name == null ? server.getClass().getName() : name, server);
    if (name != null && !registered.contains(name)) {
      checkNobodyWaitsFor(name, bean, start);
    }
  }

  /**
   * A reference is made for the bean's name before a spec can be asked: here it turns out that
   * nobody will have that name.
   */
  private void checkNobodyWaitsFor(String name, SpecBean bean, ServerStart<?> start) {
    String ref = RefDefinitions.SERVER + name;
    String[] users =
        factory.containsBeanDefinition(ref) ? factory.getDependentBeans(ref) : new String[0];
    if (users.length == 0) {
      return;
    }
    String other = start.name();
    throw new TreeConfigurationException(
        bean
            + " registers server bean '"
            + name
            + "' "
            + (other == null ? "under no name" : "as '" + other + "'")
            + ", but bean '"
            + String.join("', '", users)
            + "' injects a ServerRef for '"
            + name
            + "', which no process is called.",
        "Register it as '"
            + name
            + "', with ChildSpec.worker(id, server, args, \""
            + name
            + "\")"
            + (other == null
                ? "."
                : ", or declare a ServerRef bean made with ServerRef.of(runtime, \""
                    + other
                    + "\"); it is injected instead."));
  }
}
