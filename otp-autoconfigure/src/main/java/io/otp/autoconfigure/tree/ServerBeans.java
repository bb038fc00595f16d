package io.otp.autoconfigure.tree;

import io.otp.server.ArgsGenServer;
import java.util.Arrays;
import java.util.List;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;

/** The server beans of a context, by what their definitions say: asking does not create them. */
final class ServerBeans {

  private final ConfigurableListableBeanFactory factory;

  ServerBeans(ConfigurableListableBeanFactory factory) {
    this.factory = factory;
  }

  List<String> names() {
    return Arrays.stream(factory.getBeanNamesForType(ArgsGenServer.class, true, false)).sorted().toList();
  }

  /** The server type of bean {@code name}: {@code ArgsGenServer<A, M, S>} with its arguments as far as they are known. */
  ResolvableType typeOf(String name) {
    ResolvableType type = factory.getMergedBeanDefinition(name).getResolvableType();
    ResolvableType server = type.as(ArgsGenServer.class);
    if (server == ResolvableType.NONE) {
      Class<?> found = factory.getType(name, false);
      server = found == null ? ResolvableType.NONE : ResolvableType.forClass(found).as(ArgsGenServer.class);
    }
    return server;
  }

  /** Fails unless {@code bean} is a server bean. */
  void require(String bean, String who, String key) {
    List<String> known = names();
    if (known.contains(bean)) {
      return;
    }
    String what =
        factory.containsBean(bean)
            ? "which is a " + typeText(bean) + " and no GenServer bean."
            : "which is not a GenServer bean.";
    throw new TreeConfigurationException(
        who + " refers to server '" + bean + "', " + what,
        (known.isEmpty() ? "There is no GenServer bean; declare one." : "Known: " + String.join(", ", known) + ".")
            + " Fix " + key + ".server.");
  }

  private String typeText(String bean) {
    Class<?> type = factory.getType(bean, false);
    return type == null ? "bean of unknown type" : type.getName();
  }
}
