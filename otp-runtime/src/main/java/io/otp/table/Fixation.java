package io.otp.table;

/**
 * A traversal holds a table: {@code safe_fixtable}. Ends when it is closed or when the process that
 * began it ends; a table is fixed as long as there is one.
 *
 * {@snippet :
 * try (Fixation _ = table.safeFixtable()) {
 *   for (Optional<String> key = table.first(); key.isPresent(); key = table.next(key.get())) {
 *     table.delete(key.get());
 *   }
 * }
 * }
 */
public interface Fixation extends AutoCloseable {

  /** Ends it; nothing happens if it has ended. */
  @Override
  void close();
}
