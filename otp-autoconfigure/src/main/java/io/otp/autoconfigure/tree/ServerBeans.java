package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.Blueprint;
import io.otp.autoconfigure.context.ContextSpec;
import io.otp.server.Startable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

/**
 * The server beans of a context and its parents, by what their definitions say: asking does not
 * create them.
 */
final class ServerBeans {

  private final ConfigurableListableBeanFactory factory;

  /** Where they are, for texts. */
  private final String place;

  ServerBeans(ConfigurableListableBeanFactory factory) {
    this(factory, "");
  }

  private ServerBeans(ConfigurableListableBeanFactory factory, String place) {
    this.factory = factory;
    this.place = place;
  }

  /** Those of a context that is not there yet, and those around it. */
  ServerBeans within(ContextSpec context, Environment environment) {
    try {
      return new ServerBeans(
          Blueprint.of(context, factory, environment),
          " of its context (" + context.classes() + ") or of one around it");
    } catch (BeansException e) {
      throw new TreeConfigurationException(
          "The configuration of the context of supervisor '"
              + context.supervisor()
              + "' ("
              + context.classes()
              + ") cannot be read: "
              + e.getMessage(),
          "Fix the class, or " + context.where() + ".");
    }
  }

  /** Those of this context only. */
  List<String> local() {
    return names().stream().filter(factory::containsLocalBean).toList();
  }

  /** The event managers among the same beans. */
  EventBeans events() {
    return new EventBeans(factory);
  }

  List<String> names() {
    return Arrays.stream(
            BeanFactoryUtils.beanNamesForTypeIncludingAncestors(
                factory, Startable.class, true, false))
        .sorted()
        .toList();
  }

  /**
   * The messages of server bean {@code name}, {@link ResolvableType#NONE} where its definition does
   * not say.
   */
  ResolvableType messagesOf(String name) {
    return typeOf(name).getGeneric(1);
  }

  /**
   * The start arguments of server bean {@code name}, {@link ResolvableType#NONE} where its
   * definition does not say.
   */
  ResolvableType argsOf(String name) {
    return typeOf(name).getGeneric(0);
  }

  private ResolvableType typeOf(String name) {
    return BeanTypes.of(factory, name, Startable.class);
  }

  /**
   * Fails unless {@code bean} is a server bean.
   *
   * @param who who refers to it, for the text
   * @param key what it is set with
   */
  void require(String bean, String who, Key key) {
    require(bean, who, key.cited());
  }

  /**
   * Fails unless {@code bean} is a server bean.
   *
   * @param where what refers to it
   */
  void require(String bean, String who, String where) {
    List<String> known = names();
    if (known.contains(bean) || Arrays.stream(factory.getAliases(bean)).anyMatch(known::contains)) {
      return;
    }
    boolean exists = factory.containsBean(bean);
    throw new TreeConfigurationException(
        who
            + " refers to server '"
            + bean
            + "', which is "
            + (exists
                ? "a " + typeText(bean) + " and no GenServer or StateMachine bean."
                : "not a GenServer or StateMachine bean" + place + "."),
        (known.isEmpty()
                ? "There is no GenServer or StateMachine bean; declare one."
                : Suggestion.of(bean, known) + "Known: " + String.join(", ", known) + ".")
            + " Fix "
            + where
            + "."
            + (exists
                ? " If it is a server, let the method that makes the bean return its class or"
                    + " GenServer<…> or StateMachine<…>."
                : ""));
  }

  private String typeText(String bean) {
    Class<?> type = factory.getType(bean, false);
    return type == null ? "bean of unknown type" : type.getName();
  }

  /**
   * The name of the bean that is {@code server}, {@code null} if it is none or not a singleton of
   * this context.
   */
  @Nullable String nameOf(Startable<?, ?> server) {
    return names().stream()
        .filter(name -> factory.getSingleton(name) == server)
        .findFirst()
        .orElse(null);
  }
}
