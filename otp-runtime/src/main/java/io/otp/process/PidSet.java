package io.otp.process;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of processes that costs 6 to 12 bytes an entry: open addressing, linear probing, entries
 * moved up on removal. Not safe for concurrent use.
 */
final class PidSet {

  private @Nullable Process[] table = new Process[8];
  private int size;

  int size() {
    return size;
  }

  private int slot(Process process) {
    int mask = table.length - 1;
    int i = spread(process) & mask;
    while (table[i] != null && table[i] != process) {
      i = (i + 1) & mask;
    }
    return i;
  }

  private static int spread(Process process) {
    int h = process.hashCode();
    return h ^ (h >>> 15);
  }

  boolean contains(Process process) {
    return table[slot(process)] == process;
  }

  boolean add(Process process) {
    int i = slot(process);
    if (table[i] == process) {
      return false;
    }
    table[i] = process;
    if (++size > table.length * 3 / 4) {
      resize(table.length * 2);
    }
    return true;
  }

  boolean remove(Process process) {
    int mask = table.length - 1;
    int hole = slot(process);
    if (table[hole] == null) {
      return false;
    }
    table[hole] = null;
    size--;
    for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      Process moved = table[i];
      if (moved == null) {
        break;
      }
      int home = spread(moved) & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) { // the hole is on its way from home to i
        table[hole] = moved;
        table[i] = null;
        hole = i;
      }
    }
    if (table.length > 8 && size < table.length / 8) {
      resize(table.length / 4);
    }
    return true;
  }

  private void resize(int length) {
    @Nullable Process[] old = table;
    table = new Process[Math.max(8, length)];
    for (Process process : old) {
      if (process != null) {
        table[slot(process)] = process;
      }
    }
  }

  /** Some of them, at most {@code most}. */
  void addTo(List<? super Process> list, int most) {
    for (int i = 0; i < table.length && list.size() < most; i++) {
      Process process = table[i];
      if (process != null) {
        list.add(process);
      }
    }
  }

  void forEach(Consumer<Process> action) {
    for (Process process : table) {
      if (process != null) {
        action.accept(process);
      }
    }
  }
}
