package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * Whom to answer, later and from any process or thread: Erlang's {@code From}. Obtained with {@link Self#from(Call)} while the
 * call is handled.
 *
 * {@snippet :
 * case Fetch fetch -> {
 *   From<Page> from = self.from(fetch);
 *   yield noreply(state.waiting(from));     // a later callback: from.reply(page)
 * }
 * }
 *
 * @param <R> the reply
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#reply/2">gen_server:reply/2</a>
 */
public final class From<R> {

  private final Request request;

  From(Request request) {
    this.request = request;
  }

  /**
   * Answers the call. Only the first answer reaches the caller; a caller that is dead or has given up is not told, and neither
   * are you.
   *
   * @param reply the reply; immutable
   */
  public void reply(R reply) {
    request.reply(reply);
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
