package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way: the request, its reply slot, and its own node in the server's mailbox. The
 * caller waits for this object and not for its mailbox, so a call costs the same however much is
 * queued there, and a late or second reply meets a slot that is taken and vanishes.
 *
 * <p>Invariants: R1 {@code outcome} is set once; whoever sets it decides the call (reply, failure,
 * or the caller that gave up). R2 every request that entered a mailbox gets an outcome: from the
 * server, or from the server's death, or from the bound that dropped it.
 */
public abstract sealed class Request extends Mailbox.Node {

  private static final VarHandle OUTCOME;

  static {
    try {
      OUTCOME = MethodHandles.lookup().findVarHandle(Request.class, "outcome", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Whether there ever was a tracer in this JVM: a reply knows no runtime. Set before the first is
   * there, and not volatile: who sees it late does not tell of the first replies.
   */
  static boolean traced;

  /** Why there will be no reply. */
  record Failure(ExitReason reason) {}

  private static final Failure GIVEN_UP = new Failure(ExitReason.TIMEOUT);

  private final @Nullable Process caller;

  /** {@code null} while undecided, a {@link Failure}, or the reply. */
  private volatile @Nullable Object outcome;

  /** What goes with it; set before it is sent. */
  @Nullable Carried carried;

  /** The server that has put off its reply, see {@link Process#defer}. */
  volatile @Nullable Process deferredBy;

  Request(Object message, @Nullable Process caller) {
    super(message, CALL);
    this.caller = caller;
  }

  /** The message. */
  public final Object message() {
    return message;
  }

  /** The process that called, {@code null} if it was a thread that is no process. */
  public final @Nullable Pid caller() {
    return caller;
  }

  /**
   * Answers. Only the first answer counts.
   *
   * @param reply immutable
   * @return whether this one was it
   */
  public final boolean reply(Object reply) {
    if (traced) {
      Tracing.replied(this, reply);
    }
    return decide(reply);
  }

  final boolean fail(ExitReason reason) {
    return decide(new Failure(reason));
  }

  /** The caller waits no longer; {@code false}: a reply was quicker and is there. */
  final boolean giveUp() {
    if (!OUTCOME.compareAndSet(this, null, GIVEN_UP)) {
      return false;
    }
    forget();
    return true;
  }

  private boolean decide(Object value) {
    if (!OUTCOME.compareAndSet(this, null, value)) {
      return false;
    }
    forget();
    decided(value);
    return true;
  }

  /** A server that never replies must not keep every request whose caller has long given up. */
  private void forget() {
    Process server = deferredBy;
    if (server != null) {
      server.undefer(this);
    }
  }

  /**
   * Whether it has been answered, or its caller waits no longer: then what is kept to answer it can
   * be dropped.
   */
  public final boolean isDecided() {
    return outcome != null;
  }

  final @Nullable Object outcome() {
    return outcome;
  }

  /** Tells the caller. Runs on the server's thread: short, never user code. */
  abstract void decided(Object outcome);

  /** A caller that waits on its own thread. */
  static final class Blocking extends Request {
    private final Thread waiter;

    Blocking(Object message, @Nullable Process caller) {
      super(message, caller);
      this.waiter = Thread.currentThread();
    }

    @Override
    void decided(Object outcome) {
      if (waiter != Thread.currentThread()) {
        LockSupport.unpark(waiter);
      }
    }
  }

  /**
   * A caller that wants a future; it is completed by {@code executor}, never on the server's
   * thread.
   */
  static final class Async extends Request {
    final CompletableFuture<Object> future = new CompletableFuture<>();
    private final Executor executor;
    private final Target target;

    Async(Object message, @Nullable Process caller, Executor executor, Target target) {
      super(message, caller);
      this.executor = executor;
      this.target = target;
    }

    @Override
    void decided(Object outcome) {
      executor.execute(() -> complete(outcome));
    }

    private void complete(Object outcome) {
      if (outcome instanceof Failure failure) {
        future.completeExceptionally(
            CallException.of(failure.reason(), target, message, null, java.time.Duration.ZERO));
      } else {
        future.complete(outcome);
      }
    }
  }

  /** A process that wants a {@link Response} in its mailbox. */
  static final class Notifying extends Request {
    final Id id = new Id(this);
    private final Process receiver;

    /** Whether the {@link Response} is in the receiver's mailbox, or was. */
    private volatile boolean delivered;

    Notifying(Object message, Process caller) {
      super(message, caller);
      this.receiver = caller;
    }

    @Override
    void decided(Object outcome) {
      receiver.deliverSignal(
          outcome instanceof Failure failure
              ? new Response(id, null, failure.reason())
              : new Response(id, outcome, null));
      delivered = true;
    }

    /** Gives up, or returns {@code false} when the response that was quicker has been delivered. */
    boolean abandon() {
      if (giveUp()) {
        return true;
      }
      while (!delivered && outcome() != GIVEN_UP) {
        Thread.yield(); // whoever decided it is between the two lines of `decided`
      }
      return outcome() == GIVEN_UP;
    }
  }

  /**
   * A caller that is a piece of code, see {@link From#to}. It is nobody's request and in no
   * mailbox.
   */
  static final class Handing extends Request {
    private final Consumer<Object> receiver;

    Handing(Consumer<Object> receiver) {
      super("none", null);
      this.receiver = receiver;
    }

    @Override
    void decided(Object outcome) {
      receiver.accept(outcome);
    }
  }

  /** What the response to a request is recognised by. */
  static final class Id extends Ref {
    private final Notifying request;

    Id(Notifying request) {
      this.request = request;
    }

    Notifying request() {
      return request;
    }
  }

  /** Whom a call is for: a name, resolved when the call is made, or a pid. */
  sealed interface Target {

    /** The process now, {@code null} if there is none. */
    @Nullable Process resolve(ProcessRuntime runtime);

    /** What may be said of the server when it does not answer. */
    String situation();

    record ByPid(Process process) implements Target {
      @Override
      public Process resolve(ProcessRuntime runtime) {
        return process;
      }

      @Override
      public String situation() {
        return process.situation();
      }

      @Override
      public String toString() {
        String name = process.nameOrLabel();
        return name == null ? process.toString() : "'" + name + "' " + process;
      }
    }

    /**
     * @param text what it is called
     * @param lookup asked at each send
     */
    record ByLookup(String text, Supplier<Optional<Pid>> lookup) implements Target {
      @Override
      public @Nullable Process resolve(ProcessRuntime runtime) {
        return (Process) lookup.get().orElse(null);
      }

      @Override
      public String situation() {
        return lookup.get().map(pid -> ((Process) pid).situation()).orElse("");
      }

      @Override
      public String toString() {
        return text;
      }
    }

    record ByName(String name, ProcessRuntime runtime) implements Target {
      @Override
      public @Nullable Process resolve(ProcessRuntime in) {
        return in.names().whereis(name);
      }

      @Override
      public String situation() {
        Process process = runtime.names().whereis(name);
        return process == null ? "" : process.situation();
      }

      @Override
      public String toString() {
        return "'" + name + "'";
      }
    }
  }
}
