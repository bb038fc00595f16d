package io.otp.store;

import io.otp.process.ProcessRuntime;
import io.otp.store.disk.OrderedFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of MVStore and the one thread that uses it.
 *
 * <p>An interrupt closes a {@code FileChannel} for everybody, and the end of a process is an
 * interrupt. So no process reads or writes: it gives a task to the thread and waits; what it was
 * told is done, it stays done. Tasks run one after another, each whole.
 *
 * <p>What tasks change is in memory until it is saved: MVStore writes it behind what is there and
 * makes it valid by a header and a footer, the footer last ({@link OrderedFile}), so that a file is
 * at any time, also after a loss of power, what it was after one of its saves. Every save is forced
 * before the next one. It is saved when somebody asks, when {@code autoSave} has passed since the
 * first change, when {@link #BUFFER} bytes have changed, and when it is closed.
 */
// Threads. The store's own: `store` and all maps. Any: `queue`, `failure`.
// I1 A task is answered, or answered with an exception, once and always: what is in the queue when
//    the thread ends is answered by it, and nothing is put in after `ended`.
// I2 A task that asks to be durable is answered after a save that came after it.
final class StoreFile {

  private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);

  /** Tasks that wait; who has another one waits too. */
  static final int QUEUE = 1_024;

  /** Changes that are saved together at most, in bytes. */
  static final int BUFFER = 16 << 20;

  /** Tasks that are saved together at most. */
  private static final int BATCH = 256;

  /** How often a save also makes the file smaller. */
  private static final int COMPACT_EVERY = 64;

  private record Task<T extends @Nullable Object>(
      Supplier<T> work, boolean durable, CompletableFuture<T> result) {

    /** Runs it; returns what tells its result. */
    Runnable run() {
      try {
        T value = work.get();
        return () -> result.complete(value);
      } catch (Throwable t) {
        return () -> result.completeExceptionally(t);
      }
    }
  }

  private final Path path;
  private final Duration autoSave;
  private final MVStore store;
  private final boolean repaired;
  private final BlockingQueue<Task<?>> queue = new ArrayBlockingQueue<>(QUEUE);
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private volatile boolean closing;
  private volatile @Nullable StoreException failure;
  private int saves;
  private long firstChange;
  private boolean changed;

  /** On the thread, before each save. */
  private final List<Runnable> beforeSave = new ArrayList<>();

  private StoreFile(Path path, Duration autoSave, StoreOpening.Opened opened) {
    this.path = path;
    this.autoSave = autoSave;
    this.store = opened.store();
    this.repaired = opened.repaired();
  }

  /**
   * Opens a file, makes it if it is not there. What is returned completes with a {@link
   * StoreException} if that fails.
   *
   * @param kind what is in it, {@code dets} or {@code mnesia}
   * @param repair what to do if it was not closed
   * @param check whether it is what its user wants, and can be read
   */
  static CompletableFuture<StoreFile> open(
      Path path, String kind, Repair repair, Duration autoSave, StoreOpening.Check check) {
    return start(path, autoSave, () -> new StoreOpening(path, kind, check).open(repair));
  }

  /** A store that is in memory only, with the thread of one. */
  static CompletableFuture<StoreFile> inMemory(String name) {
    return start(Path.of(name), Duration.ofDays(1), StoreOpening::inMemory);
  }

  private static CompletableFuture<StoreFile> start(
      Path path, Duration autoSave, Supplier<StoreOpening.Opened> opening) {
    var opened = new CompletableFuture<StoreFile>();
    Thread.ofPlatform()
        .daemon()
        .name("otp-store-" + path.getFileName())
        .start(
            () -> {
              StoreFile file;
              try {
                file = new StoreFile(path, autoSave, opening.get());
              } catch (Throwable t) {
                opened.completeExceptionally(t);
                return;
              }
              opened.complete(file);
              file.run();
            });
    return opened;
  }

  Path path() {
    return path;
  }

  boolean wasRepaired() {
    return repaired;
  }

  /** On the thread: the maps. */
  MVStore store() {
    return store;
  }

  /** On the thread: a map of bytes. */
  MVMap<byte[], byte[]> map(String name) {
    return StoreOpening.map(store, name);
  }

  /** On the thread: what the file says of itself. */
  Map<String, String> header() {
    return StoreOpening.header(store);
  }

  /** On the thread: runs {@code action} before each save. */
  void beforeSave(Runnable action) {
    beforeSave.add(action);
  }

  // --- tasks

  /**
   * Runs a task and waits for it.
   *
   * @throws StoreException if the store is closed or the disk refuses
   */
  <T extends @Nullable Object> T call(ProcessRuntime runtime, Supplier<T> work) {
    return await(runtime, submit(runtime, work, false));
  }

  /** The same; returns when it is on the disk, with all that came before it. */
  <T extends @Nullable Object> T callDurably(ProcessRuntime runtime, Supplier<T> work) {
    return await(runtime, submit(runtime, work, true));
  }

  /** On the disk when this returns: all that was done before. */
  void sync(ProcessRuntime runtime) {
    callDurably(runtime, () -> true);
  }

  /** Hands a task over; waits while the queue is full. */
  <T extends @Nullable Object> CompletableFuture<T> submit(
      ProcessRuntime runtime, Supplier<T> work, boolean durable) {
    return submit(work, durable, () -> stopIfKilled(runtime));
  }

  /** The same, for a task that must be done even if the calling process has been ended. */
  <T extends @Nullable Object> CompletableFuture<T> submitInAnyCase(
      Supplier<T> work, boolean durable) {
    return submit(work, durable, () -> {});
  }

  private <T extends @Nullable Object> CompletableFuture<T> submit(
      Supplier<T> work, boolean durable, Runnable onInterrupt) {
    var task = new Task<>(work, durable, new CompletableFuture<T>());
    boolean offered = false;
    boolean interrupted = false;
    try {
      while (!offered && !closing) {
        try {
          offered = queue.offer(task, 1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
          onInterrupt.run();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (!offered || ended.isDone()) {
      queue.remove(task);
      task.result().completeExceptionally(closed()); // I1
    }
    return task.result();
  }

  /** Waits whatever interrupts come, unless they mean that the calling process has been ended. */
  static <T extends @Nullable Object> T await(ProcessRuntime runtime, CompletableFuture<T> result) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          stopIfKilled(runtime);
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void stopIfKilled(ProcessRuntime runtime) {
    runtime.operate(_ -> true);
  }

  private static RuntimeException rethrown(@Nullable Throwable cause) {
    switch (cause) {
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      case null, default -> throw new IllegalStateException(cause);
    }
  }

  /** How many tasks wait. */
  int waiting() {
    return queue.size();
  }

  private StoreException closed() {
    StoreException why = failure;
    return why != null
        ? why
        : new StoreException(
            StoreException.Reason.CLOSED, "Store " + path + " has been closed; open it again.");
  }

  // --- the thread

  private void run() {
    var batch = new ArrayList<Task<?>>(BATCH);
    try {
      while (!closing || !queue.isEmpty()) {
        batch.clear();
        Task<?> first = queue.poll(patience(), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH - 1);
        }
        runAll(batch);
        if (changed && System.nanoTime() - firstChange >= autoSave.toNanos()) {
          save();
        }
      }
      closeStore();
    } catch (Throwable t) {
      fail(t);
    } finally {
      ended.complete(true);
      closing = true;
      batch.forEach(task -> task.result().completeExceptionally(closed())); // I1
      for (Task<?> left = queue.poll(); left != null; left = queue.poll()) {
        left.result().completeExceptionally(closed());
      }
    }
  }

  private long patience() {
    return changed
        ? Math.max(1, autoSave.toNanos() - (System.nanoTime() - firstChange))
        : TimeUnit.SECONDS.toNanos(60);
  }

  private void runAll(List<Task<?>> batch) {
    var durable = new ArrayList<Runnable>();
    for (Task<?> task : batch) {
      if (failure != null) {
        task.result().completeExceptionally(closed());
        continue;
      }
      Runnable tell = task.run();
      noticeChange();
      if (task.durable()) {
        durable.add(tell);
      } else {
        tell.run();
      }
      if (store.isClosed()) {
        fail(store.getPanicException());
      } else if (store.getUnsavedMemory() >= BUFFER) {
        save();
      }
    }
    if (!durable.isEmpty()) {
      save();
      if (failure == null) {
        durable.forEach(Runnable::run); // I2
      } else {
        batch.forEach(task -> task.result().completeExceptionally(closed()));
      }
    }
  }

  private void noticeChange() {
    if (!changed && !store.isClosed() && store.hasUnsavedChanges()) {
      changed = true;
      firstChange = System.nanoTime();
    }
  }

  private void save() {
    if (!changed || failure != null) {
      return;
    }
    try {
      beforeSave.forEach(Runnable::run);
      if (++saves % COMPACT_EVERY == 0) {
        store.compact(50, BUFFER);
      }
      StoreOpening.save(store);
      changed = false;
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void closeStore() {
    if (failure == null) {
      changed = true;
      beforeSave.forEach(Runnable::run);
      header().put(StoreOpening.STATE, StoreOpening.CLOSED);
      save();
    }
    if (!store.isClosed()) {
      store.close();
    }
  }

  /**
   * On the thread: takes no more work and saves nothing more, for what is in memory may be half of
   * something.
   *
   * @return what is told to who asks it for something
   */
  StoreException fail(@Nullable Throwable cause) {
    StoreException known = failure;
    if (known != null) {
      return known;
    }
    var error =
        cause instanceof MVStoreException
            ? cause
            : new IllegalStateException(String.valueOf(cause), cause);
    var why =
        new StoreException(
            StoreException.Reason.IO,
            "Store "
                + path
                + " has failed and takes no more work: "
                + error.getMessage()
                + ". What was synced is in the file. See to the disk, then open the store again.",
            error);
    failure = why;
    closing = true;
    LOG.error("Store {} has failed", path, error);
    store.closeImmediately();
    return why;
  }

  // --- the end

  /** Completes when it has been closed, or has failed. */
  CompletableFuture<Boolean> ended() {
    return ended;
  }

  /** Why it takes no more work, {@code null} if it does or was closed. */
  @Nullable StoreException failure() {
    return failure;
  }

  /** Begins to close it, after all that was handed over; what comes now is refused. */
  CompletableFuture<Boolean> close() {
    closing = true;
    queue.offer(new Task<>(() -> true, false, new CompletableFuture<>())); // wakes the thread
    return ended;
  }

  boolean isClosed() {
    return closing;
  }

  /** Waits for the end of a store that is being closed. */
  static boolean awaitClosed(CompletableFuture<Boolean> ended, Duration limit) {
    try {
      return ended.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // not ended
    }
    return false;
  }
}
