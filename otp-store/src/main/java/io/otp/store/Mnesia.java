package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.h2.mvstore.MVMap;
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
 * run several times and must have no other effects.
 *
 * @see <a href="https://www.erlang.org/doc/apps/mnesia/mnesia.html">mnesia</a>
 */
// Threads. Functions of activities run on the thread of their process and read the tables in
// memory; all changes of all tables are made by the thread of the store, a transaction's in one
// task, then its locks are released. One task is in one save of the file or in none.
// M1 A transaction whose state went from ACTIVE to COMMITTING is handed to the store and releases
//    its locks there; one that went to ENDED wrote nothing. Only one of the two happens.
@Immutable // as an address: like a pid, it can be sent
public final class Mnesia implements AutoCloseable {

  /** How long a transaction that has ended may be in memory only. */
  public static final Duration SAVE = Duration.ofSeconds(1);

  private static final Duration CLOSING = Duration.ofSeconds(30);
  private static final ScopedValue<Transaction> CURRENT = ScopedValue.newInstance();

  /** Those of a runtime; closed with it. */
  private static final class Started implements AutoCloseable {
    final List<Mnesia> all = new CopyOnWriteArrayList<>();

    @Override
    public void close() {
      all.forEach(Mnesia::close);
    }
  }

  /** The process that owns the tables in memory does what it is told. */
  private record Look() {}

  private final ProcessRuntime runtime;
  private final @Nullable Path path;
  private final StoreFile file;
  private final Locks locks = new Locks();
  private final AtomicLong ages = new AtomicLong();
  private final AtomicLong activities = new AtomicLong();
  private final AtomicLong restarts = new AtomicLong();
  private final Map<String, MnesiaTable<?, ?>> tables = new ConcurrentHashMap<>();
  private final Map<Pid, Transaction> running = new ConcurrentHashMap<>();
  private final Set<Pid> watched = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Consumer<Self<?>>> toOwner = new ConcurrentLinkedQueue<>();
  private final Pid owner;

