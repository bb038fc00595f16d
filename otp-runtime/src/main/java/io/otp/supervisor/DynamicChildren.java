package io.otp.supervisor;

import io.otp.process.Pid;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The children of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor: pid to what is kept of each,
 * which may be {@link #NOTHING}. Made for millions: two arrays, of which the second exists only
 * once something is kept; so 4 or 8 bytes per slot, and between three eighths and three quarters of
 * the slots are in use while it grows. Unbounded, like the supervisor; {@code maxChildren} bounds
 * both.
 *
 * <p>Open addressing with linear probing. Removal moves later entries back instead of leaving a
 * mark, so that a table with many starts and ends never gets slower. Not changed while it is
 * walked.
 */
final class DynamicChildren {

  /** Kept of a child that is not started again. */
  static final Object NOTHING = new Object();

  private static final int MIN_SLOTS = 8;

  private @Nullable Pid[] pids = new Pid[MIN_SLOTS];

  /**
   * Same length as {@link #pids}, {@code null} for {@link #NOTHING}; or itself {@code null} as long
   * as nothing was kept of anyone.
   */
  private @Nullable Object @Nullable [] kept;

  private int size;

  int size() {
    return size;
  }

  /** What is kept of {@code pid}, {@code null} if it is not here. */
  @Nullable Object get(Pid pid) {
    int slot = slotOf(pid);
    return pids[slot] == null ? null : keptAt(slot);
  }

  /** Adds {@code pid} and returns {@code null}, or replaces what is kept of it and returns that. */
  @Nullable Object put(Pid pid, Object value) {
    int slot = slotOf(pid);
    Object before = pids[slot] == null ? null : keptAt(slot);
    if (before == null) {
      if (size >= pids.length / 4 * 3) {
        resize(pids.length * 2);
        slot = slotOf(pid);
      }
      pids[slot] = pid;
      size++;
    }
    if (kept == null && value != NOTHING) {
      kept = new Object[pids.length];
    }
    if (kept != null) {
      kept[slot] = value == NOTHING ? null : value;
    }
    return before;
  }

  /** Removes {@code pid} and returns what was kept of it, {@code null} if it was not here. */
  @Nullable Object remove(Pid pid) {
    int hole = slotOf(pid);
    if (pids[hole] == null) {
      return null;
    }
    Object removed = keptAt(hole);
    int mask = pids.length - 1;
    for (int slot = hole + 1 & mask; ; slot = slot + 1 & mask) {
      Pid later = pids[slot];
      if (later == null) {
        break;
      }
      // It may fill the hole unless its home lies behind the hole: then it would not be found from
      // there.
      if ((slot - home(later, mask) & mask) >= (slot - hole & mask)) {
        move(slot, hole);
        hole = slot;
      }
    }
    pids[hole] = null;
    if (kept != null) {
      kept[hole] = null;
    }
    size--;
    if (pids.length > MIN_SLOTS && size < pids.length / 8) {
      resize(pids.length / 2);
    }
    return removed;
  }

  /** Shows each pid, at most {@code max} of them, with what is kept of it, in no order. */
  void forEach(int max, BiConsumer<Pid, Object> action) {
    int left = Math.min(max, size);
    for (int slot = 0; left > 0; slot++) {
      Pid pid = pids[slot];
      if (pid != null) {
        action.accept(pid, keptAt(slot));
        left--;
      }
    }
  }

  /** Slots, used or not; for tests. */
  int slots() {
    return pids.length;
  }

  /** The most used slots in a row, which is what a search may cost; for tests. */
  int longestRun() {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < 2 * pids.length && run < pids.length; i++) {
      run = pids[i & pids.length - 1] == null ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  private Object keptAt(int slot) {
    Object value = kept == null ? null : kept[slot];
    return value == null ? NOTHING : value;
  }

  /** The slot of {@code pid}, or the empty one where it belongs. */
  private int slotOf(Pid pid) {
    int mask = pids.length - 1;
    int slot = home(pid, mask);
    while (pids[slot] != null && pids[slot] != pid) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /**
   * By the low bits: half a table folds onto the other half when it shrinks. Children that end in
   * the order in which they are walked, as when all are stopped, leave only a last stretch of the
   * table in use; by the high bits all of that would move to the end of the smaller table, and
   * become one run.
   */
  private static int home(Pid pid, int mask) {
    int hash = pid.hashCode();
    return (hash ^ hash >>> 15) & mask;
  }

  private void move(int from, int to) {
    pids[to] = pids[from];
    if (kept != null) {
      kept[to] = kept[from];
    }
  }

  private void resize(int slots) {
    @Nullable Pid[] oldPids = pids;
    @Nullable Object @Nullable [] oldKept = kept;
    pids = new Pid[slots];
    kept = oldKept == null ? null : new Object[slots];
    for (int slot = 0; slot < oldPids.length; slot++) {
      Pid pid = oldPids[slot];
      if (pid != null) {
        int to = slotOf(pid);
        pids[to] = pid;
        if (kept != null && oldKept != null) {
          kept[to] = oldKept[slot];
        }
      }
    }
  }
}
