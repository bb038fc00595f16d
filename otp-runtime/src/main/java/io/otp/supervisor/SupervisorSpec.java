package io.otp.supervisor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A supervisor: its flags and its children in start order.
 *
 * {@snippet :
 * SupervisorSpec.of("payments", REST_FOR_ONE,
 *         ChildSpec.of("ledger", self -> ledger.startLink(self)),
 *         ChildSpec.of("gateway", self -> gateway.startLink(self)).withRestart(TRANSIENT))
 *     .withIntensity(3, Duration.ofSeconds(10));
 * }
 *
 * @param name what it is called in reports and errors
 * @param strategy which children a restart concerns
 * @param intensity how many restarts are allowed within {@code period}, 0 or more; one more and the
 *     supervisor gives up; default 1
 * @param period whole seconds, 1 s or more; default 5 s. OTP counts in whole seconds, so that the
 *     real window is between this and just under a second more
 * @param autoShutdown whether it ends with its significant children; default {@link
 *     AutoShutdown#NEVER}
 * @param maxChildren how many children a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor may have;
 *     default {@link #UNLIMITED}. From Elixir's {@code DynamicSupervisor}; OTP has no such limit
 * @param children in start order, ids unique; exactly one, made with {@link ChildSpec#template},
 *     for {@link Strategy#SIMPLE_ONE_FOR_ONE}
 * @param init runs at each start and says what the children are, instead of {@code children};
 *     {@code null}, the default, for a supervisor that always has the same
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:sup_flags/0">
 *     supervisor:sup_flags()</a>
 */
public record SupervisorSpec(
    String name,
    Strategy strategy,
    int intensity,
    Duration period,
    AutoShutdown autoShutdown,
    int maxChildren,
    List<ChildSpec> children,
    @Nullable SupervisorInit init) {

  /** No limit to the number of children. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** The template of {@link #dynamic}: the arguments are the child's own spec. */
  static final DynamicStart<ChildSpec> OWN_SPEC = (child, self) -> child.start().start(self);

  /**
   * Checks everything but significance, which is checked with {@link #check} when the supervisor
   * starts, so that the order of the calls that build a spec does not matter.
   */
  public SupervisorSpec {
    SpecCheck.flags(name, strategy, intensity, period, autoShutdown, maxChildren);
    children = List.copyOf(children);
    SpecCheck.children(name, strategy, children);
  }

  /**
   * A supervisor with OTP's defaults: gives up at the second restart within 5 s, never shuts down
   * by itself.
   */
  public static SupervisorSpec of(String name, Strategy strategy, ChildSpec... children) {
    return new SupervisorSpec(
        name,
        strategy,
        1,
        Duration.ofSeconds(5),
        AutoShutdown.NEVER,
        UNLIMITED,
        List.of(children),
        null);
  }

  /**
   * A supervisor of any number of children that each bring their own spec: Elixir's {@code
   * DynamicSupervisor}. Their ids need not be unique and are used in reports only.
   */
  public static SupervisorSpec dynamic(String name) {
    return of(
        name,
        Strategy.SIMPLE_ONE_FOR_ONE,
        ChildSpec.template(name, OWN_SPEC).withModules(List.of()));
  }

  /** With other limits for restarts. */
  public SupervisorSpec withIntensity(int intensity, Duration period) {
    return new SupervisorSpec(
        name, strategy, intensity, period, autoShutdown, maxChildren, children, init);
  }

  /** With another auto-shutdown. */
  public SupervisorSpec withAutoShutdown(AutoShutdown autoShutdown) {
    return new SupervisorSpec(
        name, strategy, intensity, period, autoShutdown, maxChildren, children, init);
  }

  /** With another limit for the number of children. */
  public SupervisorSpec withMaxChildren(int maxChildren) {
    return new SupervisorSpec(
        name, strategy, intensity, period, autoShutdown, maxChildren, children, init);
  }

  /** With other children. */
  public SupervisorSpec withChildren(ChildSpec... children) {
    return new SupervisorSpec(
        name, strategy, intensity, period, autoShutdown, maxChildren, List.of(children), init);
  }

  /**
   * With something to do at each start, which says what the children are; see {@link
   * SupervisorInit}.
   */
  public SupervisorSpec withInit(SupervisorInit init) {
    return new SupervisorSpec(
        name, strategy, intensity, period, autoShutdown, maxChildren, children, init);
  }

  /**
   * Checks child specs without a supervisor: OTP's {@code check_childspecs/2}. A supervisor checks
   * the same when it starts.
   *
   * @throws InvalidSpecException with {@code duplicate_child_name}; or with {@code bad_combination}
   *     if a child is significant and permanent, or significant although {@code autoShutdown} is
   *     {@link AutoShutdown#NEVER}
   */
  public static void check(List<ChildSpec> children, AutoShutdown autoShutdown) {
    SpecCheck.unique("There are", children);
    for (ChildSpec child : children) {
      SpecCheck.throwIf(SpecCheck.significanceError(child, autoShutdown));
    }
  }

  /** What keeps {@code child} from being started by {@code start_child}, or empty. */
  Optional<SpecError> misfit(ChildSpec child) {
    return SpecCheck.startError(name, child)
        .or(() -> SpecCheck.significanceError(child, autoShutdown));
  }

  /** Whether each child brings its own spec. */
  boolean ownSpecs() {
    return strategy == Strategy.SIMPLE_ONE_FOR_ONE && children.getFirst().start() == OWN_SPEC;
  }
}
