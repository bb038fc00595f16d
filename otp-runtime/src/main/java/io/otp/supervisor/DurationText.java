package io.otp.supervisor;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as configuration writes them and error texts show them: {@code 5s}, {@code 500ms},
 * {@code PT1.5S}.
 */
final class DurationText {

  private static final Pattern SIMPLE = Pattern.compile("(-?\\d{1,18})(ns|us|ms|s|m|h|d|)");

  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "ns", ChronoUnit.NANOS,
          "us", ChronoUnit.MICROS,
          "ms", ChronoUnit.MILLIS,
          "", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  private DurationText() {}

  /**
   * Returns {@code time} in seconds or milliseconds if it is a whole number of them, else as ISO
   * 8601.
   */
  static String of(Duration time) {
    if (time.getNano() == 0) {
      return time.getSeconds() + "s";
    }
    boolean millis = time.getNano() % 1_000_000 == 0 && Math.abs(time.getSeconds()) < 1L << 50;
    return millis ? time.toMillis() + "ms" : time.toString();
  }

  /**
   * Reads what {@link #of} writes, and minutes, hours, days and bare milliseconds.
   *
   * @throws DateTimeException if it is not a duration
   * @throws ArithmeticException if it is too long for one
   */
  static Duration parse(String text) {
    Matcher simple = SIMPLE.matcher(text);
    if (simple.matches()) {
      return Duration.of(Long.parseLong(simple.group(1)), UNITS.get(simple.group(2)));
    }
    return Duration.parse(text);
  }
}
