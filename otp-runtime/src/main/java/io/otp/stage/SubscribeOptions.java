package io.otp.stage;

/**
 * How much a consumer asks a producer for, and what the end of the producer means to it.
 *
 * @param maxDemand the most events that are on their way or waiting to be handled, 1 or more;
 *     default 1,000
 * @param minDemand it asks again when no more than so many are, 0 to less than {@code maxDemand};
 *     default half of that
 * @param cancel default {@link Cancel#PERMANENT}
 * @param partition which part it takes of a producer with {@link Dispatcher#partition}, else 0
 */
public record SubscribeOptions(int maxDemand, int minDemand, Cancel cancel, int partition) {

  /** What the end of a subscription, most often that of its producer, means to its consumer. */
  public enum Cancel {
    /** It ends with the same reason. */
    PERMANENT,
    /** It ends with the same reason unless that is normal or a shutdown. */
    TRANSIENT,
    /** It goes on. */
    TEMPORARY
  }

  /** GenStage's defaults. */
  public static final SubscribeOptions DEFAULT =
      new SubscribeOptions(1_000, 500, Cancel.PERMANENT, 0);

  /** Checks the numbers. */
  public SubscribeOptions {
    if (maxDemand < 1 || minDemand < 0 || minDemand >= maxDemand) {
      throw new IllegalArgumentException(
          "A demand of "
              + minDemand
              + " to "
              + maxDemand
              + " is not possible: the most must be 1 or more, and the least from 0 to less than"
              + " that");
    }
    if (partition < 0) {
      throw new IllegalArgumentException(
          "Partition " + partition + " is not possible: it must be 0 or more");
    }
  }

  /** With another most; the least is half of it. */
  public static SubscribeOptions maxDemand(int max) {
    return new SubscribeOptions(max, max / 2, Cancel.PERMANENT, 0);
  }

  /** With another least. */
  public SubscribeOptions withMinDemand(int min) {
    return new SubscribeOptions(maxDemand, min, cancel, partition);
  }

  /** With another meaning of the producer's end. */
  public SubscribeOptions withCancel(Cancel cancel) {
    return new SubscribeOptions(maxDemand, minDemand, cancel, partition);
  }

  /** For one part. */
  public SubscribeOptions withPartition(int partition) {
    return new SubscribeOptions(maxDemand, minDemand, cancel, partition);
  }
}
