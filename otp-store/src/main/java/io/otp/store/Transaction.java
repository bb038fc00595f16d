package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessKilledError;
import io.otp.store.Locks.Item;
import io.otp.table.Match;
import io.otp.table.Row;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A transaction, or one within another: what it has written, in order, over what is in the tables.
 * Used by the thread that runs its function; ended by that or by the end of its process.
 */
final class Transaction implements Activity {

  /** Ends the function of a transaction; an error, so that {@code catch (Exception e)} does not. */
  static final class Abort extends Error {
    private static final long serialVersionUID = 1L;

    /** The activity that was aborted, which passes it on to nobody. */
    final transient Transaction of;

    final transient ExitReason reason;

    Abort(Transaction of, ExitReason reason) {
      super("Transaction aborted: " + reason, null, false, false);
      this.of = of;
      this.reason = reason;
    }
  }

  /** Ends the function of the outermost transaction, to begin it again. */
  static final class Restart extends Error {
    private static final long serialVersionUID = 1L;

    /** Whose transaction begins again. */
    final transient Transactions of;

    final transient CompletableFuture<Boolean> inTheWay;

    Restart(Transactions of, CompletableFuture<Boolean> inTheWay) {
      super("Transaction is begun again; do not catch this", null, false, false);
      this.of = of;
      this.inTheWay = inTheWay;
    }
  }

  enum State {
    ACTIVE,
    /** Its changes are on their way: nothing ends it any more. */
    COMMITTING,
    ENDED
  }

  private final Transactions transactions;
  private final Locks.Owner owner;
  private final @Nullable Transaction parent;
  private final Thread thread = Thread.currentThread();
  private final AtomicReference<State> state;
  private final Writes writes = new Writes();
  private final View view;

  private @Nullable Error ending;
  private boolean closed;

  /** While one within it goes on: what is done is done there. */
  private boolean nested;

  /** An outermost one. */
  Transaction(Transactions transactions, Locks.Owner owner) {
    this.transactions = transactions;
    this.owner = owner;
    this.parent = null;
    this.state = new AtomicReference<>(State.ACTIVE);
    this.view = new View(writes, null);
  }

  private Transaction(Transaction parent) {
    this.transactions = parent.transactions;
    this.owner = parent.owner;
    this.parent = parent;
    this.state = parent.state;
    this.view = new View(writes, parent.view);
  }

  Transactions transactions() {
    return transactions;
  }

  Set<Change<?, ?>> changes() {
    return writes.all();
  }

  boolean moveTo(State from, State to) {
    return state.compareAndSet(from, to);
  }

  /** Its process has been ended, or its function has failed: its locks are free at once. */
  void end() {
    if (moveTo(State.ACTIVE, State.ENDED)) {
      transactions.locks().release(owner);
    }
  }

  /** The function has returned though it was told to end. */
  void throwEnding() {
    if (ending != null) {
      throw ending;
    }
  }

  // --- locks

  private void check() {
    checkActive();
    if (nested) {
      throw new IllegalStateException(
          "A transaction was used while one within it goes on. Use the activity that the inner"
              + " function has got.");
    }
  }

  private void checkActive() {
    if (Thread.currentThread() != thread || closed) {
      throw noTransaction();
    }
    throwEnding();
    transactions.runtime().operate(_ -> true); // throws in a process that has been ended
    if (state.get() != State.ACTIVE) {
      throw noTransaction();
    }
  }

  static ProcessExit noTransaction() {
    return new ProcessExit(
        ExitReason.other(new Outcome.Aborted<>(ExitReason.other("no_transaction"))));
  }

  private void lock(MnesiaSpec<?, ?> table, @Nullable Object key, LockMode mode) {
    check();
    var item = Item.of(table, key);
    switch (StoreFile.await(transactions.runtime(), transactions.locks().lock(owner, item, mode))) {
      case Locks.Granted _ -> {}
      case Locks.Die(var inTheWay) -> {
        var restart = new Restart(transactions, inTheWay);
        for (Transaction t = this; t != null; t = t.parent) {
          t.ending = restart;
        }
        throw restart;
      }
      case Locks.Gone _ -> {
        check();
        throw noTransaction();
      }
    }
  }

  /** The table, found when nobody can delete it any more. */
  private <K, V> MnesiaTable<K, V> locked(MnesiaSpec<K, V> spec, @Nullable K key, LockMode mode) {
    lock(spec, key, mode);
    return transactions.schema().table(spec);
  }

  @Override
  public void readLockTable(MnesiaSpec<?, ?> table) {
    lock(table, null, LockMode.READ);
    transactions.schema().table(table);
  }

  @Override
  public void writeLockTable(MnesiaSpec<?, ?> table) {
    lock(table, null, LockMode.WRITE);
    transactions.schema().table(table);
  }

  // --- reading

  @Override
  public <K, V> List<V> read(MnesiaSpec<K, V> table, K key) {
    return read(table, key, LockMode.READ);
  }

  @Override
  public <K, V> List<V> wread(MnesiaSpec<K, V> table, K key) {
    return read(table, key, LockMode.WRITE);
  }

  private <K, V> List<V> read(MnesiaSpec<K, V> spec, K key, LockMode mode) {
    return view.values(locked(spec, key, mode), key);
  }

  @Override
  public <K, V> List<Row<K, V>> select(MnesiaSpec<K, V> spec, Match<K, V> match) {
    MnesiaTable<K, V> table = locked(spec, match.boundKey().orElse(null), LockMode.READ);
    return view.select(table, match);
  }

  private <K, V> Traversal<K, V> traversal(MnesiaSpec<K, V> spec) {
    return new Traversal<>(view, locked(spec, null, LockMode.READ));
  }

  @Override
  public <K, V> Optional<K> first(MnesiaSpec<K, V> table) {
    return traversal(table).first();
  }

  @Override
  public <K, V> Optional<K> last(MnesiaSpec<K, V> table) {
    return traversal(table).last();
  }

  @Override
  public <K, V> Optional<K> next(MnesiaSpec<K, V> table, K key) {
    return traversal(table).next(key);
  }

  @Override
  public <K, V> Optional<K> prev(MnesiaSpec<K, V> table, K key) {
    return traversal(table).prev(key);
  }

  // --- writing

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
    MnesiaTable<K, V> table = locked(spec, key, LockMode.WRITE);
    table.check(kind.name().toLowerCase(Locale.ROOT), key, value);
    writes.add(new Change<>(table, kind, key, value));
  }

  // --- the end

  @Override
  public Error abort(Object reason) {
    checkActive();
    var abort = new Abort(this, ExitReason.other(reason));
    ending = abort;
    throw abort;
  }

  @Override
  public <T> Outcome<T> transaction(Function<? super Activity, ? extends T> fun) {
    check();
    var inner = new Transaction(this);
    nested = true;
    try {
      T value = transactions.within(inner, fun);
      inner.throwEnding();
      inner.writes.all().forEach(writes::add);
      return new Outcome.Atomic<>(value);
    } catch (Restart | ProcessKilledError e) {
      throw e;
    } catch (Abort e) {
      if (e.of != inner) {
        throw e;
      }
      return new Outcome.Aborted<>(e.reason);
    } catch (Throwable e) {
      return new Outcome.Aborted<>(ExitReason.of(e));
    } finally {
      inner.closed = true;
      nested = false;
    }
  }

  void close() {
    closed = true;
  }

  @Override
  public boolean isTransaction() {
    return true;
  }
}
