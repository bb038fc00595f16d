package io.otp.autoconfigure.tree;

import io.otp.supervisor.SupervisorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * What is to be started, in order: first the trees that are beans, by their own order, then those
 * of the configuration, each after what it depends on. Made anew at each start, when all singletons
 * exist.
 */
final class Applications implements Supplier<List<ApplicationController.Application>> {

  private final List<TreeDefinition.Application> declared;
  private final ObjectProvider<SupervisorSpec> specs;
  private final ConfigurableListableBeanFactory factory;

  Applications(
      Trees trees, ObjectProvider<SupervisorSpec> specs, ConfigurableListableBeanFactory factory) {
    this.declared = trees.applications();
    this.specs = specs;
    this.factory = factory;
  }

  @Override
  public List<ApplicationController.Application> get() {
    List<SpecBean> beans = specBeans();
    checkNames(beans);
    var check = new SpecCheck(factory, beans, declared);
    var applications = new ArrayList<ApplicationController.Application>();
    for (SpecBean bean : beans) {
      check.check(bean);
      applications.add(
          new ApplicationController.Application(
              bean.spec().name(), ApplicationType.PERMANENT, bean.spec()));
    }
    var builder = new SpecBuilder(factory);
    for (TreeDefinition.Application application :
        StartOrder.of(declared, beans.stream().map(bean -> bean.spec().name()).toList())) {
      applications.add(
          new ApplicationController.Application(
              application.name(), application.type(), builder.build(application.supervisor())));
    }
    return List.copyOf(applications);
  }

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
                    .map(entry -> new SpecBean(entry.getKey(), spec))
                    .orElseGet(() -> new SpecBean(spec.name(), spec)))
        .toList();
  }

  private void checkNames(List<SpecBean> beans) {
    var names = new ArrayList<TreeDefinition.Named>();
    declared.forEach(application -> application.supervisor().names().forEach(names::add));
    beans.forEach(
        bean -> bean.names().forEach(name -> names.add(new TreeDefinition.Named(name, bean))));
    Names.check(names);
  }
}
