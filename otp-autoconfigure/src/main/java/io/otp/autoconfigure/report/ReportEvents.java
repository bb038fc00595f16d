package io.otp.autoconfigure.report;

import io.otp.process.Report;
import io.otp.process.ReportHandler;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes each report as an application event, so that {@code @EventListener void on(CrashReport
 * report)} is all that a listener needs.
 *
 * <p>A process only leaves its report here; a thread that lives while there are some publishes them
 * in order. So a listener that is slow or throws never reaches the process, and a process that
 * reports while the context is being refreshed does not touch it: reports wait until the context's
 * life cycle starts. At most {@value #CAPACITY} wait; those beyond are dropped and counted in one
 * log line.
 */
final class ReportEvents implements ReportHandler, SmartLifecycle {

  static final int CAPACITY = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(ReportEvents.class);

  private final ApplicationEventPublisher publisher;

  // guarded by queue
  private final ArrayDeque<Report> queue = new ArrayDeque<>();
  private boolean running;
  private boolean publishing;
  private long dropped;

  ReportEvents(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void handle(Report report) {
    synchronized (queue) {
      if (queue.size() >= CAPACITY) {
        dropped++;
        return;
      }
      queue.add(report);
      publishWhatWaits();
    }
  }

  private void publishWhatWaits() {
    if (running && !publishing && !queue.isEmpty()) {
      publishing = true;
      Thread.ofVirtual().name("otp-report-events").start(this::publish);
    }
  }

  private void publish() {
    for (Report report = next(); report != null; report = next()) {
      try {
        publisher.publishEvent(report);
      } catch (RuntimeException | Error e) {
        LOG.error("A listener of {} failed", report.getClass().getSimpleName(), e);
      }
    }
  }

  private @Nullable Report next() {
    long lost;
    Report report;
    synchronized (queue) {
      lost = dropped;
      dropped = 0;
      report = running ? queue.poll() : null;
      publishing = report != null;
    }
    if (lost > 0) {
      LOG.warn("{} reports were not published as events: their listeners are too slow", lost);
    }
    return report;
  }

  @Override
  public void start() {
    synchronized (queue) {
      running = true;
      publishWhatWaits();
    }
  }

  @Override
  public void stop() {
    synchronized (queue) {
      running = false;
    }
  }

  @Override
  public boolean isRunning() {
    synchronized (queue) {
      return running;
    }
  }

  /** Started before anything that starts processes, stopped after. */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE;
  }
}
