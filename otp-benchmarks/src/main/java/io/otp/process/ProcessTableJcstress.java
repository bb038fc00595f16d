package io.otp.process;

import static io.otp.process.StressedProcesses.behaviour;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * T1 and T3 of {@link ProcessTable}. One table for the whole JVM: it is too large to be made for
 * each try.
 */
public class ProcessTableJcstress {

  private static final int LIMIT = 4;
  private static final ProcessTable TABLE = new ProcessTable(LIMIT);
  private static final AtomicIntegerArray OWNERS = new AtomicIntegerArray(LIMIT);

  private static final class Id extends Pid {
    Id(long id) {
      super(id);
    }
  }

  /** Returns whether somebody else owned one of them. */
  private static int allocateAndFree() {
    Id one = allocate();
    Id two = allocate();
    int shared = own(one) + own(two);
    free(one);
    Id three = allocate();
    shared += own(three);
    free(two);
    free(three);
    return shared;
  }

  private static Id allocate() {
    long id = TABLE.allocate();
    return id == -1 ? null : new Id(id);
  }

  private static int own(Id id) {
    return id != null && OWNERS.getAndIncrement(id.index()) != 0 ? 1 : 0;
  }

  private static void free(Id id) {
    if (id != null) {
      OWNERS.decrementAndGet(id.index());
      TABLE.free(id);
    }
  }

  /** T1, with every index freed and taken again all the time. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "each index had one owner")
  @Outcome(expect = FORBIDDEN, desc = "two processes with one index")
  @State
  public static class Owners {

    @Actor
    public void first(II_Result r) {
      r.r1 = allocateAndFree();
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = allocateAndFree();
    }
  }

  /** T3. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "not there yet")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "there, and complete")
  @Outcome(expect = FORBIDDEN, desc = "seen before it was complete")
  @State
  public static class Reader {
    private static final ProcessTable SHARED = new ProcessTable(4096);

    @Actor
    public void starter() {
      SHARED.put(new Process(StressedProcesses.RUNTIME, 7, behaviour(), Origin.NONE));
    }

    @Actor
    public void reader(I_Result r) {
      Process process = SHARED.get(7);
      r.r1 =
          process == null
              ? 0
              : process.runtime != null && process.origin() != null && process.behaviour != null
                  ? 1
                  : 2;
      SHARED.free(new Id(7));
    }
  }
}
