package io.otp.application;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A loaded application as tools show it.
 *
 * @param spec its description
 * @param status what it does
 * @param type what its end means; {@code null} if it was never started
 * @param supervisor its top supervisor, also when that has ended; {@code null} if it never had one
 * @param startedAt when its last start was complete, {@code null} if it never was
 * @param ended why it ended by itself or did not start; {@code null} if it runs or was stopped
 */
public record ApplicationInfo(
    ApplicationSpec spec,
    Status status,
    @Nullable ApplicationType type,
    @Nullable Pid supervisor,
    @Nullable Instant startedAt,
    @Nullable ExitReason ended) {

  /** What an application does. */
  public enum Status {
    /** It has not been started. */
    LOADED,
    /** Its code starts it. */
    STARTING,
    /** It runs. */
    RUNNING,
    /** It is being stopped. */
    STOPPING,
    /** It was stopped, has ended, or did not start. */
    STOPPED
  }

  /** Its name. */
  public String name() {
    return spec.name();
  }

  /** Whether it runs. */
  public boolean running() {
    return status == Status.RUNNING;
  }
}
