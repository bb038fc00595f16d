package io.otp.autoconfigure.report;

import io.otp.process.Report;
import io.otp.process.ReportHandler;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs reports, with their items as key-value pairs. The logger is {@code otp.} and the first word
 * of the label: {@code otp.supervisor}, {@code otp.gen_server}, {@code otp.proc_lib}.
 *
 * <p>Progress is logged at DEBUG: OTP too hides it unless asked.
 */
final class ReportLogger implements ReportHandler {

  @Override
  public void handle(Report report) {
    Logger logger = LoggerFactory.getLogger("otp." + firstWord(report.label()));
    Level level = levelOf(report);
    if (!logger.isEnabledForLevel(level)) {
      return;
    }
    ReportEntry entry = ReportEntry.of(report, Instant.EPOCH);
    LoggingEventBuilder event =
        logger
            .atLevel(level)
            .addKeyValue("otp.label", entry.label())
            .addKeyValue("otp.pid", entry.pid());
    entry.attributes().forEach((name, value) -> event.addKeyValue("otp." + name, value));
    String stack = entry.attributes().get(ReportEntry.STACK);
    event.log("{}{}", entry.message(), stack == null ? "" : "\n" + stack);
  }

  private static String firstWord(String label) {
    int comma = label.indexOf(',');
    return comma < 0 ? label : label.substring(0, comma);
  }

  private static Level levelOf(Report report) {
    return switch (report.level()) {
      case ERROR -> Level.ERROR;
      case WARNING -> Level.WARN;
      case INFO -> report.label().endsWith(",progress") ? Level.DEBUG : Level.INFO;
    };
  }
}
