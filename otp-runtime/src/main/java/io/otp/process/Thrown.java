package io.otp.process;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Throwable} as data: what a report keeps and a reason compares by, without the objects
 * and class loaders that a live throwable holds on to.
 *
 * @param type binary name of the throwable's class
 * @param message its message
 * @param frames its innermost stack frames, at most {@value #MAX_FRAMES}
 * @param cause its cause, at most {@value #MAX_CAUSES} deep
 */
public record Thrown(
    String type, @Nullable String message, List<StackTraceElement> frames, @Nullable Thrown cause) {

  /** Frames kept of each throwable. */
  public static final int MAX_FRAMES = 32;

  /** Causes kept of each throwable. */
  public static final int MAX_CAUSES = 8;

  /** Copies the frames. */
  public Thrown {
    frames = List.copyOf(frames);
  }

  /** Returns {@code throwable} as data. */
  public static Thrown of(Throwable throwable) {
    return of(throwable, MAX_CAUSES);
  }

  private static Thrown of(Throwable throwable, int causes) {
    StackTraceElement[] trace = throwable.getStackTrace();
    Throwable cause = throwable.getCause();
    return new Thrown(
        throwable.getClass().getName(),
        messageOf(throwable),
        List.of(trace.length <= MAX_FRAMES ? trace : Arrays.copyOf(trace, MAX_FRAMES)),
        cause == null || cause == throwable || causes == 0 ? null : of(cause, causes - 1));
  }

  /** A user's {@code getMessage} may itself throw; the report of a crash must not crash. */
  private static @Nullable String messageOf(Throwable throwable) {
    try {
      return throwable.getMessage();
    } catch (RuntimeException e) {
      return "getMessage() threw " + e.getClass().getName();
    }
  }

  /** Type and message, as {@link Throwable#toString()} prints them. */
  @Override
  public String toString() {
    return message == null ? type : type + ": " + message;
  }
}
