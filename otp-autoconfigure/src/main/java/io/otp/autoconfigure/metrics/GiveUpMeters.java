package io.otp.autoconfigure.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.otp.process.Report;
import io.otp.process.ReportHandler;
import io.otp.supervisor.SupervisorReport;
import java.util.concurrent.atomic.LongAdder;

/** Counts supervisors that gave up, from what they report. */
final class GiveUpMeters implements ReportHandler, MeterBinder {

  private final LongAdder giveUps = new LongAdder();

  @Override
  public void handle(Report report) {
    if (report instanceof SupervisorReport r && r.kind() == SupervisorReport.Kind.SHUTDOWN) {
      giveUps.increment();
    }
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("otp.supervisor.giveups", giveUps, LongAdder::sum)
        .description("Supervisors that gave up because their restart limit was reached")
        .baseUnit("supervisors")
        .register(registry);
  }
}
