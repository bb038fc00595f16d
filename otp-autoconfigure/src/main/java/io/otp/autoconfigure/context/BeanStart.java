package io.otp.autoconfigure.context;

import io.otp.process.Self;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildStart;
import io.otp.supervisor.SupervisorSpec;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The start of a server that is a bean of a supervisor's context; what {@link BeanChild} makes, and
 * what tools may look into. When the context is open the bean takes its place.
 */
public sealed interface BeanStart extends ChildStart {

  /** The name of the bean. */
  String bean();

  /**
   * One server.
   *
   * @param args its start arguments
   * @param name the name it registers, {@code null} for none
   */
  record Worker(String bean, Object args, @Nullable String name) implements BeanStart {}

  /**
   * Any number of servers.
   *
   * @param name the name of the supervisor that starts them
   * @param settings adjusts that supervisor
   */
  record Dynamic(String bean, String name, UnaryOperator<SupervisorSpec> settings)
      implements BeanStart {}

  /** Not possible: no supervisor of a tree without contexts can resolve a name. */
  @Override
  default StartResult start(Self<Object> supervisor) {
    throw new IllegalStateException(
        "Child refers to bean '"
            + bean()
            + "' by its name, which only a tree with a context can do. Put @SupervisorContext on"
            + " the method that makes the SupervisorSpec, or use ChildSpec.worker with the bean.");
  }
}
