package io.otp.autoconfigure.tree;

import io.otp.application.Application;
import io.otp.application.ApplicationModule;
import io.otp.application.ApplicationSpec;
import io.otp.application.ApplicationType;
import io.otp.application.StartPhase;
import io.otp.supervisor.SupervisorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

/**
 * What is to be started, in order: first the trees that are beans, by their own order, then the
 * applications that are beans and those of the configuration, each after what it depends on. Made
 * anew at each start, when all singletons exist.
 */
final class Applications implements Supplier<List<Applications.Planned>> {

  /**
   * An application to be loaded, in this order: what one includes comes before it.
   *
   * @param included whether another starts it
   */
  record Planned(ApplicationSpec spec, ApplicationType type, boolean included) {}

  /** An application that is a bean. */
  private record Bean(ApplicationSpec spec, ApplicationType type) implements StartOrder.Node {
    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public List<String> dependsOn() {
      return spec.applications();
    }

    @Override
    public List<String> optionalDependsOn() {
      return spec.optionalApplications();
    }

    @Override
    public String dependsOnCited() {
      return "ApplicationSpec bean '" + spec.name() + "'";
    }
  }

  private final List<TreeDefinition.Application> declared;
  private final ObjectProvider<SupervisorSpec> specs;
  private final ObjectProvider<ApplicationSpec> applications;
  private final ConfigurableListableBeanFactory factory;
  private final Environment environment;

  Applications(
      Trees trees,
      ObjectProvider<SupervisorSpec> specs,
      ObjectProvider<ApplicationSpec> applications,
      ConfigurableListableBeanFactory factory,
      Environment environment) {
    this.declared = trees.applications();
    this.specs = specs;
    this.applications = applications;
    this.factory = factory;
    this.environment = environment;
  }

  @Override
  public List<Planned> get() {
    List<SpecBean> trees = specBeans();
    List<Bean> beans = applicationBeans();
    List<SpecBean> all = Stream.concat(trees.stream(), beans.stream().flatMap(this::tree)).toList();
    checkNames(all, beans);
    var check = new SpecCheck(factory, all, declared);
    all.forEach(check::check);
    List<String> names = trees.stream().map(bean -> bean.spec().name()).toList();
    List<StartOrder.Node> ordered =
        StartOrder.of(Stream.concat(beans.stream(), declared.stream()).toList(), names);
    var included = new Included(declared, beans.stream().map(Bean::spec).toList());
    ordered.forEach(included::checkNoneDependsOnIt);
    var planned = new ArrayList<Planned>();
    for (SpecBean bean : trees) {
      planned.add(
          new Planned(
              ApplicationSpec.of(bean.spec().name()).withSupervisor(bean.spec()),
              ApplicationType.PERMANENT,
              false));
    }
    var builder = new SpecBuilder(factory);
    for (StartOrder.Node node : included.first(ordered)) {
      planned.add(
          switch (node) {
            case Bean(var spec, var type) ->
                new Planned(spec, type, included.contains(spec.name()));
            case TreeDefinition.Application application ->
                new Planned(
                    build(application, included, builder),
                    application.type(),
                    included.contains(application.name()));
            default -> throw new AssertionError(node);
          });
    }
    return List.copyOf(planned);
  }

  private ApplicationSpec build(
      TreeDefinition.Application application, Included included, SpecBuilder builder) {
    SupervisorSpec supervisor = builder.build(included.treeOf(application));
    ApplicationSpec spec =
        ApplicationSpec.of(application.name())
            .withDescription(application.description())
            .withVersion(application.version())
            .withApplications(application.dependsOn().toArray(String[]::new))
            .withOptionalApplications(application.optionalDependsOn().toArray(String[]::new))
            .withIncludedApplications(application.includes().toArray(String[]::new))
            .withStartPhases(
                application.startPhases().stream().map(StartPhase::of).toArray(StartPhase[]::new))
            .withMaxTime(application.maxTime());
    return application.module() == null
        ? spec.withSupervisor(supervisor)
        : spec.withModule(module(application.module(), application.key()), supervisor);
  }

