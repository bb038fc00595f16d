package io.otp.soak;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a soak run counts. */
enum Count {
  STARTED,
  SENT,
  RECEIVED,
  REFUSED,
  CALLS,
  REPLIES,
  TIMEOUTS,
  CALLS_FAILED,
  CALLERS_ENDED,
  REQUESTS,
  RESPONSES,
  FUTURES,
  FUTURES_DONE,
  LINKS,
  EXITS,
  MONITORS,
  DOWNS,
  SIGNALS,
  TIMERS,
  TIMERS_FIRED,
  NAMES,
  SUSPENSIONS,
  FOREIGN_BLOCKS,
  OWN_BLOCKS,
  IDLE_TIMEOUTS,
  STORMS;

  /** The counts of a run; any thread counts. */
  static final class Totals {
    private final Map<Count, LongAdder> adders = new EnumMap<>(Count.class);

    Totals() {
      for (Count count : values()) {
        adders.put(count, new LongAdder());
      }
    }

    void add(Count count) {
      adders.get(count).increment();
    }

    void add(Count count, long n) {
      adders.get(count).add(n);
    }

    long get(Count count) {
      return adders.get(count).sum();
    }

    long sum() {
      return adders.values().stream().mapToLong(LongAdder::sum).sum();
    }
  }

  String text() {
    return name().toLowerCase().replace('_', ' ');
  }
}
