package io.otp.load;

import io.otp.process.CallException;
import io.otp.process.Opaque;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The door in front of something that can do only so much. It is asked before the work is begun,
 * and admits as many at once and as many in a time as its {@link RegulatorOptions} say; the others
 * wait in its queue, which is bounded and whose delay is watched, or are refused at once.
 *
 * {@snippet :
 * ChildSpec spec = Regulator.childSpec("door", RegulatorOptions.counter(50).withQueue(200)
 *     .withQueueDelay(Duration.ofMillis(20), Duration.ofMillis(500)));     // in some supervisor
 *
 * Regulator door = Regulator.of(runtime, "door");
 * switch (door.ask()) {
 *   case Admission.Admitted(var ticket, _) -> {
 *     try {
 *       return report.write();
 *     } finally {
 *       door.done(ticket);
 *     }
 *   }
 *   case Admission.Rejected(_, var retryAfter) -> {
 *     return "busy, come again in " + retryAfter;
 *   }
 * }
 * }
 *
 * <p>A process that ends while it has a place, or waits for one, is seen to: the place is free
 * again. A client that is a plain thread cannot be watched; it uses {@link #run}, or {@code
 * finally}. When a regulator is restarted it knows of nobody: those who had places go on, and their
 * tickets are worth nothing.
 *
 * @see <a href="https://github.com/uwiger/jobs">jobs</a>, <a
 *     href="https://github.com/jlouis/safetyvalve">safetyvalve</a> and <a
 *     href="https://github.com/fishcakez/sbroker">sbroker</a>
 */
public final class Regulator {

  /** How long a client waits by default. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ProcessRuntime runtime;
  private final String name;
  private final ServerRef<RegulatorMessage> server;

  private Regulator(ProcessRuntime runtime, String name) {
    this.runtime = runtime;
    this.name = name;
    this.server = ServerRef.of(runtime, name);
  }

  /** The regulator that is registered as {@code name}. */
  public static Regulator of(ProcessRuntime runtime, String name) {
    return new Regulator(runtime, name);
  }

  /**
   * The spec of a regulator as a child of a supervisor.
   *
   * @param name what it registers, and its id
   */
  public static ChildSpec childSpec(String name, RegulatorOptions options) {
    return childSpec(name, options, AdmissionListener.NONE);
  }

  /** As {@link #childSpec(String, RegulatorOptions)}, and somebody hears of its decisions. */
  public static ChildSpec childSpec(
      String name, RegulatorOptions options, AdmissionListener listener) {
    return ChildSpec.worker(
        name,
        RegulatorServer.INSTANCE,
        new RegulatorServer.Args(name, options, Opaque.of(listener)));
  }

  /** Starts a regulator that is linked to the calling process. */
  public static StartResult startLink(
      Self<?> self, String name, RegulatorOptions options, AdmissionListener listener) {
    return GenServers.startLink(
        self,
        RegulatorServer.INSTANCE,
        new RegulatorServer.Args(name, options, Opaque.of(listener)),
        StartOptions.named(name));
  }

  /** As {@link #ask(Duration)}, waiting for up to 5 seconds. */
  public Admission ask() {
    return ask(TIMEOUT);
  }

  /**
   * Asks to be admitted, and waits where others are before.
   *
   * @param timeout longest wait; after it the answer is {@link Admission.Rejected} for {@link
   *     Admission.Cause#OVERLOAD}
   * @throws CallException if there is no such regulator, or it ends meanwhile
   * @throws IllegalArgumentException if the timeout is negative
   */
  public Admission ask(Duration timeout) {
    Ref ticket = Ref.create();
    try {
      return server.call(request(ticket), timeout);
    } catch (CallException.CallTimeoutException e) {
      giveBack(ticket);
      return tooLate();
    } catch (CancellationException e) {
      giveBack(ticket); // it may just have been admitted
      throw e;
    }
  }

  /**
   * Asks without waiting. The future completes within {@code timeout} with what {@link
   * #ask(Duration)} would return, or with its {@link CallException}, on a thread of its own. If it
   * is cancelled before, the place goes to others. Nobody watches the client: it must be {@link
   * #done}.
   */
  public CompletableFuture<Admission> askAsync(Duration timeout) {
    Ref ticket = Ref.create();
    var answer = new CompletableFuture<Admission>();
    server
        .callAsync(request(ticket), timeout)
        .whenComplete(
            (admission, failure) -> {
              boolean taken;
              if (failure == null) {
                taken = answer.complete(admission);
              } else if (causeOf(failure) instanceof CallException.CallTimeoutException) {
                answer.complete(tooLate());
                taken = false;
              } else {
                taken = !answer.isCancelled();
                answer.completeExceptionally(causeOf(failure));
              }
              if (!taken) {
                giveBack(ticket);
              }
            });
    answer.whenComplete(
        (_, _) -> {
          if (answer.isCancelled()) {
            giveBack(ticket);
          }
        });
    return answer;
  }

  private static Throwable causeOf(Throwable failure) {
    return failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private RegulatorMessage.Ask request(Ref ticket) {
    return new RegulatorMessage.Ask(ticket, runtime.clock().nanoTime());
  }

  private static Admission tooLate() {
    return new Admission.Rejected(Admission.Cause.OVERLOAD, RegulatorOptions.RETRY_AFTER);
  }

  /** Gives a place back; once is enough, more does no harm. */
  public void done(Ticket ticket) {
    giveBack(ticket.ref());
  }

  /**
   * Ends what {@link #askAsync} began, however far it has come: one that waits does not any longer,
   * one that was admitted gives its place back.
   */
  public void done(CompletableFuture<Admission> asked) {
    if (!asked.cancel(false)
        && !asked.isCompletedExceptionally()
        && asked.join() instanceof Admission.Admitted(var ticket, _)) {
      done(ticket);
    }
  }

  private void giveBack(Ref ticket) {
    server.cast(new RegulatorMessage.Done(ticket));
  }

  /** As {@link #run(Supplier, Duration)}, waiting for up to 5 seconds. */
  public <R> R run(Supplier<R> work) {
    return run(work, TIMEOUT);
  }

  /**
   * Does {@code work} once it is admitted, and gives the place back whatever happens. For any
   * thread that may wait.
   *
   * @param timeout longest wait to be admitted; {@code work} may take longer
   * @throws RejectedException if it is not admitted
   * @throws CallException if there is no such regulator, or it ends meanwhile
   */
  public <R> R run(Supplier<R> work, Duration timeout) {
    switch (ask(timeout)) {
      case Admission.Rejected rejected -> throw new RejectedException(name, rejected);
      case Admission.Admitted(var ticket, _) -> {
        try {
          return work.get();
        } finally {
          done(ticket); // of a process that was killed the regulator takes it back itself
        }
      }
    }
  }

  /** What it is doing. */
  public RegulatorStatus status() {
    return server.call(new RegulatorMessage.GetStatus());
  }

  /** What it is registered as. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "Regulator[" + name + "]";
  }
}
