package io.otp.store;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.table.TableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * The tables on disk that a runtime has open.
 *
 * {@snippet :
 * static final DetsSpec<String, Long> SCORES =
 *     DetsSpec.set("scores", Path.of("data/scores.dets"), Codec.ofString(), Codec.ofLong());
 *
 * DetsTable<String, Long> scores = Dets.open(self, SCORES);         // in a process
 * scores.insert("joe", 1L);
 * scores.sync();                                                    // now it is on the disk
 * scores.close();
 * }
 */
// Threads. Any, and those of the files. `lock` guards everything; nothing is waited for and nothing
// of the runtime is called under it.
// I1 A name has at most one entry; an entry is there from before its file is opened until after it
//    is closed, so that a file is never open twice.
// I2 An entry without users is closing.
public final class Dets implements AutoCloseable {

  private static final Duration CLOSING = Duration.ofSeconds(30);

  private static final class Entry {
    final DetsSpec<?, ?> spec;
    final CompletableFuture<DetsTable<?, ?>> table = new CompletableFuture<>();
    final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    final Map<Pid, Integer> users = new LinkedHashMap<>();
    boolean closing;

    Entry(DetsSpec<?, ?> spec) {
      this.spec = spec;
    }
  }

  private final ProcessRuntime runtime;
  private final Object lock = new Object();
  private final Map<String, Entry> entries = new HashMap<>();
  private final Set<Pid> watched = new HashSet<>();

