package io.otp.server;

import io.otp.process.Immutable;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Response;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are under way, each with a label that says what it is about. Immutable, so it can
 * be part of a state; to add or take out one of n costs O(log n).
 *
 * {@snippet :
 * RequestIds<Long, String> ids = RequestIds.empty();
 * for (String account : accounts) {
 *   ids = ids.add(ledger.sendRequest(self, new Balance(account)), account);
 * }
 * Deadline deadline = Deadline.in(Duration.ofSeconds(5), self.runtime());
 * while (ids.receiveResponse(self, deadline.left(), true) instanceof Answered(var answer, var account, var rest)) {
 *   found.put(account, answer);
 *   ids = rest;
 * }
 * }
 *
 * @param <R> the reply, {@code Object} where the requests have different ones
 * @param <L> the labels
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#t:request_id_collection/0">
 *     gen_server:request_id_collection()</a>
 */
@Immutable
public final class RequestIds<R, L> {

  private static final RequestIds<?, ?> EMPTY = new RequestIds<>(null);

  /**
   * A request under way.
   *
   * @param id the request
   * @param label its label
   */
  public record Labelled<R, L>(RequestId<? extends R> id, L label) {}

  /**
   * What {@link #receiveResponse}, {@link #waitResponse} and {@link #checkResponse} return.
   *
   * @param <R> the reply
   * @param <L> the labels
   */
  public sealed interface Outcome<R, L> {

    /**
     * A response: <code>{Response, Label, NewCollection}</code>.
     *
     * @param answer what came of the request
     * @param label the label of the request
     * @param rest the collection, without that request if it was to be deleted
     */
    record Answered<R, L>(RequestId.Answer<? extends R> answer, L label, RequestIds<R, L> rest)
        implements Outcome<R, L> {}

    /** There is nothing to wait for: <code>no_request</code>. */
    record NoRequest<R, L>() implements Outcome<R, L> {}

    /** No response in time: <code>timeout</code>. */
    record TimedOut<R, L>() implements Outcome<R, L> {}

    /** The message is no response to any of the requests: <code>no_reply</code>. */
    record NoReply<R, L>() implements Outcome<R, L> {}
  }

  private final @Nullable Tree<R, L> root;

  private RequestIds(@Nullable Tree<R, L> root) {
    this.root = root;
  }

  /** No requests: {@code reqids_new/0}. */
  @SuppressWarnings("unchecked") // holds nothing
  public static <R, L> RequestIds<R, L> empty() {
    return (RequestIds<R, L>) EMPTY;
  }

  /**
   * With one request more: {@code reqids_add/3}.
   *
   * @throws IllegalArgumentException if it is there already
   */
  public RequestIds<R, L> add(RequestId<? extends R> id, L label) {
    if (Tree.find(root, id.ref()) != null) {
      throw new IllegalArgumentException(id + " is in the collection already");
    }
    return new RequestIds<>(Tree.add(root, new Labelled<>(id, label)));
  }

  /** How many there are: {@code reqids_size/1}. */
  public int size() {
    return Tree.size(root);
  }

  /** All of them, oldest first: {@code reqids_to_list/1}. */
  public List<Labelled<R, L>> toList() {
    var list = new ArrayList<Labelled<R, L>>(size());
    Tree.forEach(root, list::add);
    return List.copyOf(list);
  }

  /**
   * Waits for the first response to any of them. After the timeout all are given up: no response to
   * any of them arrives then.
   *
   * @param self the process that sent the requests
   * @param timeout longest wait, zero looks once; several waits share a {@link
   *     io.otp.process.Deadline}
   * @param delete whether the request is taken out of the collection; else its response is waited
   *     for in vain next time
   * @throws IllegalArgumentException if the timeout is negative or another process sent one of the
   *     requests
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#receive_response/3">gen_server:receive_response/3</a>
   */
  public Outcome<R, L> receiveResponse(Self<?> self, Duration timeout, boolean delete) {
    Outcome<R, L> outcome = waitResponse(self, timeout, delete);
    if (outcome instanceof Outcome.TimedOut) {
      Tree.forEach(root, each -> self.runtime().abandonRequest(each.id().ref()));
      while (waitResponse(self, Duration.ZERO, false)
          instanceof Outcome.Answered) {} // quicker than we in giving up
    }
    return outcome;
  }

  /**
   * Waits for the first response to any of them. After the timeout all stay, and can be waited for
   * again.
   *
   * @param self the process that sent the requests
   * @param timeout longest wait, zero looks once
   * @param delete whether the request is taken out of the collection
   * @throws IllegalArgumentException if the timeout is negative or another process sent one of the
   *     requests
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#wait_response/3">gen_server:wait_response/3</a>
   */
  public Outcome<R, L> waitResponse(Self<?> self, Duration timeout, boolean delete) {
    if (root == null) {
      return new Outcome.NoRequest<>();
    }
    root.labelled.id().checkOwner(self);
    Function<Object, Receive<Outcome<R, L>>> clause =
        message ->
            checkResponse(message, delete) instanceof Outcome.Answered<R, L> answered
                ? Receive.take(answered)
                : Receive.skip();
    return self.receive(timeout, clause).orElseGet(Outcome.TimedOut::new);
  }

  /**
   * What {@code message} says of these requests.
   *
   * @param message anything that was received
   * @param delete whether the request it is the response to is taken out of the collection
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#check_response/3">gen_server:check_response/3</a>
   */
  public Outcome<R, L> checkResponse(Object message, boolean delete) {
    if (root == null) {
      return new Outcome.NoRequest<>();
    }
    if (!(message instanceof Response response)) {
      return new Outcome.NoReply<>();
    }
    Labelled<R, L> found = Tree.find(root, response.id());
    return found == null
        ? new Outcome.NoReply<>()
        : new Outcome.Answered<>(
            found.id().answer(response), found.label(), delete ? without(found.id().ref()) : this);
  }

  private RequestIds<R, L> without(Ref ref) {
    return new RequestIds<>(Tree.remove(root, ref));
  }

  @Override
  public String toString() {
    return "RequestIds" + toList();
  }
}
