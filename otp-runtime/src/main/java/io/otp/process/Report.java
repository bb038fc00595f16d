package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * Something the runtime has to tell an operator: a crash, a restart, a start. Reports are data;
 * text is made of them by whoever shows them.
 */
public interface Report {

  /** How bad it is. */
  enum Level {
    /** Something failed. */
    ERROR,
    /** Something is not as it should be. */
    WARNING,
    /** Something happened as it should. */
    INFO
  }

  /** How bad it is. */
  Level level();

  /** OTP's label of such reports, for example <code>supervisor,child_terminated</code>. */
  String label();

  /** Whom it is about, or who reports. */
  Pid pid();

  /** A value as text. A report must be readable even where a user's {@code toString} throws. */
  static String text(@Nullable Object value) {
    try {
      return String.valueOf(value);
    } catch (RuntimeException e) {
      return "a "
          + (value == null ? "null" : value.getClass().getName())
          + " whose toString threw "
          + e.getClass().getName();
    }
  }
}
