package io.otp.autoconfigure.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.otp.process.BehaviourCounters;
import io.otp.process.ExitReason;
import io.otp.process.RuntimeSampler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Times and sizes that are measured now and then. The runtime is built with this before there is a
 * registry; until then it throws measurements away.
 */
final class SampledMeters implements RuntimeSampler, MeterBinder {

  private final int every;
  private final List<Bound> bound = new CopyOnWriteArrayList<>();

  SampledMeters(int every) {
    this.every = every;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bound.add(new Bound(registry, every));
  }

  @Override
  public void callback(BehaviourCounters of, int waiting, long nanos) {
    for (Bound b : bound) {
      Callbacks meters = b.callbacks.computeIfAbsent(of, b::callbacks);
      meters.duration.record(nanos, TimeUnit.NANOSECONDS);
      meters.waiting.record(waiting);
    }
  }

  @Override
  public void mailbox(BehaviourCounters of, long nanos) {
    for (Bound b : bound) {
      b.mailboxes.computeIfAbsent(of, b::mailbox).record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void call(BehaviourCounters to, long nanos) {
    for (Bound b : bound) {
      b.calls.computeIfAbsent(to, b::call).record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void callFailed(@Nullable BehaviourCounters to, ExitReason reason) {
    for (Bound b : bound) {
      b.failed(to, reason).increment();
    }
  }

  private record Callbacks(Timer duration, DistributionSummary waiting) {}

  /**
   * The meters in one registry; made once per behaviour and application, which the runtime bounds.
   */
  private static final class Bound {
    final Map<BehaviourCounters, Callbacks> callbacks = new ConcurrentHashMap<>();
    final Map<BehaviourCounters, Timer> mailboxes = new ConcurrentHashMap<>();
    final Map<BehaviourCounters, Timer> calls = new ConcurrentHashMap<>();
    private final MeterRegistry registry;
    private final String sampled;

    Bound(MeterRegistry registry, int every) {
      this.registry = registry;
      this.sampled = every == 1 ? "" : "; 1 in " + every + " is measured";
    }

    Callbacks callbacks(BehaviourCounters of) {
      return new Callbacks(
          timer("otp.callback.duration", "How long callbacks took" + sampled).apply(of),
          DistributionSummary.builder("otp.mailbox.size")
              .description("Messages that waited behind the one being handled" + sampled)
              .baseUnit("messages")
              .tags(BehaviourMeters.tags(of))
              .register(registry));
    }

    Timer mailbox(BehaviourCounters of) {
      return timer(
              "otp.mailbox.wait", "How long messages were on their way to a callback" + sampled)
          .apply(of);
    }

    Timer call(BehaviourCounters to) {
      return timer("otp.call.duration", "How long callers waited for a reply" + sampled).apply(to);
    }

    private Function<BehaviourCounters, Timer> timer(String name, String text) {
      return of ->
          Timer.builder(name).description(text).tags(BehaviourMeters.tags(of)).register(registry);
    }

    Counter failed(@Nullable BehaviourCounters to, ExitReason reason) {
      Tags tags = BehaviourMeters.tags(to).and("reason", text(reason));
      return Counter.builder("otp.call.failures")
          .description("Calls that got no reply")
          .baseUnit("calls")
          .tags(tags)
          .register(registry);
    }
  }

  /** One of six words. */
  private static String text(ExitReason reason) {
    return switch (reason) {
      case ExitReason.Timeout _ -> "timeout";
      case ExitReason.NoProcess _ -> "noproc";
      case ExitReason.CallingSelf _ -> "calling_self";
      case ExitReason.NoConnection _ -> "noconnection";
      case ExitReason.Other(var term) when term.toString().equals("mailbox_full") -> "mailbox_full";
      default -> "exit";
    };
  }
}
