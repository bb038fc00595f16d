package io.otp.process;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * S1 to S6 on a model of {@link Scheduler}: the same steps under the same names, but a worker that
 * parks lets go of its thread instead, and one that is woken or started waits in {@code awake}
 * until some thread has time for it. When nobody is awake any more everything that was submitted
 * has run, every slot is idle and every searching token has been given back.
 */
class SchedulerLincheckTests {

  private static ModelCheckingOptions options() {
    return ModelChecking.options(Nothing.class).actorsBefore(1).actorsPerThread(2).actorsAfter(0);
  }

  @Test
  void nothingIsStrandedWithOneSlot() {
    options().check(OneSlot.class);
  }

  @Test
  void nothingIsStrandedWithTwoSlots() {
    options().check(TwoSlots.class);
  }

  @Test // planted: S2
  void lincheckFindsAWorkerThatLooksForTheLastTimeWhileItHasItsToken() {
    assertThatThrownBy(() -> options().check(LooksTooEarly.class))
        .isInstanceOf(LincheckAssertionError.class)
        .hasMessageContaining("nothingIsLeft has failed");
  }

  @Test // planted: S5
  void lincheckFindsAWorkerThatParksWithItsToken() {
    assertThatThrownBy(() -> options().iterations(100).check(KeepsItsToken.class))
        .isInstanceOf(LincheckAssertionError.class)
        .hasMessageContaining("nothingIsLeft has failed");
  }

  /** What a process does when it runs. */
  public enum Task {
    WAKE_ANOTHER,
    BLOCK,
    BLOCK_THEN_WAKE_ANOTHER,
    RETURN
  }

  /** The model. */
  @Param(name = "task", gen = IntGen.class, conf = "0:3")
  public abstract static class Model {
    final Slot[] slots;
    final AtomicInteger idle;
    final AtomicInteger searching = new AtomicInteger();
    private final Queue<Task> overflow = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedDeque<Worker> parked = new ConcurrentLinkedDeque<>();
    private final Queue<Worker> awake = new ConcurrentLinkedQueue<>();
    private final AtomicInteger submitted = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    Model(int parallelism) {
      slots = new Slot[parallelism];
      for (int i = 0; i < parallelism; i++) {
        slots[i] = new Slot(1 << i);
      }
      idle = new AtomicInteger((1 << parallelism) - 1);
    }

    static final class Slot {
      final int bit;
      final Queue<Task> queue = new ConcurrentLinkedQueue<>();
      final AtomicReference<@Nullable Task> next = new AtomicReference<>();
      final AtomicReference<@Nullable Worker> owner = new AtomicReference<>();

      Slot(int bit) {
        this.bit = bit;
      }

      @Nullable Task takeNext() {
        return next.get() == null ? null : next.getAndSet(null);
      }

      boolean hasWork() {
        return !queue.isEmpty() || (next.get() != null && owner.get() == null);
      }
    }

    /** Some thread sends to a process. */
    @Operation
    public void submit(@Param(name = "task") int task) {
      submit(Task.values()[task]);
    }

    private void submit(Task task) {
      submitted.incrementAndGet();
      overflow.add(task);
      wakeOne();
    }

    /** A carrier has time for a worker. */
    @Operation
    public void carry() {
      Worker worker = awake.poll();
      if (worker != null) {
        worker.run();
      }
    }

    /** The watchdog takes a slot away. */
    @Operation
    public void retake() {
      Slot slot = slots[0];
      Worker worker = slot.owner.get();
      if (worker != null
          && (slot.next.get() != null || anyWork())
          && slot.owner.compareAndSet(worker, null)) {
        setIdle(slot);
        wakeOne();
      }
    }

    @Validate
    public void nothingIsLeft() {
      for (Worker worker = awake.poll(); worker != null; worker = awake.poll()) {
        worker.run();
      }
      if (done.get() != submitted.get()) {
        throw new AssertionError(
            "stranded: " + done.get() + " of " + submitted.get() + " have run");
      }
      if (searching.get() != 0) {
        throw new AssertionError(searching.get() + " tokens are not given back");
      }
      if (Integer.bitCount(idle.get()) != slots.length) {
        throw new AssertionError(
            "slots are lost: " + Integer.toBinaryString(idle.get()) + " are idle");
      }
    }

    boolean anyWork() {
      if (!overflow.isEmpty()) {
        return true;
      }
      for (Slot slot : slots) {
        if (slot.hasWork()) {
          return true;
        }
      }
      return false;
    }

    void wakeOne() {
      if (idle.get() == 0 || searching.get() != 0 || !searching.compareAndSet(0, 1)) {
        return;
      }
      Worker worker = parked.pollFirst();
      if (worker == null) {
        awake.add(new Worker());
      } else {
        worker.searches = true;
        awake.add(worker);
      }
    }

