package io.otp.table;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tables that a process owns or has fixed; guarded by its own lock, under which nothing else is
 * locked. Once the process has ended there are none and none come.
 */
final class Holdings {

  private final Set<EtsTable<?, ?>> owned = new LinkedHashSet<>();
  private final Set<EtsTable<?, ?>> fixed = new LinkedHashSet<>();
  private boolean ended;

  synchronized boolean own(EtsTable<?, ?> table) {
    return !ended && owned.add(table);
  }

  synchronized void disown(EtsTable<?, ?> table) {
    owned.remove(table);
  }

  synchronized boolean fix(EtsTable<?, ?> table) {
    if (!ended) {
      fixed.add(table);
    }
    return !ended;
  }

  synchronized void unfix(EtsTable<?, ?> table) {
    fixed.remove(table);
  }

  record Left(List<EtsTable<?, ?>> owned, List<EtsTable<?, ?>> fixed) {}

  /** What the process leaves. */
  synchronized Left end() {
    ended = true;
    var left = new Left(List.copyOf(owned), List.copyOf(fixed));
    owned.clear();
    fixed.clear();
    return left;
  }
}
