package io.otp.stage;

import java.util.List;

/**
 * How the processes of a stage are set up.
 *
 * @param dispatcher who gets an event; default {@link Dispatcher#demand}
 * @param bufferSize how many events that nobody has asked for are kept, 0 or more; default 10,000.
 *     A {@link ProducerConsumer} has as many more as one call of its {@code handleEvents} makes: it
 *     drops none, and handles nothing while there are some
 * @param keep which are kept when there are more; default {@link Keep#LAST}
 * @param subscribeTo what the stage subscribes to when it starts, and so again when it is restarted
 */
public record StageOptions(
    Dispatcher dispatcher, int bufferSize, Keep keep, List<SubscribeTo> subscribeTo) {

  /** Which events of a full buffer are kept. */
  public enum Keep {
    /** The newest: the oldest are dropped. */
    LAST,
    /** The oldest: the newest are dropped. */
    FIRST
  }

  /**
   * A subscription that a stage makes when it starts.
   *
   * @param producer the producer's registered name
   * @param options how much it asks for
   */
  public record SubscribeTo(String producer, SubscribeOptions options) {}

  /** GenStage's defaults. */
  public static final StageOptions DEFAULT =
      new StageOptions(Dispatcher.demand(), 10_000, Keep.LAST, List.of());

  /** Checks the size. */
  public StageOptions {
    if (bufferSize < 0) {
      throw new IllegalArgumentException(
          "A buffer of " + bufferSize + " events is not possible: it must be 0 or more");
    }
    subscribeTo = List.copyOf(subscribeTo);
  }

  /** With another dispatcher. */
  public StageOptions withDispatcher(Dispatcher dispatcher) {
    return new StageOptions(dispatcher, bufferSize, keep, subscribeTo);
  }

  /** With another buffer. */
  public StageOptions withBuffer(int size, Keep keep) {
    return new StageOptions(dispatcher, size, keep, subscribeTo);
  }

  /** With subscriptions to named producers. */
  public StageOptions withSubscribeTo(SubscribeTo... producers) {
    return new StageOptions(dispatcher, bufferSize, keep, List.of(producers));
  }
}
