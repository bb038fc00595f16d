package io.otp.supervisor;

import io.otp.process.Sys;
import java.time.Duration;

/**
 * How a child is watched: it is asked for a sign of life again and again, and killed when none
 * comes. That finds the server that is stuck in a callback, which ends by itself and so is
 * restarted by nobody.
 *
 * {@snippet :
 * ChildSpec.worker("gateway", gateway)
 *     .withHeartbeat(Heartbeat.every(Duration.ofSeconds(10)).withTimeout(Duration.ofSeconds(30)));
 * }
 *
 * <p>The question waits behind the messages that are in the child's mailbox, so one with more work
 * than it does within {@code timeout} is killed too: take the longest callback and the longest
 * mailbox that are all right. A suspended child answers.
 *
 * @param every the time from an answer to the next question, more than 0
 * @param timeout how long it may take to answer, more than 0; default 5 s
 */
public record Heartbeat(Duration every, Duration timeout) {

  /** The behaviour of the processes that watch, as tools show it. */
  public static final String BEHAVIOUR = "heartbeat";

  /** Checks the times. */
  public Heartbeat {
    check("every", every);
    check("timeout", timeout);
  }

  private static void check(String name, Duration time) {
    if (!time.isPositive()) {
      throw new IllegalArgumentException(
          "A heartbeat with " + name + " " + time + " is not possible: it must be more than 0");
    }
  }

  /** With a timeout of 5 s. */
  public static Heartbeat every(Duration every) {
    return new Heartbeat(every, Sys.TIMEOUT);
  }

  /** With another timeout. */
  public Heartbeat withTimeout(Duration timeout) {
    return new Heartbeat(every, timeout);
  }

  /**
   * The reason that one ends with which did not answer, in an {@link
   * io.otp.process.ExitReason.Other}.
   *
   * @param timeout how long it was waited for
   */
  public record Missed(Duration timeout) {
    @Override
    public String toString() {
      return "{no_heartbeat," + timeout.toMillis() + "}";
    }
  }
}
