package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Index to process, in chunks that are made when first needed. A freed index is used again with a
 * higher serial, so an id (serial, index) is never used twice.
 *
 * <p>Any thread uses any method. Invariants: T1 an index is owned by one process from {@code
 * allocate} to {@code free}. T2 the number of owned indexes never exceeds the limit: an index is
 * either below the high-water mark and free, and then on the free list, or owned. T3 a reader sees
 * a process whose entry it reads completely constructed (release and acquire on the cell).
 */
final class ProcessTable {

  private static final int CHUNK_BITS = 12;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Process[].class);
  private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(Chunk[].class);

  private static final class Chunk {
    final @Nullable Process[] processes = new Process[CHUNK];

    /** Serial to be used next; guarded by ownership of the index. */
    final int[] serials = new int[CHUNK];

    /** Next on the free list, by index + 1. */
    final int[] nextFree = new int[CHUNK];
  }

  private final int limit;
  private final @Nullable Chunk[] chunks;
  private final AtomicInteger highWater = new AtomicInteger();
  private final AtomicInteger count = new AtomicInteger();

  /**
   * Free list: a Treiber stack of indexes + 1 in the low half; the high half counts pops so that a
   * reused top is noticed (ABA).
   */
  private final AtomicLong free = new AtomicLong();

  ProcessTable(int limit) {
    this.limit = limit;
    this.chunks = new Chunk[(limit + CHUNK - 1) >>> CHUNK_BITS];
  }

  int limit() {
    return limit;
  }

  int count() {
    return count.get();
  }

  /** Indexes below this may be in use; those above never were. */
  int highWater() {
    return Math.min(highWater.get(), limit);
  }

  /** Returns the id of a new process, or -1 if the limit is reached. */
  long allocate() {
    int index = popFree();
    if (index < 0) {
      do {
        index = highWater.get();
        if (index >= limit) {
          index = popFree(); // one may have been freed since
          if (index < 0) {
            return -1;
          }
          break;
        }
      } while (!highWater.compareAndSet(index, index + 1));
    }
    count.incrementAndGet();
    return ((long) chunk(index).serials[index & (CHUNK - 1)] << 32) | index;
  }

  void put(Process process) {
    int index = process.index();
    CELL.setRelease(chunk(index).processes, index & (CHUNK - 1), process);
  }

  @Nullable Process get(int index) {
    if (index < 0 || index >= limit) {
      return null;
    }
    Chunk chunk = (Chunk) CHUNKS.getAcquire(chunks, index >>> CHUNK_BITS);
    return chunk == null ? null : (Process) CELL.getAcquire(chunk.processes, index & (CHUNK - 1));
  }

  /** Gives the index of an ended process free. */
  void free(Pid process) {
    int index = process.index();
    Chunk chunk = chunk(index);
    int cell = index & (CHUNK - 1);
    CELL.setRelease(chunk.processes, cell, (Process) null);
    chunk.serials[cell] = (process.serial() + 1) & Integer.MAX_VALUE;
    count.decrementAndGet();
    for (; ; ) {
      long top = free.get();
      chunk.nextFree[cell] = (int) top;
      if (free.compareAndSet(top, (top & 0xFFFFFFFF00000000L) | (index + 1))) {
        return;
      }
    }
  }

  private int popFree() {
    for (; ; ) {
      long top = free.get();
      int index = (int) top - 1;
      if (index < 0) {
        return -1;
      }
      int next =
          chunk(index)
              .nextFree[
              index & (CHUNK - 1)]; // stale if the top was popped since: then the count differs
      long counted = ((top >>> 32) + 1) << 32;
      if (free.compareAndSet(top, counted | (next & 0xFFFFFFFFL))) {
        return index;
      }
    }
  }

  private Chunk chunk(int index) {
    int i = index >>> CHUNK_BITS;
    Chunk chunk = (Chunk) CHUNKS.getAcquire(chunks, i);
    if (chunk == null) {
      chunk = new Chunk();
      Chunk before = (Chunk) CHUNKS.compareAndExchange(chunks, i, (Chunk) null, chunk);
      if (before != null) {
        chunk = before;
      }
    }
    return chunk;
  }
}
