package io.otp.server;

import io.otp.process.Call;
import io.otp.process.ExitReason;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a callback decides: the next state, a reply or none, whether to go on, and what else to do:
 * nothing, or one {@link Action}.
 *
 * {@snippet :
 * return switch (message) {
 *   case Deposit(var account, var cents) -> noreply(add(accounts, account, cents));
 *   case Balance b -> reply(b, accounts.getOrDefault(b.account(), 0L), accounts, timeout(Duration.ofMinutes(5)));
 *   case Import i -> noreply(accounts, continueWith(new ReadNextPage(i.file())));
 *   case Close c -> stop(ExitReason.NORMAL, c, Ok.OK, accounts);
 * };
 * }
 *
 * <p>Values compare, so a callback is tested as a function:
 *
 * {@snippet :
 * assertThat(ledger.handle(new Balance("joe"), Map.of("joe", 500L), self))
 *     .isEqualTo(Next.reply(new Balance("joe"), 500L, Map.of("joe", 500L)));
 * }
 *
 * @param <S> the state
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#c:handle_call/3">gen_server:handle_call/3</a>
 */
public final class Next<S> {

  /**
   * What is to be done besides: OTP's last element of {@code noreply} and {@code reply}. Made by
   * {@link Next#timeout}, {@link Next#continueWith} and {@link Next#hibernate}.
   */
  public sealed interface Action {}

  private record Timeout(Duration after) implements Action {}

  private record Continue(Object continuation) implements Action {}

  private record Hibernate() implements Action {}

  private record Stop(ExitReason reason) implements Action {}

  private static final Action HIBERNATE = new Hibernate();

  private final @Nullable Object request;
  private final @Nullable Object reply;
  private final S state;
  private final @Nullable Action action;

  private Next(@Nullable Object request, @Nullable Object reply, S state, @Nullable Action action) {
    this.request = request;
    this.reply = reply;
    this.state = state;
    this.action = action;
  }

  /** Goes on with {@code state}; a call is answered later, or never. */
  public static <S> Next<S> noreply(S state) {
    return new Next<>(null, null, state, null);
  }

  /** Goes on with {@code state}, and does something besides. */
  public static <S> Next<S> noreply(S state, Action action) {
    return new Next<>(null, null, state, Objects.requireNonNull(action));
  }

  /**
   * Answers the call that is being handled and goes on with {@code state}.
   *
   * @param request the call, the very object that was handed in
   * @param reply immutable, not {@code null}
   */
  public static <R, S> Next<S> reply(Call<?, R> request, R reply, S state) {
    return new Next<>(Objects.requireNonNull(request), notNull(reply), state, null);
  }

  /**
   * Answers the call that is being handled, goes on with {@code state}, and does something besides.
   */
  public static <R, S> Next<S> reply(Call<?, R> request, R reply, S state, Action action) {
    return new Next<>(
        Objects.requireNonNull(request), notNull(reply), state, Objects.requireNonNull(action));
  }

  /** Ends the process; a call that is being handled fails with {@code reason}. */
  public static <S> Next<S> stop(ExitReason reason, S state) {
    return new Next<>(null, null, state, new Stop(Objects.requireNonNull(reason)));
  }

  /**
   * Runs {@code terminate}, then answers the call, then ends the process: in this order, as OTP.
   */
  public static <R, S> Next<S> stop(ExitReason reason, Call<?, R> request, R reply, S state) {
    return new Next<>(
        Objects.requireNonNull(request),
        notNull(reply),
        state,
        new Stop(Objects.requireNonNull(reason)));
  }

  private static Object notNull(@Nullable Object reply) {
    return Objects.requireNonNull(
        reply, "a reply cannot be null; Call.Ok.OK is there for calls with nothing to say");
  }

  // --- actions

  /**
   * An {@link io.otp.process.Info.Timeout} if nothing arrives for {@code after}. Any message
   * cancels it, whatever it is; a system message starts it anew. Zero comes only if no message
   * waits; to do something at once, use {@link #continueWith}.
   *
   * @throws IllegalArgumentException if {@code after} is negative
   */
  public static Action timeout(Duration after) {
    if (after.isNegative()) {
      throw new IllegalArgumentException(
          "A timeout of " + after + " is not allowed, it must not be negative");
    }
    return new Timeout(after);
  }

  /**
   * A call of {@code handleContinue} right after this callback, before any message that waits and
   * after the reply.
   */
  public static Action continueWith(Object continuation) {
    return new Continue(Objects.requireNonNull(continuation));
  }

  /**
   * Says that nothing will happen for a while. Unlike in OTP nothing comes of it: an idle process
   * here holds no stack and no heap of its own that could be given back.
   */
  public static Action hibernate() {
    return HIBERNATE;
  }

  // --- for the server

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

  /** Whether there is nothing to do but to take the state and to reply. */
  boolean isPlain() {
    return action == null;
  }

  @Nullable Duration timeout() {
    return action instanceof Timeout(var after) ? after : null;
  }

  @Nullable Object continuation() {
    return action instanceof Continue(var continuation) ? continuation : null;
  }

  @Nullable ExitReason stop() {
    return action instanceof Stop(var reason) ? reason : null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Next<?> next
        && Objects.equals(request, next.request)
        && Objects.equals(reply, next.reply)
        && Objects.equals(state, next.state)
        && Objects.equals(action, next.action);
  }

  @Override
  public int hashCode() {
    return Objects.hash(request, reply, state, action);
  }

  @Override
  public String toString() {
    return (stop() != null ? "stop(" + stop() + ", " : request != null ? "reply(" : "noreply(")
        + (request != null ? request + ", " + reply + ", " : "")
        + state
        + (timeout() != null ? ", timeout(" + timeout() + ")" : "")
        + (continuation() != null ? ", continueWith(" + continuation() + ")" : "")
        + (action == HIBERNATE ? ", hibernate()" : "")
        + ")";
  }
}
