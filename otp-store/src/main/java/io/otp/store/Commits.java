package io.otp.store;

import io.otp.process.ProcessRuntime;
import io.otp.table.TableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes changes of tables: those of an activity in one task of the store's thread, and so in one
 * save of the file or in none. If one fails in the middle the store takes no more work and saves
 * nothing more, so that the file has all of an activity or nothing.
 */
final class Commits {

  private final ProcessRuntime runtime;
  private final Schema schema;
  private final StoreFile file;
  private final AtomicLong activities = new AtomicLong();

  Commits(ProcessRuntime runtime, Schema schema, StoreFile file) {
    this.runtime = runtime;
    this.schema = schema;
    this.file = file;
  }

  /** What users' codecs write is written here; what the store does is returned. */
  List<MnesiaTable.Step<?, ?>> steps(Collection<Change<?, ?>> changes) {
    long id = activities.incrementAndGet();
    var steps = new ArrayList<MnesiaTable.Step<?, ?>>(changes.size());
    changes.forEach(change -> steps.add(step(change, id)));
    return steps;
  }

  private static <K, V> MnesiaTable.Step<K, V> step(Change<K, V> change, long id) {
    return change.table().step(change, id);
  }

  /** Does all steps in one task, then runs {@code after}, in any case. */
  CompletableFuture<Boolean> submit(
      List<MnesiaTable.Step<?, ?>> steps, boolean sync, Runnable after) {
    CompletableFuture<Boolean> done =
        file.submitInAnyCase(
            () -> {
              try {
                return make(steps);
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

  /** On the thread. */
  private boolean make(List<MnesiaTable.Step<?, ?>> steps) {
    for (MnesiaTable.Step<?, ?> step : steps) {
      schema.checkThere(step.table()); // who has no lock may come after its end
      step.resolve();
    }
    try {
      steps.forEach(MnesiaTable.Step::toDisc);
      steps.forEach(step -> step.toMemory(runtime));
      return true;
    } catch (TableException e) {
      if (!runtime.isAlive(schema.owner().pid())) {
        throw schema.stopped(); // memory ended; on the disk is all of it
      }
      throw file.fail(e);
    } catch (RuntimeException | Error e) {
      throw file.fail(e);
    }
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
          schema.checkThere(table);
          long next = next(table, key, increment);
          make(steps(List.of(new Change<>(table, TableEvent.Change.WRITE, key, next))));
          return next;
        });
  }

  private static <K> long next(MnesiaTable<K, Long> table, K key, long increment) {
    long now = table.memory().get(key).orElse(0L);
    try {
      return Math.max(0, Math.addExact(now, increment));
    } catch (ArithmeticException e) {
      throw new TableException(
          table.spec().name(),
          TableException.Reason.ARGUMENT,
          "dirty_update_counter: key "
              + key
              + " in table '"
              + table.spec().name()
              + "' is "
              + now
              + ", and adding "
              + increment
              + " does not fit into a long. Reset it first.");
    }
  }
}
