package io.otp.supervisor;

import io.otp.process.Self;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What a supervisor does at each of its starts before it has children, and so what its children
 * are: the {@code init/1} of OTP's supervisor modules. For a supervisor whose children need
 * something that lives exactly as long as one incarnation of it.
 *
 * {@snippet :
 * SupervisorSpec spec = SupervisorSpec.of("devices", ONE_FOR_ALL).withInit(supervisor -> {
 *   Bus bus = Bus.open();
 *   return new SupervisorInit.Incarnation(
 *       List.of(ChildSpec.of("reader", self -> new Reader(bus).startLink(self, NO_ARGS, NONE))),
 *       self -> bus.close());
 * });
 * }
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#c:init/1">supervisor:init/1</a>
 */
@FunctionalInterface
public interface SupervisorInit {

  /**
   * Runs in the new supervisor's process, which traps exits, before any child is started.
   *
   * @param supervisor the supervisor's own process
   * @throws Exception the supervisor does not start; its parent counts that as it counts any failed
   *     start
   */
  Incarnation init(Self<Object> supervisor) throws Exception;

  /**
   * One life of a supervisor.
   *
   * @param children the children, instead of those of the spec
   * @param ended runs in the supervisor's process when its last child has ended, also where a child
   *     did not start; the supervisor ends when it has returned. It does not run if the supervisor
   *     is killed: what must not be left behind then is seen to with {@link
   *     io.otp.process.ProcessRuntime#atExit}. Unlike OTP, whose supervisors have no such callback
   */
  record Incarnation(List<ChildSpec> children, Consumer<Self<Object>> ended) {

    /** Copies the children. */
    public Incarnation {
      children = List.copyOf(children);
      Objects.requireNonNull(ended, "ended");
    }
  }
}
