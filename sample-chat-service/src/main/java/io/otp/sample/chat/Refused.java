package io.otp.sample.chat;

import java.time.Instant;

/**
 * Something was not done for somebody: an event for those who moderate.
 *
 * @param user empty if it is not known, as for a POST that was refused
 * @param code that of the {@link Problem}
 * @param begin how the frame or body began, empty if it is of no interest
 */
record Refused(Instant at, String room, String user, String code, String begin) {

  /** How much of what somebody sent is shown at most, in characters. */
  static final int MOST_SHOWN = 40;

  static Refused of(String room, String user, Problem problem, String sent) {
    return new Refused(Instant.now(), room, user, problem.code(), beginOf(sent));
  }

  private static String beginOf(String sent) {
    if (sent.length() <= MOST_SHOWN) {
      return sent;
    }
    boolean cutsPair = Character.isHighSurrogate(sent.charAt(MOST_SHOWN - 1));
    return sent.substring(0, cutsPair ? MOST_SHOWN - 1 : MOST_SHOWN);
  }
}
