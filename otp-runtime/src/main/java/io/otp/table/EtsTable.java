package io.otp.table;

import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table in memory: {@code ets}. It belongs to a process and ends with it: whoever is told that
 * the process has ended finds the table gone, or at its heir. May be sent in messages.
 *
 * {@snippet :
 * static final TableSpec<String, Long> SCORES = TableSpec.set("scores", String.class, Long.class);
 *
 * EtsTable<String, Long> scores = Tables.create(self, SCORES);
 * scores.insert("joe", 1L);
 * scores.updateCounter("joe", Counter.ofLong().add(2));                // 3
 * }
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/ets.html">ets</a>
 */
// Threads. Any. A write to one key holds the lock of its stripe and looks at `state` under it; what
// changes `state`, and what writes many keys, holds the locks of all stripes, in order, and then
// `gate` for writing. A read holds nothing: it reads `state` and a cell, and again if `gate` was
// taken meanwhile. Nothing is locked while code of users runs, but equals, hashCode and the order
// of keys, and the accessors of indexes. All of it is inside ProcessRuntime.operate, so that a
// process that is killed has written before its death is told, or not at all, and leaves no lock.
//
// E1 After `state` has lost its store (deleted) or changed its owner, no write that was allowed
//    before still comes.
// E2 A read sees none or all of a write of many keys.
// E3 A table is among the Holdings of its owner, from before anybody sees that owner until after.
// E4 `size` is the number of objects whenever all stripes are held.
//
// The stripes come before the lock of Holdings and that of a process; none of those is held by
// anybody who takes a stripe.
@Immutable // as an address: like a pid, it can be sent
public final class EtsTable<K, V> extends BaseTable<K, V> {

  /**
   * @param contents {@code null} once the table is deleted
   */
  private record State<K, V>(
      @Nullable Contents<K, V> contents,
      String name,
      Pid owner,
      @Nullable Pid heir,
      @Nullable Object heirData) {

    State<K, V> contents(@Nullable Contents<K, V> next) {
      return new State<>(next, name, owner, heir, heirData);
    }

    State<K, V> name(String next) {
      return new State<>(contents, next, owner, heir, heirData);
    }

    State<K, V> owner(Pid next) {
      return new State<>(contents, name, next, heir, heirData);
    }

    State<K, V> heir(@Nullable Pid next, @Nullable Object data) {
      return new State<>(contents, name, owner, next, data);
    }
  }

  /** Replaced as a whole by {@link #deleteAllObjects}. */
  private record Contents<K, V>(Store<K, V> store, List<Index<K, V>> indexes, LongAdder size) {}

  private final Tables tables;
  private final long id;
  private final ReentrantLock[] stripes;
  private final StampedLock gate = new StampedLock();
  private volatile State<K, V> state;

  /** Who has fixed it how often: a process, or a fixation of no process. All stripes. */
  private final Map<Object, Integer> fixes = new HashMap<>();

  private volatile boolean fixed;

