package io.otp.autoconfigure.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.otp.process.BehaviourCounters;
import io.otp.process.BehaviourCounters.Ending;
import io.otp.process.ProcessRuntime;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of each behaviour in each application have done. Registered when the first of
 * them starts; the runtime bounds how many pairs there are.
 */
final class BehaviourMeters implements MeterBinder {

  private static final String NONE = "none";

  private final ProcessRuntime runtime;

  BehaviourMeters(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    runtime.onCounters(counters -> register(registry, counters));
  }

  /** The tags of every meter of a behaviour; never a pid. */
  static Tags tags(@Nullable BehaviourCounters of) {
    String application = of == null ? null : of.application();
    return Tags.of(
        "behaviour",
        of == null ? NONE : of.module(),
        "application",
        application == null ? NONE : application);
  }

  private static void register(MeterRegistry registry, BehaviourCounters counters) {
    Tags tags = tags(counters);
    Gauge.builder("otp.processes", counters, BehaviourCounters::processes)
        .tags(tags)
        .description("Processes now")
        .baseUnit("processes")
        .register(registry);
    for (Ending ending : Ending.values()) {
      counter(
          registry,
          "otp.processes.exited",
          "processes",
          "Processes that ended, by the class of their reason",
          tags.and("reason", ending.name().toLowerCase(Locale.ROOT)),
          counters,
          c -> c.exited(ending));
    }
    counter(
        registry,
        "otp.processes.spawned",
        "processes",
        "Processes that were started",
        tags,
        counters,
        BehaviourCounters::spawned);
    if (counters.behaviour().equals("raw")) {
      return;
    }
    counter(
        registry,
        "otp.messages.handled",
        "messages",
        "Messages that callbacks handled",
        tags,
        counters,
        BehaviourCounters::handled);
    counter(
        registry,
        "otp.mailbox.refused",
        "messages",
        "Messages that bounded mailboxes refused or dropped",
        tags,
        counters,
        BehaviourCounters::refused);
    if (counters.behaviour().equals("supervisor")) {
      registerSupervisor(registry, counters, tags);
    }
  }

  private static void registerSupervisor(
      MeterRegistry registry, BehaviourCounters counters, Tags tags) {
    counter(
        registry,
        "otp.supervisor.restarts",
        "restarts",
        "Restarts that supervisors did; a group counts once, each attempt of a retry too",
        tags,
        counters,
        BehaviourCounters::restarts);
    counter(
        registry,
        "otp.supervisor.giveups",
        "supervisors",
        "Supervisors that gave up because their restart limit was reached",
        tags,
        counters,
        BehaviourCounters::giveUps);
  }

  private static void counter(
      MeterRegistry registry,
      String name,
      String unit,
      String text,
      Tags tags,
      BehaviourCounters counters,
      ToDoubleFunction<BehaviourCounters> value) {
    FunctionCounter.builder(name, counters, value)
        .tags(tags)
        .description(text)
        .baseUnit(unit)
        .register(registry);
  }
}
