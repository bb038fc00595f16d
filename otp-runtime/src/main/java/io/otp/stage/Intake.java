package io.otp.stage;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer is subscribed to, and what it was sent and has not handled. Used by the stage's
 * process alone.
 *
 * <p>Invariant S2: of a subscription no more than {@code maxDemand} events are on their way or
 * waiting.
 */
final class Intake {

  /** A subscription. */
  static final class Source {
    final Ref tag;
    final Pid producer;
    final Ref monitor;
    final SubscribeOptions options;
    private int handled;

    Source(Ref tag, Pid producer, Ref monitor, SubscribeOptions options) {
      this.tag = tag;
      this.producer = producer;
      this.monitor = monitor;
      this.options = options;
    }
  }

  /** Some events of one subscription. */
  private record Batch(Ref tag, List<?> events) {}

  private final Map<Ref, Source> sources = new HashMap<>();
  private final Deque<Batch> queue = new ArrayDeque<>();
  private int queued;

  /** A producer with a meaning for this stage has ended: it ends too, once it has handled all. */
  private @Nullable ExitReason end;

  void add(Source source) {
    sources.put(source.tag, source);
  }

  @Nullable Source remove(Ref tag) {
    return sources.remove(tag);
  }

  int size() {
    return sources.size();
  }

  int queued() {
    return queued;
  }

  /** Events of a subscription that was cancelled meanwhile are dropped. */
  void put(Ref tag, List<?> events) {
    Source source = sources.get(tag);
    if (source == null) {
      return;
    }
    int most = source.options.maxDemand() - source.options.minDemand();
    for (int from = 0; from < events.size(); from += most) {
      queue.add(
          new Batch(
              tag, new ArrayList<>(events.subList(from, Math.min(events.size(), from + most)))));
    }
    queued += events.size();
  }

  /**
   * The next events to handle.
   *
   * @param events at most {@code max - min} of one subscription
   * @param ask how many its producer is to be asked for when they are handled
   */
  record Taken(List<?> events, @Nullable Source source, int ask) {}

  /** The next events, {@code null} if there are none. */
  @Nullable Taken take() {
    Batch batch = queue.poll();
    if (batch == null) {
      return null;
    }
    queued -= batch.events().size();
    Source source = sources.get(batch.tag());
    if (source == null) {
      return new Taken(batch.events(), null, 0);
    }
    source.handled += batch.events().size();
    int ask = 0;
    if (source.handled >= source.options.maxDemand() - source.options.minDemand()) {
      ask = source.handled;
      source.handled = 0;
    }
    return new Taken(batch.events(), source, ask);
  }

  /** Whether it was a producer that has ended; it is forgotten. */
  boolean ended(Ref monitor, ExitReason reason) {
    Source ended = null;
    for (Source source : sources.values()) {
      if (source.monitor == monitor) {
        ended = source;
      }
    }
    if (ended == null) {
      return false;
    }
    sources.remove(ended.tag);
    ended(ended.options.cancel(), reason);
    return true;
  }

  /** A subscription has ended; what that means is its consumer's choice. */
  void ended(SubscribeOptions.Cancel cancel, ExitReason reason) {
    boolean ends =
        switch (cancel) {
          case PERMANENT -> true;
          case TRANSIENT -> reason.isAbnormal();
          case TEMPORARY -> false;
        };
    if (ends && end == null) {
      end = reason;
    }
  }

  @Nullable ExitReason end() {
    return queue.isEmpty() ? end : null;
  }
}
