package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs behaviours. As many {@link Slot}s as cores decide how many run at once; a slot is driven by
 * whichever {@link Worker} owns it. Workers are virtual threads and there are as many as are
 * needed: one that is about to block gives its slot away.
 *
 * <p>Where a runnable process waits: in the {@code next} place of a slot (the process that was
 * woken last, run first while its data is warm), in the slot's ring, or in {@code overflow}, which
 * anybody may add to.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>S1 A slot has at most one owner; {@code owner} changes only by compare-and-set from null to
 *       the worker that cleared the slot's bit in {@code idle}, and from that worker to null; then
 *       the bit is set again.
 *   <li>S2 If a process waits and a slot is idle, then a worker is searching, or is on its way to
 *       look at the queues once more before it parks, or a submitter is on its way to wake one.
 *       Argument: a submitter publishes the process and only then reads {@code idle} and {@code
 *       searching}; a worker sets its idle bit and gives up its searching token and only then looks
 *       at the queues (Dekker; both sides are volatile accesses).
 *   <li>S3 The {@code next} place of an owned slot belongs to the owner and is not stolen (else
 *       idle workers spin for what its owner takes at once anyway); that of a slot without owner
 *       may be taken by any worker.
 *   <li>S4 A worker that put a process into {@code next} and then finds that it has lost the slot
 *       takes it back out.
 *   <li>S5 Every searching token is given back: by finding work (the last one then wakes another
 *       worker if more work waits), by parking, or by ending.
 *   <li>S6 A worker drives the slot that its {@code slot} names, if that slot names it as owner,
 *       and no other: while it runs a process it may give one slot away and get another. However it
 *       ends, the slot it drives then is given back.
 * </ul>
 *
 * The protocol is that of Go's scheduler, without preemption; see docs/design/engine.md.
 */
final class Scheduler implements AutoCloseable {

  /** Messages a process may handle before others get their turn. */
  static final int BUDGET = 128;

  /** How often in a row the process woken last may go first. */
  private static final int MAX_NEXTS = 16;

  /** Activations of a worker's life; thread locals of what it ran die with it. */
  static final long RETIREMENT = 100_000;

  private static final VarHandle NEXT;
  private static final VarHandle OWNER;

