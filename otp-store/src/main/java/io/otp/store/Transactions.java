package io.otp.store;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
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

  /** The innermost transaction of the thread, in this Mnesia. */
  private final ScopedValue<Transaction> current = ScopedValue.newInstance();

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
    if (retries < 0) {
      throw new IllegalArgumentException(
          "A transaction cannot be begun again "
              + retries
              + " times. Give 0 or more, or no number at all.");
    }
    if (current.isBound()) {
      return current.get().transaction(fun);
    }
    Pid caller = runtime.<@Nullable Pid>operate(c -> c);
    if (caller != null) {
      processes.watch(caller);
    }
    var me = new Locks.Owner(ages.incrementAndGet());
    for (int left = retries; ; left--) {
      locks.begin(me);
      var tx = new Transaction(this, me);
      T value;
      CompletableFuture<Boolean> written;
      try {
        if (caller != null) {
          enter(caller, tx);
        }
        value = within(tx, fun);
        tx.throwEnding();
        written = commit(tx, me, sync);
      } catch (Transaction.Restart e) {
        if (e.of != this) {
          throw e; // a transaction of another Mnesia around this one gives way
        }
        tx.end();
        restarts.incrementAndGet();
        if (left <= 0) {
          return new Outcome.Aborted<>(ExitReason.other("nomore"));
        }
        StoreFile.await(runtime, e.inTheWay);
        continue;
      } catch (Transaction.Abort e) {
        if (e.of.transactions() != this) {
          throw e;
        }
        return new Outcome.Aborted<>(e.reason);
      } catch (ProcessKilledError e) {
        throw e;
      } catch (Throwable e) {
        return new Outcome.Aborted<>(ExitReason.of(e));
      } finally {
        tx.end();
        tx.close();
        if (caller != null) {
          running.remove(caller, tx);
        }
      }
      StoreFile.await(runtime, written); // if it throws, the next start shows what became of it
      return new Outcome.Atomic<>(value);
    }
  }

  /** For what cannot be undone. */
  void refuseWithin() {
    if (current.isBound()) {
      throw new ProcessExit(
          ExitReason.other(new Outcome.Aborted<>(ExitReason.other("nested_transaction"))));
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
    T value = ScopedValue.where(current, tx).<T, RuntimeException>call(() -> fun.apply(tx));
    return Objects.requireNonNull(
        value,
        "The function of a transaction has returned null. Return a value, true if there is none to"
            + " tell");
  }

  /** Hands over what a transaction has written; what it throws is thrown before that. */
  private CompletableFuture<Boolean> commit(Transaction tx, Locks.Owner me, boolean sync) {
    boolean writes = !tx.changes().isEmpty();
    List<MnesiaTable.Step<?, ?>> steps = writes ? commits.steps(tx.changes()) : List.of();
    Transaction.State next = writes ? Transaction.State.COMMITTING : Transaction.State.ENDED;
    if (!tx.moveTo(Transaction.State.ACTIVE, next)) { // M1
      runtime.operate(_ -> true); // throws: only the end of the process ends it
      throw Transaction.noTransaction();
    }
    if (writes) {
      return commits.submit(steps, sync, () -> locks.release(me));
    }
    locks.release(me);
    return CompletableFuture.completedFuture(true);
  }
}
