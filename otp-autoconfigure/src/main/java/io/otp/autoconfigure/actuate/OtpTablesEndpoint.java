package io.otp.autoconfigure.actuate;

import io.otp.autoconfigure.actuate.TableSource.Found;
import io.otp.autoconfigure.report.BoundedText;
import io.otp.table.Page;
import io.otp.table.Row;
import io.otp.table.Table;
import io.otp.table.TableException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** Endpoint {@code otptables}: the tables, one of them, and its objects in pages. */
@Endpoint(id = "otptables", defaultAccess = Access.READ_ONLY)
public final class OtpTablesEndpoint {

  static final int MAX_TEXT = 1_000;
  private static final String MASKED = "******";

  private final List<TableSource> sources;
  private final Show showValues;
  private final TableCursors cursors = new TableCursors();

  OtpTablesEndpoint(List<TableSource> sources, Show showValues) {
    this.sources = sources;
    this.showValues = showValues;
  }

  /**
   * The tables, without their objects.
   *
   * @param kind only those of this kind: ets, dets or mnesia
   * @param limit how many at most
   */
  @ReadOperation
  public TableDescriptor.Tables tables(@Nullable String kind, @Nullable String limit) {
    int most = Limit.of(limit);
    List<TableDescriptor> all =
        found().stream()
            .map(found -> found.schema().table())
            .filter(table -> kind == null || kind.isEmpty() || table.kind().equals(kind))
            .toList();
    return new TableDescriptor.Tables(all.stream().limit(most).toList(), all.size());
  }

  private List<Found> found() {
    return sources.stream().flatMap(source -> source.tables().stream()).toList();
  }

  /** All that is known of a table, without its objects. */
  @ReadOperation
  public TableDescriptor.Schema table(@Selector String id) {
    return require(id).schema();
  }

  /**
   * Objects of a table.
   *
   * @param rows the word {@code rows}
   * @param limit how many at most; of a bag all of the last key
   * @param cursor the {@code next} of the page before
   */
  @ReadOperation
  public TableDescriptor.Rows rows(
      @Selector String id, @Selector String rows, @Nullable String limit, @Nullable String cursor) {
    return rows(id, rows, limit, cursor, showValues.isShown(false));
  }

  TableDescriptor.Rows rows(
      String id, String rows, @Nullable String limit, @Nullable String cursor, boolean shown) {
    if (!rows.equals("rows")) {
      throw new EndpointRefusal(
          EndpointRefusal.NOT_FOUND,
          "There is no " + rows + " of a table; ask for otptables/" + id + "/rows");
    }
    int most = Limit.of(limit);
    Found found = require(id);
    try {
      return page(id, found.rows(), most, cursor, shown);
    } catch (TableException e) {
      throw new EndpointRefusal(EndpointRefusal.CONFLICT, String.valueOf(e.getMessage()));
    }
  }

  private <K, V> TableDescriptor.Rows page(
      String id, Table<K, V> table, int limit, @Nullable String cursor, boolean shown) {
    Optional<Page<Row<K, V>>> page =
        cursor == null || cursor.isEmpty()
            ? table.select(table.match(), limit)
            : cursors.next(id, table, cursor);
    List<TableDescriptor.RowDescriptor> rows =
        page.map(Page::items).orElse(List.of()).stream()
            .map(
                row ->
                    new TableDescriptor.RowDescriptor(
                        text(row.key(), shown), text(row.value(), shown)))
            .toList();
    return new TableDescriptor.Rows(rows, page.map(p -> cursors.keep(id, table, p)).orElse(null));
  }

  private static String text(Object value, boolean shown) {
    return shown ? BoundedText.of(value, MAX_TEXT) : MASKED;
  }

  private Found require(String id) {
    return found().stream()
        .filter(found -> found.schema().table().id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EndpointRefusal(
                    EndpointRefusal.NOT_FOUND,
                    "There is no table "
                        + id
                        + "; it has ended, or this is not an id of the list, such as ets:7 or"
                        + " dets:users"));
  }
}
