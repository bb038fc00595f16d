package io.otp.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a runtime was given to be watched with: a sampler for meters, a context for traces, the
 * debug mode of {@link Immutability}. The first two are code of others, so whatever they throw ends
 * here. Without them each question asked here is one look at a final field.
 *
 * <p>A context runs as user code of the process it runs in (it may be killed there, and may send);
 * a sampler runs inside the runtime.
 */
final class Instruments {

  private static final Logger LOG = LoggerFactory.getLogger(Instruments.class);

  private final @Nullable MessageContext context;
  private final @Nullable RuntimeSampler sampler;

  /** Only in its debug mode. */
  private final @Nullable Immutability debug;

  /** One in how many is a sample. */
  private final int every;

  private final AtomicBoolean complained = new AtomicBoolean();

  Instruments(
      @Nullable MessageContext context,
      @Nullable RuntimeSampler sampler,
      int every,
      Immutability immutability) {
    this.context = context;
    this.sampler = sampler;
    this.debug = immutability.isDebug() ? immutability : null;
    this.every = sampler == null ? Integer.MAX_VALUE : every;
  }

  /** Whether messages may carry something or callbacks be measured. */
  boolean isPresent() {
    return context != null || sampler != null || debug != null;
  }

  // --- samples

  boolean isSampling() {
    return sampler != null;
  }

  int every() {
    return every;
  }

  /** For threads that do not count. */
  boolean isSampleByChance() {
    return sampler != null && ThreadLocalRandom.current().nextInt(every) == 0;
  }

  void sample(Consumer<RuntimeSampler> measurement) {
    RuntimeSampler s = sampler;
    if (s != null) {
      try {
        measurement.accept(s);
      } catch (RuntimeException | Error e) {
        failed(s, e);
      }
    }
  }

  // --- what messages carry

  /** What goes with a message that the current thread is about to send. As user code. */
  @Nullable Object capture() {
    MessageContext c = context;
    if (c == null) {
      return null;
    }
    try {
      return c.capture();
    } catch (ProcessKilledError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      failed(c, e);
      return null;
    }
  }

  /** What a message carries that is sent from {@code seat}, {@code null} for nothing. */
  @Nullable Carried carry(Object message, @Nullable Object captured, @Nullable Seat seat) {
    long sentAt = sampler != null && isSample(seat) ? System.nanoTime() | 1 : 0; // never 0
    if (debug != null) {
      return new Carried(captured, sentAt, debug.fingerprint(message));
    }
    return captured == null && sentAt == 0 ? null : new Carried(captured, sentAt, Carried.NONE);
  }

  /** What the request carries that a process is started with: it is no sample of a message. */
  static @Nullable Carried start(@Nullable Object captured) {
    return captured == null ? null : new Carried(captured, 0, Carried.NONE);
  }

  /**
   * In the debug mode: compares a message that is about to be handled with what was sent.
   *
   * @throws MutatedAfterSendException if it has been changed, unless that is only logged
   */
  void verify(Object message, @Nullable Carried carried) {
    if (debug != null && carried != null && carried.fingerprint() != Carried.NONE) {
      debug.verify(message, (int) carried.fingerprint());
    }
  }

  private boolean isSample(@Nullable Seat seat) {
    if (!(seat instanceof Scheduler.Worker)) {
      return isSampleByChance();
    }
    if (--seat.unsampledSends >= 0) {
      return false;
    }
    seat.unsampledSends = every - 1;
    return true;
  }

  // --- callbacks

  /** As user code. */
  MessageContext.@Nullable CallbackScope open(
      Object captured, Process process, BehaviourCounters of, Object message) {
    MessageContext c = context;
    if (c == null) {
      return null;
    }
    try {
      return c.callback(captured, process, of, message);
    } catch (RuntimeException | Error e) {
      failed(c, e);
      return null;
    }
  }

  /** As user code. */
  void close(MessageContext.CallbackScope scope, @Nullable ExitReason exit) {
    try {
      scope.close(exit);
    } catch (RuntimeException | Error e) {
      failed(scope, e);
    }
  }

  // --- calls

  boolean hasContext() {
    return context != null;
  }

  /** As user code; {@code null}: the call is not followed. */
  MessageContext.@Nullable CallInProgress begin(Object to, Object message) {
    MessageContext c = context;
    if (c == null) {
      return null;
    }
    try {
      return c.call(to.toString(), message);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      failed(c, e);
      return null;
    }
  }

  void ended(MessageContext.CallInProgress call, @Nullable ExitReason failure) {
    try {
      call.ended(failure);
    } catch (RuntimeException | Error e) {
      failed(call, e);
    }
  }

  /** The outcome of a call, for the sampler. */
  void called(
      @Nullable BehaviourCounters to, @Nullable Carried carried, @Nullable Throwable error) {
    if (error instanceof CallException e) {
      sample(s -> s.callFailed(to, e.cause()));
    } else if (error == null && to != null && carried != null && carried.sentAt() != 0) {
      sample(s -> s.call(to, System.nanoTime() - carried.sentAt()));
    }
  }

  /** Sees to it that the outcome of an asynchronous call is told. */
  void follow(
      CompletableFuture<Object> future,
      @Nullable BehaviourCounters to,
      @Nullable Carried carried,
      MessageContext.@Nullable CallInProgress call) {
    future.whenComplete(
        (reply, error) -> {
          called(to, carried, error);
          if (call != null) {
            ended(call, reasonOf(error));
          }
        });
  }

  static @Nullable ExitReason reasonOf(@Nullable Throwable error) {
    return error == null
        ? null
        : error instanceof CallException e ? e.cause() : ExitReason.of(error);
  }

  /** The first is told loudly; the others would be as many as there are messages. */
  private void failed(Object who, Throwable e) {
    if (complained.compareAndSet(false, true)) {
      LOG.error("{} failed; that is ignored, now and later", who, e);
    } else {
      LOG.debug("{} failed again", who, e);
    }
  }
}
