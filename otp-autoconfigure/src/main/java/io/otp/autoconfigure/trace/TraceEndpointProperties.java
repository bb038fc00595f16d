package io.otp.autoconfigure.trace;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The endpoint of traces.
 *
 * @param maxSessions How many traces may run at once, from 1 to 8.
 * @param showMessages Whether messages, arguments, results and reasons are shown; otherwise their
 *     types are.
 */
@ConfigurationProperties("management.endpoint.otptrace")
public record TraceEndpointProperties(
    @DefaultValue("2") int maxSessions, @DefaultValue("false") boolean showMessages) {

  /** Checks the number. */
  public TraceEndpointProperties {
    if (maxSessions < 1 || maxSessions > 8) {
      throw new IllegalArgumentException(
          "management.endpoint.otptrace.max-sessions="
              + maxSessions
              + " is not allowed, it must be 1 to 8");
    }
  }
}
