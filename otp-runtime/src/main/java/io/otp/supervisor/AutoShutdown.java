package io.otp.supervisor;

import java.util.Locale;

/**
 * Whether a supervisor ends by itself, with {@code shutdown}, once its significant children are
 * done. A child is done when it ended by itself and is not restarted; being stopped by the
 * supervisor does not count.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:auto_shutdown/0">
 *     supervisor:auto_shutdown()</a>
 */
public enum AutoShutdown {
  /** Never; significant children are then not allowed. The default. */
  NEVER,
  /** When any significant child is done. */
  ANY_SIGNIFICANT,
  /**
   * When a significant child is done and no other is left, running or waiting to be started again.
   */
  ALL_SIGNIFICANT;

  /** As it is written in configuration: {@code any-significant} and so on. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
