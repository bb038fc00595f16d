package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A bounded first-in first-out queue of runnable processes for many producers and many consumers: Vyukov's array queue. Each cell's
 * sequence number says whose turn it is: equal to the ticket of the producer that may fill it, one more for the consumer that may
 * empty it.
 *
 * <p>Invariants: Q1 what {@code offer} accepted is polled exactly once. Q2 {@code offer} fails only if {@link #CAPACITY} places
 * were taken at some moment during the call. Q3 the edge from producer to consumer is the release of the cell's sequence number.
 */
final class RunQueue {

  static final int CAPACITY = 1024;

  private static final int MASK = CAPACITY - 1;
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

  private final @Nullable Process[] cells = new Process[CAPACITY];
  private final long[] sequence = new long[CAPACITY];

  // consumers and producers write these; the gap keeps them on different cache lines
  private volatile long head;

  @SuppressWarnings("unused")
  private long gap1, gap2, gap3, gap4, gap5, gap6, gap7;

  private volatile long tail;

  RunQueue() {
    for (int i = 0; i < CAPACITY; i++) {
      sequence[i] = i;
    }
  }

  boolean isEmpty() {
    return head >= tail;
  }

  int size() {
    return (int) Math.max(0, tail - head);
  }

  /** Adds {@code process}, or returns {@code false} if the queue is full. */
  boolean offer(Process process) {
    for (; ; ) {
      long ticket = tail;
      int cell = (int) ticket & MASK;
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
  @Nullable Process poll() {
    for (; ; ) {
      long ticket = head;
      int cell = (int) ticket & MASK;
      long turn = (long) SEQUENCE.getAcquire(sequence, cell);
      if (turn == ticket + 1) {
        if (HEAD.compareAndSet(this, ticket, ticket + 1)) {
          Process process = cells[cell];
          cells[cell] = null;
          SEQUENCE.setRelease(sequence, cell, ticket + CAPACITY);
          return process;
        }
      } else if (turn < ticket + 1) {
        return null;
      }
    }
  }
}
