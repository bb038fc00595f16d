package io.otp.table;

import io.otp.process.ProcessRuntime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What every table does in the same way, by five steps that each kind takes in its own: read a
 * cell, swap a cell, take a chunk, ask an index, write many. Code of users (guards, counters,
 * changes) runs between these steps and never inside one: a change is made of what was read, and
 * swapped in if that is still there.
 *
 * <p>For packages that add a kind of table; users have {@link Table}.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public abstract class BaseTable<K, V> implements Table<K, V> {

  /** How many keys are taken at once by what visits all. */
  protected static final int CHUNK = 128;

  /**
   * Some keys, and where to go on.
   *
   * @param cells may be empty
   * @param next {@code null} at the end
   */
  public record Chunk<K, V>(List<Cell<K, V>> cells, @Nullable Object next) {}

  /** How it was made. */
  protected final TableSpec<K, V> spec;

  /** Where it is. */
  protected final ProcessRuntime runtime;

  /** A table of a runtime. */
  protected BaseTable(ProcessRuntime runtime, TableSpec<K, V> spec) {
    this.runtime = runtime;
    this.spec = spec;
  }

  // --- the steps

  /** The cell of a key, {@code null} if it is not there. */
  protected abstract @Nullable Cell<K, V> read(String operation, K key, boolean toWrite);

  /**
   * Puts {@code now} under a key, {@code null} to remove it, if its cell still is {@code seen}.
   *
   * @return whether it was
   */
  protected abstract boolean swap(
      String operation, K key, @Nullable Cell<K, V> seen, @Nullable Values<V> now);

  /** About {@link #CHUNK} keys from {@code position} on, {@code null} for the beginning. */
  protected abstract Chunk<K, V> chunk(
      String operation, @Nullable Object position, Match.@Nullable Range<K> range, boolean toWrite);

  /** Keys that may have a part, {@code null} if there is no index of it. */
  protected abstract @Nullable Collection<K> indexed(String operation, Match.Is<V> is);

  /**
   * Puts all in at once.
   *
   * @param onlyNew whether to put none in if a key is there
   * @return whether they were put in
   */
  protected abstract boolean write(String operation, List<Row<K, V>> rows, boolean onlyNew);

  // --- arguments

  /**
   * Refuses what is no key of this table.
   *
   * @param operation who asks, for the error
   */
  public final K checkKey(String operation, K key) {
    if (!spec.keyType.isInstance(key)) {
      throw wrongType(operation, "key", key, spec.keyType);
    }
    return key;
  }

  /**
   * Refuses what cannot be put in this table.
   *
   * @param operation who asks, for the error
   */
  public final void checkRow(String operation, K key, V value) {
    checkKey(operation, key);
    if (!spec.valueType.isInstance(value)) {
      throw wrongType(operation, "value", value, spec.valueType);
    }
    if (type() == TableType.ORDERED_SET) {
      spec.order.compare(key, key); // refuses what has no order, before anything is locked
    }
    runtime.checkMessage(key);
    runtime.checkMessage(value);
    spec.indexes.forEach(component -> checkPart(operation, component, value));
  }

  /** It is read again where it must not fail: in the midst of a write. */
  private void checkPart(String operation, Component<? super V, ?> component, V value) {
    try {
      component.of(value);
    } catch (RuntimeException e) {
      throw new TableException(
          name(),
          TableException.Reason.ARGUMENT,
          operation
              + " of table '"
              + name()
              + "': the part '"
              + component.name()
              + "' of "
              + value
              + " cannot be read: "
              + e
              + ". Insert values that the index can read, or let the accessor return null.");
    }
  }

  private TableException wrongType(
      String operation, String what, @Nullable Object actual, Class<?> allowed) {
    return new TableException(
        name(),
        TableException.Reason.ARGUMENT,
        operation
            + " of table '"
            + name()
            + "': "
            + (actual == null
                ? "null cannot be a " + what
                : actual + " (" + actual.getClass().getTypeName() + ") cannot be a " + what)
            + ", it must be a "
            + allowed.getTypeName()
            + ". Pass one, or create the table with other types.");
  }

  void checkSet(String operation, String instead) {
    if (!type().isSet()) {
      throw new TableException(
          name(),
          TableException.Reason.TYPE,
          operation
              + " is not possible in table '"
              + name()
              + "', a "
              + type()
              + ", which may have several objects for a key. Use "
              + instead
              + ", or a set or ordered_set.");
    }
  }

  private TableException noKey(String operation, K key, String instead) {
    return new TableException(
        name(),
        TableException.Reason.NO_KEY,
        operation + ": table '" + name() + "' has no key " + key + ". " + instead);
  }

  /** Under a key, with one more. */
  protected final Values<V> plus(@Nullable Values<V> values, V value) {
    return switch (type()) {
      case SET, ORDERED_SET -> Values.of(value);
      case BAG -> values != null && values.contains(value) ? values : Values.plus(values, value);
      case DUPLICATE_BAG -> Values.plus(values, value);
    };
  }

  // --- one key

  /**
   * Changes what is under a key.
   *
   * @param change gets {@code null} if the key is not there
   * @return what was there
   */
  private @Nullable Cell<K, V> change(
      String operation, K key, Function<@Nullable Values<V>, @Nullable Values<V>> change) {
    while (true) {
      Cell<K, V> seen = read(operation, key, true);
      Values<V> before = seen == null ? null : seen.values();
      Values<V> after = change.apply(before);
      if (after == before || swap(operation, key, seen, after)) {
        return seen;
      }
    }
  }

  @Override
  public void insert(K key, V value) {
    checkRow("insert", key, value);
    if (type().isSet()) {
      write("insert", List.of(new Row<>(key, value)), false);
    } else {
      change("insert", key, values -> plus(values, value));
    }
  }

  @Override
  public void insertAll(Collection<Row<K, V>> rows) {
    write("insert", checked("insert", rows), false);
  }

  @Override
  public boolean insertNew(K key, V value) {
    checkRow("insert_new", key, value);
    return change("insert_new", key, values -> values == null ? Values.of(value) : values) == null;
  }

  @Override
  public boolean insertNewAll(Collection<Row<K, V>> rows) {
    return write("insert_new", checked("insert_new", rows), true);
  }

  private List<Row<K, V>> checked(String operation, Collection<Row<K, V>> rows) {
    List<Row<K, V>> list = List.copyOf(rows);
    list.forEach(row -> checkRow(operation, row.key(), row.value()));
    return list;
  }

  private static <K, V> List<V> values(@Nullable Cell<K, V> cell) {
    return cell == null || cell.values() == null ? List.of() : cell.values().toList();
  }

  @Override
  public List<V> lookup(K key) {
    return values(read("lookup", checkKey("lookup", key), false));
  }

  @Override
  public Optional<V> get(K key) {
    checkSet("get", "lookup");
    Cell<K, V> cell = read("lookup", checkKey("lookup", key), false);
    return cell == null || cell.values() == null
        ? Optional.empty()
        : Optional.of(cell.values().newest());
  }

  @Override
  public <T> T lookupElement(K key, Function<? super V, ? extends T> element) {
    checkSet("lookup_element", "lookup");
    Cell<K, V> cell = read("lookup_element", checkKey("lookup_element", key), false);
    if (cell == null || cell.values() == null) {
      throw noKey("lookup_element", key, "Use get, which answers with an Optional.");
    }
    return element.apply(cell.values().newest());
  }

  @Override
  public boolean member(K key) {
    return read("member", checkKey("member", key), false) != null;
  }

  @Override
  public List<V> take(K key) {
    return values(change("take", checkKey("take", key), _ -> null));
  }

  @Override
  public void delete(K key) {
    change("delete", checkKey("delete", key), _ -> null);
  }

  @Override
  public void deleteObject(K key, V value) {
    change(
        "delete_object",
        checkKey("delete_object", key),
        values -> values == null ? null : values.filter(v -> !v.equals(value)));
  }

  @Override
  public List<Long> updateCounter(K key, List<Counter.Update<V>> updates) {
    return update(key, updates, null);
  }

  @Override
  public List<Long> updateCounter(K key, List<Counter.Update<V>> updates, V missing) {
    checkRow("update_counter", key, missing);
    return update(key, updates, missing);
  }

  private List<Long> update(K key, List<Counter.Update<V>> updates, @Nullable V missing) {
    checkSet("update_counter", "deleteObject and insert");
    checkKey("update_counter", key);
    var numbers = new ArrayList<Long>();
    change(
        "update_counter",
        key,
        values -> {
          V value = values == null ? missing : values.newest();
          if (value == null) {
            throw noKey(
                "update_counter", key, "Insert it first, or say what to insert if it is missing.");
          }
          numbers.clear();
          for (Counter.Update<V> update : updates) {
            value = step(key, update, value);
            numbers.add(update.read(value));
          }
          checkRow("update_counter", key, value);
          return values != null && updates.isEmpty() ? values : Values.of(value);
        });
    return List.copyOf(numbers);
  }

  private V step(K key, Counter.Update<V> update, V value) {
    try {
      return update.apply(value);
    } catch (ArithmeticException e) {
      throw new TableException(
          name(),
          TableException.Reason.ARGUMENT,
          "update_counter: "
              + update.counter()
              + " of key "
              + key
              + " in table '"
              + name()
              + "' is "
              + update.read(value)
              + ", and adding "
              + update.increment()
              + " does not fit into a long. Give the update a threshold with wrap.");
    }
  }

  @Override
  public boolean updateElement(K key, UnaryOperator<V> change) {
    checkSet("update_element", "deleteObject and insert");
    checkKey("update_element", key);
    return change(
            "update_element",
            key,
            values -> {
              if (values == null) {
                return null;
              }
              V value = change.apply(values.newest());
              checkRow("update_element", key, value);
              return Values.of(value);
            })
        != null;
  }

  // --- many keys

  /** What a selection has still to visit. */
  private final class Visit {
    final String operation;
    final Match<K, V> match;
    final boolean toWrite;
    final List<K> keys; // to be read again: they may have changed since
    @Nullable Object position;
    boolean more;

    /** From the beginning. */
    Visit(String operation, Match<K, V> match, boolean toWrite) {
      this.operation = operation;
      this.match = match;
      this.toWrite = toWrite;
      if (match.range != null && type() != TableType.ORDERED_SET) {
        throw new TableException(
            name(),
            TableException.Reason.TYPE,
            operation
                + ": table '"
                + name()
                + "' is a "
                + type()
                + " and has no ranges of keys. Use where, or an ordered_set.");
      }
      Collection<K> bound = bound();
      keys = new ArrayList<>(bound == null ? List.of() : bound);
      more = bound == null;
    }

    /** From where another one is. */
    Visit(Visit other) {
      operation = other.operation;
      match = other.match;
      toWrite = other.toWrite;
      keys = new ArrayList<>(other.keys);
      position = other.position;
      more = other.more;
    }

    /** Keys among which all matches are, {@code null} if the table must be searched. */
    private @Nullable Collection<K> bound() {
      if (match.key != null) {
        return List.of(checkKey(operation, match.key));
      }
      Collection<K> fewest = null;
      for (Match.Is<V> is : match.components) {
        Collection<K> keys = indexed(operation, is);
        if (keys != null && (fewest == null || keys.size() < fewest.size())) {
          fewest = keys;
        }
      }
      return fewest;
    }

    /** Cells that were there a moment ago, empty at the end. */
    List<Cell<K, V>> next(int most) {
      if (!keys.isEmpty()) {
        var cells = new ArrayList<Cell<K, V>>();
        List<K> taken = keys.subList(0, Math.min(most, keys.size()));
        for (K key : taken) {
          Cell<K, V> cell = read(operation, key, toWrite);
          // An index may know a key twice, as 1 and as 1.0, while one replaces the other.
          if (cell != null && cells.stream().noneMatch(c -> c == cell) && isInRange(cell.key())) {
            cells.add(cell);
          }
        }
        taken.clear();
        return cells.isEmpty() && hasMore() ? next(most) : cells;
      }
      while (more) {
        Chunk<K, V> chunk = chunk(operation, position, match.range, toWrite);
        position = chunk.next();
        more = position != null;
        if (!chunk.cells().isEmpty()) {
          return chunk.cells();
        }
      }
      return List.of();
    }

    private boolean isInRange(K key) {
      Match.Range<K> range = match.range;
      return range == null
          || (range.from() == null || spec.order.compare(range.from(), key) <= 0)
              && (range.to() == null || spec.order.compare(key, range.to()) <= 0);
    }

    boolean hasMore() {
      return more || !keys.isEmpty();
    }
  }

  private interface Visitor<K, V> {
    /** Returns whether to go on. */
    boolean visit(Cell<K, V> cell, Values<V> values);
  }

  private void visit(Visit visit, Visitor<K, V> visitor) {
    while (true) {
      List<Cell<K, V>> cells = visit.next(CHUNK);
      if (cells.isEmpty()) {
        return;
      }
      for (int i = 0; i < cells.size(); i++) {
        Cell<K, V> cell = cells.get(i);
        if (cell.values() != null && !visitor.visit(cell, cell.values())) {
          List<K> rest = new ArrayList<>();
          cells.subList(i + 1, cells.size()).forEach(c -> rest.add(c.key()));
          visit.keys.addAll(0, rest);
          return;
        }
      }
    }
  }

  @Override
  public <T> List<T> select(Match<K, V> match, BiFunction<? super K, ? super V, ? extends T> body) {
    var found = new ArrayList<T>();
    visit(
        new Visit("select", match, false),
        (cell, values) -> {
          addMatching(match, body, found, cell.key(), values);
          return true;
        });
    return Collections.unmodifiableList(found);
  }

  private static <K, V, T> void addMatching(
      Match<K, V> match,
      BiFunction<? super K, ? super V, ? extends T> body,
      List<T> found,
      K key,
      Values<V> values) {
    for (V value : values.toList()) {
      if (match.test(key, value)) {
        found.add(body.apply(key, value));
      }
    }
  }

  @Override
  public <T> Optional<Page<T>> select(
      Match<K, V> match, BiFunction<? super K, ? super V, ? extends T> body, int limit) {
    if (limit < 1) {
      throw new TableException(
          name(),
          TableException.Reason.ARGUMENT,
          "select: a limit of "
              + limit
              + " is not allowed for table '"
              + name()
              + "', it must be at least 1");
    }
    return page(new Visit("select", match, false), body, limit);
  }

  private <T> Optional<Page<T>> page(
      Visit visit, BiFunction<? super K, ? super V, ? extends T> body, int limit) {
    var found = new ArrayList<T>();
    visit(
        visit,
        (cell, values) -> {
          addMatching(visit.match, body, found, cell.key(), values);
          return found.size() < limit;
        });
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Page<>(found, visit.hasMore() ? () -> page(new Visit(visit), body, limit) : null));
  }

  @Override
  public long selectCount(Match<K, V> match) {
    return fold("select_count", match, 0L, (count, _, _) -> count + 1);
  }

  @Override
  public <A> A fold(A start, Folder<? super K, ? super V, A> folder) {
    return fold("foldl", match(), start, folder);
  }

  private <A> A fold(
      String operation, Match<K, V> match, A start, Folder<? super K, ? super V, A> folder) {
    var all =
        new Object() {
          A soFar = start;
        };
    visit(
        new Visit(operation, match, false),
        (cell, values) -> {
          for (V value : values.toList()) {
            if (match.test(cell.key(), value)) {
              all.soFar = folder.fold(all.soFar, cell.key(), value);
            }
          }
          return true;
        });
    return all.soFar;
  }

  @Override
  public long selectDelete(Match<K, V> match) {
    var count = new long[1];
    visit(
        new Visit("select_delete", match, true),
        (cell, _) -> {
          var before = new long[1];
          change(
              "select_delete",
              cell.key(),
              values -> {
                if (values == null) {
                  before[0] = 0;
                  return null;
                }
                Values<V> left = values.filter(value -> !match.test(cell.key(), value));
                before[0] = values.size() - (left == null ? 0 : left.size());
                return left;
              });
          count[0] += before[0];
          return true;
        });
    return count[0];
  }

  @Override
  public long selectReplace(
      Match<K, V> match, BiFunction<? super K, ? super V, ? extends V> change) {
    checkSet("select_replace", "selectDelete and insert");
    var count = new long[1];
    visit(
        new Visit("select_replace", match, true),
        (cell, _) -> {
          var replaced = new long[1];
          change(
              "select_replace",
              cell.key(),
              values -> {
                replaced[0] = 0;
                if (values == null || !match.test(cell.key(), values.newest())) {
                  return values;
                }
                V value = change.apply(cell.key(), values.newest());
                checkRow("select_replace", cell.key(), value);
                replaced[0] = 1;
                return Values.of(value);
              });
          count[0] += replaced[0];
          return true;
        });
    return count[0];
  }

  /** For {@link #next} and {@link #prev}. */
  TableException noPosition(String operation, K key) {
    return noKey(
        operation,
        key,
        "What comes after a key that is not there is known in an ordered_set only. Fix the table"
            + " with safeFixtable while you traverse it, or use fold or select.");
  }
}
