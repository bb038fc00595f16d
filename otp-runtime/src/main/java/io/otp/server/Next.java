package io.otp.server;

import io.otp.process.Call;
import io.otp.process.ExitReason;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a callback decides: the next state, a reply or none, and whether to go on. Values compare, so a callback is tested as a
 * function:
 *
 * {@snippet :
 * assertThat(ledger.handle(new Balance("joe"), Map.of("joe", 500L), self))
 *     .isEqualTo(Next.reply(new Balance("joe"), 500L, Map.of("joe", 500L)));
 * }
 *
 * @param <S> the state
 */
public final class Next<S> {

  /** What few returns have, apart so that a plain one stays small. */
  private record Extra(
      @Nullable Duration timeout, @Nullable Object continuation, @Nullable ExitReason stop, boolean hibernate) {}

  private final @Nullable Object request;
  private final @Nullable Object reply;
  private final S state;
  private final @Nullable Extra extra;

  private Next(@Nullable Object request, @Nullable Object reply, S state, @Nullable Extra extra) {
    this.request = request;
    this.reply = reply;
    this.state = state;
    this.extra = extra;
  }

  /** Goes on with {@code state}; a call is answered later, or never. */
  public static <S> Next<S> noreply(S state) {
    return new Next<>(null, null, state, null);
  }

  /**
   * Answers the call that is being handled and goes on with {@code state}.
   *
   * @param request the call, the very object that was handed in
   * @param reply immutable, not {@code null}
   */
  public static <R, S> Next<S> reply(Call<?, R> request, R reply, S state) {
    return new Next<>(Objects.requireNonNull(request), Objects.requireNonNull(reply, "a reply cannot be null"), state, null);
  }

  /** Ends the process; a call that is being handled fails with {@code reason}. */
  public static <S> Next<S> stop(ExitReason reason, S state) {
    return new Next<>(null, null, state, new Extra(null, null, Objects.requireNonNull(reason), false));
  }

  /** Runs {@code terminate}, then answers the call, then ends the process: in this order, as OTP. */
  public static <R, S> Next<S> stop(ExitReason reason, Call<?, R> request, R reply, S state) {
    return new Next<>(
        Objects.requireNonNull(request),
        Objects.requireNonNull(reply, "a reply cannot be null"),
        state,
        new Extra(null, null, Objects.requireNonNull(reason), false));
  }

  /**
   * With an {@link io.otp.process.Info.Timeout} if no message arrives for {@code timeout}. Zero comes only if no message waits; to
   * do something at once, use {@link #thenContinue}.
   *
   * @throws IllegalArgumentException if it is negative, or the process stops
   */
  public Next<S> withTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("A timeout of " + timeout + " is not allowed, it must not be negative");
    }
    return with(new Extra(timeout, null, null, false), "withTimeout");
  }

  /** With a call of {@code handleContinue} right after this callback, before any message that waits and after the reply. */
  public Next<S> thenContinue(Object continuation) {
    return with(new Extra(null, Objects.requireNonNull(continuation), null, false), "thenContinue");
  }

  /**
   * Says that nothing will happen for a while. Unlike OTP this does nothing: an idle process here holds no stack and no heap of its
   * own that could be given back.
   */
  public Next<S> hibernate() {
    return with(new Extra(null, null, null, true), "hibernate");
  }

  private Next<S> with(Extra added, String what) {
    if (extra != null) {
      throw new IllegalArgumentException(
          what + " is not allowed on " + this + ": a callback returns at most one of stop, withTimeout, thenContinue, hibernate");
    }
    return new Next<>(request, reply, state, added);
  }

  @Nullable Object request() {
    return request;
  }

  @Nullable Object reply() {
    return reply;
  }

  /** The next state. */
  public S state() {
    return state;
  }

  @Nullable Duration timeout() {
    return extra == null ? null : extra.timeout;
  }

  @Nullable Object continuation() {
    return extra == null ? null : extra.continuation;
  }

  @Nullable ExitReason stop() {
    return extra == null ? null : extra.stop;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Next<?> next
        && Objects.equals(request, next.request)
        && Objects.equals(reply, next.reply)
        && Objects.equals(state, next.state)
        && Objects.equals(extra, next.extra);
  }

  @Override
  public int hashCode() {
    return Objects.hash(request, reply, state, extra);
  }

  @Override
  public String toString() {
    return (stop() != null ? "stop(" + stop() + ", " : request != null ? "reply(" : "noreply(")
        + (request != null ? request + ", " + reply + ", " : "")
        + state
        + ")"
        + (timeout() != null ? ".withTimeout(" + timeout() + ")" : "")
        + (continuation() != null ? ".thenContinue(" + continuation() + ")" : "")
        + (extra != null && extra.hibernate ? ".hibernate()" : "");
  }
}
