package io.otp.autoconfigure.actuate;

import io.otp.autoconfigure.report.ReportEntry;
import io.otp.autoconfigure.report.ReportRing;
import io.otp.process.Report.Level;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** Endpoint {@code otpreports}: the latest crash, supervisor and progress reports. */
@Endpoint(id = "otpreports", defaultAccess = Access.READ_ONLY)
public final class OtpReportsEndpoint {

  private final ReportRing ring;

  OtpReportsEndpoint(ReportRing ring) {
    this.ring = ring;
  }

  /**
   * Reports.
   *
   * @param reports the latest first
   */
  public record ReportsDescriptor(List<ReportDescriptor> reports) {}

  /**
   * A report.
   *
   * @param time when it was written
   * @param level error, warning or info
   * @param label OTP's label of such reports
   * @param pid whom it is about, or who reports
   * @param message it in one line
   * @param attributes its items, as text
   */
  public record ReportDescriptor(
      Instant time,
      String level,
      String label,
      String pid,
      String message,
      Map<String, String> attributes) {

    static ReportDescriptor of(ReportEntry entry) {
      return new ReportDescriptor(
          entry.time(),
          entry.level().name().toLowerCase(Locale.ROOT),
          entry.label(),
          entry.pid(),
          entry.message(),
          entry.attributes());
    }
  }

  /**
   * The latest reports.
   *
   * @param level only those at least so bad: error, warning or info (the default: all)
   * @param limit how many at most
   */
  @ReadOperation
  public ReportsDescriptor reports(@Nullable String level, @Nullable String limit) {
    Level least = level(level);
    return new ReportsDescriptor(
        ring.latest(Limit.of(limit), entry -> entry.level().compareTo(least) <= 0).stream()
            .map(ReportDescriptor::of)
            .toList());
  }

  private static Level level(@Nullable String text) {
    return switch (text) {
      case "error" -> Level.ERROR;
      case "warning" -> Level.WARNING;
      case null -> Level.INFO;
      case "", "info" -> Level.INFO;
      default ->
          throw new EndpointRefusal(
              EndpointRefusal.BAD_REQUEST,
              "level=" + text + " is not allowed; it must be error, warning or info");
    };
  }
}
