package io.otp.event;

import io.otp.process.Call;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a handler's callback decides: to go on with a state, to be removed, or to be replaced by
 * another handler; and where it was asked something, the reply.
 *
 * {@snippet :
 * return event.isLast() ? Handled.remove() : Handled.ok(cents + event.cents());
 * }
 *
 * <p>Values compare, so a callback is tested as a function.
 *
 * @param <S> the state
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#c:handle_event/2">gen_event:handle_event/2</a>
 */
public final class Handled<S> {

  /** What becomes of the handler. */
  sealed interface Fate {}

  record Stay(@Nullable Object state) implements Fate {}

  record Remove() implements Fate {}

  record Swap(Object args, @Nullable Object state, HandlerSpec<?> next) implements Fate {}

  private static final Remove REMOVE = new Remove();

  private final @Nullable Object request;
  private final @Nullable Object reply;
  private final Fate fate;

  private Handled(@Nullable Object request, @Nullable Object reply, Fate fate) {
    this.request = request;
    this.reply = reply;
    this.fate = fate;
  }

  /** Goes on with {@code state}. */
  public static <S> Handled<S> ok(S state) {
    return new Handled<>(null, null, new Stay(state));
  }

  /**
   * The handler goes: its {@code terminate} is called with {@link TerminateReason.Removed} and the
   * state it was given.
   */
  public static <S> Handled<S> remove() {
    return new Handled<>(null, null, REMOVE);
  }

  /**
   * Another handler takes this one's place in the order: this one's {@code terminate} is called
   * with {@code args}, the other's {@code takeOver} with what that returns. If the other does not
   * start, both are gone. The event that is being handled does not reach the other.
   *
   * @param args for this one's {@code terminate}
   * @param state this one's last state
   * @param next the other; it must handle the manager's events, which is not checked
   */
  public static <S> Handled<S> swap(Object args, S state, HandlerSpec<?> next) {
    return new Handled<>(
        null, null, new Swap(Objects.requireNonNull(args), state, Objects.requireNonNull(next)));
  }

  /**
   * Answers the query that is being handled and goes on with {@code state}.
   *
   * @param query the query, the very object that was handed in
   * @param reply immutable, not {@code null}
   */
  public static <R, S> Handled<S> reply(Call<?, R> query, R reply, S state) {
    return new Handled<>(Objects.requireNonNull(query), notNull(reply), new Stay(state));
  }

  /** Answers the query that is being handled; the handler goes, see {@link #remove}. */
  public static <R, S> Handled<S> removeAndReply(Call<?, R> query, R reply) {
    return new Handled<>(Objects.requireNonNull(query), notNull(reply), REMOVE);
  }

  /**
   * Answers the query that is being handled; another handler takes this one's place, see {@link
   * #swap}.
   */
  public static <R, S> Handled<S> swapAndReply(
      Call<?, R> query, R reply, Object args, S state, HandlerSpec<?> next) {
    return new Handled<>(
        Objects.requireNonNull(query),
        notNull(reply),
        new Swap(Objects.requireNonNull(args), state, Objects.requireNonNull(next)));
  }

  private static Object notNull(@Nullable Object reply) {
    return Objects.requireNonNull(
        reply, "a reply cannot be null; Call.Ok.OK is there for calls with nothing to say");
  }

  /**
   * Says that nothing will happen for a while. Unlike in OTP nothing comes of it: an idle process
   * here holds no stack and no heap of its own that could be given back.
   */
  public Handled<S> hibernate() {
    return this;
  }

  @Nullable Object request() {
    return request;
  }

  @Nullable Object reply() {
    return reply;
  }

  Fate fate() {
    return fate;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Handled<?> handled
        && Objects.equals(request, handled.request)
        && Objects.equals(reply, handled.reply)
        && fate.equals(handled.fate);
  }

  @Override
  public int hashCode() {
    return Objects.hash(request, reply, fate);
  }

  @Override
  public String toString() {
    String replied = request == null ? "" : request + ", " + reply;
    return switch (fate) {
      case Stay(var state) ->
          request == null ? "ok(" + state + ")" : "reply(" + replied + ", " + state + ")";
      case Remove _ -> request == null ? "remove()" : "removeAndReply(" + replied + ")";
      case Swap(var args, var state, var next) ->
          (request == null ? "swap(" : "swapAndReply(" + replied + ", ")
              + args
              + ", "
              + state
              + ", "
              + next
              + ")";
    };
  }
}
