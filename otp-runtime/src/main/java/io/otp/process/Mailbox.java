package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of a process, and what is known of whether the process has to be woken: both are one
 * word, so that one compare-and-set enqueues a message and tells the sender who must run the
 * receiver.
 *
 * <p>{@code head} is a Treiber stack of what was sent since the consumer last looked. Its bottom is
 * one of
 *
 * <ul>
 *   <li>{@code null}: the process is scheduled, running, or about to look again;
 *   <li>{@link #IDLE}: it runs on demand and is not scheduled; the sender that replaces this
 *       schedules it;
 *   <li>{@link #WAITING}: its own thread is parked in a receive; the sender that replaces this
 *       unparks the thread;
 *   <li>{@link #DEAD}: it has ended; nothing is ever added again.
 * </ul>
 *
 * The sentinels never have a node above them: a push replaces them. {@code first} to {@code last}
 * is the consumer's own queue, in order of arrival, and also the save queue of a selective receive.
 *
 * <p>Threads: any thread pushes; one consumer at a time polls. Who the consumer is changes only
 * with a happens-before edge (the run queue, or the compare-and-set on {@code head} itself).
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>M1 Every node that {@code push} accepted is polled exactly once, or is part of what {@code
 *       close} and the consumer's own queue return at death.
 *   <li>M2 The nodes of one sender are polled in the order in which it pushed them.
 *   <li>M3 For each transition to IDLE or WAITING exactly one push sees that sentinel; it, and
 *       nobody else, wakes the process. No push that came after the transition is left without a
 *       wake-up.
 *   <li>M4 After {@code close} every push is told DEAD.
 * </ul>
 *
 * The happens-before edge from sender to receiver is the compare-and-set of {@code push} read by
 * the swap in {@code refill}.
 */
abstract class Mailbox extends Pid {

  /** A message on its way. A {@link Request} is its own node. */
  static class Node {

    /** A message that is no call and no cast: what {@code !} sends. */
    static final int INFO = 0;

    static final int CAST = 1;
    static final int CALL = 2;

    /** Exit, down and the like: not counted, never refused by a bound. */
    static final int SIGNAL = 3;

    final Object message;
    @Nullable Node next;

    /** A message that no bound sees: what a timer sends, a request of the runtime's own. */
    private static final int UNBOUNDED = 4;

    private static final int FLAGS = 7;
    private static final int DEPTH_SHIFT = 3;

    /**
     * Kind and flag in the low bits; above them how many counted nodes this one and those below it
     * are.
     */
    private int meta;

    Node(Object message, int kind) {
      this.message = message;
      this.meta = kind;
    }

    final int kind() {
      return meta & 3;
    }

    /** Before it is pushed. */
    final Node unbounded() {
      meta |= UNBOUNDED;
      return this;
    }

    /** Whether it takes a place where the mailbox is bounded. */
    final boolean isBounded() {
      return kind() != SIGNAL && (meta & UNBOUNDED) == 0;
    }

    private static int depth(@Nullable Node node) {
      return node == null ? 0 : node.meta >>> DEPTH_SHIFT;
    }
  }

  /** A signal whose sender wants to know when it leaves the mailbox. */
  static final class Receipted extends Node {
    private final Runnable taken;

    Receipted(Object message, Runnable taken) {
      super(message, SIGNAL);
      this.taken = taken;
    }

    void taken() {
      taken.run();
    }
  }

  static final Node IDLE = new Node("idle", Node.SIGNAL);
  static final Node WAITING = new Node("waiting", Node.SIGNAL);
  static final Node DEAD = new Node("dead", Node.SIGNAL);

  private static final VarHandle HEAD;

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(Mailbox.class, "head", Node.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // any thread
  private volatile @Nullable Node head;

  // owned by the consumer; `queued` is read by anybody, as an estimate
  @Nullable Node first;
  @Nullable Node last;
  private int queued;

  Mailbox(long id) {
    super(id);
  }

  /**
   * Adds {@code node} and returns what was there: IDLE and WAITING oblige the caller to wake the
   * process, DEAD means not added.
   */
  final @Nullable Node push(Node node) {
    int flags = node.meta & Node.FLAGS;
    int unit = node.kind() == Node.SIGNAL ? 0 : 1 << Node.DEPTH_SHIFT;
    for (; ; ) {
      Node h = head;
      if (h == DEAD) {
        return DEAD;
      }
      if (h == null || h == IDLE || h == WAITING) {
        node.next = null;
        node.meta = unit | flags;
      } else {
        node.next = h;
        node.meta = ((h.meta & ~Node.FLAGS) + unit) | flags;
      }
      if (HEAD.compareAndSet(this, h, node)) {
        return h;
      }
    }
  }

  /** The oldest node, or {@code null}. Consumer only. */
  final @Nullable Node poll() {
    Node n = first;
    if (n == null) {
      n = refill();
      if (n == null) {
        return null;
      }
    }
    unlinkFirst(n);
    return n;
  }

  private void unlinkFirst(Node n) {
    first = n.next;
    if (first == null) {
      last = null;
    }
    n.next = null; // else an old node keeps the whole queue behind it alive
    if (n.kind() != Node.SIGNAL) {
      queued--;
    }
  }

  /** Puts {@code node} before all that waits. Consumer only. */
  final void putFirst(Node node) {
    node.next = first;
    first = node;
    if (last == null) {
      last = node;
    }
    if (node.kind() != Node.SIGNAL) {
      queued++;
    }
  }

  /**
   * Moves what was sent behind the consumer's own queue and returns the oldest of what was moved.
   * Consumer only.
   */
  final @Nullable Node refill() {
    Node h = head;
    if (h == null || h == DEAD) {
      return null;
    }
    return moveOwn((Node) HEAD.getAndSet(this, (Node) null));
  }

  /**
   * As {@link #refill}, for a sender that holds the lock under which the consumer uses its own
   * queue: the process may be idle or ended, and then stays so.
   */
  final void refillForSender() {
    for (; ; ) {
      Node h = head;
      if (h == null || h == DEAD || h == IDLE || h == WAITING) {
        return;
      }
      if (HEAD.compareAndSet(this, h, (Node) null)) {
        moveOwn(h);
        return;
      }
    }
  }

  private @Nullable Node moveOwn(Node moved) {
    Node newest = moved;
    Node h = moved;
    queued += Node.depth(h);
    Node oldest = null;
    while (h != null) {
      Node older = h.next;
      h.next = oldest;
      oldest = h;
      h = older;
    }
    if (last == null) {
      first = oldest;
    } else {
      last.next = oldest;
    }
    last = newest;
    return oldest;
  }

  /**
   * Takes {@code node} out of the consumer's own queue; {@code before} is its predecessor there.
   * Consumer only.
   */
  final void unlink(@Nullable Node before, Node node) {
    if (before == null) {
      unlinkFirst(node);
      return;
    }
    before.next = node.next;
    if (last == node) {
      last = before;
    }
    node.next = null;
    if (node.kind() != Node.SIGNAL) {
      queued--;
    }
  }

  /**
   * Becomes {@code sentinel} if nothing was sent since the last refill; from then on the next push
   * wakes the process. Consumer only; after {@code true} the caller is the consumer no longer.
   */
  final boolean rest(Node sentinel) {
    return HEAD.compareAndSet(this, null, sentinel);
  }

  /**
   * Undoes {@code rest(WAITING)} where the wait ended by itself; {@code false}: a sender was
   * quicker.
   */
  final boolean wakeUp() {
    return HEAD.compareAndSet(this, WAITING, null);
  }

  final boolean isResting() {
    Node h = head;
    return h == IDLE || h == WAITING;
  }

  final boolean isWaiting() {
    return head == WAITING;
  }

  /** Ends the mailbox and returns what had been sent and not moved, newest first. */
  final @Nullable Node close() {
    Node h = (Node) HEAD.getAndSet(this, DEAD);
    return h == IDLE || h == WAITING || h == DEAD ? null : h;
  }

  /** How many messages wait, signals not counted. Exact when nobody sends or receives. */
  final int mailboxSize() {
    return queued + Node.depth(head);
  }
}
