package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import org.jspecify.annotations.Nullable;

/**
 * OTP's {@code gen_server} with start arguments: code that many processes run. It holds nothing of
 * any of them: state goes in and comes out, and what a callback may do as its process is in its
 * last argument.
 *
 * <table>
 *   <caption>Callbacks</caption>
 *   <tr><th>gen_server</th><th>here</th><th>returns</th></tr>
 *   <tr><td>init/1</td><td>{@link #init}, {@link #started}</td><td>the state; throws {@link Init} to stop or to be ignored</td></tr>
 *   <tr><td>handle_call/3, handle_cast/2</td><td>{@link #handle}</td><td>{@link Next}</td></tr>
 *   <tr><td>handle_info/2</td><td>{@link #handleInfo}</td><td>{@link Next}, without reply</td></tr>
 *   <tr><td>handle_continue/2</td><td>{@link #handleContinue}</td><td>{@link Next}, without reply</td></tr>
 *   <tr><td>terminate/2</td><td>{@link #terminate}</td><td></td></tr>
 *   <tr><td>code_change/3</td><td>{@link #codeChange}</td><td>the new state</td></tr>
 *   <tr><td>format_status/1</td><td>{@link #formatStatus}</td><td>what may be shown</td></tr>
 * </table>
 *
 * <p>A callback that throws ends the process with that as its reason: {@link #terminate} is called
 * with the state from before the callback, a report is written, callers that wait are told, and the
 * supervisor acts. Expected refusals are replies. A callback that returns {@code null}, or a reply
 * to something that is not the call it was handed, ends the process with {@link BadReturnValue};
 * one that returns a state or reply that cannot be shown immutable, with the {@link
 * io.otp.process.MutableMessageException} that says why.
 *
 * <p>Unlike OTP, where {@code throw(Value)} in a callback is the same as returning {@code Value},
 * whatever is thrown here is a failure: a return is typed and an exception is not.
 *
 * @param <A> its start arguments, immutable
 * @param <M> its messages, a sealed interface of records
 * @param <S> its state, immutable
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_server.html">gen_server</a>
 */
public interface ArgsGenServer<A, M, S> extends Startable<A, M> {

  /**
   * Makes the first state, in the new process. Whoever starts the server waits for this to return.
   *
   * @throws Init to end without having started: {@link Init#stop}, {@link Init#error}, {@link
   *     Init#ignore}
   * @throws Exception any other ends the process; the start has failed with that as the reason
   */
  S init(A args, Self<M> self) throws Exception;

  /**
   * The end of {@link #init}: with what timeout or continuation the server begins. Whoever starts
   * it waits for this too, but not for the continuation, which comes before any message all the
   * same.
   *
   * @return {@link Next#noreply} by default; {@link Next#stop(ExitReason, Object)} is the same as
   *     to throw {@link Init#stop}
   */
  default Next<S> started(S state, Self<M> self) throws Exception {
    return Next.noreply(state);
  }

  /**
   * Handles a call or a cast; which of both it is, the message's type says. A message that is a
   * {@link io.otp.process.Cast} comes here also when it was sent with {@link Self#send} or by a
   * timer.
   *
   * @param state the state as the last callback left it
   * @return {@link Next#reply} for a call, or {@link Next#noreply} and a reply through {@link
   *     Self#from} later
   */
  Next<S> handle(M message, S state, Self<M> self) throws Exception;

  /**
   * Handles everything else: signals, timeouts, responses and plain messages. Nothing is filtered
   * but the exit signal of the parent, which ends the server. The default logs a warning and drops
   * it, as OTP does where {@code handle_info} is missing.
   */
  default Next<S> handleInfo(Info info, S state, Self<M> self) throws Exception {
    self.runtime().report(new UnhandledReport(self.pid(), GenProcess.nameOf(this), info));
    return Next.noreply(state);
  }

  /**
   * Goes on with what a callback left to be done by {@link Next#continueWith}: at once, before any
   * message that waits.
   *
   * @throws UnsupportedOperationException unless overridden
   */
  default Next<S> handleContinue(Object continuation, S state, Self<M> self) throws Exception {
    throw new UnsupportedOperationException(
        getClass().getName()
            + " returned continueWith("
            + continuation
            + ") but has no handleContinue. Override it.");
  }

  /**
   * The last thing the process does. Called when a callback stopped or threw, when it is asked to
   * stop through the system protocol, and when its parent ends while it traps exits.
   * <strong>Not</strong> called when an exit signal ends it that it does not trap: a supervisor's
   * shutdown reaches this only with {@link ServerOptions#withTrapExits trapExits}.
   *
   * @param reason why; the process ends with it whatever this does, unless this throws
   */
  default void terminate(ExitReason reason, S state, Self<M> self) throws Exception {}

  /**
   * Converts a state of another version of this code. Called while the process is suspended.
   *
   * @param oldVersion the version the state is of
   * @param state the state as that version left it
   * @param extra what the upgrade instruction carries
   * @return the state for this version; the same by default
   * @throws Exception the change is refused, and the old state stays
   */
  default S codeChange(String oldVersion, S state, @Nullable Object extra, Self<M> self)
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

  @Override
  default StartResult startLink(Self<?> self, A args, StartOptions options) {
    return GenServers.startLink(self, this, args, options);
  }

  @Override
  default StartResult start(ProcessRuntime runtime, A args, StartOptions options) {
    return GenServers.start(runtime, this, args, options);
  }

  /**
   * What reports and tools show of a server.
   *
   * @param state the state, or what is shown of it
   * @param lastMessage the message it handled last, or what is shown of it; a {@link Continue}
   *     where that was no message; {@code null} if there is none to show
   * @param reason why it ended, {@code null} if it has not
   */
  record Status(@Nullable Object state, @Nullable Object lastMessage, @Nullable ExitReason reason) {

    /**
     * Stands for the last message while a continuation is handled: <code>{continue, Continuation}
     * </code>.
     */
    public record Continue(Object continuation) {}

    /** With another text or value for the state. */
    public Status withState(@Nullable Object shown) {
      return new Status(shown, lastMessage, reason);
    }

    /** With another text or value for the message. */
    public Status withLastMessage(@Nullable Object shown) {
      return new Status(state, shown, reason);
    }

    /**
     * With another reason, in reports only: what the process ends with, and what others see of it,
     * stays.
     */
    public Status withReason(@Nullable ExitReason shown) {
      return new Status(state, lastMessage, shown);
    }
  }
}
