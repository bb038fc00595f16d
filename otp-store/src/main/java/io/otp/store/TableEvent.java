package io.otp.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table has changed: what subscribers get, as <code>{mnesia_table_event, Event}</code>, once for
 * each change of a transaction that has been committed, in order.
 *
 * @param table the name of the table
 * @param change what was done
 * @param key the key
 * @param value the object that was written or deleted, {@code null} for {@link Change#DELETE}
 * @param before the objects that were under the key before, {@code null} unless they were asked for
 * @param activity unique for each activity that changes something
 */
public record TableEvent(
    String table,
    Change change,
    Object key,
    @Nullable Object value,
    @Nullable List<Object> before,
    long activity) {

  /** What was done. */
  public enum Change {
    /** An object was put in. */
    WRITE,
    /** All under a key was removed. */
    DELETE,
    /** One object was removed. */
    DELETE_OBJECT
  }
}
