package io.otp.load;

/**
 * Controlled delay: decides for each that comes to the head of a queue whether it is served or
 * dropped, by how long it has waited. While waits stay over the target for a whole interval, one is
 * dropped, and the next ones after {@code interval / sqrt(count)}, so ever sooner, until a wait is
 * below the target.
 *
 * <p>A pure function of values; times are nanoseconds of one monotonic clock.
 *
 * @param target how long a wait may be in a good queue
 * @param interval how long it may be exceeded, about the longest wait of a client that will come
 *     again
 * @param above whether waits have been over the target since {@code until - interval}
 * @param until when that will have been for a whole interval
 * @param dropping whether it drops
 * @param next when the next one is dropped
 * @param count how many have been dropped since it began to drop
 * @param before what {@code count} was when it began
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8289">RFC 8289</a>
 */
record CoDel(
    long target,
    long interval,
    boolean above,
    long until,
    boolean dropping,
    long next,
    int count,
    int before) {

  /** After this many intervals without a drop it does not remember how fast it dropped. */
  private static final int MEMORY = 16;

  static CoDel of(long target, long interval) {
    return new CoDel(target, interval, false, 0, false, 0, 0, 0);
  }

  /**
   * What becomes of the head of the queue.
   *
   * @param drop whether it is refused; else it is served
   * @param then what decides on the next
   */
  record Decision(boolean drop, CoDel then) {}

  /**
   * Somebody is at the head of the queue and could be served.
   *
   * @param waited how long it has waited
   */
  Decision head(long waited, long now) {
    CoDel seen = watch(waited, now);
    boolean tooLong = above && seen.above && now - until >= 0;
    if (dropping) {
      if (!tooLong) {
        return new Decision(false, seen.withDropping(false));
      }
      return now - next >= 0
          ? new Decision(true, seen.withDrops(true, count + 1, before, next))
          : new Decision(false, seen);
    }
    if (!tooLong) {
      return new Decision(false, seen);
    }
    int recent = count - before;
    int again = recent > 1 && now - next < MEMORY * interval ? recent : 1;
    return new Decision(true, seen.withDrops(true, again, again, now));
  }

  /** Nobody waits. */
  CoDel empty() {
    return above || dropping
        ? new CoDel(target, interval, false, 0, false, next, count, before)
        : this;
  }

  private CoDel watch(long waited, long now) {
    if (waited < target) {
      return above ? new CoDel(target, interval, false, 0, dropping, next, count, before) : this;
    }
    return above
        ? this
        : new CoDel(target, interval, true, now + interval, dropping, next, count, before);
  }

  private CoDel withDropping(boolean on) {
    return new CoDel(target, interval, above, until, on, next, count, before);
  }

  /** After a drop: the next one is after {@code interval / sqrt(count)}. */
  private CoDel withDrops(boolean on, int count, int before, long from) {
    long next = from + (long) (interval / Math.sqrt(count));
    return new CoDel(target, interval, above, until, on, next, count, before);
  }
}
