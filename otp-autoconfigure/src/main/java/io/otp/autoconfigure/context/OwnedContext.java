package io.otp.autoconfigure.context;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.process.Thrown;
import io.otp.server.Init;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.SupervisorInit.Incarnation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * The context of one incarnation of a supervisor.
 *
 * <p>Threads. It is opened and closed on threads of its own, never on one that runs a process: a
 * kill interrupts that, and a context must not be left half open or half closed. The supervisor
 * waits meanwhile as a process waits, for a message, so that a kill still ends it at once.
 *
 * <p>Who closes it: the supervisor asks for it when its last child has ended; if the supervisor is
 * dead before (killed), the hook of its death does, and the processes it has started are waited for
 * first; if it dies while the context is being opened, the opening thread does when it is done.
 *
 * <p>Invariants: C1 {@code state} goes one way, and whoever takes it to CLOSING closes, so a
 * context is closed once. C2 it is closed after those within it. C3 the next incarnation opens its
 * context after {@link #closed} of this one.
 */
public final class OwnedContext {

  private static final Logger LOG = LoggerFactory.getLogger(OwnedContext.class);

  /** How long those that a killed supervisor has left may take to end. */
  static final Duration CHILDREN_TIMEOUT = Duration.ofSeconds(30);

  /** How long a new incarnation waits for the context of the one before. */
  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(60);

  private enum State {
    OPENING,
    OPEN,
    CLOSING,
    CLOSED
  }

  /** Tells the supervisor that it may go on. */
  private record Opened(
      OwnedContext context, @Nullable List<ChildSpec> children, @Nullable ContextFailure failure) {}

  /** The same at its end. */
  private record Closed(OwnedContext context) {}

  private final SupervisorContexts contexts;
  private final ContextSpec spec;
  private final @Nullable OwnedContext outer;
  private final String id;
  private final Pid owner;
  private final @Nullable String application;
  private final Set<OwnedContext> within = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  // guarded by this
  private State state = State.OPENING;
  private boolean ownerGone;

  /** C3; not kept longer than it is waited for, or each would keep the one before. */
  private volatile @Nullable OwnedContext previous;

  /** Written by the opening thread, before it says that it is done. */
  private volatile @Nullable SupervisorApplicationContext context;

  OwnedContext(
      SupervisorContexts contexts,
      ContextSpec spec,
      @Nullable OwnedContext outer,
      @Nullable OwnedContext previous,
      long number,
      Pid owner) {
    this.contexts = contexts;
    this.spec = spec;
    this.outer = outer;
    this.previous = previous;
    this.id = spec.supervisor() + "#" + number;
    this.owner = owner;
    this.application =
        contexts.runtime().summary(owner).map(ProcessSummary::application).orElse(null);
  }

  /** What tools call it: the name of the supervisor and a number that grows. */
  public String id() {
    return id;
  }

  /** Its beans, and those around it. */
  public ConfigurableListableBeanFactory beans() {
    return context().getBeanFactory();
  }

  SupervisorApplicationContext context() {
    return Objects.requireNonNull(context, "not open");
  }

  Pid owner() {
    return owner;
  }

  CompletableFuture<Void> closed() {
    return closed;
  }

  String supervisor() {
    return spec.supervisor();
  }

  /** The one before, where this one has not seen it closed. */
  @Nullable OwnedContext unclosedPrevious() {
    OwnedContext before = previous;
    return before == null || before.closed.isDone() ? null : before;
  }

  // --- in the supervisor's process

  /** Opens it and waits until it is open. */
  Incarnation open(Self<Object> self, Function<OwnedContext, List<ChildSpec>> children) {
    contexts.runtime().atExit(owner, _ -> ownerEnded());
    thread("open", () -> open(children));
    Opened opened =
        self.receive(
            message ->
                message instanceof Opened o && o.context() == this
                    ? Receive.take(o)
                    : Receive.skip());
    if (opened.failure() != null) {
      throw Init.stop(ExitReason.other(opened.failure()));
    }
    return new Incarnation(Objects.requireNonNull(opened.children()), this::childrenEnded);
  }

  private void childrenEnded(Self<Object> self) {
    if (!beginClosing()) {
      return;
    }
    thread(
        "close",
        () -> {
          close();
          contexts.runtime().signal(owner, new Closed(this));
        });
    self.receive(
        message ->
            message instanceof Closed c && c.context() == this ? Receive.take(c) : Receive.skip());
  }

  /** On the thread that publishes its death, which must not be held up. */
  private void ownerEnded() {
    synchronized (this) {
      ownerGone = true;
    }
    if (beginClosing()) {
      thread(
          "close",
          () -> {
            awaitProcesses();
            close();
          });
    }
  }

  /** C1: an OPEN one; who opens it sees to one that is OPENING. */
  private synchronized boolean beginClosing() {
    if (state != State.OPEN) {
      return false;
    }
    state = State.CLOSING;
    return true;
  }

  // --- on its own threads

  private void thread(String what, Runnable action) {
    Thread thread =
        Thread.ofPlatform()
            .name("otp-context-" + what + "-" + id)
            .inheritInheritableThreadLocals(false)
            .unstarted(action);
    thread.setContextClassLoader(contexts.root().getClassLoader());
    thread.start();
  }

  private void open(Function<OwnedContext, List<ChildSpec>> children) {
    List<ChildSpec> made = null;
    ContextFailure failure = null;
    try {
      awaitPrevious();
      create().refresh();
      made = children.apply(this);
    } catch (Throwable t) {
      failure = failureOf(t);
    }
    boolean close;
    synchronized (this) {
      close = ownerGone || failure != null;
      state = close ? State.CLOSING : State.OPEN;
    }
    if (close) {
      close(); // before anybody is told: a start that fails leaves nothing behind
    }
    contexts.runtime().signal(owner, new Opened(this, made, failure));
  }

  /** The supervisor waits for an answer, so there is one whatever the code of others does. */
  private ContextFailure failureOf(Throwable failure) {
    try {
      return Failures.of(spec, id, failure, context);
    } catch (Throwable broken) {
      LOG.warn("Why context '{}' failed cannot be told in words", id, broken);
      return new ContextFailure(
          spec.supervisor(), id, spec.where(), failure.toString(), "", Thrown.of(failure));
    }
  }

  /** C3. One that runs is another supervisor of the same name, which is none of our business. */
  private void awaitPrevious() throws InterruptedException, ExecutionException {
    OwnedContext before = previous;
    if (before == null) {
      return;
    }
    try {
      if (!contexts.runtime().isAlive(before.owner)) {
        before.closed.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
      }
      previous = null;
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "Context '"
              + before.id
              + "' of the incarnation before has not closed within "
              + CLOSE_TIMEOUT.toSeconds()
              + " s, and a second one is not opened beside it",
          e);
    }
  }

  private SupervisorApplicationContext create() {
    AbstractApplicationContext parent = outer == null ? contexts.root() : outer.context();
    var created = new SupervisorApplicationContext(id, parent, contexts.processBeans());
    OnSupervisorContext.mark(created.getBeanFactory(), this);
    created.register(spec.configuration().toArray(Class<?>[]::new));
    created.register(SupervisorFeatures.class);
    context = created;
    if (outer != null) {
      outer.within.add(this);
    }
    return created;
  }

  private void close() {
    within.forEach(OwnedContext::awaitClosed); // C2
    SupervisorApplicationContext open = context;
    try {
      if (open != null) {
        open.close();
      }
    } catch (RuntimeException | Error e) {
      LOG.warn("Context '{}' was not closed orderly", id, e);
    } finally {
      synchronized (this) {
        state = State.CLOSED;
      }
      context = null;
      if (outer != null) {
        outer.within.remove(this);
      }
      contexts.ended(this);
      closed.complete(null);
    }
  }

  /** Its supervisor has ended, so it closes by itself. */
  private void awaitClosed() {
    try {
      closed.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      LOG.warn(
          "Context '{}' has not closed within {} s; the one around it is closed all the same",
          id,
          CLOSE_TIMEOUT.toSeconds());
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e); // nobody interrupts these threads
    }
  }

  /**
   * A killed supervisor stops nobody; those it has started end by the links, some of them slowly.
   */
  private void awaitProcesses() {
    long deadline = System.nanoTime() + CHILDREN_TIMEOUT.toNanos();
    try {
      for (List<Pid> left = children(); !left.isEmpty(); left = children()) {
        var ended = new CountDownLatch(left.size());
        left.forEach(pid -> contexts.runtime().atExit(pid, _ -> ended.countDown()));
        if (!ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          LOG.warn(
              "Supervisor '{}' was killed and {} of its children still run after {} s; context"
                  + " '{}' is closed all the same: {}",
              spec.supervisor(),
              left.size(),
              CHILDREN_TIMEOUT.toSeconds(),
              id,
              left.stream().limit(10).toList());
          return;
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e); // nobody interrupts these threads
    }
  }

  /** The processes that the supervisor has started and that run. */
  private List<Pid> children() {
    ProcessRuntime runtime = contexts.runtime();
    var candidates = new ArrayList<Pid>();
    runtime.look(
        0,
        Integer.MAX_VALUE,
        process -> {
          if (Objects.equals(application, process.application())) {
            candidates.add(process.pid());
          }
          return true;
        });
    candidates.removeIf(
        pid ->
            runtime
                .info(pid, 0)
                .filter(
                    info ->
                        !info.ancestors().isEmpty() && info.ancestors().getFirst().equals(owner))
                .isEmpty());
    return candidates;
  }

  @Override
  public String toString() {
    return "Context '" + id + "' of supervisor '" + spec.supervisor() + "'";
  }
}
