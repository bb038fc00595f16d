package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.ProcessRuntime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions: begins them again when they have to give way, hands over what they have
 * written, and ends them with their processes.
 */
// M1 A transaction whose state went from ACTIVE to COMMITTING is handed to the store and releases
//    its locks there; one that went to ENDED wrote nothing. Only one of the two happens.
final class Transactions {

  private static final ScopedValue<Transaction> CURRENT = ScopedValue.newInstance();

  private final ProcessRuntime runtime;
  private final Schema schema;
  private final Commits commits;
  private final Locks locks = new Locks();
  private final AtomicLong ages = new AtomicLong();
  private final AtomicLong restarts = new AtomicLong();
  private final Map<Pid, Transaction> running = new ConcurrentHashMap<>();
  private final WatchedProcesses processes;

  Transactions(ProcessRuntime runtime, Schema schema, Commits commits) {
    this.runtime = runtime;
    this.schema = schema;
    this.commits = commits;
    this.processes = new WatchedProcesses(runtime, this::ended);
  }

  ProcessRuntime runtime() {
    return runtime;
  }

  Schema schema() {
    return schema;
  }

  Locks locks() {
    return locks;
  }

  /** How often one was begun again. */
  long restarts() {
    return restarts.get();
  }

  /** See {@link Mnesia#transaction}. */
  <T> Outcome<T> run(Function<? super Activity, ? extends T> fun, int retries, boolean sync) {
    if (CURRENT.isBound() && CURRENT.get().transactions() == this) {
      return CURRENT.get().transaction(fun);
    }
    Pid caller = runtime.<@Nullable Pid>operate(c -> c);
    if (caller != null) {
      processes.watch(caller);
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

  private void ended(Pid pid) {
    Transaction tx = running.remove(pid);
    if (tx != null) {
      tx.end();
    }
  }

  private void enter(Pid pid, Transaction tx) {
    running.put(pid, tx);
    if (!processes.isWatched(pid)) {
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
    List<Runnable> steps = commits.steps(changes);
    if (!tx.moveTo(Transaction.State.ACTIVE, Transaction.State.COMMITTING)) { // M1
      runtime.operate(_ -> true); // throws: only the end of the process ends it
      throw Transaction.noTransaction();
    }
    CompletableFuture<Boolean> done = commits.submit(steps, sync, () -> locks.release(me));
    StoreFile.await(runtime, done);
  }
}
