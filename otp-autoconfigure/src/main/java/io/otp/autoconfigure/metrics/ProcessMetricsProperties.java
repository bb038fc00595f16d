package io.otp.autoconfigure.metrics;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Meters of the process runtime. Counters and gauges cost nothing until they are read; times and
 * mailbox sizes are measured by sampling.
 *
 * @param enabled Whether there are meters of processes, mailboxes, calls and schedulers.
 * @param sampleEvery One in how many activations, sends and calls is measured for
 *     otp.callback.duration, otp.mailbox.size, otp.mailbox.wait and otp.call.duration. 1 measures
 *     all of them, which costs two readings of the clock per message.
 */
@ConfigurationProperties("otp.metrics")
public record ProcessMetricsProperties(
    @DefaultValue("true") boolean enabled, @DefaultValue("128") int sampleEvery) {

  /** Checks the rate. */
  public ProcessMetricsProperties {
    if (sampleEvery < 1) {
      throw new IllegalArgumentException(
          "otp.metrics.sample-every is "
              + sampleEvery
              + ", it must be at least 1; otp.metrics.enabled=false removes the meters");
    }
  }
}
