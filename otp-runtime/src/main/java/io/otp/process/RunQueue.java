package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A bounded first-in first-out queue of runnable processes for many producers and many consumers:
 * Vyukov's array queue. Each cell's sequence number says whose turn it is: equal to the ticket of
 * the producer that may fill it, one more for the consumer that may empty it.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Q1 What {@code offer} accepted is polled exactly once, in the order of the tickets.
 *   <li>Q2 {@code offer} fails only if the place that is next was taken: the queue was full, or a
 *       consumer is between its two steps, a whole round behind.
 *   <li>Q3 The edge from producer to consumer, and from consumer to producer, is the release of the
 *       cell's sequence number.
 *   <li>Q4 {@code isEmpty} is true only if at some moment during the call every ticket that was
 *       drawn had been polled. So what is offered is seen from the moment its ticket is drawn, even
 *       while {@code poll} cannot have it yet: who polled nothing and then finds the queue not
 *       empty has to poll again, and will soon succeed.
 * </ul>
 */
final class RunQueue<T> {

  static final int CAPACITY = 1024;

  private static final VarHandle HEAD;
  private static final VarHandle TAIL;
  private static final VarHandle SEQUENCE = MethodHandles.arrayElementVarHandle(long[].class);

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(RunQueue.class, "head", long.class);
      TAIL = MethodHandles.lookup().findVarHandle(RunQueue.class, "tail", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Object[] cells;
  private final long[] sequence;

  // consumers and producers write these; the gap keeps them on different cache lines
  private volatile long head;

  @SuppressWarnings("unused")
  private long gap1, gap2, gap3, gap4, gap5, gap6, gap7;

  private volatile long tail;

  RunQueue() {
    this(CAPACITY);
  }

  /**
   * @param capacity a power of two, at least 2
   */
  RunQueue(int capacity) {
    cells = new Object[capacity];
    sequence = new long[capacity];
    for (int i = 0; i < capacity; i++) {
      sequence[i] = i;
    }
  }

  /** Q4: {@code head}, which only grows, is read first. */
  boolean isEmpty() {
    return head >= tail;
  }

  int size() {
    return (int) Math.max(0, tail - head);
  }

  /** Adds {@code process}, or returns {@code false} if the queue is full. */
  boolean offer(T process) {
    long[] sequence = this.sequence;
    for (; ; ) {
      long ticket = tail;
      int cell = (int) ticket & (sequence.length - 1);
      long turn = (long) SEQUENCE.getAcquire(sequence, cell);
      if (turn == ticket) {
        if (TAIL.compareAndSet(this, ticket, ticket + 1)) {
          cells[cell] = process;
          SEQUENCE.setRelease(sequence, cell, ticket + 1);
          return true;
        }
      } else if (turn < ticket) {
        return false;
      }
    }
  }

  /** Takes the oldest, or returns {@code null} if the queue is empty. */
  @SuppressWarnings("unchecked") // only offer fills cells
  @Nullable T poll() {
    long[] sequence = this.sequence;
    for (; ; ) {
      long ticket = head;
      int cell = (int) ticket & (sequence.length - 1);
      long turn = (long) SEQUENCE.getAcquire(sequence, cell);
      if (turn == ticket + 1) {
        if (HEAD.compareAndSet(this, ticket, ticket + 1)) {
          T process = (T) cells[cell];
          cells[cell] = null;
          SEQUENCE.setRelease(sequence, cell, ticket + sequence.length);
          return process;
        }
      } else if (turn < ticket + 1) {
        return null;
      }
    }
  }
}
