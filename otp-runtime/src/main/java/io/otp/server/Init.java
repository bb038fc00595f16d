package io.otp.server;

import io.otp.process.ExitReason;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by {@code init} where there is no state to return: what Erlang returns as <code>
 * {stop, Reason}</code>, <code>{error,
 * Reason}</code> and {@code ignore}.
 *
 * {@snippet :
 * if (!enabled) {
 *   throw Init.ignore();
 * }
 * }
 */
public final class Init extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable ExitReason reason;
  private final boolean quiet;

  private Init(@Nullable ExitReason reason, boolean quiet) {
    super(reason == null ? "ignore" : "stop: " + reason, null, false, false);
    this.reason = reason;
    this.quiet = quiet;
  }

  /** Not needed at the moment; that is no failure. The process ends with {@code normal}. */
  public static Init ignore() {
    return new Init(null, true);
  }

  /**
   * It cannot start. The process ends with {@code reason}, linked processes see that, and a report
   * is written.
   */
  public static Init stop(ExitReason reason) {
    return new Init(reason, false);
  }

  /**
   * It cannot start, and only who starts it is told: no report, and linked processes see {@code
   * normal}.
   */
  public static Init error(ExitReason reason) {
    return new Init(reason, true);
  }

  /** Why it cannot start; {@code null}: ignore. For those who write behaviours. */
  public @Nullable ExitReason reason() {
    return reason;
  }

  /** Whether only who starts it is told. For those who write behaviours. */
  public boolean isQuiet() {
    return quiet;
  }
}
