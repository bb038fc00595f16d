package io.otp.task;

import java.time.Duration;

/**
 * How {@link Task#asyncStream} works.
 *
 * @param maxConcurrency how many tasks run at once, 1 or more; default is the number of processors
 * @param ordered whether outcomes come in the order of the inputs, the default, or as they are
 *     there. While a slow one holds up the order, at most 16 times {@code maxConcurrency} wait;
 *     then no more tasks are started
 * @param timeout how long each task may take; default 5 s
 * @param onTimeout what happens to one that takes longer; default {@link OnTimeout#EXIT}
 */
public record StreamOptions(
    int maxConcurrency, boolean ordered, Duration timeout, OnTimeout onTimeout) {

  /** What happens to a task that is too slow. */
  public enum OnTimeout {
    /** The process that reads the stream exits with an {@link AwaitException}. */
    EXIT,
    /** The task is killed; its outcome is {@link Outcome.Exited} with {@code timeout}. */
    KILL_TASK
  }

  /** As many as there are processors, ordered, 5 s, exit. */
  public static final StreamOptions DEFAULT =
      new StreamOptions(
          Runtime.getRuntime().availableProcessors(), true, Task.TIMEOUT, OnTimeout.EXIT);

  /** Checks the numbers. */
  public StreamOptions {
    if (maxConcurrency < 1) {
      throw new IllegalArgumentException(
          "A maxConcurrency of " + maxConcurrency + " is not allowed, it must be 1 or more");
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A timeout of " + timeout + " is not allowed, it must not be negative");
    }
  }

  /** With another number of tasks at once. */
  public StreamOptions withMaxConcurrency(int maxConcurrency) {
    return new StreamOptions(maxConcurrency, ordered, timeout, onTimeout);
  }

  /** In the order of the inputs, or as outcomes come. */
  public StreamOptions withOrdered(boolean ordered) {
    return new StreamOptions(maxConcurrency, ordered, timeout, onTimeout);
  }

  /** With another timeout for each task. */
  public StreamOptions withTimeout(Duration timeout) {
    return new StreamOptions(maxConcurrency, ordered, timeout, onTimeout);
  }

  /** With something else for tasks that are too slow. */
  public StreamOptions withOnTimeout(OnTimeout onTimeout) {
    return new StreamOptions(maxConcurrency, ordered, timeout, onTimeout);
  }
}
