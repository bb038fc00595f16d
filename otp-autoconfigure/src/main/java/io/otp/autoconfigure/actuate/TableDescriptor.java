package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table.
 *
 * @param id what it is asked for by: {@code ets:7}, {@code dets:users}, {@code mnesia:accounts}
 * @param kind ets, dets or mnesia
 * @param name its name
 * @param named whether it is found by its name
 * @param type set, ordered_set, bag or duplicate_bag
 * @param size how many objects
 * @param memory an estimate of its bytes in memory, {@code null} for dets
 * @param fileSize bytes of its file, {@code null} if it has none of its own
 * @param owner the process it ends with, {@code null} for dets
 * @param access public, protected or private, {@code null} for what is not ets
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record TableDescriptor(
    String id,
    String kind,
    String name,
    boolean named,
    String type,
    long size,
    @Nullable Long memory,
    @Nullable Long fileSize,
    @Nullable String owner,
    @Nullable String access) {

  /**
   * Tables.
   *
   * @param tables the first ones, by kind, of a kind oldest first or by name
   * @param total how many there are
   */
  public record Tables(List<TableDescriptor> tables, int total) {}

  /**
   * All that is known of a table.
   *
   * @param table as in the list
   * @param key the type of its keys, or how they are written
   * @param value the type of its values, or how they are written
   * @param indexes the parts that it has an index of
   * @param heir the process that takes it when its owner ends
   * @param fixed whether a traversal holds it
   * @param copies where a table of mnesia is: ram_copies or disc_copies
   * @param file where a table of dets is
   * @param users the processes that have a table of dets open, at most 1,000
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Schema(
      TableDescriptor table,
      String key,
      String value,
      List<String> indexes,
      @Nullable String heir,
      boolean fixed,
      @Nullable String copies,
      @Nullable String file,
      List<String> users) {}

  /**
   * Objects of a table.
   *
   * @param rows a page of them
   * @param next the cursor of the next page, {@code null} if there is none
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Rows(List<RowDescriptor> rows, @Nullable String next) {}

  /**
   * An object.
   *
   * @param key its key as text, cut off, or masked
   * @param value its value as text, cut off, or masked
   */
  public record RowDescriptor(String key, String value) {}
}
