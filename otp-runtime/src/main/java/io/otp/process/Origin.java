package io.otp.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a process comes from; one object is shared by all children of a process.
 *
 * @param ancestors who started it, nearest first, at most {@value #MAX_ANCESTORS}: a chain of
 *     processes that each start the next must not keep all of them
 * @param application the application it belongs to
 */
record Origin(List<Pid> ancestors, @Nullable String application) {

  static final int MAX_ANCESTORS = 16;

  static final Origin NONE = new Origin(List.of(), null);

  Origin of(Pid parent, @Nullable String childApplication) {
    var list = new java.util.ArrayList<Pid>(MAX_ANCESTORS);
    list.add(parent);
    for (Pid ancestor : ancestors) {
      if (list.size() == MAX_ANCESTORS) {
        break;
      }
      list.add(ancestor);
    }
    return new Origin(List.copyOf(list), childApplication == null ? application : childApplication);
  }
}
