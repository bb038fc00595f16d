package io.otp.process;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message or exit signal that is sent later, or again and again.
 *
 * <p>A timer for a process is in that process's list of timers while it is armed, so that it does
 * not outlive it; {@code before} and {@code after} are guarded by that process's lock. The wheel
 * decides between expiry and cancelling; one that repeats is armed again only under its own lock
 * and unless {@code stopped}, so that cancelling it meanwhile is not lost.
 */
final class TimerRef extends Ref {

  /** What happens when the time has come. */
  enum Kind {
    /** The message is sent. */
    PLAIN,
    /** The message is sent as a {@link TimerExpired}. */
    WRAPPED,
    /** The message is an {@link Exit}, which is sent as a signal. */
    EXIT
  }

  private final ProcessRuntime runtime;

  /** A {@link Process}, or a name that is looked up when the time has come. */
  private final Object receiver;

  private final Object message;
  private final Kind kind;

  /** Nanoseconds, 0 for a timer that fires once. */
  private final long period;

  private final Alarm alarm = new Alarm();

  private @Nullable TimerRef before;
  private @Nullable TimerRef after;

  /** Written before the timer is armed. */
  private long deadline;

  /** Guarded by {@code alarm}. */
  private boolean stopped;

  TimerRef(ProcessRuntime runtime, Object receiver, Object message, Kind kind) {
    this.runtime = runtime;
    this.receiver = receiver;
    this.message = message;
    this.kind = kind;
    this.period = 0;
  }

  /** One that repeats. */
  TimerRef(ProcessRuntime runtime, Process receiver, Object message, long period) {
    this.runtime = runtime;
    this.receiver = receiver;
    this.message = message;
    this.kind = Kind.PLAIN;
    this.period = period;
  }

  void start(long at) {
    deadline = at;
    if (!(receiver instanceof Process process)) {
      runtime.timers().schedule(alarm, at);
    } else if (process.addTimer(this)) {
      runtime.timers().schedule(alarm, at);
      if (process.exit() != null) { // its death may have been published in between
        disarm();
      }
    }
  }

  Optional<Duration> cancel() {
    Optional<Duration> left = remaining();
    boolean armed = disarm();
    if (armed && left.isEmpty() && period > 0) {
      left = Optional.of(Duration.ZERO); // it was just firing
    }
    if (armed && receiver instanceof Process process) {
      process.removeTimer(this);
    }
    return armed ? left : Optional.empty();
  }

  /** Returns whether it was armed. */
  boolean disarm() {
    if (period == 0) {
      return runtime.timers().cancel(alarm);
    }
    synchronized (alarm) {
      boolean was = !stopped;
      stopped = true;
      runtime.timers().cancel(alarm);
      return was;
    }
  }

  Optional<Duration> remaining() {
    if (receiver instanceof Process process && process.exit() != null) {
      disarm();
      return Optional.empty();
    }
    long nanos = runtime.timers().remainingNanos(alarm);
    return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /** Once: after this a timer that does not repeat is over. */
  private void expire() {
    if (period > 0) {
      synchronized (alarm) {
        if (!stopped) {
          fire();
          long missed = Math.max(0, runtime.nanoTime() - deadline) / period;
          deadline += (missed + 1) * period;
          runtime.timers().schedule(alarm, deadline);
        }
      }
      return;
    }
    if (receiver instanceof Process process) {
      process.removeTimer(this);
    }
    fire();
  }

  private void fire() {
    Process process =
        receiver instanceof Process p ? p : runtime.names().whereis((String) receiver);
    if (process == null) {
      return;
    }
    switch (kind) {
      case PLAIN -> process.deliverAnyway(Process.node(message, null));
      case WRAPPED -> process.deliverSignal(new TimerExpired(this, message));
      case EXIT -> {
        Exit signal = (Exit) message;
        process.exitSignal(signal.from(), signal.reason());
      }
    }
  }

  // --- the process's list, under its lock

  /** Becomes the head of the list. */
  void link(@Nullable TimerRef head) {
    after = head;
    if (head != null) {
      head.before = this;
    }
  }

  /** Leaves the list; returns its new head. */
  @Nullable TimerRef unlink(@Nullable TimerRef head) {
    if (before == null && head != this) {
      return head; // it has left before
    }
    TimerRef first = head == this ? after : head;
    if (before != null) {
      before.after = after;
    }
    if (after != null) {
      after.before = before;
    }
    before = null;
    after = null;
    return first;
  }

  @Nullable TimerRef after() {
    return after;
  }

  private final class Alarm extends TimerWheel.Timer {
    @Override
    protected void expire() {
      TimerRef.this.expire();
    }
  }

  static @Nullable TimerRef of(Ref ref) {
    return ref instanceof TimerRef timer ? timer : null;
  }
}
