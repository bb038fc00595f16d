package io.otp.autoconfigure.tree;

import io.otp.event.EventManagerRef;
import io.otp.server.ServerRef;
import io.otp.supervisor.DynamicSupervisor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;

/**
 * Somebody injects a server or event manager that no tree has, or one of several: says which there
 * are and what to write.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class MissingRefFailureAnalyzer
    extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

  /** What the names of our references begin with, by type. */
  private static final Map<Class<?>, String> PREFIXES =
      Map.of(
          ServerRef.class,
          RefDefinitions.SERVER,
          DynamicSupervisor.class,
          RefDefinitions.DYNAMIC,
          EventManagerRef.class,
          RefDefinitions.EVENTS);

  private final ConfigurableListableBeanFactory factory;

  MissingRefFailureAnalyzer(BeanFactory factory) {
    this.factory = (ConfigurableListableBeanFactory) factory;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable rootFailure, NoSuchBeanDefinitionException cause, @Nullable String description) {
    ResolvableType wanted = cause.getResolvableType();
    if (wanted == null || wanted.resolve() == null || !PREFIXES.containsKey(wanted.resolve())) {
      return null;
    }
    boolean events = wanted.resolve() == EventManagerRef.class;
    String who =
        (description == null ? "A bean" : description)
            + " required "
            + article(wanted)
            + text(wanted);
    List<String> fitting = names(wanted);
    String qualifier = qualifier(rootFailure);
    if (cause instanceof NoUniqueBeanDefinitionException) {
      return new FailureAnalysis(
          who + ", and there are " + fitting.size() + ": " + String.join(", ", fitting) + ".",
          "Say which: @Qualifier(\"" + fitting.getFirst() + "\").",
          cause);
    }
    if (qualifier != null && !fitting.isEmpty()) {
      return new FailureAnalysis(
          who
              + " called '"
              + qualifier
              + "', but none with these "
              + (events ? "events" : "messages")
              + " has that name.",
          Suggestion.of(qualifier, fitting) + "Known: " + String.join(", ", fitting) + ".",
          cause);
    }
    return events
        ? new FailureAnalysis(
            who + ", but no tree has an event manager for these events.",
            eventsAction(wanted),
            cause)
        : new FailureAnalysis(
            who + ", but no tree has a server for these messages.", action(wanted), cause);
  }

  private String eventsAction(ResolvableType wanted) {
    var managers = new EventBeans(factory);
    Class<?> events = wanted.getGeneric(0).resolve();
    return managers.names().stream()
        .filter(bean -> events != null && events == managers.eventsOf(bean).resolve())
        .findFirst()
        .map(
            bean ->
                "Bean '"
                    + bean
                    + "' is such a manager. Add it to the children of a supervisor in"
                    + " otp.supervisors: {id: "
                    + bean
                    + ", events: "
                    + bean
                    + "}.")
        .orElse(
            "Declare an EventManager bean for them and add it to the children of a supervisor in"
                + " otp.supervisors: {id: …, events: …}.");
  }

  private String action(ResolvableType wanted) {
    boolean dynamic = wanted.resolve() == DynamicSupervisor.class;
    ResolvableType messages = wanted.getGeneric(dynamic ? 1 : 0);
    var servers = new ServerBeans(factory);
    return servers.names().stream()
        .filter(
            bean ->
                messages.resolve() != null
                    && messages.resolve() == servers.messagesOf(bean).resolve())
        .findFirst()
        .map(
            bean ->
                "Bean '"
                    + bean
                    + "' is such a server. Add it to the children of a supervisor in"
                    + " otp.supervisors: {id: "
                    + bean
                    + (dynamic ? ", dynamic: {server: " + bean + "}}" : ", server: " + bean + "}")
                    + ".")
        .orElse(
            "Declare a GenServer or StateMachine bean for them and add it to the children of a"
                + " supervisor in otp.supervisors: {id: …, "
                + (dynamic ? "dynamic: {server: …}}." : "server: …}."));
  }

  /** What the references of this type that we have defined are called. */
  private List<String> names(ResolvableType wanted) {
    String prefix = Objects.requireNonNull(PREFIXES.get(wanted.resolve()));
    return Stream.of(factory.getBeanNamesForType(wanted, true, false))
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .sorted()
        .toList();
  }

  private @Nullable String qualifier(Throwable rootFailure) {
    UnsatisfiedDependencyException unsatisfied =
        findCause(rootFailure, UnsatisfiedDependencyException.class);
    String found = null;
    while (unsatisfied != null) {
      Qualifier qualifier =
          unsatisfied.getInjectionPoint() == null
              ? null
              : unsatisfied.getInjectionPoint().getAnnotation(Qualifier.class);
      found = qualifier == null ? null : qualifier.value();
      unsatisfied = findCause(unsatisfied.getCause(), UnsatisfiedDependencyException.class);
    }
    return found;
  }

  private static String article(ResolvableType type) {
    return type.resolve() == EventManagerRef.class ? "an " : "a ";
  }

  private static String text(ResolvableType type) {
    String generics =
        Stream.of(type.getGenerics())
            .map(generic -> Objects.requireNonNullElse(generic.resolve(), Object.class))
            .map(MissingRefFailureAnalyzer::shortName)
            .reduce((a, b) -> a + ", " + b)
            .orElse("");
    return Objects.requireNonNull(type.resolve()).getSimpleName()
        + (generics.isEmpty() ? "" : "<" + generics + ">");
  }

  private static String shortName(Class<?> type) {
    return type.getEnclosingClass() == null
        ? type.getSimpleName()
        : shortName(type.getEnclosingClass()) + "." + type.getSimpleName();
  }
}
