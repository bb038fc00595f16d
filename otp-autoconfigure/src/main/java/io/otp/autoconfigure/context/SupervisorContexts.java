package io.otp.autoconfigure.context;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.SupervisorInit;
import io.otp.supervisor.SupervisorInit.Incarnation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * The contexts that supervisors own now. Its part in the life cycle of the root: when the
 * applications have stopped, it waits until their contexts are closed, and destroys what is left of
 * the root's process-scoped beans.
 */
public final class SupervisorContexts implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(SupervisorContexts.class);

  /** Started before the applications and stopped after them. */
  private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096 - 1;

  /** Only after a kill is there something to wait for. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final ProcessRuntime runtime;
  private final AbstractApplicationContext root;
  private final ProcessBeans rootProcessBeans;
  private final int maxProcessBeans;
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentMap<Pid, OwnedContext> byOwner = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, OwnedContext> latest = new ConcurrentHashMap<>();
  private volatile boolean running;

  SupervisorContexts(
      ProcessRuntime runtime,
      AbstractApplicationContext root,
      ProcessBeans rootProcessBeans,
      int maxProcessBeans) {
    this.runtime = runtime;
    this.root = root;
    this.rootProcessBeans = rootProcessBeans;
    this.maxProcessBeans = maxProcessBeans;
  }

  /**
   * What a supervisor does at each start to have a context.
   *
   * @param outer the context that this one is in, {@code null} for the root
   * @param children makes the children when the context is open; not on a thread of a process
   */
  public SupervisorInit init(
      ContextSpec spec,
      @Nullable OwnedContext outer,
      Function<OwnedContext, List<ChildSpec>> children) {
    return self -> open(spec, outer, children, self);
  }

  private Incarnation open(
      ContextSpec spec,
      @Nullable OwnedContext outer,
      Function<OwnedContext, List<ChildSpec>> children,
      Self<Object> self) {
    var opening =
        new OwnedContext(
            this,
            spec,
            outer,
            latest.get(spec.supervisor()),
            numbers.incrementAndGet(),
            self.pid());
    latest.put(spec.supervisor(), opening);
    byOwner.put(self.pid(), opening);
    return opening.open(self, children);
  }

  void ended(OwnedContext context) {
    byOwner.remove(context.owner());
    latest.computeIfPresent(
        context.supervisor(), (_, known) -> known == context ? context.unclosedPrevious() : known);
  }

  /** The id of the context that a supervisor owns, {@code null} if it owns none. */
  public @Nullable String contextOf(Pid supervisor) {
    OwnedContext context = byOwner.get(supervisor);
    return context == null ? null : context.id();
  }

  /** How many there are. */
  public int count() {
    return byOwner.size();
  }

  ProcessRuntime runtime() {
    return runtime;
  }

  AbstractApplicationContext root() {
    return root;
  }

  ProcessBeans processBeans() {
    return new ProcessBeans(() -> runtime, () -> maxProcessBeans);
  }

  // --- life cycle of the root

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    List<OwnedContext> open = List.copyOf(byOwner.values());
    try {
      CompletableFuture.allOf(
              open.stream().map(OwnedContext::closed).toArray(CompletableFuture[]::new))
          .get(STOP_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException _) {
      LOG.warn(
          "These contexts have not closed within {} s, and what they use is closed now: {}",
          STOP_TIMEOUT.toSeconds(),
          open.stream().filter(context -> !context.closed().isDone()).toList());
    }
    rootProcessBeans.close();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
