package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.context.BeanStart;
import io.otp.supervisor.ServerStart;
import io.otp.supervisor.SupervisorSpec;
import io.otp.supervisor.SupervisorStart;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A tree that is a bean.
 *
 * @param where what its user wrote, to be looked at where it is wrong
 */
record SpecBean(String name, SupervisorSpec spec, String where) {

  /** One that its user has declared. */
  SpecBean(String name, SupervisorSpec spec) {
    this(name, spec, "SupervisorSpec bean '" + name + "'");
  }

  /** It and the supervisors below it. */
  Stream<SupervisorSpec> supervisors() {
    return supervisors(spec);
  }

  private static Stream<SupervisorSpec> supervisors(SupervisorSpec spec) {
    return Stream.concat(
        Stream.of(spec),
        spec.children().stream()
            .flatMap(
                child ->
                    child.start() instanceof SupervisorStart(var below)
                        ? supervisors(below)
                        : Stream.empty()));
  }

  /**
   * The servers in it, at any depth, as far as they can be seen: what a start function of its own
   * does cannot.
   */
  Stream<ServerStart<?>> servers() {
    return supervisors()
        .flatMap(supervisor -> supervisor.children().stream())
        .<ServerStart<?>>mapMulti(
            (child, found) -> {
              if (child.start() instanceof ServerStart<?> start) {
                found.accept(start);
              }
            });
  }

  /** The servers in it that are beans of contexts. */
  Stream<BeanStart> named() {
    return supervisors()
        .flatMap(supervisor -> supervisor.children().stream())
        .<BeanStart>mapMulti(
            (child, found) -> {
              if (child.start() instanceof BeanStart start) {
                found.accept(start);
              }
            });
  }

  /** What is registered in it. */
  Stream<String> names() {
    return Stream.of(
            supervisors().map(SupervisorSpec::name),
            servers().map(ServerStart::name),
            named()
                .map(
                    start ->
                        switch (start) {
                          case BeanStart.Worker(_, _, var name) -> name;
                          case BeanStart.Dynamic(_, var name, _) -> name;
                        }))
        .flatMap(names -> names)
        .filter(Objects::nonNull);
  }

  @Override
  public String toString() {
    return where;
  }
}