  private Dets(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  /** The tables on disk of a runtime. */
  public static Dets of(ProcessRuntime runtime) {
    return runtime.extension(Dets.class, Dets::new);
  }

  /**
   * Opens a table for the process: {@code dets:open_file/2}. The file is made if it is not there.
   * If it is open under this name, the process becomes one more user of it. It is closed when its
   * last user closes it or ends.
   *
   * @throws StoreException if the file cannot be opened, is something else or has other types, or
   *     the name is used for another table
   */
  public static <K, V> DetsTable<K, V> open(Self<?> self, DetsSpec<K, V> spec) {
    Pid pid = self.pid();
    Dets dets = of(self.runtime());
    Pid caller = self.runtime().<@Nullable Pid>operate(c -> c);
    if (caller != pid) {
      throw new IllegalStateException(
          "Table '"
              + spec.name()
              + "' was to be opened outside its process, on thread '"
              + Thread.currentThread().getName()
              + "'. It is closed when the processes that have opened it have ended: call Dets.open"
              + " in a callback or body, with its own Self.");
    }
    return dets.open(pid, spec);
  }

  private <K, V> DetsTable<K, V> open(Pid pid, DetsSpec<K, V> spec) {
    watch(pid);
    while (true) {
      Entry entry;
      boolean fresh = false;
      boolean closing;
      synchronized (lock) {
        if (!watched.contains(pid)) {
          break; // it has been ended
        }
        entry = entries.get(spec.name());
        if (entry == null) {
          entry = new Entry(spec);
          entries.put(spec.name(), entry); // I1
          fresh = true;
        } else if (!entry.spec.isSameAs(spec)) {
          throw incompatible(spec, entry);
        }
        closing = entry.closing;
        if (!closing) {
          entry.users.merge(pid, 1, Integer::sum);
        }
      }
      if (fresh) {
        begin(entry, spec);
      }
      if (!closing) {
        return opened(entry);
      }
      StoreFile.await(runtime, entry.closed);
    }
    runtime.operate(_ -> true); // says so to who has been ended
    throw new IllegalStateException("Process " + pid + " has ended");
  }

  /** Sees to it that the end of a process ends its use of tables. */
  private void watch(Pid pid) {
    boolean known;
    synchronized (lock) {
      known = !watched.add(pid);
    }
    if (!known) {
      runtime.atExit(pid, _ -> ended(pid));
    }
  }

  private static StoreException incompatible(DetsSpec<?, ?> spec, Entry entry) {
    return new StoreException(
        StoreException.Reason.INCOMPATIBLE,
        "Table '"
            + spec.name()
            + "' is open with file "
            + entry.spec.file()
            + " as a "
            + entry.spec.type()
            + " of "
            + entry.spec.key().shape()
            + " to "
            + entry.spec.value().shape()
            + ". Open it with the same, or under another name.");
  }

  private <K, V> void begin(Entry entry, DetsSpec<K, V> spec) {
    StoredTable<K, V> stored = spec.stored();
    var check =
        new StoreOpening.Check() {
          @Override
          public void fits(MVStore store) {
            stored.fits(store);
          }

          @Override
          public void whole(MVStore store) throws IOException {
            stored.whole(store);
          }
        };
    StoreFile.open(spec.file(), "dets", spec.repair(), spec.autoSave(), check)
        .thenCompose(file -> table(spec, file))
        .whenComplete(
            (table, e) -> {
              if (e != null) {
                closed(entry);
                entry.table.completeExceptionally(
                    e instanceof CompletionException c && c.getCause() != null ? c.getCause() : e);
              } else {
                entry.table.complete(table);
                table.file().ended().thenRun(() -> closed(entry)); // by its users, or it has failed
              }
            });
  }

  /** If it cannot be made, the file is closed before that is told. */
  private <K, V> CompletableFuture<DetsTable<K, V>> table(DetsSpec<K, V> spec, StoreFile file) {
    return file.submit(runtime, () -> new DetsTable<>(this, runtime, spec, file), false)
        .exceptionallyCompose(
            e -> file.close().thenCompose(_ -> CompletableFuture.failedFuture(e)));
  }

  @SuppressWarnings("unchecked") // the entry's specification is the same
  private <K, V> DetsTable<K, V> opened(Entry entry) {
    return (DetsTable<K, V>) StoreFile.await(runtime, entry.table);
  }

  // --- closing

  void close(DetsTable<?, ?> table) {
    Pid caller = runtime.<@Nullable Pid>operate(c -> c);
    Entry entry;
    synchronized (lock) {
      entry = entries.get(table.name());
      Integer count =
          entry == null || entry.table.getNow(null) != table || caller == null
              ? null
              : entry.users.get(caller);
      if (entry == null && table.file().failure() != null) {
        return; // nobody has it open any more
      }
      if (entry == null || caller == null || count == null) {
        throw new TableException(
            table.name(),
            TableException.Reason.ACCESS,
            "close: "
                + (caller == null ? "a thread that runs no process" : "process " + caller)
                + " does not have table '"
                + table.name()
                + "' open. Each process closes what it has opened.");
      }
      if (count > 1) {
        entry.users.put(caller, count - 1);
        return;
      }
    }
    if (leave(entry, caller)) {
      StoreFile.await(runtime, entry.closed);
    }
  }

  private void ended(Pid pid) {
    List<Entry> used;
    synchronized (lock) {
      watched.remove(pid);
      used = entries.values().stream().filter(entry -> entry.users.containsKey(pid)).toList();
    }
    used.forEach(entry -> leave(entry, pid));
  }

  /** Returns whether this begins to close it. */
  private boolean leave(Entry entry, Pid pid) {
    synchronized (lock) {
      if (entry.users.remove(pid) == null || !entry.users.isEmpty() || entry.closing) {
        return false;
      }
      entry.closing = true; // I2
    }
    entry.table.thenAccept(table -> table.file().close());
    return true;
  }

  private void closed(Entry entry) {
    synchronized (lock) {
      entry.closing = true;
      entries.remove(entry.spec.name(), entry);
    }
    entry.closed.complete(true);
  }

  // --- looking

  List<Pid> users(DetsTable<?, ?> table) {
    synchronized (lock) {
      Entry entry = entries.get(table.name());
      return entry == null || entry.table.getNow(null) != table
          ? List.of()
          : List.copyOf(entry.users.keySet());
    }
  }

  /** The tables that are open, by name: {@code dets:all/0}. */
  public List<DetsTable<?, ?>> all() {
    var tables = new ArrayList<DetsTable<?, ?>>();
    synchronized (lock) {
      for (Entry entry : entries.values()) {
        if (!entry.closing && entry.table.isDone() && !entry.table.isCompletedExceptionally()) {
          tables.add(entry.table.join());
        }
      }
    }
    tables.sort(Comparator.comparing(DetsTable::name));
    return tables;
  }

  /** The table that is open under a name. */
  public Optional<DetsTable<?, ?>> whereis(String name) {
    return all().stream().filter(table -> table.name().equals(name)).findAny();
  }

  /** Called by the runtime when it is closed: waits until all files are. */
  @Override
  public void close() {
    List<Entry> left;
    synchronized (lock) {
      left = List.copyOf(entries.values());
      left.forEach(entry -> entry.closing = true);
    }
    left.forEach(entry -> entry.table.thenAccept(table -> table.file().close()));
    left.forEach(entry -> StoreFile.awaitClosed(entry.closed, CLOSING));
  }
}