  EtsTable(Tables tables, ProcessRuntime runtime, long id, TableSpec<K, V> spec, Pid owner) {
    super(runtime, spec);
    this.tables = tables;
    this.id = id;
    Contents<K, V> contents = contents(newStore());
    stripes = new ReentrantLock[contents.store().stripes()];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new ReentrantLock();
    }
    state = new State<>(contents, spec.name, owner, spec.heir, spec.heirData);
  }

  private Store<K, V> newStore() {
    return spec.type == TableType.ORDERED_SET ? new OrderedStore<>(spec.order) : new HashStore<>();
  }

  /** Of a store without objects. */
  private Contents<K, V> contents(Store<K, V> store) {
    var indexes = new ArrayList<Index<K, V>>();
    spec.indexes.forEach(component -> indexes.add(new Index<>(component)));
    return new Contents<>(store, List.copyOf(indexes), new LongAdder());
  }

  /** Unique in its runtime. */
  public long id() {
    return id;
  }

  @Override
  public String name() {
    return state.name();
  }

  @Override
  public TableType type() {
    return spec.type;
  }

  // --- who may do what

  private Contents<K, V> allowed(String operation, @Nullable Pid caller, boolean toWrite) {
    State<K, V> now = state;
    Contents<K, V> contents = now.contents();
    if (contents == null) {
      throw gone(operation);
    }
    boolean open =
        spec.access == TableAccess.PUBLIC || !toWrite && spec.access == TableAccess.PROTECTED;
    if (!open && now.owner() != caller) {
      throw new TableException(
          now.name(),
          TableException.Reason.ACCESS,
          who(caller)
              + " may not do "
              + operation
              + " in table '"
              + now.name()
              + "': it is "
              + spec.access
              + " and only its owner "
              + now.owner()
              + (toWrite ? " writes" : " reads")
              + " it. Let the owner do it, or create the table with withAccess("
              + (toWrite ? "PUBLIC" : "PROTECTED")
              + ").");
    }
    return contents;
  }

  private static String who(@Nullable Pid caller) {
    return caller == null
        ? "Thread '" + Thread.currentThread().getName() + "', which runs no process,"
        : "Process " + caller;
  }

  private TableException gone(String operation) {
    return new TableException(
        state.name(),
        TableException.Reason.GONE,
        operation
            + ": table '"
            + state.name()
            + "' is gone, it was deleted or has ended with its owner "
            + state.owner()
            + ". Let a process own it that lives longer, or give it a heir.");
  }

  private State<K, V> owned(String operation, @Nullable Pid caller) {
    State<K, V> now = state;
    if (now.contents() == null) {
      throw gone(operation);
    }
    if (now.owner() != caller) {
      throw new TableException(
          now.name(),
          TableException.Reason.ACCESS,
          who(caller)
              + " may not do "
              + operation
              + " with table '"
              + now.name()
              + "': only its owner "
              + now.owner()
              + " may. Let the owner do it.");
    }
    return now;
  }

  String ownerText() {
    return state.owner().toString();
  }

  // --- locks

  private <T> T exclusive(Supplier<T> operation) {
    for (ReentrantLock stripe : stripes) {
      stripe.lock();
    }
    try {
      long stamp = gate.writeLock();
      try {
        return operation.get();
      } finally {
        gate.unlockWrite(stamp);
      }
    } finally {
      for (ReentrantLock stripe : stripes) {
        stripe.unlock();
      }
    }
  }

  /** E2. */
  private <T extends @Nullable Object> T isolated(Supplier<T> reading) {
    long stamp = gate.tryOptimisticRead();
    if (stamp != 0) {
      T result = reading.get();
      if (gate.validate(stamp)) {
        return result;
      }
    }
    stamp = gate.readLock();
    try {
      return reading.get();
    } finally {
      gate.unlockRead(stamp);
    }
  }

  private void maintain(Contents<K, V> contents) {
    if (contents.store().wantsMaintenance()) {
      runtime.operate(
          _ ->
              exclusive(
                  () -> {
                    contents.store().maintain();
                    return true;
                  }));
    }
  }

  // --- the steps

  @Override
  protected @Nullable Cell<K, V> read(String operation, K key, boolean toWrite) {
    return runtime.<@Nullable Cell<K, V>>operate(
        caller ->
            this.<@Nullable Cell<K, V>>isolated(
                () -> allowed(operation, caller, toWrite).store().get(key)));
  }

  @Override
  protected boolean swap(
      String operation, K key, @Nullable Cell<K, V> seen, @Nullable Values<V> now) {
    Contents<K, V> written =
        runtime.<@Nullable Contents<K, V>>operate(
            caller -> {
              ReentrantLock stripe = lock(key);
              try {
                Contents<K, V> contents = allowed(operation, caller, true);
                if (contents.store().get(key) != seen) {
                  return null;
                }
                put(contents, key, seen, now);
                return contents;
              } finally {
                stripe.unlock();
              }
            });
    if (written != null) {
      maintain(written);
    }
    return written != null;
  }

  /** All stores of a table have the same stripes. */
  private ReentrantLock lock(K key) {
    ReentrantLock stripe = stripes.length == 1 ? stripes[0] : stripes[HashStore.stripeOf(key)];
    stripe.lock();
    return stripe;
  }

  /** Under the lock of the key. */
  private void put(
      Contents<K, V> contents, K key, @Nullable Cell<K, V> seen, @Nullable Values<V> now) {
    Values<V> before = seen == null ? null : seen.values();
    for (Index<K, V> index : contents.indexes()) {
      index.add(key, now);
    }
    if (now != null) {
      contents.store().put(key, now);
    } else if (before != null) {
      contents.store().remove(key, fixed);
    }
    if (seen != null) {
      for (Index<K, V> index : contents.indexes()) {
        index.remove(seen.key(), before, key, now);
      }
    }
    contents.size().add((now == null ? 0 : now.size()) - (before == null ? 0 : before.size()));
  }

  @Override
  protected Chunk<K, V> chunk(
      String operation,
      @Nullable Object position,
      Match.@Nullable Range<K> range,
      boolean toWrite) {
    return runtime.operate(
        caller -> allowed(operation, caller, toWrite).store().chunk(position, range, CHUNK));
  }

  @Override
  protected @Nullable Collection<K> indexed(String operation, Match.Is<V> is) {
    return runtime.<@Nullable Collection<K>>operate(
        caller -> {
          for (Index<K, V> index : allowed(operation, caller, false).indexes()) {
            if (index.component == is.component()) {
              return index.keys(is.value());
            }
          }
          return null;
        });
  }

  @Override
  protected boolean write(String operation, List<Row<K, V>> rows, boolean onlyNew) {
    Contents<K, V> written =
        runtime.<@Nullable Contents<K, V>>operate(
            caller ->
                rows.size() == 1
                    ? writeOne(operation, caller, rows.getFirst(), onlyNew)
                    : this.<@Nullable Contents<K, V>>exclusive(
                        () -> writeAll(operation, caller, rows, onlyNew)));
    if (written != null) {
      maintain(written);
    }
    return written != null;
  }

  private @Nullable Contents<K, V> writeOne(
      String operation, @Nullable Pid caller, Row<K, V> row, boolean onlyNew) {
    ReentrantLock stripe = lock(row.key());
    try {
      return writeAll(operation, caller, List.of(row), onlyNew);
    } finally {
      stripe.unlock();
    }
  }

  /** Under the locks of the keys. */
  private @Nullable Contents<K, V> writeAll(
      String operation, @Nullable Pid caller, List<Row<K, V>> rows, boolean onlyNew) {
    Contents<K, V> contents = allowed(operation, caller, true);
    Store<K, V> store = contents.store();
    if (onlyNew && rows.stream().anyMatch(row -> store.get(row.key()) != null)) {
      return null;
    }
    for (Row<K, V> row : rows) {
      Cell<K, V> seen = store.get(row.key());
      put(contents, row.key(), seen, plus(seen == null ? null : seen.values(), row.value()));
    }
    return contents;
  }

  @Override
  public void deleteAllObjects() {
    runtime.operate(
        caller ->
            exclusive(
                () -> {
                  Contents<K, V> now = allowed("delete_all_objects", caller, true);
                  state = state.contents(contents(fixed ? now.store().emptied() : newStore()));
                  return true;
                }));
  }

  // --- traversal

  @Override
  public Optional<K> first() {
    return position("first", Store::first);
  }

  @Override
  public Optional<K> last() {
    return position("last", Store::last);
  }

  @Override
  public Optional<K> next(K key) {
    checkKey("next", key);
    return position("next", store -> adjacent("next", store, key, store.after(key)));
  }

  @Override
  public Optional<K> prev(K key) {
    checkKey("prev", key);
    return position("prev", store -> adjacent("prev", store, key, store.before(key)));
  }

  private @Nullable K adjacent(String operation, Store<K, V> store, K key, @Nullable K adjacent) {
    // Asked afterwards: it is there still, so it was there when its neighbour was looked for.
    if (!store.isPosition(key)) {
      throw noPosition(operation, key);
    }
    return adjacent;
  }

  private Optional<K> position(String operation, Function<Store<K, V>, @Nullable K> where) {
    return runtime.operate(
        caller ->
            isolated(
                () -> Optional.ofNullable(where.apply(allowed(operation, caller, false).store()))));
  }

  /**
   * Fixes the table for a traversal: a key that is deleted keeps its place, so that {@link #next}
   * of it works, and every object that is there during the whole traversal is visited exactly once.
   * Counted for each process; ends with it at the latest, or with {@link Fixation#close}.
   *
   * <p>Only {@link #first} and {@link #next} by key need it; what visits all objects in one call
   * does not.
   */
  public Fixation safeFixtable() {
    var fixation =
        new Fixation() {
          private final AtomicBoolean closed = new AtomicBoolean();
          private @Nullable Object holder;

          @Override
          public void close() {
            Object mine = holder;
            if (mine != null && !closed.getAndSet(true)) {
              runtime.operate(_ -> exclusive(() -> unfix(mine, false)));
            }
          }
        };
    runtime.operate(
        caller ->
            exclusive(
                () -> {
                  allowed("safe_fixtable", caller, false);
                  Object holder = caller == null ? fixation : caller;
                  fixation.holder = holder;
                  fixes.merge(holder, 1, Integer::sum);
                  if (caller != null) {
                    tables.holdings(caller).fix(this);
                  }
                  fixed = true;
                  return true;
                }));
    return fixation;
  }

  /** With all stripes. */
  private boolean unfix(Object holder, boolean all) {
    Integer count = fixes.get(holder);
    if (count == null) {
      return false; // its process has ended, or the table is gone
    }
    if (all || count == 1) {
      fixes.remove(holder);
      if (holder instanceof Pid pid) {
        tables.holdings(pid).unfix(this);
      }
    } else {
      fixes.put(holder, count - 1);
    }
    if (fixes.isEmpty()) {
      fixed = false;
      Contents<K, V> contents = state.contents();
      if (contents != null) {
        contents.store().sweep();
      }
    }
    return true;
  }

  void unfixAll(Pid pid) {
    exclusive(() -> unfix(pid, true));
  }

  // --- life

  /** Deletes the table: {@code ets:delete/1}. Public tables may be deleted by all. */
  public void delete() {
    runtime.operate(
        caller ->
            exclusive(
                () -> {
                  allowed("delete", caller, true);
                  Pid owner = state.owner();
                  end();
                  tables.holdings(owner).disown(this);
                  return true;
                }));
  }

  /** With all stripes. */
  private void end() {
    for (Object holder : Set.copyOf(new HashSet<>(fixes.keySet()))) {
      unfix(holder, true);
    }
    if (spec.named) {
      tables.release(state.name(), this);
    }
    state = state.contents(null).heir(null, null); // E1
    tables.forget(this);
  }

  /** In a hook of the owner, whose Holdings take no table any more. */
  void ownerEnded(Pid pid) {
    exclusive(
        () -> {
          State<K, V> now = state;
          if (now.contents() == null || now.owner() != pid) {
            return false; // deleted or given away at the last moment
          }
          Pid heir = now.heir();
          if (heir != null
              && heir != pid
              && runtime.isAlive(heir)
              && tables.holdings(heir).own(this)) { // E3
            state = now.owner(heir); // E1
            runtime.signal(heir, new TableTransfer(this, pid, now.heirData()));
          } else {
            end();
          }
          return true;
        });
  }

  /**
   * Gives the table to another process, which is told so by a {@link TableTransfer}. From then on
   * this process is a stranger to it.
   *
   * @param data what the new owner is told, immutable
   * @throws TableException if the caller is not the owner, or {@code to} is the caller or dead
   */
  public void giveAway(Pid to, @Nullable Object data) {
    if (data != null) {
      runtime.checkMessage(data);
    }
    runtime.operate(
        caller ->
            exclusive(
                () -> {
                  State<K, V> now = owned("give_away", caller);
                  if (to == caller || !runtime.isAlive(to) || !tables.holdings(to).own(this)) {
                    throw new TableException(
                        now.name(),
                        TableException.Reason.ARGUMENT,
                        "give_away: table '"
                            + now.name()
                            + "' cannot be given to "
                            + to
                            + ", which "
                            + (to == caller ? "owns it already" : "has ended")
                            + ". Give it to another living process.");
                  }
                  state = now.owner(to); // E1
                  tables.holdings(now.owner()).disown(this);
                  runtime.signal(to, new TableTransfer(this, now.owner(), data));
                  return true;
                }));
  }

  /**
   * Names the process that takes the table when its owner ends: {@code ets:setopts/2}.
   *
   * @param heir {@code null} for none
   * @param data what the heir is told, immutable
   * @throws TableException if the caller is not the owner
   */
  public void setHeir(@Nullable Pid heir, @Nullable Object data) {
    if (data != null) {
      runtime.checkMessage(data);
    }
    runtime.operate(
        caller ->
            exclusive(
                () -> {
                  state = owned("setopts", caller).heir(heir, heir == null ? null : data);
                  return true;
                }));
  }

  /**
   * Gives the table another name: {@code ets:rename/2}.
   *
   * @throws TableException if it is found by its name and the new one is taken or is none
   */
  public void rename(String name) {
    if (spec.named) {
      Tables.checkName(name);
    }
    runtime.operate(
        caller ->
            exclusive(
                () -> {
                  allowed("rename", caller, true);
                  String before = state.name();
                  if (spec.named && !before.equals(name)) {
                    tables.reserve(name, this);
                    tables.release(before, this);
                  }
                  state = state.name(name);
                  return true;
                }));
  }

  // --- looking

  @Override
  public long size() {
    Contents<K, V> contents = state.contents();
    if (contents == null) {
      throw gone("info");
    }
    return contents.size().sum();
  }

  /** What is known of it, empty if it is gone. Everybody may ask. */
  public Optional<TableInfo> info() {
    State<K, V> now = state;
    Contents<K, V> contents = now.contents();
    if (contents == null) {
      return Optional.empty();
    }
    long size = contents.size().sum();
    return Optional.of(
        new TableInfo(
            id,
            now.name(),
            spec.named,
            spec.type,
            spec.access,
            now.owner(),
            now.heir(),
            size,
            memory(contents, size),
            fixed,
            spec.keyType,
            spec.valueType,
            spec.indexes.stream().<String>map(Component::name).toList()));
  }

  /** Of a sample, projected to all. */
  private static <K, V> long memory(Contents<K, V> contents, long size) {
    long bytes = 0;
    long objects = 0;
    for (Cell<K, V> cell : contents.store().chunk(null, null, CHUNK).cells()) {
      bytes += 72 + Footprint.of(cell.key());
      for (Values<V> v = cell.values(); v != null; v = v.before()) {
        bytes += 24 + Footprint.of(v.newest());
        objects++;
      }
    }
    return objects == 0 ? 0 : bytes * size / objects;
  }

  @Override
  @SuppressWarnings("unchecked") // its types are looked at
  public <L, W> EtsTable<L, W> as(TableSpec<L, W> other) {
    if (!spec.hasTypesOf(other)) {
      throw new TableException(
          name(),
          TableException.Reason.ARGUMENT,
          "Table '"
              + name()
              + "' has keys of "
              + spec.keyType.getTypeName()
              + " and values of "
              + spec.valueType.getTypeName()
              + ", not of "
              + other.keyType.getTypeName()
              + " and "
              + other.valueType.getTypeName()
              + ". Use the specification it was created with.");
    }
    return (EtsTable<L, W>) this;
  }

  @Override
  public String toString() {
    return "EtsTable['" + name() + "' " + spec.type + " #" + id + "]";
  }
}
