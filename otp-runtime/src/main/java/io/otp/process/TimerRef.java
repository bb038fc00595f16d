package io.otp.process;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message that is sent later. */
final class TimerRef extends Ref {

  private final ProcessRuntime runtime;

  /** A {@link Process}, or a name that is looked up when the time has come. */
  private final Object receiver;

  private final Object message;
  private final boolean wrapped;
  private final Alarm alarm = new Alarm();

  /** @param wrapped whether the message arrives as a {@link TimerExpired} */
  TimerRef(ProcessRuntime runtime, Object receiver, Object message, boolean wrapped) {
    this.runtime = runtime;
    this.receiver = receiver;
    this.message = message;
    this.wrapped = wrapped;
  }

  void start(long deadline) {
    runtime.timers().schedule(alarm, deadline);
  }

  Optional<java.time.Duration> cancel() {
    Optional<java.time.Duration> left = remaining();
    return runtime.timers().cancel(alarm) ? left : Optional.empty();
  }

  Optional<java.time.Duration> remaining() {
    if (receiver instanceof Process process && process.exit() != null) {
      runtime.timers().cancel(alarm);
      return Optional.empty();
    }
    long nanos = runtime.timers().remainingNanos(alarm);
    return nanos < 0 ? Optional.empty() : Optional.of(java.time.Duration.ofNanos(nanos));
  }

  private void fire() {
    Process process = receiver instanceof Process p ? p : runtime.registered((String) receiver);
    if (process == null) {
      return;
    }
    if (wrapped) {
      process.deliverSignal(new TimerExpired(this, message));
    } else {
      process.deliverAnyway(Process.node(message));
    }
  }

  private final class Alarm extends TimerWheel.Timer {
    @Override
    protected void expire() {
      fire();
    }
  }

  static @Nullable TimerRef of(Ref ref) {
    return ref instanceof TimerRef timer ? timer : null;
  }
}
