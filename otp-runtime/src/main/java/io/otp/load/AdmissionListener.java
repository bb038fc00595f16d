package io.otp.load;

import java.time.Duration;

/**
 * Told of every decision of a regulator, in the regulator's process: must be quick, must not throw,
 * must not wait. For meters.
 */
public interface AdmissionListener {

  /** Hears nothing. */
  AdmissionListener NONE = new AdmissionListener() {};

  /** Somebody was admitted after {@code waited}. */
  default void admitted(String regulator, Duration waited) {}

  /** Somebody was refused after {@code waited}. */
  default void rejected(String regulator, Admission.Cause cause, Duration waited) {}

  /** Somebody did not want to wait any longer, or has ended, after {@code waited}. */
  default void gaveUp(String regulator, Duration waited) {}
}
