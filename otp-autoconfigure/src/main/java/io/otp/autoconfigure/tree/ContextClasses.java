package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.ContextSpec;
import io.otp.autoconfigure.context.SupervisorConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/** The configuration classes of contexts: from their names, and what they must be. */
final class ContextClasses {

  private final ConfigurableListableBeanFactory root;

  ContextClasses(ConfigurableListableBeanFactory root) {
    this.root = root;
  }

  /** The context that {@code context:} of a supervisor declares. */
  ContextSpec of(String supervisor, TreeDefinition.Context context) {
    var classes = new ArrayList<Class<?>>();
    for (String name : context.configuration()) {
      classes.add(load(name.strip(), context.key()));
    }
    var spec = new ContextSpec(supervisor, classes, context.key().cited());
    check(spec);
    return spec;
  }

  private Class<?> load(String name, Key key) {
    try {
      return ClassUtils.forName(name, root.getBeanClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw new TreeConfigurationException(
          key + " names class '" + name + "', which cannot be loaded: " + e + ".",
          candidates(name) + "Fix " + key.cited() + ".");
    }
  }

  /** Fails unless each class is a configuration that the root has not got itself. */
  void check(ContextSpec spec) {
    for (Class<?> type : spec.configuration()) {
      if (!AnnotatedElementUtils.hasAnnotation(type, Configuration.class)) {
        throw new TreeConfigurationException(
            "Class "
                + type.getName()
                + ", named for the context of supervisor '"
                + spec.supervisor()
                + "', is no configuration class.",
            "Annotate it with @SupervisorConfiguration. "
                + candidates(type.getName())
                + "Fix "
                + spec.where()
                + ".");
      }
      Stream.of(root.getBeanDefinitionNames())
          .filter(name -> type.getName().equals(root.getBeanDefinition(name).getBeanClassName()))
          .findFirst()
          .ifPresent(name -> refuse(type, name, spec));
    }
  }

  private static void refuse(Class<?> type, String bean, ContextSpec spec) {
    throw new TreeConfigurationException(
        "Class "
            + type.getName()
            + " is the configuration of the context of supervisor '"
            + spec.supervisor()
            + "', but the root has it too, as bean '"
            + bean
            + "', so that its beans would exist twice.",
        "Annotate it with @SupervisorConfiguration instead of @Configuration, which keeps it out of"
            + " the root, or fix "
            + spec.where()
            + ".");
  }

  /** What may have been meant: the supervisor configurations in the packages of the application. */
  private String candidates(String name) {
    if (!AutoConfigurationPackages.has(root)) {
      return "";
    }
    var scanner =
        new ClassPathScanningCandidateComponentProvider(false) {
          @Override
          protected boolean isCandidateComponent(
              org.springframework.core.type.classreading.MetadataReader reader) {
            // also those whose condition says that they are not for the root
            return reader
                .getAnnotationMetadata()
                .isAnnotated(SupervisorConfiguration.class.getName());
          }
        };
    scanner.addIncludeFilter(new AnnotationTypeFilter(SupervisorConfiguration.class));
    List<String> known =
        AutoConfigurationPackages.get(root).stream()
            .flatMap(pkg -> scanner.findCandidateComponents(pkg).stream())
            .map(BeanDefinition::getBeanClassName)
            .filter(found -> !name.equals(found))
            .distinct()
            .sorted()
            .toList();
    return known.isEmpty()
        ? ""
        : Suggestion.of(name, known) + "Known: " + String.join(", ", known) + ". ";
  }
}
