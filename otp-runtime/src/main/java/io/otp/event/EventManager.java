package io.otp.event;

import io.otp.process.CallbackModule;
import io.otp.process.MailboxBound;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenProcess;
import io.otp.server.GenServers.Monitored;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event manager to be started: OTP's {@code gen_event:start_link/1} and its kin. The process it
 * starts traps exits, has no code of the user's but its handlers, and is talked to through an
 * {@link EventManagerRef}.
 *
 * {@snippet :
 * EventManager<Sale> sales = EventManager.named("sales");
 * sales.start(runtime);
 * EventManagerRef<Sale> ref = EventManagerRef.of(runtime, "sales");
 * ref.addHandler(tally, NoArgs.NO_ARGS);
 * ref.notify(new Sale("tea", 300));
 * }
 *
 * <p>Under a supervisor it is a child like any other. What others added to it is gone when it is
 * restarted, unless they supervise their handlers and add them again; what it begins with comes
 * again by itself:
 *
 * {@snippet :
 * SupervisorSpec.of("shop", Strategy.ONE_FOR_ONE,
 *     EventManager.<Sale>named("sales")
 *         .withHandler(HandlerSpec.of(tally, NoArgs.NO_ARGS))
 *         .child("sales"));
 * }
 *
 * @param <E> its events, immutable
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_event.html">gen_event</a>
 */
public final class EventManager<E> {

  /** What tools call an event manager: its code is that of its handlers. */
  private static final String GEN_EVENT = "gen_event";

  private final StartOptions options;
  private final List<HandlerSpec<? super E>> handlers;
  private final CallbackModule module;

  private EventManager(
      StartOptions options, List<HandlerSpec<? super E>> handlers, @Nullable MailboxBound mailbox) {
    this.options = options;
    this.handlers = handlers;
    // One for each: that the handlers of one manager block says nothing of others'.
    this.module = CallbackModule.of(GEN_EVENT, GEN_EVENT).withMailbox(mailbox);
  }

  /** A manager that registers {@code name}. */
  public static <E> EventManager<E> named(String name) {
    return new EventManager<>(StartOptions.named(name), List.of(), null);
  }

  /** A manager without a name. */
  public static <E> EventManager<E> unnamed() {
    return new EventManager<>(StartOptions.NONE, List.of(), null);
  }

  /**
   * With a handler that it begins with, after those given before, so in front of them. If it cannot
   * be added the manager does not start; one that is given no handlers always does.
   *
   * <p>Unlike OTP, where a manager begins empty and whoever starts it adds handlers.
   */
  public EventManager<E> withHandler(HandlerSpec<? super E> handler) {
    var all = new ArrayList<HandlerSpec<? super E>>(handlers);
    all.add(Objects.requireNonNull(handler));
    return new EventManager<E>(options, List.copyOf(all), module.mailbox());
  }

  /** With a name, in place of the one it had, if any. */
  public EventManager<E> withName(String name) {
    var named =
        new StartOptions(
            Objects.requireNonNull(name),
            options.timeout(),
            options.label(),
            options.application());
    return new EventManager<>(named, handlers, module.mailbox());
  }

  /** With a bound for the mailbox; none by default. */
  public EventManager<E> withMailbox(MailboxBound bound) {
    return new EventManager<>(options, handlers, Objects.requireNonNull(bound));
  }

  /** With a label, see {@link Self#label}. */
  public EventManager<E> withLabel(String label) {
    return new EventManager<>(options.withLabel(label), handlers, module.mailbox());
  }

  /** As part of an application; by default that of the starter. */
  public EventManager<E> withApplication(String application) {
    return new EventManager<>(options.withApplication(application), handlers, module.mailbox());
  }

  /** The name it registers, {@code null} for none. */
  public @Nullable String name() {
    return options.name();
  }

  /** What it begins with, in the order in which they are added. */
  public List<HandlerSpec<? super E>> handlers() {
    return handlers;
  }

  // --- start

  /**
   * Starts a manager that is linked to the calling process, which is its parent: the manager ends
   * when it does.
   */
  public StartResult startLink(Self<?> self) {
    return start(self, true, false).result();
  }

  /** Starts a manager that is not linked to the calling process. */
  public StartResult start(Self<?> self) {
    return start(self, false, false).result();
  }

  /** Starts a manager that is not linked to the calling process but monitored by it. */
  public Monitored startMonitor(Self<?> self) {
    return start(self, false, true);
  }

  /** Starts a manager from a thread that is no process. */
  public StartResult start(ProcessRuntime runtime) {
    return GenProcess.start(runtime, options, this::process);
  }

  private Monitored start(Self<?> self, boolean link, boolean monitor) {
    return GenProcess.start(self, options, link, monitor, this::process);
  }

  private ManagerProcess process() {
    return new ManagerProcess(module, handlers, options.name());
  }

  /**
   * It as a child of a supervisor: permanent, given 5 s to stop, and with modules that change while
   * it runs, OTP's {@code dynamic}.
   *
   * @param id what the supervisor calls it
   */
  public ChildSpec child(String id) {
    return ChildSpec.of(id, new EventManagerStart(this)).withModules(List.of());
  }

  @Override
  public String toString() {
    return "EventManager[" + (options.name() == null ? "unnamed" : options.name()) + "]";
  }
}
