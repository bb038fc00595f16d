package io.otp.table;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a runtime.
 *
 * {@snippet :
 * static final TableSpec<String, Long> SCORES =
 *     TableSpec.set("scores", String.class, Long.class).withAccess(TableAccess.PUBLIC).withName();
 *
 * EtsTable<String, Long> scores = Tables.create(self, SCORES);      // in the process that owns it
 * scores.insert("joe", 1L);
 *
 * Tables.of(runtime).find(SCORES).get("joe");                       // anywhere
 * }
 */
public final class Tables {

  private final ProcessRuntime runtime;
  private final Map<String, EtsTable<?, ?>> names = new ConcurrentHashMap<>();
  private final Map<Long, EtsTable<?, ?>> all = new ConcurrentHashMap<>();
  private final Map<Pid, Holdings> holdings = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();

  private Tables(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  /** The tables of a runtime. */
  public static Tables of(ProcessRuntime runtime) {
    return runtime.extension(Tables.class, Tables::new);
  }

  /**
   * Makes a table that belongs to the process: {@code ets:new/2}. It is deleted when the process
   * ends, before anybody is told so, unless a living heir takes it.
   *
   * @throws TableException if the table is to have a name that is taken or is none
   * @throws io.otp.process.MutableMessageException if the heir's data cannot be shown immutable
   */
  public static <K, V> EtsTable<K, V> create(Self<?> self, TableSpec<K, V> spec) {
    Tables tables = of(self.runtime());
    if (spec.heirData != null) {
      self.runtime().checkMessage(spec.heirData);
    }
    if (spec.named) {
      checkName(spec.name);
    }
    return self.runtime().operate(caller -> tables.create(self, caller, spec));
  }

  private <K, V> EtsTable<K, V> create(Self<?> self, @Nullable Pid caller, TableSpec<K, V> spec) {
    if (caller == null || self != caller) {
      throw new IllegalStateException(
          "Table '"
              + spec.name
              + "' was to be created outside its process, on thread '"
              + Thread.currentThread().getName()
              + "'. A table belongs to the process that creates it: call Tables.create in its"
              + " callback or body, with its own Self.");
    }
    var table = new EtsTable<>(this, runtime, ids.incrementAndGet(), spec, caller);
    if (spec.named) {
      reserve(spec.name, table);
    }
    all.put(table.id(), table);
    holdings(caller).own(table);
    return table;
  }

  static void checkName(String name) {
    if (name.isEmpty() || name.length() > 255) {
      throw new TableException(
          name,
          TableException.Reason.NAME,
          "'" + name + "' cannot be the name of a table: use 1 to 255 characters");
    }
  }

  void reserve(String name, EtsTable<?, ?> table) {
    EtsTable<?, ?> holder = names.putIfAbsent(name, table);
    if (holder != null && holder != table) {
      throw new TableException(
          name,
          TableException.Reason.NAME,
          "The name '"
              + name
              + "' is taken by a table of "
              + holder.ownerText()
              + "; choose another one, or wait until that table is deleted");
    }
  }

  void release(String name, EtsTable<?, ?> table) {
    names.remove(name, table);
  }

  void forget(EtsTable<?, ?> table) {
    all.remove(table.id());
  }

  /** The table that has a name: {@code ets:whereis/1}. */
  public Optional<EtsTable<?, ?>> whereis(String name) {
    return Optional.ofNullable(names.get(name));
  }

  /**
   * The table that has the name of a specification.
   *
   * @throws TableException if no table has it, or one with other types of keys or values
   */
  public <K, V> EtsTable<K, V> find(TableSpec<K, V> spec) {
    EtsTable<?, ?> table = names.get(spec.name);
    if (table == null) {
      throw new TableException(
          spec.name,
          TableException.Reason.GONE,
          "No table has the name '"
              + spec.name
              + "': it was deleted, its owner has ended, or it has not been created with withName."
              + " Start the process that owns it before those that use it.");
    }
    return table.as(spec);
  }

  /** All tables, oldest first: {@code ets:all/0}. */
  public List<EtsTable<?, ?>> all() {
    var list = new ArrayList<EtsTable<?, ?>>(all.values());
    list.sort(Comparator.comparingLong(EtsTable::id));
    return list;
  }

  /** What a process holds; made at first use. May be called under the lock of a table. */
  Holdings holdings(Pid pid) {
    Holdings known = holdings.get(pid);
    if (known != null) {
      return known;
    }
    var fresh = new Holdings();
    // Who finds it waits until it is known whether the process has ended already.
    synchronized (fresh) {
      known = holdings.putIfAbsent(pid, fresh);
      if (known != null) {
        return known;
      }
      runtime.atExit(pid, _ -> ended(pid, fresh));
    }
    return fresh;
  }

  /** In a hook: before links and monitors are told. */
  private void ended(Pid pid, Holdings left) {
    Holdings.Left tables = left.end();
    holdings.remove(pid, left);
    tables.fixed().forEach(table -> table.unfixAll(pid));
    tables.owned().forEach(table -> table.ownerEnded(pid));
  }
}
