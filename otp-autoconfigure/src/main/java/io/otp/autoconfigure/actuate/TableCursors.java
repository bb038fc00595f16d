package io.otp.autoconfigure.actuate;

import io.otp.table.Page;
import io.otp.table.Row;
import io.otp.table.Table;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where pages of tables go on. A key cannot be written into a URL, so it is kept here: the latest
 * 256 pages, each as long as its table. A cursor may be used again.
 */
final class TableCursors {

  static final int MAX = 256;

  private record Kept(String table, Object of, Page<?> page) {}

  private final Map<String, Kept> kept =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
          return size() > MAX;
        }
      };

  /** A cursor for what comes after {@code page}, {@code null} if nothing can. */
  synchronized @Nullable String keep(String id, Table<?, ?> table, Page<?> page) {
    if (!page.hasNext()) {
      return null;
    }
    String cursor = UUID.randomUUID().toString();
    kept.put(cursor, new Kept(id, table, page));
    return cursor;
  }

  /** The page after the one that a cursor was given for. */
  @SuppressWarnings("unchecked") // of the same table
  <K, V> Optional<Page<Row<K, V>>> next(String id, Table<K, V> table, String cursor) {
    Kept known;
    synchronized (this) {
      known = kept.get(cursor);
    }
    if (known == null || !known.table().equals(id) || known.of() != table) {
      throw new EndpointRefusal(
          EndpointRefusal.BAD_REQUEST,
          "cursor="
              + cursor
              + " is not allowed; it must be the 'next' of a page of table "
              + id
              + ", and not be older than the latest "
              + MAX);
    }
    return ((Page<Row<K, V>>) known.page()).next();
  }
}
