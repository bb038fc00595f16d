package io.otp.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the process scope.
 *
 * @param maxInstances How many instances of process-scoped beans there may be at once in a context,
 *     with those that wait for their destruction.
 */
@ConfigurationProperties("otp.process-scope")
public record ProcessScopeProperties(@DefaultValue("100000") int maxInstances) {

  /** Checks the limit. */
  public ProcessScopeProperties {
    if (maxInstances < 1) {
      throw new IllegalArgumentException(
          "otp.process-scope.max-instances is " + maxInstances + ". Allowed are 1 and more.");
    }
  }
}
