package io.otp.store;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** The process that owns tables in memory, and makes them for others. */
final class TableOwner {

  /** There is something in the queue. */
  private record Look() {}

  private final ProcessRuntime runtime;
  private final Supplier<? extends RuntimeException> gone;
  private final ConcurrentLinkedQueue<Consumer<Self<?>>> queue = new ConcurrentLinkedQueue<>();
  private final Pid pid;

  /** Who waits for it; told when it ends. */
  private final Set<CompletableFuture<?>> waiting = ConcurrentHashMap.newKeySet();

  /**
   * Starts it.
   *
   * @param gone what is thrown to who asks it when it has ended
   */
  TableOwner(ProcessRuntime runtime, Supplier<? extends RuntimeException> gone) {
    this.runtime = runtime;
    this.gone = gone;
    this.pid = runtime.spawn(this::run);
    runtime.atExit(pid, _ -> waiting.forEach(this::refuse));
  }

  Pid pid() {
    return pid;
  }

  private void refuse(CompletableFuture<?> result) {
    result.completeExceptionally(gone.get());
  }

  private void run(Self<Object> self) {
    while (true) {
      self.receive();
      for (Consumer<Self<?>> work = queue.poll(); work != null; work = queue.poll()) {
        work.accept(self);
      }
    }
  }

  /** Does something in the process, and waits for it. */
  <T> T call(Function<Self<?>, T> work) {
    var result = new CompletableFuture<T>();
    queue.add(
        self -> {
          try {
            result.complete(work.apply(self));
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    waiting.add(result);
    try {
      if (!runtime.isAlive(pid)) {
        refuse(result); // it may have ended before this was among those who wait
      }
      runtime.signal(pid, new Look());
      return StoreFile.await(runtime, result);
    } finally {
      waiting.remove(result);
    }
  }
}
