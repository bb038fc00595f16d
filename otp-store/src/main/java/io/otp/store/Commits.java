package io.otp.store;

import io.otp.process.ProcessRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes changes of tables: those of an activity in one task of the store's thread, and so in one
 * save of the file or in none.
 */
final class Commits {

  private final ProcessRuntime runtime;
  private final StoreFile file;
  private final AtomicLong activities = new AtomicLong();

  Commits(ProcessRuntime runtime, StoreFile file) {
    this.runtime = runtime;
    this.file = file;
  }

  /** Makes changes in one task, then runs {@code after}, in any case. */
  CompletableFuture<Boolean> apply(List<Change<?, ?>> changes, boolean sync, Runnable after) {
    return submit(steps(changes), sync, after);
  }

  CompletableFuture<Boolean> submit(List<Runnable> steps, boolean sync, Runnable after) {
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
  List<Runnable> steps(List<Change<?, ?>> changes) {
    long id = activities.incrementAndGet();
    var steps = new ArrayList<Runnable>(changes.size());
    changes.forEach(change -> steps.add(step(change, id)));
    return steps;
  }

  private <K, V> Runnable step(Change<K, V> change, long id) {
    MnesiaTable.Encoded encoded = change.table().encode(change);
    return () -> change.table().apply(runtime, change, encoded, id);
  }

  /**
   * Adds to a number. See {@link Mnesia#dirtyUpdateCounter}.
   *
   * @return what the number is now
   */
  <K> long updateCounter(MnesiaTable<K, Long> table, K key, long increment) {
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
}
