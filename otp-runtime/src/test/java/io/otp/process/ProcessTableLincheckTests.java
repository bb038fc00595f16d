package io.otp.process;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * T1 and T2 of {@link ProcessTable}: an index has one owner, and as many are owned as the limit
 * allows, no fewer and no more.
 */
class ProcessTableLincheckTests {

  private static final int LIMIT = 2;

  @Test
  void indexHasOneOwnerAndIsRefusedOnlyWhenNoneIsLeft() {
    ModelChecking.options(Model.class)
        .actorsBefore(2)
        .actorsPerThread(3)
        .actorsAfter(2)
        .check(Real.class);
  }

  private static final class Id extends Pid {
    Id(long id) {
      super(id);
    }
  }

  /**
   * Each thread allocates, and frees what it allocated first: so the index that another thread has
   * seen on top of the free list may be there again while the one below it is not.
   */
  @Param(name = "thread", gen = ThreadIdGen.class)
  public static class Real {
    private final ProcessTable table = new ProcessTable(LIMIT);
    private final AtomicIntegerArray owned = new AtomicIntegerArray(LIMIT);
    private final AtomicIntegerArray serials = new AtomicIntegerArray(LIMIT);
    private final Deque<?>[] held = new Deque<?>[16];

    /** All have been owned and are free again: only then may one be taken and given back unseen. */
    public Real() {
      Id[] ids = new Id[LIMIT];
      Arrays.setAll(ids, i -> new Id(table.allocate()));
      for (Id id : ids) {
        serials.set(id.index(), id.serial() + 1);
        table.free(id);
      }
    }

    @SuppressWarnings("unchecked")
    private Deque<Id> heldBy(int thread) {
      if (held[thread] == null) {
        held[thread] = new ArrayDeque<Id>();
      }
      return (Deque<Id>) held[thread];
    }

    @Operation
    public String allocate(@Param(name = "thread") int thread) {
      long number = table.allocate();
      if (number == -1) {
        return "none left";
      }
      var id = new Id(number);
      if (owned.getAndIncrement(id.index()) != 0) {
        return id + " belongs to somebody";
      }
      if (serials.getAndSet(id.index(), id.serial() + 1) > id.serial()) {
        return id + " was there before";
      }
      heldBy(thread).add(id);
      return "allocated";
    }

    @Operation
    public String free(@Param(name = "thread") int thread) {
      Id id = heldBy(thread).poll();
      if (id == null) {
        return "nothing to free";
      }
      owned.decrementAndGet(id.index());
      table.free(id);
      return "freed";
    }

    @Validate
    public void count() {
      int count = 0;
      for (int i = 0; i < LIMIT; i++) {
        count += owned.get(i);
      }
      if (table.count() != count) {
        throw new AssertionError("counts " + table.count() + " for " + count);
      }
    }
  }

  /** The same, one after the other. */
  public static class Model {
    private final int[] held = new int[16];
    private int count;

    public String allocate(int thread) {
      if (count == LIMIT) {
        return "none left";
      }
      count++;
      held[thread]++;
      return "allocated";
    }

    public String free(int thread) {
      if (held[thread] == 0) {
        return "nothing to free";
      }
      count--;
      held[thread]--;
      return "freed";
    }
  }
}
