package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Response;
import io.otp.process.Self;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * A request that was sent without waiting. Its response arrives in the mailbox of the process that
 * sent it, which either waits for it ({@link #receiveResponse}, {@link #waitResponse}) or
 * recognises it in {@code handleInfo} ({@link #checkResponse}). Many at once are kept in {@link
 * RequestIds}.
 *
 * {@snippet :
 * public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
 *   return switch (state.balance().checkResponse(info).orElse(null)) {
 *     case Answer.Reply<Long>(var cents) -> noreply(state.withBalance(cents));
 *     case Answer.Failed<Long>(var reason, var server) -> noreply(state.withoutBalance(reason));
 *     case null -> GenServer.super.handleInfo(info, state, self);
 *   };
 * }
 * }
 *
 * @param <R> the reply
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#t:request_id/0">gen_server:request_id()</a>
 */
@Immutable
public final class RequestId<R> {

  private final Ref ref;
  private final ServerRef<?> server;
  private final Pid owner;

  RequestId(Ref ref, ServerRef<?> server, Pid owner) {
    this.ref = ref;
    this.server = server;
    this.owner = owner;
  }

  /**
   * What came of a request.
   *
   * @param <R> the reply
   */
  public sealed interface Answer<R> {

    /**
     * The server has replied.
     *
     * @param value the reply
     */
    record Reply<R>(R value) implements Answer<R> {}

    /**
     * There is no reply and there will be none: <code>{error, {Reason, ServerRef}}</code>.
     *
     * @param reason {@code noproc} if there was no such server, else why it ended
     * @param server the server as it was named in the request
     */
    record Failed<R>(ExitReason reason, ServerRef<?> server) implements Answer<R> {}
  }

  /**
   * Waits for the response and gives the request up if it does not come in time: it never arrives
   * then.
   *
   * @param self the process that sent the request
   * @param timeout longest wait, zero looks once
   * @return empty after the timeout
   * @throws IllegalArgumentException if the timeout is negative or another process sent the request
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#receive_response/2">gen_server:receive_response/2</a>
   */
  public Optional<Answer<R>> receiveResponse(Self<?> self, Duration timeout) {
    Optional<Answer<R>> answer = waitResponse(self, timeout);
    if (answer.isPresent() || self.runtime().abandonRequest(ref)) {
      return answer;
    }
    return waitResponse(self, Duration.ZERO); // it was quicker than we in giving up
  }

  /**
   * Waits for the response. After the timeout the request stays, and can be waited for again. Once
   * the response has been taken it does not come a second time.
   *
   * @param self the process that sent the request
   * @param timeout longest wait, zero looks once
   * @return empty after the timeout
   * @throws IllegalArgumentException if the timeout is negative or another process sent the request
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#wait_response/2">gen_server:wait_response/2</a>
   */
  public Optional<Answer<R>> waitResponse(Self<?> self, Duration timeout) {
    checkOwner(self);
    Function<Object, Receive<Answer<R>>> clause =
        message ->
            message instanceof Response response && response.id() == ref
                ? Receive.take(answer(response))
                : Receive.skip();
    return self.receive(timeout, clause);
  }

  /**
   * What {@code message} says of this request.
   *
   * @param message anything that was received
   * @return empty if it is not the response to this request
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#check_response/2">gen_server:check_response/2</a>
   */
  public Optional<Answer<R>> checkResponse(Object message) {
    return message instanceof Response response && response.id() == ref
        ? Optional.of(answer(response))
        : Optional.empty();
  }

  @SuppressWarnings("unchecked") // a server can answer a Call<M, R> only with an R
  Answer<R> answer(Response response) {
    ExitReason error = response.error();
    Object reply = response.reply();
    return error != null || reply == null
        ? new Answer.Failed<>(error == null ? ExitReason.NO_PROCESS : error, server)
        : new Answer.Reply<>((R) reply);
  }

  void checkOwner(Self<?> self) {
    if (self.pid() != owner) {
      throw new IllegalArgumentException(
          "A request of "
              + owner
              + " cannot be waited for by "
              + self.pid()
              + ": its response goes to who sent it");
    }
  }

  Ref ref() {
    return ref;
  }

  /** The server as it was named in the request. */
  public ServerRef<?> server() {
    return server;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RequestId<?> id && id.ref == ref;
  }

  @Override
  public int hashCode() {
    return ref.hashCode();
  }

  @Override
  public String toString() {
    return "RequestId[" + ref + " to " + server + "]";
  }
}