  static {
    try {
      NEXT = MethodHandles.lookup().findVarHandle(Slot.class, "next", Process.class);
      OWNER = MethodHandles.lookup().findVarHandle(Slot.class, "owner", Worker.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Slot[] slots;
  private final AtomicLong idle;
  private final AtomicInteger searching = new AtomicInteger();
  private final ConcurrentLinkedQueue<Process> overflow = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedDeque<Worker> parked = new ConcurrentLinkedDeque<>();
  private final AtomicInteger workers = new AtomicInteger();
  private final int keptWorkers;
  private final long retirement;
  private final @Nullable Runnable afterActivation;
  private volatile boolean closed;
  private volatile @Nullable Runnable onBusy;

  /**
   * @param parallelism how many slots, 1 to 64
   * @param retirement activations of a worker's life
   * @param afterActivation run on the worker's thread after each activation, to clear what the
   *     process left in thread locals
   */
  Scheduler(int parallelism, long retirement, @Nullable Runnable afterActivation) {
    this.retirement = retirement;
    slots = new Slot[parallelism];
    for (int i = 0; i < parallelism; i++) {
      slots[i] = new Slot(i);
    }
    idle = new AtomicLong(parallelism == 64 ? -1L : (1L << parallelism) - 1);
    keptWorkers = 4 * parallelism + 16;
    this.afterActivation = afterActivation;
  }

  /**
   * Called when a slot becomes busy after all were idle; the watchdog sleeps while nothing runs.
   */
  void onBusy(Runnable action) {
    onBusy = action;
  }

  /** A place from which one worker at a time runs processes. */
  static final class Slot {
    final int index;
    final RunQueue<Process> queue = new RunQueue<>();
    volatile @Nullable Process next;
    volatile @Nullable Worker owner;

    /** Written by the owner, read by the watchdog. */
    private long activations;

    Slot(int index) {
      this.index = index;
    }

    private @Nullable Process takeNext() {
      return next == null ? null : (Process) NEXT.getAndSet(this, (Process) null);
    }

    private boolean hasWork() {
      return !queue.isEmpty() || (next != null && owner == null);
    }

    /** Whether its owner is not running a process, and so about to look for one. */
    private boolean isBetweenProcesses() {
      Worker worker = owner;
      return worker != null && worker.process() == null;
    }
  }

  /** Makes {@code process} run. It must not be in any queue already. */
  void schedule(Process process) {
    if (process.needsOwnThread()) {
      runOnOwnThread(process);
      return;
    }
    if (Seat.current() instanceof Worker worker
        && worker.scheduler() == this
        && worker.submit(process)) {
      return;
    }
    overflow.add(process);
    wakeOne();
  }

  /**
   * For behaviours that block in foreign code or rely on thread locals: a fresh thread per
   * activation, no slot.
   */
  private void runOnOwnThread(Process process) {
    workers.incrementAndGet();
    Thread.ofVirtual()
        .name("otp-own-" + process.index())
        .start(
            () -> {
              try {
                var seat = new Seat(Thread.currentThread());
                Seat.bind(seat);
                seat.samples = process.runtime.instruments().isSampleByChance();
                while (process.activate(seat, BUDGET)) {
                  Thread.yield();
                }
                seat.end();
              } finally {
                workers.decrementAndGet();
              }
            });
  }

  private boolean anyWork() {
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

  /** S2, the submitter's side: call it after work has been published. */
  private void wakeOne() {
    if (idle.get() == 0 || searching.get() != 0 || !searching.compareAndSet(0, 1)) {
      return;
    }
    Worker worker = parked.pollFirst();
    if (worker == null) {
      new Worker().start();
    } else {
      worker.wake();
    }
  }

  private void setIdle(Slot slot) {
    idle.getAndAccumulate(1L << slot.index, (mask, bit) -> mask | bit);
  }

  /**
   * Takes the slot of {@code worker}, which seems stuck, away from it if work waits; returns
   * whether it did.
   */
  boolean retake(Slot slot, Worker worker) {
    if (!(slot.next != null || anyWork()) || !OWNER.compareAndSet(slot, worker, (Worker) null)) {
      return false;
    }
    setIdle(slot);
    wakeOne();
    return true;
  }

  /**
   * Whether work waits, a slot is idle and nobody seems to be about to take it: fine for a moment,
   * a lost wake-up if it lasts.
   */
  boolean isStranded() {
    if (idle.get() == 0 || searching.get() != 0 || !anyWork()) {
      return false;
    }
    for (Slot slot : slots) {
      if (slot.isBetweenProcesses()) {
        return false;
      }
    }
    return true;
  }

  /** For the watchdog, should S2 ever fail. */
  void rescue() {
    wakeOne();
  }

  /** Changes whenever a worker runs a process. */
  long progress() {
    long sum = 0;
    for (Slot slot : slots) {
      sum += slot.activations;
    }
    return sum;
  }

  /** Whether there is anything that clears thread locals. */
  boolean clears() {
    return afterActivation != null;
  }

  /** Clears what a process left in the thread locals of the current thread. */
  void afterActivation(ProcessRuntime runtime) {
    Runnable cleaner = afterActivation;
    if (cleaner == null) {
      return;
    }
    try {
      cleaner.run();
    } catch (RuntimeException | Error e) {
      runtime.internalError("the cleaner of thread locals", e);
    }
  }

  boolean isIdle() {
    return Long.bitCount(idle.get()) == slots.length;
  }

  int busySlots() {
    return slots.length - Long.bitCount(idle.get());
  }

  int runQueueSize() {
    int size = overflow.size();
    for (Slot slot : slots) {
      size += slot.queue.size() + (slot.next == null ? 0 : 1);
    }
    return size;
  }

  int workers() {
    return workers.get();
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker = parked.pollFirst(); worker != null; worker = parked.pollFirst()) {
      searching.incrementAndGet();
      worker.wake();
    }
  }

  /** A thread that drives a slot. */
  final class Worker extends Seat implements Runnable {

    // own thread
    private boolean searches = true; // it starts with the token of whoever started it
    private int nexts;
    private long activations;
    private int unsampledActivations;
    private CounterTable.@Nullable Cells counted;
    private @Nullable Slot slot;

    // written by own thread, read by the watchdog: changes whenever the worker makes progress
    volatile long progress;
    volatile boolean blockedByUs;

    private volatile boolean woken;

    Scheduler scheduler() {
      return Scheduler.this;
    }

    void start() {
      workers.incrementAndGet();
      thread = Thread.ofVirtual().name("otp-worker").unstarted(this);
      thread.start();
    }

    private boolean owns(Slot s) {
      return s.owner == this;
    }

    /** The index of the slot this worker drives, -1 if none. */
    int slotIndex() {
      Slot s = slot;
      return s != null && owns(s) ? s.index : -1;
    }

    @Override
    public void run() {
      Seat.bind(this);
      try {
        while (!closed) {
          Slot s = slot;
          if (s == null || !owns(s)) {
            s = acquire();
            if (s == null) {
              if (!parkUntilWoken()) {
                return;
              }
              continue;
            }
          }
          Process process = find(s);
          if (process == null) {
            release(s);
            if (!anyWork() && !parkUntilWoken()) {
              return;
            }
            continue;
          }
          stopSearching(true);
          run(process, s);
          if (activations >= retirement) {
            return; // a fresh worker takes over; its thread locals are fresh too
          }
          if ((activations & 63) == 0) {
            Thread.yield(); // raw processes share our carriers
          }
        }
      } finally {
        leave();
      }
    }

    private void run(Process process, Slot s) {
      if (process.needsOwnThread()) {
        runOnOwnThread(process);
        return;
      }
      progress = ++activations;
      s.activations++;
      if (--unsampledActivations < 0) {
        Instruments instruments = process.runtime.instruments();
        unsampledActivations = instruments.every() - 1;
        samples = instruments.isSampling();
      }
      boolean again = process.activate(this, BUDGET);
      afterActivation(process.runtime);
      if (again) {
        submitAgain(process);
      }
    }

    @Override
    void count(BehaviourCounters counters, int messages) {
      CounterTable.Cells cells = counted;
      if (cells == null) {
        counted = cells = counters.table.open();
      }
      cells.add(counters.index, messages);
    }

    /** The process has used up its budget: behind all that waits. */
    private void submitAgain(Process process) {
      Slot s = slot; // S6: not the one it was taken from
      if (s == null || s.owner != this || !s.queue.offer(process)) {
        overflow.add(process);
        wakeOne();
      } else if (s.next != null || s.queue.size() > 1) {
        wakeOne(); // we shall run something else first: others may help
      }
    }

    private @Nullable Process find(Slot s) {
      Process p;
      if ((activations & 63) == 63 && (p = overflow.poll()) != null) {
        return p;
      }
      if (nexts < MAX_NEXTS && (p = s.takeNext()) != null) {
        nexts++;
        return p;
      }
      nexts = 0;
      if ((p = s.queue.poll()) != null
          || (p = s.takeNext()) != null
          || (p = overflow.poll()) != null) {
        return p;
      }
      if (!searches) {
        searches = true;
        searching.incrementAndGet();
      }
      for (Slot other : slots) {
        if (other != s
            && ((p = other.queue.poll()) != null
                || (other.owner == null && (p = other.takeNext()) != null))) {
          return p;
        }
      }
      return null;
    }

    /** S5. */
    private void stopSearching(boolean found) {
      if (searches) {
        searches = false;
        if (searching.decrementAndGet() == 0 && found && anyWork()) {
          wakeOne();
        }
      }
    }

    /**
     * Puts a process that this worker's process has woken where it runs next; {@code false} if this
     * worker has no slot.
     */
    private boolean submit(Process process) {
      Slot s = slot;
      if (s == null || !owns(s)) {
        return false;
      }
      Process before = (Process) NEXT.getAndSet(s, process);
      if (before != null) {
        if (!s.queue.offer(before)) {
          overflow.add(before);
        }
        wakeOne();
      }
      if (s.owner != this) { // S4
        Process mine = s.takeNext();
        if (mine != null) {
          overflow.add(mine);
          wakeOne();
        }
      }
      return true;
    }

    private @Nullable Slot acquire() {
      for (; ; ) {
        long mask = idle.get();
        if (mask == 0) {
          return null;
        }
        int index = Long.numberOfTrailingZeros(mask);
        if (idle.compareAndSet(mask, mask & ~(1L << index))) {
          Slot s = slots[index];
          s.owner = this; // S1: the bit was ours alone
          slot = s;
          Runnable busy = onBusy;
          if (busy != null && Long.bitCount(mask) == slots.length) {
            busy.run();
          }
          return s;
        }
      }
    }

    /** Gives the slot back; afterwards the caller must look at the queues once more (S2). */
    private void release(Slot s) {
      slot = null;
      if (OWNER.compareAndSet(s, this, (Worker) null)) {
        setIdle(s);
      }
      stopSearching(false);
    }

    /** The end of this worker, S5 and S6. */
    private void leave() {
      if (counted != null) {
        counted.close();
      }
      Slot s = slot;
      if (s != null) {
        release(s);
      } else {
        stopSearching(false);
      }
      workers.decrementAndGet();
      end();
      if (anyWork() && !closed) {
        wakeOne();
      }
    }

    /** Returns {@code false} if this worker is not needed any more. */
    private boolean parkUntilWoken() {
      stopSearching(false);
      woken = false;
      parked.addFirst(this);
      if ((closed || (anyWork() && idle.get() != 0)) && parked.remove(this)) { // S2
        return true;
      }
      if (workers.get() > keptWorkers && parked.remove(this)) {
        return false; // whoever published work since has seen us gone or looks at another worker
      }
      while (!woken) {
        LockSupport.park(this);
      }
      return true;
    }

    /** The caller has taken this worker out of {@code parked} and hands it a searching token. */
    private void wake() {
      searches = true; // read by the worker after `woken`
      woken = true;
      LockSupport.unpark(thread);
    }

    @Override
    void beforeBlock() {
      blockedByUs = true;
      Slot s = slot;
      if (s == null) {
        return;
      }
      slot = null;
      if (OWNER.compareAndSet(s, this, (Worker) null)) {
        setIdle(s);
        if (anyWork()) {
          wakeOne();
        }
      }
    }

    @Override
    void afterBlock() {
      progress = ++activations;
      blockedByUs = false;
      if (slot == null) {
        // Without a slot the callback goes on all the same; the carriers bound how many do.
        acquire();
      }
    }
  }
}
