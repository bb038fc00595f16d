package io.otp.load;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a regulator admits. Its parts combine: who is admitted has passed all of them.
 *
 * {@snippet :
 * RegulatorOptions door = RegulatorOptions.counter(50)              // 50 at once,
 *     .withRate(1_000, Duration.ofSeconds(1), 100)                  // and 1,000 a second,
 *     .withQueue(200)                                               // else wait, at most 200,
 *     .withQueueDelay(Duration.ofMillis(20), Duration.ofMillis(500));   // and not for long
 * }
 *
 * @param limit how many there may be at once, 1 or more; {@code null} for any number
 * @param rate how many may begin in a time; {@code null} for any number
 * @param queue how many may wait, 0 or more; who comes when they are that many is refused
 * @param queueDelay when those who wait are refused; {@code null}: when they give up
 */
public record RegulatorOptions(
    @Nullable Integer limit, @Nullable Rate rate, int queue, @Nullable QueueDelay queueDelay) {

  /** How soon to come again where nothing says better: {@link QueueDelay}'s default interval. */
  static final Duration RETRY_AFTER = Duration.ofMillis(100);

  private static final int MAX_QUEUE = 1_000_000;

  /** Times are nanoseconds in a long, which ends after 292 years. */
  private static final long MAX_DAYS = 10_000;

  /**
   * So many in a time: a bucket of tokens.
   *
   * @param permits how many may begin in {@code period}, 1 or more
   * @param period more than 0, and at least a nanosecond for each
   * @param burst how many may begin at once after a quiet time, 1 or more
   */
  public record Rate(int permits, Duration period, int burst) {
    /** Checks the numbers. */
    public Rate {
      check(permits >= 1, "A rate of " + permits + " is not possible: it must be 1 or more");
      check(burst >= 1, "A burst of " + burst + " is not possible: it must be 1 or more");
      check(
          period.isPositive() && period.compareTo(Duration.ofDays(365)) <= 0,
          "A rate within " + period + " is not possible: it must be more than 0, up to 365 days");
      check(
          period.toNanos() >= permits,
          "A rate of " + permits + " within " + period + " is not possible: at most one each ns");
    }
  }

  /**
   * CoDel's two times. The queue is good while waits fall below {@code target} at least once in
   * each {@code interval}; else those at its head are refused, ever sooner, until they do.
   *
   * @param target more than 0
   * @param interval more than {@code target}
   */
  public record QueueDelay(Duration target, Duration interval) {
    /** Checks the times. */
    public QueueDelay {
      check(
          target.isPositive(),
          "A target of " + target + " is not possible: it must be more than 0");
      check(
          interval.compareTo(target) > 0 && interval.compareTo(Duration.ofHours(1)) <= 0,
          "An interval of "
              + interval
              + " is not possible: it must be more than the target, "
              + target
              + ", and at most an hour");
    }
  }

  /** Checks the numbers. */
  public RegulatorOptions {
    check(
        limit != null || rate != null,
        "A regulator without a limit and without a rate admits all: give one of them");
    check(
        limit == null || limit >= 1,
        "A limit of " + limit + " is not possible: it must be 1 or more");
    check(
        queue >= 0 && queue <= MAX_QUEUE,
        "A queue of " + queue + " is not possible: it must be 0 to " + MAX_QUEUE);
    check(
        rate == null || daysUntilAll(rate, queue) <= MAX_DAYS,
        "A rate of "
            + (rate == null ? null : rate.permits() + " within " + rate.period())
            + " with a burst of "
            + (rate == null ? null : rate.burst())
            + " and a queue of "
            + queue
            + " is not possible: all of them must be able to begin within "
            + MAX_DAYS
            + " days. Lower the burst or the queue.");
    check(
        queueDelay == null || queue > 0,
        "A queue delay without a queue has no effect: give a queue of 1 or more");
  }

  private static double daysUntilAll(Rate rate, int queue) {
    double every = (double) rate.period().toNanos() / rate.permits();
    return every * ((double) rate.burst() + queue + 1) / Duration.ofDays(1).toNanos();
  }

  private static void check(boolean allowed, String text) {
    if (!allowed) {
      throw new IllegalArgumentException(text);
    }
  }

  /** At most {@code limit} at once; nobody waits. */
  public static RegulatorOptions counter(int limit) {
    return new RegulatorOptions(limit, null, 0, null);
  }

  /**
   * At most {@code permits} begin in each {@code period}, after a quiet time {@code burst} at once;
   * nobody waits.
   */
  public static RegulatorOptions rate(int permits, Duration period, int burst) {
    return new RegulatorOptions(null, new Rate(permits, period, burst), 0, null);
  }

  /** With a limit besides. */
  public RegulatorOptions withLimit(int limit) {
    return new RegulatorOptions(limit, rate, queue, queueDelay);
  }

  /** With a rate besides. */
  public RegulatorOptions withRate(int permits, Duration period, int burst) {
    return new RegulatorOptions(limit, new Rate(permits, period, burst), queue, queueDelay);
  }

  /** With a queue for those who cannot be admitted at once. */
  public RegulatorOptions withQueue(int queue) {
    return new RegulatorOptions(limit, rate, queue, queueDelay);
  }

  /** With CoDel at the head of the queue. */
  public RegulatorOptions withQueueDelay(Duration target, Duration interval) {
    return new RegulatorOptions(limit, rate, queue, new QueueDelay(target, interval));
  }

  /** How soon one that was refused for want of a place should come again. */
  Duration retryAfter() {
    return queueDelay == null ? RETRY_AFTER : queueDelay.interval();
  }
}
