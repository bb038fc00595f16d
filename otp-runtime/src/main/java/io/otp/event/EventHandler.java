package io.otp.event;

import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.Info;
import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/**
 * OTP's {@code gen_event} callback module: code that many managers run, as many times as it was
 * added. It holds nothing of any of them: state goes in and comes out.
 *
 * {@snippet :
 * final class Tally implements EventHandler<NoArgs, Sale, Long> {
 *   record Total() implements Call<Tally, Long> {}
 *
 *   public Long init(NoArgs args, Self<Object> self) {
 *     return 0L;
 *   }
 *
 *   public Handled<Long> handleEvent(Sale sale, Long cents, Self<Object> self) {
 *     return Handled.ok(cents + sale.cents());
 *   }
 *
 *   public Handled<Long> handleCall(Call<?, ?> query, Long cents, Self<Object> self) {
 *     return switch (query) {
 *       case Total total -> Handled.reply(total, cents, cents);
 *       default -> EventHandler.super.handleCall(query, cents, self);
 *     };
 *   }
 * }
 * }
 *
 * <p>A callback that throws, or returns what it may not return, loses its handler: {@link
 * #terminate} is called with the state from before the callback, a {@link HandlerReport} is
 * written, and the manager goes on with the next handler. So is one whose state or reply cannot be
 * shown immutable.
 *
 * <p>Handlers run one after the other in the manager's process. One that blocks holds up the others
 * and everybody who waits for the manager: let it send the work to a process of its own, see {@link
 * ForwardHandler}.
 *
 * <p>Unlike OTP, where {@code throw(Value)} in a callback is the same as returning {@code Value},
 * whatever is thrown here is a failure.
 *
 * @param <A> its arguments, immutable
 * @param <E> the events it handles
 * @param <S> its state, immutable
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_event.html">gen_event</a>
 */
public interface EventHandler<A, E, S> {

  /**
   * Makes the first state, in the manager's process.
   *
   * @throws Refuse to say what was wrong as a value; the handler is not added
   * @throws Exception any other: the handler is not added, and who adds it is told why
   */
  S init(A args, Self<Object> self) throws Exception;

  /**
   * As {@link #init}, when this handler takes the place of another by a swap: OTP's <code>
   * init({Args, Term})</code>. By default what the other left is ignored.
   *
   * @param predecessor what the other's {@code terminate} returned; {@link HandlerEnd.NotFound} if
   *     there was no such handler
   */
  default S takeOver(HandlerEnd predecessor, A args, Self<Object> self) throws Exception {
    return init(args, self);
  }

  /**
   * Handles an event.
   *
   * @return {@link Handled#ok}, {@link Handled#remove} or {@link Handled#swap}
   */
  Handled<S> handleEvent(E event, S state, Self<Object> self) throws Exception;

  /**
   * Answers a query that is for this handler only. A query names its handler: {@code record Total()
   * implements Call<Tally, Long>}.
   *
   * @return {@link Handled#reply}, {@link Handled#removeAndReply} or {@link Handled#swapAndReply};
   *     the manager answers at once, never later
   * @throws UnsupportedOperationException by default, which removes the handler as in OTP
   */
  default Handled<S> handleCall(Call<?, ?> query, S state, Self<Object> self) throws Exception {
    throw new UnsupportedOperationException(
        getClass().getName() + " was asked " + query + " and has no answer. Override handleCall.");
  }

  /**
   * Handles whatever else reaches the manager: plain messages, signals of processes it is linked
   * to, timers. Every handler sees it. By default a warning is reported and nothing changes.
   *
   * @return as {@link #handleEvent}
   */
  default Handled<S> handleInfo(Info info, S state, Self<Object> self) throws Exception {
    self.runtime()
        .report(new UnhandledInfoReport(self.pid(), CallbackModule.nameOf(getClass()), info));
    return Handled.ok(state);
  }

  /**
   * The last thing the handler does, whatever takes it away but the kill of its manager.
   *
   * @param reason why
   * @return for who deletes it, or for the handler that takes its place; immutable
   */
  default Object terminate(TerminateReason reason, S state, Self<Object> self) throws Exception {
    return Call.Ok.OK;
  }

  /**
   * Converts a state of another version of this code. Called while the manager is suspended.
   *
   * @param oldVersion the version the state is of
   * @param extra what the upgrade instruction carries
   * @return the state for this version; the same by default
   * @throws Exception the change is refused, and all handlers keep their old states
   */
  default S codeChange(String oldVersion, S state, @Nullable Object extra, Self<Object> self)
      throws Exception {
    return state;
  }

  /**
   * What of the state, the last message and the reason may be shown in reports and tools.
   * Everything by default: hide secrets here. If this throws, nothing but that is shown.
   */
  default Status formatStatus(Status status) {
    return status;
  }

  /**
   * What reports and tools show of a handler.
   *
   * @param state the state, or what is shown of it
   * @param lastMessage the event, query or info it handled last, {@code null} if there is none to
   *     show
   * @param reason why it was removed, {@code null} if it was not
   */
  record Status(
      @Nullable Object state, @Nullable Object lastMessage, @Nullable HandlerFailure reason) {

    /** With another text or value for the state. */
    public Status withState(@Nullable Object shown) {
      return new Status(shown, lastMessage, reason);
    }

    /** With another text or value for the message. */
    public Status withLastMessage(@Nullable Object shown) {
      return new Status(state, shown, reason);
    }

    /** With another reason, in reports only. */
    public Status withReason(@Nullable HandlerFailure shown) {
      return new Status(state, lastMessage, shown);
    }
  }
}