  @SuppressWarnings("unchecked") // what it is started with has been looked at
  private Application<SupervisorSpec, ?> module(String bean, Key key) {
    List<String> known =
        Stream.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(factory, Application.class))
            .filter(name -> startedWith(name) == SupervisorSpec.class)
            .sorted()
            .toList();
    if (!known.contains(bean)) {
      throw new TreeConfigurationException(
          "Application '"
              + key.last()
              + "' has module '"
              + bean
              + "', which is no bean that implements Application<SupervisorSpec, …>.",
          (known.isEmpty()
                  ? "There is none; declare one. "
                  : Suggestion.of(bean, known) + "Known: " + String.join(", ", known) + ". ")
              + "Fix "
              + key.child("module").cited()
              + ".");
    }
    return (Application<SupervisorSpec, ?>) factory.getBean(bean);
  }

  /** The arguments that an application bean takes. */
  private Class<?> startedWith(String bean) {
    Class<?> type = Objects.requireNonNull(factory.getBean(bean)).getClass();
    return Objects.requireNonNullElse(
        ResolvableType.forClass(type).as(Application.class).getGeneric(0).resolve(), Object.class);
  }

  // --- beans

  private List<SpecBean> specBeans() {
    Map<String, SupervisorSpec> named =
        BeanFactoryUtils.beansOfTypeIncludingAncestors(factory, SupervisorSpec.class);
    return specs
        .orderedStream()
        .map(
            spec ->
                named.entrySet().stream()
                    .filter(entry -> entry.getValue() == spec)
                    .findFirst()
                    .map(entry -> specBean(entry.getKey(), spec))
                    .orElseGet(() -> new SpecBean(spec.name(), spec)))
        .toList();
  }

  /** One that was made of configuration tells of which in its description. */
  private SpecBean specBean(String name, SupervisorSpec spec) {
    String made =
        factory.containsBeanDefinition(name)
            ? factory.getBeanDefinition(name).getDescription()
            : null;
    return made == null ? new SpecBean(name, spec) : new SpecBean(name, spec, made);
  }

  /** With the type that configuration gives them. */
  private List<Bean> applicationBeans() {
    List<ApplicationSpec> beans = applications.orderedStream().toList();
    Map<String, ApplicationType> types = new HashMap<>();
    List<String> known = beans.stream().map(ApplicationSpec::name).toList();
    List<TreeDefinition.Settings> settings =
        beans.isEmpty() ? List.of() : new TreeReader(environment).settings();
    for (TreeDefinition.Settings of : settings) {
      if (!known.contains(of.name())) {
        throw new TreeConfigurationException(
            "Application '" + of.name() + "' has no supervisor and is no ApplicationSpec bean.",
            Suggestion.of(of.name(), known)
                + "Beans: "
                + String.join(", ", known)
                + ". Fix "
                + of.key().cited()
                + ".");
      }
      if (of.type() != null) {
        types.put(of.name(), of.type());
      }
    }
    return beans.stream()
        .map(spec -> new Bean(spec, types.getOrDefault(spec.name(), ApplicationType.PERMANENT)))
        .toList();
  }

  /** The tree of an application that is nothing but a tree; one with code makes its own. */
  private Stream<SpecBean> tree(Bean bean) {
    return bean.spec().module() instanceof ApplicationModule(_, SupervisorSpec tree)
        ? Stream.of(new SpecBean(bean.name(), tree))
        : Stream.empty();
  }

  private void checkNames(List<SpecBean> trees, List<Bean> beans) {
    var names = new ArrayList<TreeDefinition.Named>();
    declared.forEach(application -> application.supervisor().names().forEach(names::add));
    trees.forEach(
        bean -> bean.names().forEach(name -> names.add(new TreeDefinition.Named(name, bean))));
    Names.check(names);
    var used = new HashMap<String, Object>();
    declared.forEach(application -> used.put(application.name(), application.key()));
    for (Bean bean : beans) {
      Object before = used.putIfAbsent(bean.name(), bean.dependsOnCited());
      if (before != null) {
        throw new TreeConfigurationException(
            "There are two applications '"
                + bean.name()
                + "': "
                + before
                + " and "
                + bean.dependsOnCited()
                + ".",
            "Give one of them another name.");
      }
    }
  }
}
