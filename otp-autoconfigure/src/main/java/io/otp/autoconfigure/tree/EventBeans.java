package io.otp.autoconfigure.tree;

import io.otp.event.EventHandler;
import io.otp.event.EventManager;
import io.otp.event.HandlerSpec;
import io.otp.server.NoArgs;
import io.otp.supervisor.ChildSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;

/**
 * The event managers of a context and its parents, and their handlers: {@link HandlerSpec} beans
 * and {@link EventHandler} beans that take no arguments.
 */
final class EventBeans {

  private final ConfigurableListableBeanFactory factory;

  EventBeans(ConfigurableListableBeanFactory factory) {
    this.factory = factory;
  }

  /** The event manager beans. */
  List<String> names() {
    return names(EventManager.class).sorted().toList();
  }

  /** The events of a manager, {@link ResolvableType#NONE} where its definition does not say. */
  ResolvableType eventsOf(String bean) {
    return BeanTypes.of(factory, bean, EventManager.class).getGeneric(0);
  }

  private Stream<String> names(Class<?> type) {
    return Stream.of(
        BeanFactoryUtils.beanNamesForTypeIncludingAncestors(factory, type, true, false));
  }

  /** The beans that can be handlers. */
  private List<String> handlers() {
    return Stream.concat(
            names(HandlerSpec.class),
            names(EventHandler.class)
                .filter(
                    bean ->
                        BeanTypes.of(factory, bean, EventHandler.class).getGeneric(0).resolve()
                            == NoArgs.class))
        .sorted()
        .toList();
  }

  // --- before there are beans

  /** Fails unless the manager and its handlers are beans that fit. */
  void check(TreeDefinition.Events child) {
    Key key = child.key().child("events");
    if (!isOneOf(names(), child.bean())) {
      throw unknown(
          "Child '" + child.id() + "' refers to event manager '" + child.bean() + "'",
          child.bean(),
          "EventManager bean",
          names(),
          key);
    }
    for (int i = 0; i < child.handlers().size(); i++) {
      Key at = handlerKey(child, i);
      checkHandler(child, child.handlers().get(i), at);
    }
  }

  /** The list may be written as one value with commas, which has no keys below it. */
  private static Key handlerKey(TreeDefinition.Events child, int index) {
    Key list = child.key().child("handlers");
    Key element = list.child("[" + index + "]");
    return element.exists() ? element : list;
  }

  private void checkHandler(TreeDefinition.Events child, String handler, Key key) {
    List<String> known = handlers();
    if (!isOneOf(known, handler)) {
      throw unknown(
          "Child '" + child.id() + "' begins with handler '" + handler + "'",
          handler,
          "HandlerSpec bean and no EventHandler bean without arguments",
          known,
          key);
    }
    ResolvableType sent = eventsOf(child.bean());
    ResolvableType handled = handledBy(handler);
    if (sent.resolve() != null && handled.resolve() != null && !handled.isAssignableFrom(sent)) {
      throw new TreeConfigurationException(
          "Handler '"
              + handler
              + "' of child '"
              + child.id()
              + "' handles events of type "
              + handled
              + ", but the events of '"
              + child.bean()
              + "' are "
              + sent
              + ".",
          "Name a handler for "
              + sent
              + " or a type above it, or another event manager. Fix "
              + key.cited()
              + ".");
    }
  }

  private ResolvableType handledBy(String handler) {
    ResolvableType spec = BeanTypes.of(factory, handler, HandlerSpec.class);
    return spec == ResolvableType.NONE
        ? BeanTypes.of(factory, handler, EventHandler.class).getGeneric(1)
        : spec.getGeneric(0);
  }

  private boolean isOneOf(List<String> known, String bean) {
    return known.contains(bean)
        || Arrays.stream(factory.getAliases(bean)).anyMatch(known::contains);
  }

  private TreeConfigurationException unknown(
      String who, String bean, String wanted, List<String> known, Key key) {
    Class<?> type = factory.containsBean(bean) ? factory.getType(bean, false) : null;
    return new TreeConfigurationException(
        who
            + ", which is "
            + (type == null ? "no " + wanted : "a " + type.getName() + " and no " + wanted)
            + ".",
        (known.isEmpty()
                ? "There is none; declare one."
                : Suggestion.of(bean, known) + "Known: " + String.join(", ", known) + ".")
            + " Fix "
            + key.cited()
            + ".");
  }

  /** Defines what others inject to talk to the manager. */
  void define(TreeDefinition.Events child, RefDefinitions refs) {
    refs.events(child.name(), eventsOf(child.bean()), child.key().toString());
  }

  // --- with beans

  /** What the supervisor starts. */
  ChildSpec child(TreeDefinition.Events child) {
    @SuppressWarnings("unchecked") // what its handlers handle was looked at where that is known
    var manager = (EventManager<Object>) factory.getBean(child.bean(), EventManager.class);
    checkName(child, manager);
    EventManager<Object> named = manager.withName(child.name());
    for (String handler : child.handlers()) {
      named = named.withHandler(handler(handler));
    }
    ChildSpec spec = named.child(child.id()).withSignificant(child.significant());
    if (child.restart() != null) {
      spec = spec.withRestart(child.restart());
    }
    return child.shutdown() == null ? spec : spec.withShutdown(child.shutdown());
  }

  /** References were made for the child's name before the bean could be asked for its own. */
  private static void checkName(TreeDefinition.Events child, EventManager<?> manager) {
    String own = manager.name();
    if (own != null && !own.equals(child.name())) {
      throw new TreeConfigurationException(
          "Event manager bean '"
              + child.bean()
              + "' is named '"
              + own
              + "', but child '"
              + child.id()
              + "' registers it as '"
              + child.name()
              + "'.",
          "Make it with EventManager.unnamed(), so that it gets the name of the child, or set "
              + child.key().child("name")
              + " to '"
              + own
              + "'.");
    }
  }

  @SuppressWarnings("unchecked")
  private HandlerSpec<Object> handler(String bean) {
    return switch (factory.getBean(bean)) {
      case HandlerSpec<?> spec -> (HandlerSpec<Object>) spec;
      case EventHandler<?, ?, ?> handler ->
          HandlerSpec.of((EventHandler<NoArgs, Object, ?>) handler, NoArgs.NO_ARGS);
      case Object other -> throw new AssertionError("checked: " + other.getClass());
    };
  }
}
