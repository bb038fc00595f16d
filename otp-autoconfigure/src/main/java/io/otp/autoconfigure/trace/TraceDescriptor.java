package io.otp.autoconfigure.trace;

import io.otp.trace.TraceEnd;
import io.otp.trace.TraceEvent;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An event of a trace.
 *
 * @param number 1 for the first
 * @param micros when, in microseconds since the trace began
 * @param pid the process
 * @param name its name or label
 * @param kind what it did, as Erlang calls it
 * @param subject whom or what that has to do with
 * @param content the message, argument, result or reason, or its type
 */
record TraceDescriptor(
    long number,
    long micros,
    String pid,
    @Nullable String name,
    String kind,
    @Nullable String subject,
    @Nullable String content) {

  static TraceDescriptor of(TraceEvent event) {
    return new TraceDescriptor(
        event.number(),
        event.at().toNanos() / 1_000,
        event.pid().toString(),
        event.name(),
        event.kind().name().toLowerCase(Locale.ROOT),
        event.subject(),
        event.content());
  }

  /**
   * The last thing a client gets.
   *
   * @param end why the trace ended
   */
  record End(String end) {
    static End of(TraceEnd end) {
      return new End(end.name().toLowerCase(Locale.ROOT));
    }
  }

  /**
   * What a client gets that asked for something impossible.
   *
   * @param error what was asked, and what is allowed
   */
  record Refusal(String error) {}
}
