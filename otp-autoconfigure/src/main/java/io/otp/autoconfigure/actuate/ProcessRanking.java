package io.otp.autoconfigure.actuate;

import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import io.otp.process.ProcessView;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The processes that have most of something. That takes a look at all of them, so it is done in the
 * background, in slices between which others run, one ranking at a time, and what was found is good
 * for a second.
 *
 * <p>Bounded: at most {@link #MAX_RANKINGS} rankings are kept or waited for.
 */
final class ProcessRanking {

  static final int MAX_RANKINGS = 32;

  private static final int SLICE = 1 << 12;
  private static final long FRESH = TimeUnit.SECONDS.toNanos(1);

  /** By what processes are ranked. */
  enum By {
    MAILBOX,
    REDUCTIONS,
    AGE;

    long of(ProcessView process) {
      return switch (this) {
        case MAILBOX -> process.mailbox();
        case REDUCTIONS -> process.handled();
        case AGE -> -process.startedAt(); // not the age, which grows while they are looked at
      };
    }
  }

  private record Key(By by, ProcessFilter filter) {}

  private record Ranked(long value, ProcessSummary process) {}

  private record Ranking(List<ProcessSummary> processes, long takenAt) {}

  private final ProcessRuntime runtime;
  private final Duration patience;
  private final ReentrantLock turn = new ReentrantLock(true);

  // guarded by this
  private final Map<Key, FutureTask<Ranking>> rankings = new LinkedHashMap<>();

  /**
   * Rankings of a runtime.
   *
   * @param patience how long who asks waits; the ranking is finished all the same
   */
  ProcessRanking(ProcessRuntime runtime, Duration patience) {
    this.runtime = runtime;
    this.patience = patience;
  }

  /** Those that have most, at most {@code limit}. */
  List<ProcessSummary> top(By by, ProcessFilter filter, int limit) {
    try {
      List<ProcessSummary> all =
          ranking(new Key(by, filter)).get(patience.toMillis(), TimeUnit.MILLISECONDS).processes();
      return all.subList(0, Math.min(limit, all.size()));
    } catch (TimeoutException e) {
      throw new EndpointRefusal(
          EndpointRefusal.UNAVAILABLE, "The processes are still being ranked; ask again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EndpointRefusal(
          EndpointRefusal.UNAVAILABLE, "Interrupted while the processes were ranked; ask again");
    } catch (ExecutionException e) {
      throw new IllegalStateException("The processes could not be ranked", e.getCause());
    }
  }

  private synchronized FutureTask<Ranking> ranking(Key key) {
    rankings.values().removeIf(ProcessRanking::isStale);
    FutureTask<Ranking> known = rankings.get(key);
    if (known != null) {
      return known;
    }
    if (rankings.size() >= MAX_RANKINGS) {
      throw new EndpointRefusal(
          EndpointRefusal.UNAVAILABLE, MAX_RANKINGS + " rankings are being taken; ask again");
    }
    var task = new FutureTask<>(() -> take(key));
    rankings.put(key, task);
    Thread.ofVirtual().name("otp-process-ranking").start(task);
    return task;
  }

  private static boolean isStale(FutureTask<Ranking> task) {
    return switch (task.state()) {
      case RUNNING -> false;
      case SUCCESS -> System.nanoTime() - task.resultNow().takenAt() > FRESH;
      case FAILED, CANCELLED -> true;
    };
  }

  private Ranking take(Key key) {
    var top = new PriorityQueue<Ranked>(Comparator.comparingLong(Ranked::value));
    turn.lock();
    try {
      for (int cursor = 0; cursor >= 0; ) {
        cursor = runtime.look(cursor, SLICE, process -> consider(process, key, top));
        Thread.yield();
      }
    } finally {
      turn.unlock();
    }
    List<ProcessSummary> processes =
        top.stream()
            .sorted(Comparator.comparingLong(Ranked::value).reversed())
            .map(Ranked::process)
            .toList();
    return new Ranking(processes, System.nanoTime());
  }

  private static boolean consider(ProcessView process, Key key, PriorityQueue<Ranked> top) {
    long value = key.by().of(process);
    @Nullable Ranked least = top.size() < Limit.MAX ? null : top.peek();
    if ((least == null || value > least.value()) && key.filter().test(process)) {
      if (least != null) {
        top.poll();
      }
      top.add(new Ranked(value, process.summary()));
    }
    return true;
  }
}
