package io.otp.autoconfigure.observation;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Observations of calls and messages.
 *
 * @param enabled Whether calls and handled messages are observed where a trace is current, and the
 *     trace goes with the messages. Costs a few microseconds for each observed message.
 * @param mdc Whether the logging context (MDC) of the sender goes with its messages and is there in
 *     the callback; only if enabled.
 */
@ConfigurationProperties("otp.observation")
public record ProcessObservationProperties(
    @DefaultValue("false") boolean enabled, @DefaultValue("true") boolean mdc) {}
