package io.otp.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that looks after what cannot look after itself: slots whose callback blocks or
 * computes while others wait, processes that were killed and do not notice, callbacks that take
 * long. Sleeps while nothing runs.
 *
 * <p>Invariants: W1 a process is reaped not before {@link #GRACE} after it was handed over, which
 * is after its {@code exit} was set (P2). W2 whoever hands over work while the thread sleeps wakes
 * it ({@code asleep} is set before the thread looks for work a last time). W3 a wake-up that the
 * scheduler lost, should S2 ever fail, is found within {@link #STRANDED} and one {@link
 * #LONGEST_SLEEP}, and counted.
 */
final class Watchdog implements Runnable, AutoCloseable {

  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SHORTEST_TICK = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(1);

  /** A callback that runs longer, or a zombie that lasts longer, is named in the log. */
  private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long SLOW_REPORT_INTERVAL = TimeUnit.MINUTES.toNanos(1);

  /**
   * For how long nothing ran although something could: a submitter may be between its two steps,
   * but not so long.
   */
  static final long STRANDED = TimeUnit.MILLISECONDS.toNanos(100);

  /** It would sleep for ever while nothing runs, if nobody ever lost a wake-up (W3). */
  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(1);

  private record Doomed(Process process, long since) {}

  /** A dead process whose code goes on; {@code module} is what it ran. */
  private static final class Zombie {
    final Process process;
    final String module;
    final long since;
    boolean reported;

    Zombie(Process process, String module, long since) {
      this.process = process;
      this.module = module;
      this.since = since;
    }
  }

  private final ProcessRuntime runtime;
  private final Scheduler scheduler;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Doomed> incoming = new ConcurrentLinkedQueue<>();
  private volatile boolean asleep;
  private volatile boolean closed;

  // own thread
  private final List<Doomed> doomed = new ArrayList<>();
  private final List<Zombie> zombies = new ArrayList<>();
  private final long[] lastProgress;
  private final long[] stuckSince;
  private final Stranding stranding = new Stranding();

  // read by others
  private volatile int zombieCount;
  private volatile long retaken;
  private volatile long rescued;
  private volatile long slow;

  Watchdog(ProcessRuntime runtime, Scheduler scheduler, String name) {
    this.runtime = runtime;
    this.scheduler = scheduler;
    this.lastProgress = new long[scheduler.slots.length];
    this.stuckSince = new long[scheduler.slots.length];
    scheduler.onBusy(this::wake);
    thread = Thread.ofPlatform().daemon().name(name).start(this);
  }

  /** Sees to the publication of the death of {@code process}. */
  void watch(Process process) {
    incoming.add(new Doomed(process, System.nanoTime()));
    wake();
  }

  private void wake() {
    if (asleep) { // W2
      asleep = false;
      LockSupport.unpark(thread);
    }
  }

  int zombies() {
    return zombieCount;
  }

  long retaken() {
    return retaken;
  }

  /** Wake-ups that the scheduler lost; S2 says never. */
  long rescued() {
    return rescued;
  }

  long slowCallbacks() {
    return slow;
  }

  @Override
  public void run() {
    long tick = TICK;
    while (!closed) {
      if (nothingToDo()) {
        asleep = true;
        if (nothingToDo() && !closed) {
          LockSupport.parkNanos(this, LONGEST_SLEEP);
        }
        asleep = false;
      } else {
        LockSupport.parkNanos(this, tick);
      }
      try {
        boolean stuck = lookAfterSlots();
        lookAfterDoomed();
        tick = stuck ? Math.max(SHORTEST_TICK, tick / 2) : Math.min(TICK, tick * 2);
      } catch (RuntimeException e) {
        runtime.internalError("watchdog", e);
      }
    }
  }

  private boolean nothingToDo() {
    return incoming.isEmpty()
        && doomed.isEmpty()
        && zombies.isEmpty()
        && scheduler.isIdle()
        && !scheduler.isStranded();
  }

  /** Returns whether a slot had to be taken away from its worker. */
  private boolean lookAfterSlots() {
    boolean any = false;
    for (Scheduler.Slot slot : scheduler.slots) {
      Scheduler.Worker worker = slot.owner;
      if (worker == null) {
        lastProgress[slot.index] = -1;
        continue;
      }
      long progress = worker.progress;
      Process process = worker.process();
      long now = System.nanoTime();
      if (progress != lastProgress[slot.index] || process == null) {
        lastProgress[slot.index] = progress;
        stuckSince[slot.index] = now;
        continue;
      }
      if (now - stuckSince[slot.index] > SLOW) {
        slowCallback(process, now);
        stuckSince[slot.index] = now;
      }
      boolean blocked = isBlockedInForeignCode(worker);
      if (scheduler.retake(slot, worker)) {
        any = true;
        retaken++;
        if (blocked && worker.progress == progress && worker.process() == process) {
          learnBlocking(process);
        }
      }
    }
    rescue();
    return any;
  }

  private void rescue() {
    if (stranding.lasts(scheduler.isStranded(), scheduler.progress(), System.nanoTime())) {
      rescued++;
      scheduler.rescue();
    }
  }

  /** For how long nothing has run although something could. Owned by the watchdog's thread. */
  static final class Stranding {
    private boolean seen;
    private long activations;
    private long since;

    /**
     * One more look: what was not seen before begins now, since the watchdog may have slept in
     * between.
     *
     * @return whether it has lasted too long to be a submitter between its two steps; then the next
     *     time is counted from now
     */
    boolean lasts(boolean stranded, long progress, long now) {
      boolean goesOn = stranded && seen && progress == activations;
      seen = stranded;
      activations = progress;
      if (goesOn && now - since <= STRANDED) {
        return false;
      }
      since = now;
      return goesOn;
    }
  }

  private static boolean isBlockedInForeignCode(Scheduler.Worker worker) {
    if (worker.blockedByUs || !worker.isInUserCode()) {
      return false;
    }
    Thread.State state = worker.thread.getState();
    return state != Thread.State.RUNNABLE
        && state != Thread.State.TERMINATED
        && !worker.blockedByUs;
  }

  private static void learnBlocking(Process process) {
    Behaviour behaviour = process.behaviour;
    if (behaviour != null) {
      behaviour.module().learnBlocking();
    }
  }

  private void slowCallback(Process process, long now) {
    slow++;
    Behaviour behaviour = process.behaviour;
    if (behaviour == null) {
      return;
    }
    CallbackModule module = behaviour.module();
    if (module.slowReportedAt == Long.MIN_VALUE
        || now - module.slowReportedAt > SLOW_REPORT_INTERVAL) {
      module.slowReportedAt = now;
      runtime.slowCallback(process, module, SLOW);
    }
  }

  private void lookAfterDoomed() {
    for (Doomed d = incoming.poll(); d != null; d = incoming.poll()) {
      doomed.add(d);
    }
    long now = System.nanoTime();
    doomed.removeIf(
        d -> {
          if (now - d.since < GRACE) { // W1
            return false;
          }
          String module = d.process.callbackModule().name();
          boolean done = d.process.reap();
          if (done && d.process.isZombie()) {
            zombies.add(new Zombie(d.process, module, d.since));
          }
          return done;
        });
    zombies.removeIf(zombie -> !zombie.process.isZombie());
    zombieCount = zombies.size();
    for (Zombie zombie : zombies) {
      if (!zombie.reported && now - zombie.since > SLOW) {
        zombie.reported = true;
        runtime.zombie(zombie.process, zombie.module, SLOW);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  @Nullable Thread thread() {
    return thread;
  }
}
