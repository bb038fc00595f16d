package io.otp.load;

/**
 * A bucket of tokens that fills at a steady rate: the generic cell rate algorithm, which keeps one
 * time instead of a number of tokens. A pure function of values; times are nanoseconds of one
 * monotonic clock.
 *
 * @param every how long a token takes to come
 * @param burst how many it holds, and holds at first
 * @param full when it is full again
 */
record TokenBucket(long every, int burst, long full) {

  static TokenBucket of(RegulatorOptions.Rate rate, long now) {
    return new TokenBucket(
        Math.max(1, rate.period().toNanos() / rate.permits()), rate.burst(), now);
  }

  /** How long until {@code tokens} of them can be taken, 0 if they are there. */
  long waitFor(int tokens, long now) {
    long begin = full - now > 0 ? full : now;
    return Math.max(0, begin + (tokens - (long) burst) * every - now);
  }

  /** After one that is there has been taken. */
  TokenBucket take(long now) {
    return new TokenBucket(every, burst, (full - now > 0 ? full : now) + every);
  }
}