  private Mnesia(ProcessRuntime runtime, @Nullable Path path, StoreFile file) {
    this.runtime = runtime;
    this.path = path;
    this.file = file;
    this.owner = runtime.spawn(this::own);
    runtime.atExit(owner, _ -> file.close());
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
    var mnesia = new Mnesia(runtime, path, file);
    try {
      for (MnesiaSpec<?, ?> table : tables) {
        mnesia.createTable(table);
      }
    } catch (Throwable t) {
      runtime.exit(mnesia.owner, ExitReason.KILL); // and with it the file is closed
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

  Locks locks() {
    return locks;
  }

  /** The process that owns the tables in memory; they end with it, and this with them. */
  public Pid owner() {
    return owner;
  }

  // --- tables

  private void own(Self<Object> self) {
    while (true) {
      self.receive();
      for (Consumer<Self<?>> work = toOwner.poll(); work != null; work = toOwner.poll()) {
        work.accept(self);
      }
    }
  }

  private <T> T inOwner(Function<Self<?>, T> work) {
    var result = new CompletableFuture<T>();
    toOwner.add(
        self -> {
          try {
            result.complete(work.apply(self));
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    runtime.atExit(owner, _ -> result.completeExceptionally(stopped()));
    runtime.send(owner, new Look());
    return StoreFile.await(runtime, result);
  }

  private StoreException stopped() {
    return new StoreException(
        StoreException.Reason.CLOSED,
        "Mnesia" + (path == null ? "" : " in " + path) + " has been stopped. Start it again.");
  }

  /**
   * Creates a table, or takes up the one that is in the file: {@code mnesia:create_table/2}.
   * Nothing happens if it has been created.
   *
   * @throws StoreException if a table of this name has other types, or is to be on disk and this
   *     has no file
   */
  public <K, V> void createTable(MnesiaSpec<K, V> spec) {
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
    EtsTable<K, V> memory = inOwner(self -> Tables.create(self, spec.inMemory()));
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

  /** Removes a table and all that is in it: {@code mnesia:delete_table/1}. */
  public void deleteTable(MnesiaSpec<?, ?> spec) {
    MnesiaTable<?, ?> table = table(spec);
    transaction(
            tx -> {
              tx.writeLockTable(spec);
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

  /** The names of all tables. */
  public List<String> tables() {
    return tables.keySet().stream().sorted().toList();
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
    var states = new ArrayList<TableState>();
    tables.forEach(
        (name, table) ->
            states.add(
                new TableState(
                    name,
                    table.spec().copies(),
                    table.memory(),
                    table.spec().key().shape(),
                    table.spec().value().shape())));
    states.sort(Comparator.comparing(TableState::name));
    return states;
  }

  <K, V> MnesiaTable<K, V> table(MnesiaSpec<K, V> spec) {
    MnesiaTable<?, ?> table = tables.get(spec.name());
    if (table == null) {
      if (file.isClosed()) {
        throw stopped();
      }
      throw new StoreException(
          StoreException.Reason.INCOMPATIBLE,
          "Mnesia has no table '"
              + spec.name()
              + "'. Known: "
              + tables()
              + ". Create it with createTable, or name it at the start.");
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

  @SuppressWarnings("unchecked") // by name and types
  static <T> T cast(Object object) {
    return (T) object;
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
   */
  public <T> Outcome<T> transaction(Function<? super Activity, ? extends T> fun, int retries) {
    return transaction(fun, retries, false);
  }

  /** The same as {@link #transaction(Function)}; when it returns, it is on the disk. */
  public <T> Outcome<T> syncTransaction(Function<? super Activity, ? extends T> fun) {
    return transaction(fun, Integer.MAX_VALUE, true);
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
    table.check(runtime, "dirty_update_counter", key, increment);
    if (!spec.type().isSet()) {
      throw new StoreException(
          StoreException.Reason.INCOMPATIBLE,
          "Table '" + spec.name() + "' is a bag and has no counters. Use a set.");
    }
    return file.call(
        runtime,
        () -> {
          long now = table.memory().get(key).orElse(0L);
          long next = Math.max(0, Math.addExact(now, increment));
          var change = new Change<>(table, TableEvent.Change.WRITE, key, (Long) next);
          table.apply(runtime, change, table.encode(change), activities.incrementAndGet());
          return next;
        });
  }

  private <T> Outcome<T> transaction(
      Function<? super Activity, ? extends T> fun, int retries, boolean sync) {
    if (CURRENT.isBound() && CURRENT.get().mnesia() == this) {
      return CURRENT.get().transaction(fun);
    }
    Pid caller = runtime.<@Nullable Pid>operate(c -> c);
    if (caller != null) {
      watch(caller);
    }
    var me = new Locks.Owner(ages.incrementAndGet());
    for (int left = retries; ; left--) {
      locks.begin(me);
      var tx = new Transaction(this, me);
      boolean committing = false;
      try {
        if (caller != null) {
          enter(caller, tx);
        }
        T value = within(tx, fun);
        tx.throwEnding();
        committing = true;
        commit(tx, me, sync);
        return new Outcome.Atomic<>(value);
      } catch (Transaction.Restart e) {
        tx.end();
        restarts.incrementAndGet();
        if (left <= 0) {
          return new Outcome.Aborted<>(ExitReason.other("nomore"));
        }
        StoreFile.await(runtime, e.inTheWay);
      } catch (Transaction.Abort e) {
        return new Outcome.Aborted<>(e.reason);
      } catch (ProcessKilledError e) {
        throw e;
      } catch (Throwable e) {
        if (committing && e instanceof StoreException failed) {
          throw failed; // what became of it is not known before the next start
        }
        return new Outcome.Aborted<>(ExitReason.of(e));
      } finally {
        tx.end();
        tx.close();
        if (caller != null) {
          running.remove(caller, tx);
        }
      }
    }
  }

  /** Sees to it that the end of a process ends its transaction. */
  private void watch(Pid pid) {
    if (watched.add(pid)) {
      runtime.atExit(
          pid,
          _ -> {
            watched.remove(pid);
            Transaction tx = running.remove(pid);
            if (tx != null) {
              tx.end();
            }
            tables.values().forEach(table -> table.subscribers().remove(pid));
          });
    }
  }

  private void enter(Pid pid, Transaction tx) {
    running.put(pid, tx);
    if (!watched.contains(pid)) {
      running.remove(pid, tx); // it was ended before it was seen here
      runtime.operate(_ -> true);
    }
  }

  <T> T within(Transaction tx, Function<? super Activity, ? extends T> fun) {
    return ScopedValue.where(CURRENT, tx)
        .<T, RuntimeException>call(() -> Objects.requireNonNull(fun.apply(tx)));
  }

  private void commit(Transaction tx, Locks.Owner me, boolean sync) {
    List<Change<?, ?>> changes = tx.changes();
    if (changes.isEmpty()) {
      if (!tx.moveTo(Transaction.State.ACTIVE, Transaction.State.ENDED)) {
        runtime.operate(_ -> true);
        throw Transaction.noTransaction();
      }
      locks.release(me);
      return;
    }
    List<Runnable> steps = steps(changes);
    if (!tx.moveTo(Transaction.State.ACTIVE, Transaction.State.COMMITTING)) { // M1
      runtime.operate(_ -> true); // throws: only the end of the process ends it
      throw Transaction.noTransaction();
    }
    CompletableFuture<Boolean> done = submit(steps, sync, () -> locks.release(me));
    StoreFile.await(runtime, done);
  }

  /** Makes changes in one task, then runs {@code after}, in any case. */
  CompletableFuture<Boolean> apply(List<Change<?, ?>> changes, boolean sync, Runnable after) {
    return submit(steps(changes), sync, after);
  }

  private CompletableFuture<Boolean> submit(List<Runnable> steps, boolean sync, Runnable after) {
    CompletableFuture<Boolean> done =
        file.submitInAnyCase(
            () -> {
              try {
                steps.forEach(Runnable::run);
                return true;
              } finally {
                after.run();
              }
            },
            sync);
    return done.whenComplete(
        (_, e) -> {
          if (e != null) {
            after.run(); // it may not have been begun
          }
        });
  }

  /** What users' codecs write is written here; what the store does is returned. */
  private List<Runnable> steps(List<Change<?, ?>> changes) {
    long id = activities.incrementAndGet();
    var steps = new ArrayList<Runnable>(changes.size());
    changes.forEach(change -> steps.add(step(change, id)));
    return steps;
  }

  private <K, V> Runnable step(Change<K, V> change, long id) {
    MnesiaTable.Encoded encoded = change.table().encode(change);
    return () -> change.table().apply(runtime, change, encoded, id);
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
    watch(pid);
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
    return restarts.get();
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
    tables.clear();
    runtime.exit(owner, ExitReason.KILL);
  }

  /** The same as {@link #stop}, for who must not wait for ever: at most 30 seconds. */
  @Override
  public void close() {
    StoreFile.awaitClosed(file.close(), CLOSING);
    tables.clear();
    runtime.exit(owner, ExitReason.KILL);
  }

  @Override
  public String toString() {
    return "Mnesia[" + (path == null ? "in memory" : path) + "]";
  }
}
