package io.otp.sample.chat;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Tells the requests of all clients apart, so that one that is sent again after a crash is not done
 * twice.
 *
 * @param source a session, or a single HTTP request
 * @param number counts the requests of that source
 */
record Origin(long source, long number) {

  /** The first request of a new source. */
  static Origin create() {
    return new Origin(ThreadLocalRandom.current().nextLong(), 0);
  }

  /** The next request of the same source. */
  Origin next() {
    return new Origin(source, number + 1);
  }
}
