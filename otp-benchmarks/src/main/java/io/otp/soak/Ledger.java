package io.otp.soak;

import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The book of one process, or of a thread that is none: what it did to others and what it got from
 * them. Only its owner writes it; who checks the books waits until the owner has stopped. The two
 * halves of everything are in two books.
 */
@Immutable
final class Ledger {

  /** What a monitor or a request has come to. */
  enum State {
    ACTIVE,
    /** Ended by the owner in time: nothing must come. */
    ENDED,
    /** The owner came too late: one has come, or is in the mailbox. */
    LATE,
    /** Taken out of the mailbox by the owner: no more must come. */
    FLUSHED
  }

  /** A monitor, a request or a timer: how much came of it. */
  static final class Expected {
    /** The process that is monitored, or that need not answer; {@code null} where there is none. */
    final @Nullable Ledger other;

    volatile State state = State.ACTIVE;
    final AtomicInteger came = new AtomicInteger();

    Expected(@Nullable Ledger other) {
      this.other = other;
    }
  }

  final int id;
  final Kind kind;
  final boolean traps;

  /** The process; {@code null} for a thread, and until it is started. */
  volatile @Nullable Pid pid;

  volatile @Nullable ExitReason ended;
  final AtomicInteger endings = new AtomicInteger();

  /** How many threads are in its code: 0 or 1. */
  final AtomicInteger running = new AtomicInteger();

  /** It does nothing any more but take what comes. */
  volatile boolean calm;

  /** To whom how many messages, and from whom up to which number. */
  final Map<Integer, Long> sent = new ConcurrentHashMap<>();

  final Map<Integer, Long> received = new ConcurrentHashMap<>();

  /** How many messages in all. */
  final AtomicLong notes = new AtomicLong();

  final Map<Integer, Long> signalsSent = new ConcurrentHashMap<>();
  final Map<Integer, Long> signalsReceived = new ConcurrentHashMap<>();

  /** The links it made, and whether they last. */
  final Map<Ledger, Boolean> links = new ConcurrentHashMap<>();

  /** The exit signals of links, by who ended. */
  final Map<Integer, Integer> exits = new ConcurrentHashMap<>();

  final Map<Ref, Expected> monitors = new ConcurrentHashMap<>();
  final Map<Ref, Expected> requests = new ConcurrentHashMap<>();
  final Map<Object, Expected> timers = new ConcurrentHashMap<>();

  Ledger(int id, Kind kind, boolean traps) {
    this.id = id;
    this.kind = kind;
    this.traps = traps;
  }

  boolean isAlive() {
    return ended == null;
  }

  Pid pid() {
    Pid known = pid;
    if (known == null) {
      throw new IllegalStateException(this + " has no pid");
    }
    return known;
  }

  @Override
  public String toString() {
    return kind.text()
        + " #"
        + id
        + (pid == null ? "" : " " + pid)
        + (traps ? " (traps exits)" : "");
  }
}
