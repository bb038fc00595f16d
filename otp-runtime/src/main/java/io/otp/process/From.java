package io.otp.process;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whom to answer, later and from any process or thread: Erlang's {@code From}. Obtained with {@link
 * Self#from(Call)} while the call is handled.
 *
 * {@snippet :
 * case Fetch fetch -> {
 *   From<Page> from = self.from(fetch);
 *   yield noreply(state.waiting(from));     // a later callback: from.reply(page)
 * }
 * }
 *
 * @param <R> the reply
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#reply/2">gen_server:reply/2</a>
 */
public final class From<R> {

  private final Request request;

  /** The server's, which looks at replies; {@code null} where the receiver is code. */
  private final @Nullable ProcessRuntime runtime;

  From(Request request, @Nullable ProcessRuntime runtime) {
    this.request = request;
    this.runtime = runtime;
  }

  /**
   * One that hands the reply to {@code receiver}, on the thread that replies; only the first. For
   * tests of callbacks, and for code that answers something which is not a call.
   *
   * @param receiver quick, does not block, does not throw
   */
  @SuppressWarnings("unchecked") // reply takes nothing but an R
  public static <R> From<R> to(Consumer<? super R> receiver) {
    return new From<>(new Request.Handing((Consumer<Object>) receiver), null);
  }

  /**
   * Answers the call. Only the first answer reaches the caller; a caller that is dead or has given
   * up is not told, and neither are you.
   *
   * @param reply immutable, not {@code null}
   * @throws MutableMessageException if the reply cannot be shown immutable; the call is not
   *     answered
   */
  public void reply(R reply) {
    Objects.requireNonNull(reply, "a reply cannot be null");
    if (runtime == null) {
      request.reply(reply);
    } else {
      runtime.calls().reply(request, reply);
    }
  }

  /** The caller, or {@code null} if it is a thread that is no process. */
  public @Nullable Pid pid() {
    return request.caller();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof From<?> from && from.request == request;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(request);
  }

  @Override
  public String toString() {
    return "From[" + request.caller() + "]";
  }
}
