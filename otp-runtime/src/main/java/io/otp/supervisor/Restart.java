package io.otp.supervisor;

import io.otp.process.ExitReason;
import java.util.Locale;

/**
 * Whether a child that ended by itself is started again.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:restart/0">
 *     supervisor:restart()</a>
 */
public enum Restart {
  /** Always, also after {@code normal}. The default. */
  PERMANENT,
  /**
   * Only after an abnormal end: any reason but {@code normal}, {@code shutdown} and <code>
   * {shutdown, Detail}</code>.
   */
  TRANSIENT,
  /** Never, not even when a sibling's end restarts the others; it is forgotten with its spec. */
  TEMPORARY;

  /** Whether a child that ended so is started again. */
  public boolean restartsAfter(ExitReason reason) {
    return switch (this) {
      case PERMANENT -> true;
      case TRANSIENT -> reason.isAbnormal();
      case TEMPORARY -> false;
    };
  }

  /** As it is written in configuration: {@code permanent} and so on. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
