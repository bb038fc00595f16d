package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessKilledError;
import io.otp.store.Locks.Item;
import io.otp.table.Match;
import io.otp.table.Row;
import io.otp.table.TableType;
import io.otp.table.TermOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
  private final Set<Change<?, ?>> changes = new LinkedHashSet<>();

  /** The same changes by table and key. */
  private final Map<String, Map<Object, List<Change<?, ?>>>> byKey = new HashMap<>();

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
  }

  private Transaction(Transaction parent) {
    this.transactions = parent.transactions;
    this.owner = parent.owner;
    this.parent = parent;
    this.state = parent.state;
  }

  Transactions transactions() {
    return transactions;
  }

  Set<Change<?, ?>> changes() {
    return changes;
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
    return view(locked(spec, key, mode), key);
  }

  /** What is under a key, with what this transaction and those around it have done. */
  private <K, V> List<V> view(MnesiaTable<K, V> table, K key) {
    List<V> values = parent == null ? table.memory().lookup(key) : parent.view(table, key);
    for (Change<K, V> change : changesOf(table, key)) {
      values = change.applyTo(values);
    }
    return values;
  }

  @SuppressWarnings("unchecked") // those of the table
  private <K, V> List<Change<K, V>> changesOf(MnesiaTable<K, V> table, K key) {
    return (List<Change<K, V>>)
        (List<?>) byKey.getOrDefault(table.spec().name(), Map.of()).getOrDefault(key, List.of());
  }

  @Override
  public <K, V> List<Row<K, V>> select(MnesiaSpec<K, V> spec, Match<K, V> match) {
    MnesiaTable<K, V> table = locked(spec, match.boundKey().orElse(null), LockMode.READ);
    boolean ordered = spec.type() == TableType.ORDERED_SET;
    Map<Object, K> changed = ordered ? new TreeMap<>(TermOrder.ORDER) : new HashMap<>();
    for (Transaction t = this; t != null; t = t.parent) {
      for (Change<?, ?> change : t.changes) {
        if (change.table() == table) {
          changed.put(change.key(), Schema.<K>cast(change.key()));
        }
      }
    }
    List<Row<K, V>> rows = table.memory().select(match);
    if (changed.isEmpty()) {
      return rows;
    }
    var all = new ArrayList<Row<K, V>>();
    rows.stream().filter(row -> !changed.containsKey(row.key())).forEach(all::add);
    for (K key : changed.values()) {
      for (V value : view(table, key)) {
        if (ordered ? match.matches(key, value, TermOrder.ORDER) : match.matches(key, value)) {
          all.add(new Row<>(key, value));
        }
      }
    }
    if (ordered) {
      all.sort(Comparator.comparing(Row::key, TermOrder.ORDER));
    }
    return List.copyOf(all);
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
    add(new Change<>(table, kind, key, value));
  }

  /** As in OTP, what a change makes of no effect is forgotten: nobody is told of it. */
  private <K, V> void add(Change<K, V> change) {
    TableType type = change.table().spec().type();
    List<Change<?, ?>> ofKey =
        byKey
            .computeIfAbsent(
                change.table().spec().name(),
                _ ->
                    type == TableType.ORDERED_SET
                        ? new TreeMap<>(TermOrder.ORDER)
                        : new HashMap<>())
            .computeIfAbsent(change.key(), _ -> new ArrayList<>());
    if (change.kind() == TableEvent.Change.DELETE
        || change.kind() == TableEvent.Change.WRITE && type.isSet()) {
      ofKey.forEach(changes::remove);
      ofKey.clear();
    }
    Change<K, V> kept = change;
    if (change.kind() == TableEvent.Change.DELETE_OBJECT && type.isSet() && !ofKey.isEmpty()) {
      kept = change.under(Schema.<K>cast(ofKey.getFirst().key())); // 1 for 1.0, as it was written
    }
    ofKey.add(kept);
    changes.add(kept);
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
      for (Change<?, ?> change : inner.changes) {
        add(change);
      }
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
