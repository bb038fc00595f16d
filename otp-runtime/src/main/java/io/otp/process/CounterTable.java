package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All {@link BehaviourCounters} of a runtime, and what each worker has counted.
 *
 * <p>Messages are the one thing counted often: each worker has an array of its own that nobody else
 * writes, so an activation costs one plain addition and two workers never share a cache line. (An
 * array per slot would not do: a slot can be taken from a worker between its read and its write.)
 * Whoever reads adds them up.
 *
 * <p>Invariants: C1 a worker's cells are written by its thread only, and read opaquely by others,
 * so a sum is a little old and never goes back. C2 the cells of a worker that ends move to {@code
 * retired} under the lock under which sums are made: each is in exactly one of both places.
 *
 * <p>Bounded: beyond {@link #LIMIT} pairs of behaviour and application all others share one.
 */
final class CounterTable {

  /** Distinct pairs of behaviour and application; tags of meters must be bounded. */
  static final int LIMIT = 512;

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /** What one worker has counted. */
  static final class Cells {
    private final CounterTable table;
    private final long[] cells = new long[LIMIT + 1];

    private Cells(CounterTable table) {
      this.table = table;
    }

    /** The worker ends. */
    void close() {
      table.close(this);
    }

    /** C1: own thread. */
    void add(int index, int n) {
      CELL.setOpaque(cells, index, cells[index] + n);
    }

    private long get(int index) {
      return (long) CELL.getOpaque(cells, index);
    }
  }

  private record Key(String module, @Nullable String application) {}

  // guarded by this
  private final Map<Key, BehaviourCounters> counters = new LinkedHashMap<>();
  private final Set<Cells> live = new HashSet<>();
  private final long[] retired = new long[LIMIT + 1];
  private final List<Consumer<BehaviourCounters>> listeners = new ArrayList<>();
  private @Nullable BehaviourCounters others;

  /** The counters of a behaviour in an application; made if there are none yet. */
  synchronized BehaviourCounters of(String module, String behaviour, @Nullable String application) {
    var key = new Key(module, application);
    BehaviourCounters known = counters.get(key);
    if (known != null) {
      return known;
    }
    if (counters.size() >= LIMIT) {
      return others == null ? others = add("other", "other", null) : others;
    }
    known = add(module, behaviour, application);
    counters.put(key, known);
    return known;
  }

  private BehaviourCounters add(String module, String behaviour, @Nullable String application) {
    var made = new BehaviourCounters(this, counters.size(), module, behaviour, application);
    listeners.forEach(listener -> listener.accept(made));
    return made;
  }

  /** Told of those there are and of each that comes. Called under the lock: hands over, no more. */
  synchronized void listen(Consumer<BehaviourCounters> listener) {
    listeners.add(listener);
    all().forEach(listener);
  }

  synchronized List<BehaviourCounters> all() {
    var all = new ArrayList<>(counters.values());
    if (others != null) {
      all.add(others);
    }
    return all;
  }

  synchronized Cells open() {
    var cells = new Cells(this);
    live.add(cells);
    return cells;
  }

  /** C2. */
  private synchronized void close(Cells cells) {
    if (live.remove(cells)) {
      for (int i = 0; i < retired.length; i++) {
        retired[i] += cells.get(i);
      }
    }
  }

  synchronized long handled(int index) {
    long sum = retired[index];
    for (Cells cells : live) {
      sum += cells.get(index);
    }
    return sum;
  }
}
