package io.otp.autoconfigure.actuate;

import io.otp.process.Report;
import io.otp.process.ReportHandler;
import io.otp.process.RuntimeClock;
import io.otp.supervisor.HeartbeatReport;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps, for each application, the last children that did not answer their heartbeat. */
final class MissedHeartbeats implements ReportHandler {

  /** Kept for each application. */
  private static final int MOST = 10;

  /** Applications kept; those are declared, so there are not many. */
  private static final int APPLICATIONS = 1_000;

  /**
   * @param child the child's id
   * @param at when it was killed
   */
  record Missed(String child, Instant at) {}

  private final RuntimeClock clock;
  private final Map<String, Deque<Missed>> missed = new HashMap<>();

  MissedHeartbeats(RuntimeClock clock) {
    this.clock = clock;
  }

  @Override
  public void handle(Report report) {
    if (report instanceof HeartbeatReport(_, var child, var application, _)
        && application != null) {
      add(application, new Missed(child, clock.instant()));
    }
  }

  private synchronized void add(String application, Missed miss) {
    if (!missed.containsKey(application) && missed.size() >= APPLICATIONS) {
      return;
    }
    Deque<Missed> last = missed.computeIfAbsent(application, _ -> new ArrayDeque<>());
    if (last.size() == MOST) {
      last.removeFirst();
    }
    last.addLast(miss);
  }

  /** Those of an application, oldest first. */
  synchronized List<Missed> of(String application) {
    Deque<Missed> last = missed.get(application);
    return last == null ? List.of() : List.copyOf(last);
  }
}
