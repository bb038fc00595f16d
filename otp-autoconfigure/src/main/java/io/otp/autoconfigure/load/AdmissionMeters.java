package io.otp.autoconfigure.load;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.otp.load.Admission.Cause;
import io.otp.load.AdmissionListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Counts and times what declared regulators decide. One set of meters for each of them, made at the
 * start: the tags are names of the configuration.
 */
final class AdmissionMeters implements AdmissionListener {

  private record Meters(
      Counter admitted, Map<Cause, Counter> rejected, Counter gaveUp, Timer delay) {}

  private final Map<String, Meters> meters = new HashMap<>();

  AdmissionMeters(MeterRegistry registry, Set<String> regulators) {
    for (String regulator : regulators) {
      Map<Cause, Counter> rejected = new HashMap<>();
      for (Cause cause : Cause.values()) {
        rejected.put(cause, counter(registry, regulator, cause.name().toLowerCase(Locale.ROOT)));
      }
      meters.put(
          regulator,
          new Meters(
              counter(registry, regulator, "admitted"),
              Map.copyOf(rejected),
              counter(registry, regulator, "gave-up"),
              Timer.builder("otp.regulator.delay")
                  .tag("regulator", regulator)
                  .description("How long those who were admitted had waited")
                  .register(registry)));
    }
  }

  private static Counter counter(MeterRegistry registry, String regulator, String outcome) {
    return Counter.builder("otp.regulator.asks")
        .tag("regulator", regulator)
        .tag("outcome", outcome)
        .description("Answers of a regulator")
        .baseUnit("asks")
        .register(registry);
  }

  @Override
  public void admitted(String regulator, Duration waited) {
    Meters of = meters.get(regulator);
    if (of != null) {
      of.admitted.increment();
      of.delay.record(waited);
    }
  }

  @Override
  public void rejected(String regulator, Cause cause, Duration waited) {
    Meters of = meters.get(regulator);
    if (of != null) {
      Counter counter = of.rejected.get(cause);
      if (counter != null) {
        counter.increment();
      }
    }
  }

  @Override
  public void gaveUp(String regulator, Duration waited) {
    Meters of = meters.get(regulator);
    if (of != null) {
      of.gaveUp.increment();
    }
  }
}
