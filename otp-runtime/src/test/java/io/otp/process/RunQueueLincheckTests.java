package io.otp.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Q1 to Q4 of {@link RunQueue}. Alone, {@code poll} may find nothing behind a producer that is
 * between its two steps, and {@code offer} no room behind such a consumer; together with {@code
 * isEmpty} and {@code size}, as the scheduler uses them, it is a queue.
 */
class RunQueueLincheckTests {

  @Test
  void isAQueueForThoseWhoAskWhetherItIsEmpty() {
    ModelChecking.options(Model.class)
        .actorsBefore(2)
        .actorsPerThread(2)
        .actorsAfter(2)
        .check(Real.class);
  }

  private static final int CAPACITY = 2;

  /** Producers and consumers on every thread. */
  @Param(name = "element", gen = IntGen.class, conf = "1:9")
  public static class Real {
    private final RunQueue<Integer> queue = new RunQueue<>(CAPACITY);

    @Operation
    public boolean offer(@Param(name = "element") int element) {
      while (!queue.offer(element)) {
        if (queue.size() >= CAPACITY) {
          return false;
        }
      }
      return true;
    }

    @Operation
    public int poll() {
      for (; ; ) {
        Integer element = queue.poll();
        if (element != null) {
          return element;
        }
        if (queue.isEmpty()) {
          return 0;
        }
      }
    }

    /** Asked alone, before a worker parks. */
    @Operation
    public boolean isEmpty() {
      return queue.isEmpty();
    }
  }

  /** The same, one after the other. */
  public static class Model {
    private final Deque<Integer> queue = new ArrayDeque<>();

    public boolean offer(int element) {
      return queue.size() < CAPACITY && queue.add(element);
    }

    public int poll() {
      return queue.isEmpty() ? 0 : queue.remove();
    }

    public boolean isEmpty() {
      return queue.isEmpty();
    }
  }
}
