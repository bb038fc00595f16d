package io.otp.autoconfigure.context;

import io.otp.server.NoArgs;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.SupervisorSpec;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Child specs whose servers are beans of a supervisor's context, by name: the context, and so the
 * bean, is another one in each incarnation. For trees with {@link SupervisorContext}.
 */
public final class BeanChild {

  private BeanChild() {}

  /** A server without start arguments; its id and its registered name are that of the bean. */
  public static ChildSpec worker(String bean) {
    return worker(bean, bean);
  }

  /** A server without start arguments, registered under {@code id}. */
  public static ChildSpec worker(String id, String bean) {
    return worker(id, bean, NoArgs.NO_ARGS, id);
  }

  /**
   * A server, with the defaults of {@link ChildSpec#of}.
   *
   * @param args its start arguments, {@link NoArgs#NO_ARGS} for none; immutable
   * @param name the name it registers, {@code null} for none
   */
  public static ChildSpec worker(String id, String bean, Object args, @Nullable String name) {
    return ChildSpec.of(id, new BeanStart.Worker(bean, args, name)).withModules(List.of());
  }

  /**
   * Any number of servers of one bean, started with a {@link io.otp.supervisor.DynamicSupervisor}
   * of the name {@code id}. They are temporary and are given 5 s to stop.
   *
   * @param settings adjusts the supervisor that starts them, as {@code spec ->
   *     spec.withMaxChildren(100)}
   */
  public static ChildSpec dynamic(String id, String bean, UnaryOperator<SupervisorSpec> settings) {
    return ChildSpec.of(id, new BeanStart.Dynamic(bean, id, settings))
        .asSupervisor()
        .withModules(List.of());
  }
}
