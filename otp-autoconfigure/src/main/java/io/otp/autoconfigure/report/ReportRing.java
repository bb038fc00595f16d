package io.otp.autoconfigure.report;

import io.otp.process.Report;
import io.otp.process.ReportHandler;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The latest reports, for tools: at most {@code otp.reports.ring-size} of them, as text. */
public final class ReportRing implements ReportHandler {

  private final int size;
  private final Clock clock;

  // guarded by itself
  private final ArrayDeque<ReportEntry> entries = new ArrayDeque<>();

  /**
   * A ring.
   *
   * @param size how many reports are kept; 0 for none
   */
  public ReportRing(int size) {
    this(size, Clock.systemUTC());
  }

  ReportRing(int size, Clock clock) {
    if (size < 0) {
      throw new IllegalArgumentException(
          "otp.reports.ring-size is " + size + ", it must not be negative");
    }
    this.size = size;
    this.clock = clock;
  }

  @Override
  public void handle(Report report) {
    if (size == 0) {
      return;
    }
    ReportEntry entry =
        ReportEntry.of(report, clock.instant()); // code of others: not under the lock
    synchronized (entries) {
      if (entries.size() == size) {
        entries.removeLast();
      }
      entries.addFirst(entry);
    }
  }

  /** Those that {@code wanted} accepts, the latest first, at most {@code limit}. */
  public List<ReportEntry> latest(int limit, Predicate<ReportEntry> wanted) {
    List<ReportEntry> all;
    synchronized (entries) {
      all = new ArrayList<>(entries);
    }
    return all.stream().filter(wanted).limit(limit).toList();
  }
}
