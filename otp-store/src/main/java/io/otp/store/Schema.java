package io.otp.store;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.Tables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/** The tables of a {@link Mnesia}: made, taken up from the file, found by their specification. */
final class Schema {

  private final ProcessRuntime runtime;
  private final @Nullable Path path;
  private final StoreFile file;
  private final TableOwner owner;
  private final Map<String, MnesiaTable<?, ?>> tables = new ConcurrentHashMap<>();

  /**
   * @param path the file, {@code null} if all is in memory
   */
  Schema(ProcessRuntime runtime, @Nullable Path path, StoreFile file) {
    this.runtime = runtime;
    this.path = path;
    this.file = file;
    this.owner = new TableOwner(runtime, this::stopped);
  }

  TableOwner owner() {
    return owner;
  }

  /** What is told to who uses it after its end. */
  StoreException stopped() {
    StoreException failure = file.failure();
    return failure != null
        ? failure
        : new StoreException(
            StoreException.Reason.CLOSED,
            "Mnesia" + (path == null ? "" : " in " + path) + " has been stopped. Start it again.");
  }

  /** See {@link Mnesia#createTable}. */
  <K, V> void create(MnesiaSpec<K, V> spec) {
    MnesiaTable<?, ?> there = tables.get(spec.name());
    if (there != null) {
      table(spec);
      return;
    }
    if (spec.copies() == Copies.DISC && path == null) {
      throw new StoreException(
          StoreException.Reason.INCOMPATIBLE,
          "Table '"
              + spec.name()
              + "' has disc_copies, and this Mnesia has no file. Start it with one, or let the"
              + " table have ram_copies.");
    }
    EtsTable<K, V> memory = owner.call(self -> Tables.create(self, spec.inMemory()));
    boolean created = false;
    try {
      created = load(spec, memory);
    } finally {
      if (!created) {
        memory.delete();
      }
    }
    table(spec); // one that was created meanwhile may be another
  }

  /** Returns whether there was none. */
  private <K, V> boolean load(MnesiaSpec<K, V> spec, EtsTable<K, V> memory) {
    return file.callDurably(
        runtime,
        () -> {
          if (tables.containsKey(spec.name())) {
            return false;
          }
          MVMap<byte[], byte[]> disc = null;
          if (spec.copies() == Copies.DISC) {
            StoredTable<K, V> stored = spec.stored();
            stored.fits(file.store());
            disc = file.map(stored.mapName());
            for (Row<K, V> row : MnesiaTable.load(stored, disc)) {
              memory.insert(row.key(), row.value());
            }
          }
          tables.put(spec.name(), new MnesiaTable<>(spec, memory, disc));
          return true;
        });
  }

  /** Removes a table, while somebody holds its lock. */
  boolean delete(MnesiaSpec<?, ?> spec, MnesiaTable<?, ?> table) {
    return file.callDurably(
        runtime,
        () -> {
          tables.remove(spec.name(), table);
          table.memory().delete();
          if (table.disc() != null) {
            file.header().remove(spec.stored().mapName());
            file.store().removeMap(table.disc());
          }
          return true;
        });
  }

  /** Forgets all tables: it is being stopped. */
  void clear() {
    tables.clear();
  }

  /** Nobody subscribes any more who has ended. */
  void unsubscribe(Pid pid) {
    tables.values().forEach(table -> table.subscribers().remove(pid));
  }

  /** The names of all tables. */
  List<String> names() {
    return tables.keySet().stream().sorted().toList();
  }

  List<Mnesia.TableState> states() {
    var states = new ArrayList<Mnesia.TableState>();
    tables.forEach(
        (name, table) ->
            states.add(
                new Mnesia.TableState(
                    name,
                    table.spec().copies(),
                    table.memory(),
                    table.spec().key().shape(),
                    table.spec().value().shape())));
    states.sort(Comparator.comparing(Mnesia.TableState::name));
    return states;
  }

  /**
   * The table of a specification.
   *
   * @throws StoreException if there is none, or it has other types
   */
  <K, V> MnesiaTable<K, V> table(MnesiaSpec<K, V> spec) {
    if (file.isClosed()) {
      throw stopped();
    }
    MnesiaTable<?, ?> table = tables.get(spec.name());
    if (table == null) {
      throw none(spec);
    }
    if (table.spec() != spec && !table.spec().isSameAs(spec)) {
      throw new StoreException(
          StoreException.Reason.SHAPE,
          "Table '"
              + spec.name()
              + "' is a "
              + table.spec().type()
              + " with "
              + table.spec().copies()
              + " of "
              + table.spec().key().shape()
              + " to "
              + table.spec().value().shape()
              + ". Use the specification it was created with.");
    }
    return cast(table);
  }

  private StoreException none(MnesiaSpec<?, ?> spec) {
    return new StoreException(
        StoreException.Reason.INCOMPATIBLE,
        "Mnesia has no table '"
            + spec.name()
            + "'. Known: "
            + names()
            + ". Create it with createTable, or name it at the start.");
  }

  /** On the thread: refuses a table that has been deleted since it was found. */
  void checkThere(MnesiaTable<?, ?> table) {
    if (tables.get(table.spec().name()) != table) {
      throw none(table.spec());
    }
  }

  @SuppressWarnings("unchecked") // by name and types
  static <T> T cast(Object object) {
    return (T) object;
  }
}
