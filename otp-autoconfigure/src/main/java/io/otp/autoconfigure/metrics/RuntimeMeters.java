package io.otp.autoconfigure.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.otp.process.ProcessRuntime;
import io.otp.process.RuntimeStats;
import java.util.function.ToDoubleFunction;

/** What the runtime as a whole can say of itself, read when the registry asks. */
final class RuntimeMeters implements MeterBinder {

  private final ProcessRuntime runtime;

  RuntimeMeters(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    var meters = new Meters(registry);
    meters.gauge(
        "otp.processes.limit",
        "processes",
        "How many processes there may be",
        RuntimeStats::processLimit);
    meters.gauge("otp.names", "names", "Registered names", RuntimeStats::names);
    meters.gauge("otp.timers", "timers", "Armed timers, approximately", RuntimeStats::timers);
    meters.gauge(
        "otp.zombies",
        "processes",
        "Dead processes whose code has not returned yet; each holds a thread",
        RuntimeStats::zombies);
    meters.gauge(
        "otp.scheduler.slots", "slots", "Slots that run behaviours", RuntimeStats::schedulers);
    meters.gauge("otp.scheduler.busy", "slots", "Slots in use", RuntimeStats::busySchedulers);
    meters.gauge(
        "otp.scheduler.workers", "threads", "Threads that run behaviours", RuntimeStats::workers);
    meters.gauge(
        "otp.scheduler.runqueue",
        "processes",
        "Processes that wait for a slot, approximately",
        RuntimeStats::runQueue);
    meters.gauge(
        "otp.scheduler.carriers.extra",
        "threads",
        "Carriers added to the JVM's virtual thread scheduler because others computed",
        RuntimeStats::extraCarriers);
    meters.counter(
        "otp.scheduler.retaken",
        "slots",
        "How often a slot was taken away from a callback that blocked or computed",
        RuntimeStats::retakenSlots);
    meters.counter(
        "otp.scheduler.rescued",
        "wakeups",
        "Wake-ups that were lost and found later; anything but 0 is a bug of the runtime",
        RuntimeStats::rescuedWakeUps);
    meters.counter(
        "otp.callback.slow",
        "callbacks",
        "Callbacks that ran longer than 100 ms, counted every 100 ms",
        RuntimeStats::slowCallbacks);
    meters.counter(
        "otp.messages.dead",
        "messages",
        "Messages sent to processes that were gone",
        RuntimeStats::deadLetters);
  }

  private final class Meters {
    private final MeterRegistry registry;

    Meters(MeterRegistry registry) {
      this.registry = registry;
    }

    void gauge(String name, String unit, String text, ToDoubleFunction<RuntimeStats> value) {
      Gauge.builder(name, runtime, r -> value.applyAsDouble(r.stats()))
          .description(text)
          .baseUnit(unit)
          .register(registry);
    }

    void counter(String name, String unit, String text, ToDoubleFunction<RuntimeStats> value) {
      FunctionCounter.builder(name, runtime, r -> value.applyAsDouble(r.stats()))
          .description(text)
          .baseUnit(unit)
          .register(registry);
    }
  }
}
