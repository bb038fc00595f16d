package io.otp.autoconfigure.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a breaker is told. */
sealed interface BreakerMessage {

  /** Answered with nothing if it may go on, else with the time to wait. */
  record Ask(Ref ticket) implements BreakerMessage, Call<BreakerMessage, Optional<Duration>> {}

  /**
   * How it went.
   *
   * @param failure what was thrown, {@code null} if there was a result
   * @param result {@code null} if that was nothing
   */
  record Outcome(
      Ref ticket, long nanos, @Nullable Opaque<Throwable> failure, @Nullable Opaque<Object> result)
      implements BreakerMessage, Cast<BreakerMessage> {}

  /** It was not done after all. */
  record GiveUp(Ref ticket) implements BreakerMessage, Cast<BreakerMessage> {}

  record Subscribe(Pid subscriber) implements BreakerMessage, Call<BreakerMessage, Call.Ok> {}

  record GetState() implements BreakerMessage, Call<BreakerMessage, CircuitBreaker.State> {}

  /** Its state may have changed by itself. */
  record Look() implements BreakerMessage, Cast<BreakerMessage> {}
}
