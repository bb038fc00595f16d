package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.ProcessRuntime;
import io.otp.table.EtsTable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * Transactions over several tables in memory and on disk: {@code mnesia} on one node.
 *
 * {@snippet :
 * static final MnesiaSpec<String, Long> ACCOUNTS =
 *     MnesiaSpec.set("accounts", Codec.ofString(), Codec.ofLong()).withCopies(Copies.DISC);
 *
 * Mnesia mnesia = Mnesia.start(runtime, Path.of("data/bank.mnesia"), ACCOUNTS);
 * Outcome<Boolean> done = mnesia.transaction(tx -> {
 *   tx.write(ACCOUNTS, "joe", tx.wread(ACCOUNTS, "joe").getFirst() - 100);
 *   tx.write(ACCOUNTS, "ann", tx.wread(ACCOUNTS, "ann").getFirst() + 100);
 *   return true;
 * });
 * }
 *
 * <p>Transactions are atomic, also when the JVM is killed, isolated from one another as if they ran
 * one after another (serialisable), and on the disk within {@link #SAVE} of their end; those of
 * {@link #syncTransaction} are on the disk when they return. The function of a transaction may be
 * run several times and must have no other effects. A transaction of another Mnesia within it is
 * one of its own, and two processes that take such a pair in opposite orders may wait for each
 * other for ever.
 *
 * @see <a href="https://www.erlang.org/doc/apps/mnesia/mnesia.html">mnesia</a>
 */
// Threads. Functions of activities run on the thread of their process and read the tables in
// memory; all changes of all tables are made by the thread of the store, a transaction's in one
// task, then its locks are released. One task is in one save of the file or in none.
@Immutable // as an address: like a pid, it can be sent
public final class Mnesia implements AutoCloseable {

  /** How long a transaction that has ended may be in memory only. */
  public static final Duration SAVE = Duration.ofSeconds(1);

  private static final Duration CLOSING = Duration.ofSeconds(30);

  /** Those of a runtime; closed with it. */
  private static final class Started implements AutoCloseable {
    final List<Mnesia> all = new CopyOnWriteArrayList<>();

    @Override
    public void close() {
      all.forEach(Mnesia::close);
    }
  }

  private final ProcessRuntime runtime;
  private final @Nullable Path path;
  private final StoreFile file;
  private final Schema schema;
  private final Commits commits;
  private final Transactions transactions;
  private final WatchedProcesses subscribers;

  private Mnesia(ProcessRuntime runtime, @Nullable Path path, StoreFile file) {
    this.runtime = runtime;
    this.path = path;
    this.file = file;
    this.schema = new Schema(runtime, path, file);
    this.commits = new Commits(runtime, schema, file);
    this.transactions = new Transactions(runtime, schema, commits);
    this.subscribers = new WatchedProcesses(runtime, schema::unsubscribe);
    Pid owner = schema.owner().pid();
    runtime.atExit(owner, _ -> file.close());
    file.ended().thenRun(() -> runtime.exit(owner, ExitReason.KILL)); // on the store's thread
  }

  /**
   * Starts it and creates its tables.
   *
   * @param path the file of the tables with {@link Copies#DISC}; made if it is not there
   * @param tables created as {@link #createTable} does
   * @throws StoreException if the file cannot be opened, or a table in it has another shape
   */
  public static Mnesia start(ProcessRuntime runtime, Path path, MnesiaSpec<?, ?>... tables) {
    return start(runtime, path, Repair.AUTO, tables);
  }

  /** The same, with another way to treat a file that was not closed. */
  public static Mnesia start(
      ProcessRuntime runtime, Path path, Repair repair, MnesiaSpec<?, ?>... tables) {
    List<StoredTable<?, ?>> stored =
        Arrays.stream(tables)
            .filter(spec -> spec.copies() == Copies.DISC)
            .<StoredTable<?, ?>>map(MnesiaSpec::stored)
            .toList();
    var check =
        new StoreOpening.Check() {
          @Override
          public void fits(MVStore store) {
            stored.forEach(table -> table.fits(store));
          }

          @Override
          public void whole(MVStore store) throws IOException {
            for (StoredTable<?, ?> table : stored) {
              table.whole(store);
            }
          }
        };
    return start(runtime, path, StoreFile.open(path, "mnesia", repair, SAVE, check), tables);
  }

  /** Starts one that keeps nothing: all tables are in memory only. */
  public static Mnesia start(ProcessRuntime runtime, MnesiaSpec<?, ?>... tables) {
    return start(runtime, null, StoreFile.inMemory("mnesia"), tables);
  }

  private static Mnesia start(
      ProcessRuntime runtime,
      @Nullable Path path,
      CompletableFuture<StoreFile> opening,
      MnesiaSpec<?, ?>... tables) {
    StoreFile file;
    try {
      file = StoreFile.await(runtime, opening);
    } catch (ProcessKilledError e) {
      opening.thenAccept(StoreFile::close);
      throw e;
    }
    Mnesia mnesia;
    try {
      mnesia = new Mnesia(runtime, path, file);
      for (MnesiaSpec<?, ?> table : tables) {
        mnesia.createTable(table);
      }
    } catch (Throwable t) {
      file.close(); // and with it the owner ends; by the store's thread, this may have been killed
      throw t;
    }
    Started started = runtime.extension(Started.class, _ -> new Started());
    started.all.removeIf(other -> other.file.isClosed());
    started.all.add(mnesia);
    return mnesia;
  }

  /** Those that are started in a runtime. */
  public static List<Mnesia> all(ProcessRuntime runtime) {
    return runtime.extension(Started.class, _ -> new Started()).all.stream()
        .filter(mnesia -> !mnesia.file.isClosed())
        .toList();
  }

  ProcessRuntime runtime() {
    return runtime;
  }

  StoreFile file() {
    return file;
  }

  Locks locks() {
    return transactions.locks();
  }

  <K, V> MnesiaTable<K, V> table(MnesiaSpec<K, V> spec) {
    return schema.table(spec);
  }

  /** The process that owns the tables in memory; they end with it, and this with them. */
  public Pid owner() {
    return schema.owner().pid();
  }

  // --- tables

  /**
   * Creates a table, or takes up the one that is in the file: {@code mnesia:create_table/2}.
   * Nothing happens if it has been created.
   *
   * @throws StoreException if a table of this name has other types, or is to be on disk and this
   *     has no file
   */
  public <K, V> void createTable(MnesiaSpec<K, V> spec) {
    schema.create(spec);
  }

  /**
   * Removes a table and all that is in it: {@code mnesia:delete_table/1}. Not within a transaction:
   * that is aborted with {@code nested_transaction}.
   */
  public void deleteTable(MnesiaSpec<?, ?> spec) {
    transactions.refuseWithin();
    MnesiaTable<?, ?> table = table(spec);
    transaction(
            tx -> {
              tx.writeLockTable(spec);
              return schema.delete(spec, table);
            })
        .orExit();
  }

  /** Removes all that is in a table: {@code mnesia:clear_table/1}. */
  public <K, V> void clearTable(MnesiaSpec<K, V> spec) {
    transaction(
            tx -> {
              tx.writeLockTable(spec);
              tx.allKeys(spec).forEach(key -> tx.delete(spec, key));
              return true;
            })
        .orExit();
  }

  /**
   * How many objects a table has: {@code mnesia:table_info(Tab, size)}. Without those that a
   * transaction which goes on has written.
   */
  public long size(MnesiaSpec<?, ?> spec) {
    return table(spec).memory().size();
  }

  /** The names of all tables. */
  public List<String> tables() {
    return schema.names();
  }

  /**
   * What is known of a table.
   *
   * @param name its name
   * @param copies where it is
   * @param memory its copy in memory
   * @param key the shape of its keys
   * @param value the shape of its values
   */
  public record TableState(
      String name, Copies copies, EtsTable<?, ?> memory, String key, String value) {}

  /**
   * What is known of each table, by name. Its copy in memory is for looking: do not write to it.
   */
  public List<TableState> tableStates() {
    return schema.states();
  }

  // --- activities

  /**
   * Runs a transaction: {@code mnesia:transaction/1}. Within another one, it is nested in it.
   *
   * @param fun may be run several times; must have no other effects
   */
  public <T> Outcome<T> transaction(Function<? super Activity, ? extends T> fun) {
    return transaction(fun, Integer.MAX_VALUE);
  }

  /**
   * The same; is aborted with {@code nomore} when it has been begun again so often.
   *
   * @param retries 0 or more
   * @throws IllegalArgumentException if it is less
   */
  public <T> Outcome<T> transaction(Function<? super Activity, ? extends T> fun, int retries) {
    return transactions.run(fun, retries, false);
  }

  /** The same as {@link #transaction(Function)}; when it returns, it is on the disk. */
  public <T> Outcome<T> syncTransaction(Function<? super Activity, ? extends T> fun) {
    return transactions.run(fun, Integer.MAX_VALUE, true);
  }

  /** Runs a function without locks; each of its operations is done at once. */
  public <T> T asyncDirty(Function<? super Activity, ? extends T> fun) {
    return fun.apply(new Dirty(this, Dirty.Context.ASYNC_DIRTY));
  }

  /** The same; each operation is on the disk when it returns. */
  public <T> T syncDirty(Function<? super Activity, ? extends T> fun) {
    return fun.apply(new Dirty(this, Dirty.Context.SYNC_DIRTY));
  }

  /** The same as {@link #asyncDirty}, for tables in memory only. */
  public <T> T ets(Function<? super Activity, ? extends T> fun) {
    return fun.apply(new Dirty(this, Dirty.Context.ETS));
  }

  /**
   * Adds to a number, without locks: {@code mnesia:dirty_update_counter/3}. It never goes below 0;
   * a missing key counts as 0.
   *
   * @return what the number is now
   */
  public <K> long dirtyUpdateCounter(MnesiaSpec<K, Long> spec, K key, long increment) {
    MnesiaTable<K, Long> table = table(spec);
    table.check("dirty_update_counter", key, increment);
    if (!spec.type().isSet()) {
      throw new StoreException(
          StoreException.Reason.INCOMPATIBLE,
          "Table '" + spec.name() + "' is a bag and has no counters. Use a set.");
    }
    return commits.updateCounter(table, key, increment);
  }

  /** For dirty operations. */
  CompletableFuture<Boolean> apply(List<Change<?, ?>> changes, boolean sync) {
    return commits.submit(commits.steps(changes), sync, () -> {});
  }

  // --- looking, saving

  /**
   * Sends a process a {@link TableEvent} for every change of a table, until it ends: {@code
   * mnesia:subscribe/1}.
   *
   * @param detailed whether with what was there before
   */
  public void subscribe(Pid pid, MnesiaSpec<?, ?> spec, boolean detailed) {
    MnesiaTable<?, ?> table = table(spec);
    table.subscribers().put(pid, detailed);
    subscribers.watch(pid);
    if (!runtime.isAlive(pid)) {
      table.subscribers().remove(pid);
    }
  }

  /** Ends what {@link #subscribe} began. */
  public void unsubscribe(Pid pid, MnesiaSpec<?, ?> spec) {
    table(spec).subscribers().remove(pid);
  }

  /** How often transactions were begun again. */
  public long restarts() {
    return transactions.restarts();
  }

  /** When this returns, all transactions that have ended are on the disk. */
  public void sync() {
    file.sync(runtime);
  }

  /**
   * Copies the tables on disk as they are between two transactions: {@code mnesia:backup/1}. The
   * copy is a file of its own: start a Mnesia with it to have them back.
   *
   * @param to a file that is not there
   * @throws StoreException if it is there, cannot be written, or this has no file
   */
  public void backup(Path to) {
    Path from = path;
    if (from == null) {
      throw new StoreException(
          StoreException.Reason.INCOMPATIBLE,
          "This Mnesia has no file to copy: all its tables are in memory. Start it with a file.");
    }
    file.sync(runtime);
    file.call(
        runtime,
        () -> {
          try {
            // Nothing is written meanwhile: this is the thread that does. It opens as not closed.
            Files.copy(from, to);
            return true;
          } catch (IOException e) {
            if (!(e instanceof FileAlreadyExistsException)) {
              to.toFile().delete(); // the part that was written
            }
            throw new StoreException(
                StoreException.Reason.IO,
                "Tables of "
                    + from
                    + " cannot be copied to "
                    + to
                    + ": "
                    + e
                    + ". Name a file that"
                    + " is not there, in a folder that can be written.",
                e);
          }
        });
  }

  /** Stops it, after what was begun: saves and closes the file, ends the tables in memory. */
  public void stop() {
    CompletableFuture<Boolean> ended = file.close();
    StoreFile.await(runtime, ended);
    schema.clear();
  }

  /** The same as {@link #stop}, for who must not wait for ever: at most 30 seconds. */
  @Override
  public void close() {
    StoreFile.awaitClosed(file.close(), CLOSING);
    schema.clear();
  }

  @Override
  public String toString() {
    return "Mnesia[" + (path == null ? "in memory" : path) + "]";
  }
}
