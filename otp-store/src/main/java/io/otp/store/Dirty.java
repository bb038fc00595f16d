package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;
import io.otp.table.Match;
import io.otp.table.Row;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An activity without locks: each operation is done at once and for good, by itself. */
final class Dirty implements Activity {

  /** How far an operation goes before it returns. */
  enum Context {
    /** To memory; soon to the disk. */
    ASYNC_DIRTY,
    /** To the disk. */
    SYNC_DIRTY,
    /** To memory; tables on disk refuse it. */
    ETS
  }

  private final Mnesia mnesia;
  private final Context context;

  Dirty(Mnesia mnesia, Context context) {
    this.mnesia = mnesia;
    this.context = context;
  }

  @Override
  public <K, V> List<V> read(MnesiaSpec<K, V> table, K key) {
    return mnesia.table(table).memory().lookup(key);
  }

  @Override
  public <K, V> List<V> wread(MnesiaSpec<K, V> table, K key) {
    return read(table, key);
  }

  @Override
  public <K, V> List<Row<K, V>> select(MnesiaSpec<K, V> table, Match<K, V> match) {
    return mnesia.table(table).memory().select(match);
  }

  @Override
  public <K, V> Optional<K> first(MnesiaSpec<K, V> table) {
    return mnesia.table(table).memory().first();
  }

  @Override
  public <K, V> Optional<K> last(MnesiaSpec<K, V> table) {
    return mnesia.table(table).memory().last();
  }

  @Override
  public <K, V> Optional<K> next(MnesiaSpec<K, V> table, K key) {
    return mnesia.table(table).memory().next(key);
  }

  @Override
  public <K, V> Optional<K> prev(MnesiaSpec<K, V> table, K key) {
    return mnesia.table(table).memory().prev(key);
  }

  @Override
  public <K, V> void write(MnesiaSpec<K, V> table, K key, V value) {
    change(table, TableEvent.Change.WRITE, key, value);
  }

  @Override
  public <K, V> void delete(MnesiaSpec<K, V> table, K key) {
    change(table, TableEvent.Change.DELETE, key, null);
  }

  @Override
  public <K, V> void deleteObject(MnesiaSpec<K, V> table, K key, V value) {
    change(table, TableEvent.Change.DELETE_OBJECT, key, value);
  }

  private <K, V> void change(
      MnesiaSpec<K, V> spec, TableEvent.Change kind, K key, @Nullable V value) {
    MnesiaTable<K, V> table = mnesia.table(spec);
    table.check(kind.name().toLowerCase(Locale.ROOT), key, value);
    if (context == Context.ETS && table.disc() != null) {
      throw new ProcessExit(
          ExitReason.other(
              new Outcome.Aborted<>(
                  ExitReason.other(
                      "Table '"
                          + spec.name()
                          + "' has disc_copies, which context ets does not write. Use asyncDirty,"
                          + " or a table with ram_copies."))));
    }
    StoreFile.await(
        mnesia.runtime(),
        mnesia.apply(
            List.of(new Change<>(table, kind, key, value)), context == Context.SYNC_DIRTY));
  }

  @Override
  public void readLockTable(MnesiaSpec<?, ?> table) {
    mnesia.table(table);
  }

  @Override
  public void writeLockTable(MnesiaSpec<?, ?> table) {
    mnesia.table(table);
  }

  @Override
  public Error abort(Object reason) {
    throw new ProcessExit(ExitReason.other(new Outcome.Aborted<>(ExitReason.other(reason))));
  }

  @Override
  public <T> Outcome<T> transaction(Function<? super Activity, ? extends T> fun) {
    return mnesia.transaction(fun);
  }

  @Override
  public boolean isTransaction() {
    return false;
  }
}
