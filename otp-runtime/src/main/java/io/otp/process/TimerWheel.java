package io.otp.process;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timers of a runtime: a hierarchical timing wheel per stripe.
 *
 * {@snippet :
 * final class CallTimeout extends TimerWheel.Timer {
 *   @Override
 *   protected void expire() {
 *     call.timeOut();
 *   }
 * }
 * wheel.schedule(timeout, clock.nanoTime() + Duration.ofSeconds(5).toNanos());
 * boolean neverExpires = wheel.cancel(timeout);
 * }
 *
 * <p><b>Time.</b> Deadlines are nanoseconds since the wheel was made; a <em>tick</em> is 2^20 of
 * them, about a millisecond. There are {@value #LEVELS} levels of {@value #SLOTS} buckets: a bucket
 * of level 0 holds one tick, one of level n holds 64^n ticks. A timer lies in the level of the
 * highest 6-bit digit in which the tick of its deadline differs from the current tick, in the
 * bucket with that digit. When the current tick comes to a bucket above level 0 its timers move
 * down. Eight levels cover every positive {@code long} of nanoseconds, 292 years, so there is no
 * overflow list.
 *
 * <p><b>Stripes.</b> A timer is armed in the stripe of the thread that arms it, so that workers
 * rarely meet on a lock or a cache line. {@link #cancel} unlinks at once, under the lock of the
 * stripe the timer lies in: nothing cancelled is retained, and timers armed and cancelled leave no
 * work for the wheel's thread. Refused: a lock-free inbox drained by that thread; it keeps
 * cancelled timers and what they refer to until then, has to wake the thread to stay bounded, and
 * costs as many atomic operations as two short locks that nobody else wants.
 *
 * <p><b>Threads.</b> Any thread arms and cancels. With a clock that runs by itself, one daemon
 * thread expires; it sleeps until the next tick in which a timer can be due, and for ever if none
 * is armed. With a clock that is moved by hand ({@link RuntimeClock#onAdvance}) there is no thread
 * and one stripe: who moves the clock expires everything due, <em>in order</em> of the deadlines.
 *
 * <p><b>Invariants.</b>
 *
 * <ul>
 *   <li><b>I1 Word.</b> A timer's {@code word} is IDLE, or its deadline with the number of its
 *       stripe in the low bits. Only the holder of a stripe's lock makes a word name the stripe or
 *       stop naming it. Without a lock, a word may only be replaced by one with the same stripe and
 *       a later deadline.
 *   <li><b>I2 Linked.</b> Only a timer whose word names a stripe is linked in it: it is linked
 *       after the word was set, and unlinked before the word becomes IDLE, since then another
 *       stripe may link it. While nobody holds the lock of a stripe, every timer whose word names
 *       it is linked. The links of a linked timer belong to the holder of the lock.
 *   <li><b>I3 Once.</b> An arming ends by exactly one atomic replacement of the word: by {@code
 *       schedule}, which moves it, or to IDLE by {@code cancel}, {@code close} or expiry; who
 *       replaced it for expiry calls {@code expire} once. What happens before {@code schedule}
 *       happens before {@code expire}, since both replace the same word.
 *   <li><b>I4 Not later.</b> A timer's bucket begins no later than the tick of its deadline, or is
 *       that of the current tick. So a later deadline leaves it where it is, and who finds a timer
 *       too early in its bucket links it again.
 *   <li><b>I5 Digits.</b> Every occupied bucket begins after the current tick, but for that of the
 *       current tick in level 0, and one above it while its timers are moved down. {@code first} is
 *       the latter or else the former, and the current tick moves only when it is empty; then the
 *       lowest occupied level holds the earliest bucket.
 *   <li><b>I6 Never early.</b> A timer expires only with a deadline not after a limit that the
 *       clock has reached. The thread's limit is the end of the last tick that has passed entirely,
 *       so it is late by less than a tick plus the time it takes to get a processor.
 *   <li><b>I7 Woken.</b> While the thread sleeps, {@code wake} is not after the tick of the
 *       deadline of any armed timer whose {@code schedule} has returned. See {@link #lowerWake}.
 *   <li><b>I8 Ends.</b> The thread's pass over the stripes ends: in a stripe that it has come to,
 *       {@code floor}, which it does not reach, replaces a deadline that has passed. No lock is
 *       held for more than {@value #HOLD} timers, except by {@code close}.
 *   <li><b>I9 Sorted.</b> In order, the buckets of level 0 are sorted by deadline, the first armed
 *       first, and every replacement of a word is made under the lock.
 *   <li><b>I10 Closed.</b> After {@code close} returned no timer is armed and, unless {@code
 *       expire} called it, none is expiring.
 * </ul>
 *
 * <p>The number of armed timers is unbounded; {@link #armed} shows it. A timer is an object of 32
 * bytes, a stripe takes 2.3 KB.
 *
 * <p>Unlike in OTP, where a timer dies with its process, its owner cancels it.
 *
 * @see <a href="https://doi.org/10.1145/37499.37504">Varghese and Lauck, Hashed and hierarchical
 *     timing wheels (1987)</a>
 * @see <a href="https://github.com/erlang/otp/blob/master/erts/emulator/beam/time.c">time.c of
 *     OTP</a>
 */
final class TimerWheel implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TimerWheel.class);

  static final int TICK_SHIFT = 20;

  /** Nanoseconds of a tick. */
  static final long TICK = 1L << TICK_SHIFT;

  static final int LEVELS = 8;

  static final int SLOTS = 64;

  private static final int DIGIT_SHIFT = 6;

  /** Timers handled in one hold of a lock. */
  static final int HOLD = 64;

  private static final int MAX_STRIPES = 256;

  /** The latest deadline: room for the end of its tick, and no stripe in it. */
  private static final long LATEST = Long.MAX_VALUE - 2 * TICK & -MAX_STRIPES;

  /** The word of a timer that is not armed. */
  private static final long IDLE = -1;

  /** {@link #wake} while the thread will yet look at every stripe before it sleeps. */
  private static final long AWAKE = Long.MIN_VALUE;

  /** A tick that does not come. */
  private static final long NEVER = Long.MAX_VALUE;

  private static final long CLOSE_SECONDS = 10;

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Timer.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final RuntimeClock clock;
  private final String name;
  private final long start;

  /** Whether the clock is moved by hand. */
  private final boolean inOrder;

  private final Stripe[] stripes;

  /** The bits of a word that number the stripe. */
  private final long mask;

  /** I7: the last tick the thread sleeps through. */
  final AtomicLong wake = new AtomicLong(AWAKE);

  private final @Nullable Thread thread;

  /** Held while expiring in order. */
  private final ReentrantLock advancing = new ReentrantLock();

  /** Set at the end of the constructor: the clock may be moved earlier. */
  private volatile boolean open;

  /**
   * Something to be done at a time, unless cancelled before. A timer belongs to one wheel; it can
   * be armed again after it expired or was cancelled.
   */
  abstract static class Timer {
    /** I1. */
    private volatile long word = IDLE;

    /** The ring of the bucket, of this timer alone if it is not linked. */
    private Timer next = this;

    private Timer previous = this;

    private int bucket;

    /**
     * Called once for each arming that reached its deadline, by the wheel's thread or by who moved
     * the clock. Must be short and not block; may arm and cancel timers, this one too. What it
     * throws is logged.
     *
     * <p>A {@code cancel} or {@code schedule} that returned {@code false} may have come just too
     * late: then this is still to be called, or is running, for the arming before.
     */
    protected abstract void expire();
  }

  /**
   * Creates a wheel, which must be closed.
   *
   * @param threadName the name of its thread, and of the wheel in messages
   */
  TimerWheel(RuntimeClock clock, String threadName) {
    this(clock, threadName, 4 * Runtime.getRuntime().availableProcessors());
    if (thread != null) {
      thread.start();
    }
  }

  /**
   * For tests: does not start the thread, {@link #pass} does its work.
   *
   * @param minStripes rounded up to a power of two; at most 256 and, in order, 1
   */
  TimerWheel(RuntimeClock clock, String threadName, int minStripes) {
    this.clock = clock;
    name = threadName;
    start = clock.nanoTime();
    inOrder = clock.onAdvance(this::advance);
    int most = inOrder ? 1 : Math.clamp(minStripes, 1, MAX_STRIPES);
    stripes = new Stripe[Integer.highestOneBit(2 * most - 1)];
    Arrays.setAll(stripes, Stripe::new);
    mask = stripes.length - 1;
    thread = inOrder ? null : Thread.ofPlatform().daemon().name(threadName).unstarted(this::run);
    open = true;
  }

  /**
   * Arms {@code timer}, or moves it if it is armed. With a clock moved by hand, a deadline that has
   * passed expires when the clock is moved next.
   *
   * @param deadlineNanos as of {@link RuntimeClock#nanoTime()}; one that is more than 146 years
   *     before the wheel was made is taken for a sum that overflowed, and does not come
   * @return whether it was armed: if so, its former arming never expires
   * @throws IllegalStateException if the wheel is closed and the timer not armed
   */
  boolean schedule(Timer timer, long deadlineNanos) {
    long at = sinceStart(deadlineNanos);
    for (; ; ) {
      long word = timer.word;
      long tick;
      if (word == IDLE) {
        tick = stripeOfThread().arm(timer, at);
      } else if (at >= deadline(word) && !inOrder) { // I9
        if (WORD.compareAndSet(timer, word, at | word & mask)) { // I1, I4: it stays linked
          return true;
        }
        continue;
      } else {
        tick = stripeOf(word).move(timer, at);
      }
      if (tick != NEVER) {
        lowerWake(tick);
        return word != IDLE;
      }
      // Another thread armed or disarmed it meanwhile: look again. Only its success makes us fail.
    }
  }

  /**
   * Disarms {@code timer} and releases it at once.
   *
   * @return {@code true} if it was armed, and {@code expire} will never be called for that arming;
   *     {@code false} if it was not: {@code expire} may have been called, or be about to be
   */
  boolean cancel(Timer timer) {
    for (; ; ) {
      long word = timer.word;
      if (word == IDLE) {
        return false;
      }
      if (stripeOf(word).disarm(timer)) {
        return true;
      }
    }
  }

  /** Returns how long an armed timer has left, 0 if it is due, -1 if it is not armed. */
  long remainingNanos(Timer timer) {
    long word = timer.word;
    return word == IDLE ? -1 : Math.max(0, deadline(word) - now());
  }

  /** Returns the number of armed timers. Stripes are counted one after the other. */
  long armed() {
    long armed = 0;
    for (Stripe stripe : stripes) {
      armed += stripe.armed();
    }
    return armed;
  }

  /**
   * Disarms all timers and ends the thread. Waits for an {@code expire} that is running, unless it
   * is the caller, but not longer than 10 seconds and not when interrupted.
   */
  @Override
  public void close() {
    open = false;
    for (Stripe stripe : stripes) {
      stripe.close(); // I10: who takes the lock after this sees that the wheel is not open
    }
    try {
      if (!awaitExpiring()) {
        log.warn("An expire() of timer wheel '{}' blocks; closed without waiting for it", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitExpiring() throws InterruptedException {
    if (Thread.currentThread() == thread || advancing.isHeldByCurrentThread()) {
      return true;
    }
    if (thread != null) {
      LockSupport.unpark(thread);
      thread.join(SECONDS.toMillis(CLOSE_SECONDS));
      return !thread.isAlive();
    }
    if (advancing.tryLock(CLOSE_SECONDS, SECONDS)) {
      advancing.unlock();
      return true;
    }
    return false;
  }

  // Time

  private long now() {
    return clock.nanoTime() - start;
  }

  /** As a deadline for a word: not negative, and rounded up so that the bits of the mask are 0. */
  private long sinceStart(long deadlineNanos) {
    long since = deadlineNanos - start;
    if (since < Long.MIN_VALUE / 2 || since > LATEST) {
      return LATEST;
    }
    return Math.max(0, since) + mask & ~mask;
  }

  private long deadline(long word) {
    return word & ~mask;
  }

  // The thread

  private void run() {
    while (open) {
      pass();
      sleep();
    }
  }

  /** Expires what is due and finds out how long there is nothing to do. */
  void pass() {
    wake.set(AWAKE);
    expireUntil((now() & -TICK) - 1); // I6
    wake.set(NEVER); // before the locks are taken again: I7
    for (Stripe stripe : stripes) {
      long tick = stripe.firstTick();
      wake.accumulateAndGet(tick, Math::min);
    }
  }

  private void expireUntil(long limit) {
    var batch = new @Nullable Timer[HOLD];
    for (Stripe stripe : stripes) {
      int claimed;
      do {
        claimed = stripe.claim(limit, batch);
        for (int i = 0; i < claimed && open; i++) { // I10
          expire(batch[i]);
        }
        Arrays.fill(batch, 0, claimed, null);
      } while (claimed == batch.length);
    }
  }

  /** Sleeps until the tick {@link #wake} has passed. It may be lowered meanwhile. */
  private void sleep() {
    while (open) {
      long tick = wake.get();
      if (tick == NEVER) {
        LockSupport.park(this);
      } else {
        long nanos = (tick + 1 << TICK_SHIFT) - now();
        if (nanos <= 0) {
          return;
        }
        LockSupport.parkNanos(this, nanos);
      }
      Thread.interrupted(); // an expire() may have set it, and nobody could park
    }
  }

  /**
   * Keeps I7 for a timer just given a deadline in {@code tick}. The caller has released the lock of
   * the timer's stripe, which the thread takes after it set {@code wake} to NEVER and before it
   * sleeps. There are two cases:
   *
   * <ul>
   *   <li>The thread takes the lock after the caller released it: it sees the timer.
   *   <li>The thread took the lock before: then it had set {@code wake} before the caller reads it
   *       here, so the caller does not read AWAKE. It lowers {@code wake} unless it is low enough,
   *       and unparks the thread, which reads {@code wake} between any two parks.
   * </ul>
   *
   * <p>Cancelling does not raise it. So the thread may wake up for nothing, but once at most for a
   * tick; timers that are armed and cancelled all the time, each a little later, do not wake it
   * each time.
   */
  private void lowerWake(long tick) {
    for (long sleeping = wake.get(); tick < sleeping; sleeping = wake.get()) {
      if (wake.compareAndSet(sleeping, tick)) {
        LockSupport.unpark(thread);
        return;
      }
    }
  }

  // A clock moved by hand

  private void advance() {
    if (!open || advancing.isHeldByCurrentThread()) {
      return; // moved by an expire(): the loop below reads the clock after each
    }
    advancing.lock();
    try {
      var due = new @Nullable Timer[1]; // one by one: what an expire() cancels must not be claimed
      while (stripes[0].claim(now(), due) == 1) {
        expire(due[0]);
      }
    } finally {
      advancing.unlock();
    }
  }

  private void expire(@Nullable Timer claimed) {
    Timer timer = Objects.requireNonNull(claimed);
    try {
      timer.expire();
    } catch (Throwable e) {
      logThrown(timer, e);
    }
  }

  /** Nothing may end the thread that expires, not even a logger. */
  private void logThrown(Timer timer, Throwable thrown) {
    try {
      if (open) {
        log.error("Timer {} of timer wheel '{}' threw from expire()", timer, name, thrown);
      }
    } catch (Throwable _) {
      return;
    }
  }

  // Stripes

  private Stripe stripeOf(long word) {
    return stripes[(int) (word & mask)];
  }

  private Stripe stripeOfThread() {
    // Fibonacci hashing: neighbouring thread ids, as the workers have, go to different stripes.
    long hash = Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L;
    return stripes[(int) (hash >>> 56 & mask)];
  }

  /**
   * A wheel and its lock, which guards all of its fields. Not padded: between the locks of two
   * stripes lie the buckets of one.
   */
  private final class Stripe {
    private final ReentrantLock lock = new ReentrantLock();
    private final int number;

    /** The first timers of the buckets, level by level. */
    private final @Nullable Timer[] heads = new @Nullable Timer[LEVELS * SLOTS];

    /** A bit for each occupied bucket, a word for each level. */
    private final long[] occupied = new long[LEVELS];

    private long armed;

    /** Every timer due before this tick has been claimed. */
    private long current;

    /** I5: the bucket to be emptied before the current tick moves. */
    private int first;

    /** I8: the earliest deadline that is armed. */
    private long floor;

    Stripe(int number) {
      this.number = number;
    }

    /** Returns the tick {@code timer} is due in, or NEVER if it was armed already. */
    long arm(Timer timer, long deadline) {
      lock.lock();
      try {
        if (!open) {
          throw new IllegalStateException(
              "Timer wheel '" + name + "' is closed: no timer can be armed any more");
        }
        long at = Math.max(deadline, floor);
        if (!WORD.compareAndSet(timer, IDLE, at | number)) { // I1: another stripe may want it
          return NEVER;
        }
        armed++;
        link(timer, at);
        return at >> TICK_SHIFT;
      } finally {
        lock.unlock();
      }
    }

    /** Returns the tick {@code timer} is due in now, or NEVER if it is not armed in this stripe. */
    long move(Timer timer, long deadline) {
      lock.lock();
      try {
        long at = Math.max(deadline, floor);
        long word;
        do {
          word = timer.word;
          if (!isMine(word)) {
            return NEVER;
          }
        } while (!WORD.compareAndSet(timer, word, at | number)); // I1: it may be moved without lock
        if (at < deadline(word) || timer.bucket < SLOTS) { // I4, I9
          unlink(timer);
          link(timer, at);
        }
        return at >> TICK_SHIFT;
      } finally {
        lock.unlock();
      }
    }

    /** Returns whether {@code timer} was armed in this stripe. */
    boolean disarm(Timer timer) {
      lock.lock();
      try {
        if (!isMine(timer.word)) {
          return false;
        }
        unlink(timer);
        armed--;
        timer.word = IDLE; // I2: last; I3: whatever a move without lock made of it
        return true;
      } finally {
        lock.unlock();
      }
    }

    /** I1: while the lock is held, the answer does not change. */
    private boolean isMine(long word) {
      return word != IDLE && (word & mask) == number;
    }

    /**
     * Disarms due timers and puts them in {@code batch} for the caller, who holds no lock, to
     * expire. If it is not filled, nothing else is due.
     */
    int claim(long limit, @Nullable Timer[] batch) {
      long last = limit >> TICK_SHIFT;
      int claimed = 0;
      lock.lock();
      try {
        if (!inOrder) {
          floor = limit + 1;
        }
        for (int handled = 1; claimed < batch.length && current <= last; handled++) {
          if (handled % HOLD == 0) {
            lock.unlock(); // I8; I1 to I5 hold here, and nothing is remembered from before
            lock.lock();
          }
          Timer timer = heads[first];
          if (timer == null) {
            if (!moveOn(last)) {
              break;
            }
            continue;
          }
          long word = timer.word;
          long at = deadline(word);
          if (first >= SLOTS || at > limit) {
            if (inOrder && first < SLOTS) {
              break; // I9: the others are not due either
            }
            unlink(timer); // down, or to where a later deadline belongs: I4
            link(timer, at);
            continue;
          }
          unlink(timer);
          if (WORD.compareAndSet(timer, word, IDLE)) { // I2: last
            armed--;
            batch[claimed++] = timer;
          } else {
            link(timer, deadline(timer.word)); // I1: it was given a later deadline
          }
        }
        return claimed;
      } finally {
        lock.unlock();
      }
    }

    /** Goes on from {@code first}, which is empty, if there is more to do up to {@code last}. */
    private boolean moveOn(long last) {
      if (first >= SLOTS) {
        first = digit(current, 0);
        return true;
      }
      int bucket = firstOccupied();
      long tick = bucket < 0 ? NEVER : beginOf(bucket);
      if (tick > last && current == last) {
        return false;
      }
      first = tick > last ? digit(last, 0) : bucket;
      current = Math.min(tick, last);
      return true;
    }

    /** Returns the first tick with something to do, NEVER if there is none. */
    long firstTick() {
      lock.lock();
      try {
        int bucket = firstOccupied();
        return bucket < 0 ? NEVER : beginOf(bucket);
      } finally {
        lock.unlock();
      }
    }

    /** I5. */
    private int firstOccupied() {
      for (int level = 0; level < LEVELS; level++) {
        if (occupied[level] != 0) {
          return level * SLOTS + Long.numberOfTrailingZeros(occupied[level]);
        }
      }
      return -1;
    }

    private long beginOf(int bucket) {
      int shift = bucket / SLOTS * DIGIT_SHIFT;
      return (current >>> shift & -SLOTS | bucket % SLOTS) << shift;
    }

    private static int digit(long tick, int level) {
      return (int) (tick >>> level * DIGIT_SHIFT) & SLOTS - 1;
    }

    private void link(Timer timer, long at) {
      long tick = Math.max(at >> TICK_SHIFT, current); // earlier only in order
      int level = (63 - Long.numberOfLeadingZeros(tick ^ current | 1)) / DIGIT_SHIFT;
      int bucket = level * SLOTS + digit(tick, level);
      timer.bucket = bucket;
      Timer head = heads[bucket];
      if (head == null) {
        heads[bucket] = timer;
        occupied[level] |= 1L << bucket;
        return;
      }
      Timer after = head.previous;
      if (inOrder && level == 0) {
        while (deadline(after.word) > at) { // I9
          if (after == head) {
            heads[bucket] = timer;
            after = head.previous;
            break;
          }
          after = after.previous;
        }
      }
      timer.previous = after;
      timer.next = after.next;
      after.next.previous = timer;
      after.next = timer;
    }

    private void unlink(Timer timer) {
      int bucket = timer.bucket;
      Timer next = timer.next;
      if (next == timer) {
        heads[bucket] = null;
        occupied[bucket / SLOTS] &= ~(1L << bucket);
        return;
      }
      if (heads[bucket] == timer) {
        heads[bucket] = next;
      }
      next.previous = timer.previous;
      timer.previous.next = next;
      timer.next = timer; // it must not keep its neighbours
      timer.previous = timer;
    }

    long armed() {
      lock.lock();
      try {
        return armed;
      } finally {
        lock.unlock();
      }
    }

    void close() {
      lock.lock();
      try {
        for (int bucket = 0; bucket < heads.length; bucket++) {
          for (Timer timer = heads[bucket]; timer != null; timer = heads[bucket]) {
            unlink(timer);
            timer.word = IDLE; // I2: last
          }
        }
        armed = 0;
      } finally {
        lock.unlock();
      }
    }
  }
}