    void setIdle(Slot slot) {
      idle.getAndUpdate(mask -> mask | slot.bit);
    }

    void release(Worker worker, Slot slot) {
      worker.slot = null;
      if (slot.owner.compareAndSet(worker, null)) {
        setIdle(slot);
      }
      worker.stopSearching(false);
    }

    /** Whether the worker is in {@code parked} or {@code awake}; else it has to look again. */
    boolean parks(Worker worker) {
      park(worker);
      return !(anyWork() && idle.get() != 0 && parked.remove(worker)); // S2
    }

    void park(Worker worker) {
      worker.stopSearching(false);
      parked.addFirst(worker);
    }

    final class Worker {
      boolean searches = true;
      @Nullable Slot slot;

      private boolean owns(@Nullable Slot s) {
        return s != null && s.owner.get() == this;
      }

      /** Until it parks. */
      void run() {
        for (; ; ) {
          Slot s = slot;
          if (!owns(s)) {
            s = acquire();
            if (s == null) {
              if (parks(this)) {
                return;
              }
              continue;
            }
          }
          Task task = find(s);
          if (task == null) {
            release(this, s);
            if (!anyWork() && parks(this)) {
              return;
            }
            continue;
          }
          stopSearching(true);
          runTask(task);
        }
      }

      private void runTask(Task task) {
        if (task == Task.BLOCK || task == Task.BLOCK_THEN_WAKE_ANOTHER) {
          beforeBlock();
          if (slot == null) {
            acquire();
          }
        }
        if (task == Task.WAKE_ANOTHER || task == Task.BLOCK_THEN_WAKE_ANOTHER) {
          submitted.incrementAndGet();
          if (!submitNext(Task.RETURN)) {
            overflow.add(Task.RETURN);
            wakeOne();
          }
        }
        done.incrementAndGet();
      }

      private @Nullable Task find(Slot s) {
        Task t;
        if ((t = s.takeNext()) != null
            || (t = s.queue.poll()) != null
            || (t = overflow.poll()) != null) {
          return t;
        }
        if (!searches) {
          searches = true;
          searching.incrementAndGet();
        }
        for (Slot other : slots) {
          if (other != s
              && ((t = other.queue.poll()) != null
                  || (other.owner.get() == null && (t = other.takeNext()) != null))) {
            return t;
          }
        }
        return null;
      }

      void stopSearching(boolean found) {
        if (searches) {
          searches = false;
          if (searching.decrementAndGet() == 0 && found && anyWork()) {
            wakeOne();
          }
        }
      }

      private boolean submitNext(Task task) {
        Slot s = slot;
        if (!owns(s)) {
          return false;
        }
        Task before = s.next.getAndSet(task);
        if (before != null) {
          s.queue.add(before);
          wakeOne();
        }
        if (s.owner.get() != this) { // S4
          Task mine = s.takeNext();
          if (mine != null) {
            overflow.add(mine);
            wakeOne();
          }
        }
        return true;
      }

      private @Nullable Slot acquire() {
        for (; ; ) {
          int mask = idle.get();
          if (mask == 0) {
            return null;
          }
          int bit = Integer.lowestOneBit(mask);
          if (idle.compareAndSet(mask, mask & ~bit)) {
            Slot s = slots[bit - 1];
            s.owner.set(this);
            slot = s;
            return s;
          }
        }
      }

      private void beforeBlock() {
        Slot s = slot;
        if (s == null) {
          return;
        }
        slot = null;
        if (s.owner.compareAndSet(this, null)) {
          setIdle(s);
          if (anyWork()) {
            wakeOne();
          }
        }
      }
    }
  }

  public static class OneSlot extends Model {
    public OneSlot() {
      super(1);
    }
  }

  public static class TwoSlots extends Model {
    public TwoSlots() {
      super(2);
    }
  }

  /** Looks whether work waits, and only then says that it searches no more. */
  public static class LooksTooEarly extends OneSlot {
    @Override
    void release(Worker worker, Slot slot) {
      boolean searches = worker.searches;
      worker.searches = false;
      super.release(worker, slot);
      worker.searches = searches;
    }

    @Override
    boolean parks(Worker worker) {
      if (anyWork() && idle.get() != 0) {
        return false;
      }
      park(worker);
      return true;
    }
  }

  /** A worker that was woken and finds no slot keeps its token while it parks. */
  public static class KeepsItsToken extends OneSlot {
    @Override
    boolean parks(Worker worker) {
      worker.searches = false;
      return super.parks(worker);
    }
  }

  /** The operations without any effect. */
  public static class Nothing {
    public void submit(int task) {}

    public void carry() {}

    public void retake() {}
  }
}
