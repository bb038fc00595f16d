package io.otp.supervisor;

import java.util.Locale;

/** Whether a child is itself a supervisor; counted apart, and what an upgrade walks. */
public enum ChildType {
  /** Anything but a supervisor. The default. */
  WORKER,
  /** A supervisor. */
  SUPERVISOR;

  /** As it is written in configuration: {@code worker} or {@code supervisor}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
