package io.otp.autoconfigure.actuate;

import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pages through the process table in its own order, which costs the same however many there are.
 */
final class ProcessPages {

  /** How much of the table one page looks at: where few processes match, a page may be short. */
  static final int MAX_STEPS = 1 << 16;

  private final ProcessRuntime runtime;

  ProcessPages(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  /** The page that begins at {@code cursor}, {@code null} for the first. */
  ProcessesDescriptor page(ProcessFilter filter, int limit, @Nullable String cursor) {
    String name = filter.name();
    if (name != null && !name.endsWith("*")) {
      return ProcessesDescriptor.of(registered(name, filter), null);
    }
    var page = new ArrayList<ProcessSummary>();
    int next =
        runtime.look(
            position(cursor),
            MAX_STEPS,
            process -> {
              if (filter.test(process)) {
                page.add(process.summary());
              }
              return page.size() < limit;
            });
    return ProcessesDescriptor.of(page, next < 0 ? null : String.valueOf(next));
  }

  private List<ProcessSummary> registered(String name, ProcessFilter filter) {
    return runtime.whereis(name).flatMap(runtime::summary).filter(filter::isOf).stream().toList();
  }

  private static int position(@Nullable String cursor) {
    try {
      int position = cursor == null || cursor.isEmpty() ? 0 : Integer.parseInt(cursor);
      if (position >= 0) {
        return position;
      }
    } catch (NumberFormatException e) {
      // the same refusal
    }
    throw new EndpointRefusal(
        EndpointRefusal.BAD_REQUEST,
        "cursor=" + cursor + " is not allowed; it must be the 'next' of the page before");
  }
}
