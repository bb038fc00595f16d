package io.otp.supervisor;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;

/**
 * How a supervisor stops a child.
 *
 * <p>{@code toString} is the form that {@link #parse} reads: {@code brutal-kill}, {@code 5s},
 * {@code infinity}.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:shutdown/0">
 *     supervisor:shutdown()</a>
 */
public sealed interface Shutdown {

  /** Sends {@code kill}: OTP's {@code brutal_kill}. */
  Shutdown BRUTAL_KILL = new BrutalKill();

  /** Sends {@code shutdown} and waits without limit. The default of supervisors. */
  Shutdown INFINITY = new Infinity();

  /** See {@link Shutdown#BRUTAL_KILL}. */
  record BrutalKill() implements Shutdown {
    @Override
    public String toString() {
      return "brutal-kill";
    }
  }

  /**
   * Sends {@code shutdown}, waits, then sends {@code kill}. The default of workers, with 5 s.
   *
   * @param time how long, 0 or more
   */
  record After(Duration time) implements Shutdown {

    /** Checks the time. */
    public After {
      if (time.isNegative()) {
        throw SpecCheck.shutdown(time, DurationText.of(time));
      }
    }

    @Override
    public String toString() {
      return DurationText.of(time);
    }
  }

  /** See {@link Shutdown#INFINITY}. */
  record Infinity() implements Shutdown {
    @Override
    public String toString() {
      return "infinity";
    }
  }

  /**
   * Returns what {@code text} says.
   *
   * @param text {@code brutal-kill}, {@code infinity} or a duration: {@code 30s}, {@code 500ms},
   *     {@code PT30S}; a bare number is in milliseconds, as in OTP
   * @throws InvalidSpecException with {@code invalid_shutdown} if it is none of these
   */
  static Shutdown parse(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT).replace('_', '-');
    if (word.equals("brutal-kill")) {
      return BRUTAL_KILL;
    }
    if (word.equals("infinity")) {
      return INFINITY;
    }
    try {
      return new After(DurationText.parse(word));
    } catch (DateTimeException | ArithmeticException _) {
      throw SpecCheck.shutdown(text, text);
    }
  }
}
