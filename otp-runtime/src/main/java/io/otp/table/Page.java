package io.otp.table;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A part of what a selection finds, and how to go on: the continuation of {@code ets:select/3}. A
 * value: it may be kept, and continued more than once.
 *
 * @param <T> what is selected
 */
public final class Page<T> {

  private final List<T> items;
  private final @Nullable Supplier<Optional<Page<T>>> next;

  Page(List<T> items, @Nullable Supplier<Optional<Page<T>>> next) {
    this.items = List.copyOf(items);
    this.next = next;
  }

  /** What was found, at least one. */
  public List<T> items() {
    return items;
  }

  /** Whether there may be a next part; it may turn out to be empty. */
  public boolean hasNext() {
    return next != null;
  }

  /**
   * The next part, read now; empty at the end of the table: {@code '$end_of_table'}.
   *
   * @throws TableException if the table is gone or must not be read any more
   */
  public Optional<Page<T>> next() {
    return next == null ? Optional.empty() : next.get();
  }

  @Override
  public String toString() {
    return "Page" + items;
  }
}
