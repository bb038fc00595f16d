package io.otp.statem;

import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenProcess;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Init;
import io.otp.server.ServerOptions;
import io.otp.server.StartResult;
import io.otp.server.Startable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OTP's {@code gen_statem}: a server whose state decides what an event does. It is code that many
 * processes run and holds nothing of any of them: states and data go in and come out.
 *
 * {@snippet :
 * @Component
 * final class Payment implements StateMachine<PaymentId, Payment.Event, Payment.State, PaymentId> {
 *   sealed interface State {}
 *   record Idle() implements State {}
 *   record Authorized(long cents) implements State {}
 *   record Captured() implements State {}
 *   record Voided() implements State {}
 *
 *   sealed interface Event {}
 *   record Authorize(long cents) implements Event, Call<Event, Boolean> {}
 *   record Capture() implements Event, Call<Event, Boolean> {}
 *   record HoldExpired() implements Event {}          // neither Call nor Cast: nobody can send it
 *
 *   public Initial<State, PaymentId> init(PaymentId id, Self<Event> self) {
 *     return Initial.of(new Idle(), id);
 *   }
 *
 *   public Transition<State, PaymentId> handle(On<State, Event> on, PaymentId id, Self<Event> self) {
 *     return switch (on) {
 *       case On(Idle _, Authorize a) ->
 *           nextState(new Authorized(a.cents()), id, reply(a, true), stateTimeout(HOLD, new HoldExpired()));
 *       case On(Authorized _, Capture c) -> nextState(new Captured(), id, reply(c, true));
 *       case On(Authorized _, HoldExpired _) -> nextState(new Voided(), id);
 *       case On(_, Authorize a) -> keepState(id, reply(a, false));
 *       case On(_, Capture c) -> keepState(id, reply(c, false));
 *       case On(_, HoldExpired _) -> keepState(id);
 *     };
 *   }
 * }
 * }
 *
 * <p>There is no {@code default}: the compiler checks that every event is considered in every
 * state. Calls and casts are events that clients send; timeouts and {@link Transition#nextEvent}
 * bring the machine's own, which are plain records of {@code E}.
 *
 * <table>
 *   <caption>Callbacks</caption>
 *   <tr><th>gen_statem</th><th>here</th><th>returns</th></tr>
 *   <tr><td>init/1</td><td>{@link #init}</td><td>{@link Initial}; throws {@link Init} to stop or to be ignored</td></tr>
 *   <tr><td>handle_event/4</td><td>{@link #handle}</td><td>{@link Transition}</td></tr>
 *   <tr><td>StateName/3</td><td>{@link StateFunctions}</td><td>{@link Transition}</td></tr>
 *   <tr><td>the event type info</td><td>{@link #handleInfo}</td><td>{@link Transition}</td></tr>
 *   <tr><td>the event type enter</td><td>{@link #enter}</td><td>{@link Transition.Stay}</td></tr>
 *   <tr><td>terminate/3</td><td>{@link #terminate}</td><td></td></tr>
 *   <tr><td>code_change/4</td><td>{@link #codeChange}</td><td>{@link StateData}</td></tr>
 *   <tr><td>format_status/1</td><td>{@link #formatStatus}</td><td>what may be shown</td></tr>
 * </table>
 *
 * <p>Two states are the same if they are equal: a transition to an equal state is no change of
 * state. So what a state should remember across events that do not change it belongs to the data.
 *
 * <p>A callback that throws ends the process with that as its reason, and {@link #terminate} gets
 * state and data from before the event. So does one that returns {@code null}, with {@link
 * BadTransition}, and one whose state, data or reply cannot be shown immutable. Unlike OTP, where
 * {@code throw(Value)} is the same as returning {@code Value}, whatever is thrown is a failure.
 *
 * @param <A> its start arguments, immutable; {@link io.otp.server.NoArgs} for none
 * @param <E> its events, a sealed interface of records: those that are {@link io.otp.process.Call}
 *     or {@link io.otp.process.Cast} may be sent to it
 * @param <S> its states, a sealed interface of records or an enum, immutable
 * @param <D> what it keeps across states, immutable
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html">gen_statem</a>
 */
public interface StateMachine<A, E, S, D> extends Startable<A, E> {

  /**
   * Chooses the first state, in the new process. Whoever starts the machine waits for this to
   * return, but not for the state enter call and the events that it inserts, which come before any
   * message all the same.
   *
   * @throws Init to end without having started: {@link Init#stop}, {@link Init#error}, {@link
   *     Init#ignore}
   * @throws Exception any other ends the process; the start has failed with that as the reason
   */
  Initial<S, D> init(A args, Self<E> self) throws Exception;

  /**
   * Handles an event: a call, a cast, a timeout, or one that a transition inserted.
   *
   * @param on the state the machine is in, and the event
   * @param data the data as the last callback left it
   */
  Transition<S, D> handle(On<S, E> on, D data, Self<E> self) throws Exception;

  /**
   * Handles everything else: signals, responses and plain messages. It is an event as others are,
   * and may be postponed. Nothing is filtered but the exit signal of the parent, which ends the
   * machine.
   *
   * <p>Unlike OTP, where a machine that has no clause for it crashes, the default logs a warning
   * and drops it, as for a server.
   */
  default Transition<S, D> handleInfo(Info info, S state, D data, Self<E> self) throws Exception {
    self.runtime().report(new UnhandledInfoReport(self.pid(), GenProcess.nameOf(this), info));
    return Transition.keepStateAndData();
  }

  /**
   * The state enter call: made after the first state was chosen, after each change of state, and
   * after {@link Transition#repeatState}, once the transition's replies are sent and before the
   * next event. It may not change the state, postpone or insert events: that does not compile.
   *
   * <p>Unlike OTP there is no option to ask for it: by default it does nothing.
   *
   * @param from the state before; at the start and for {@code repeatState} equal to {@code state}
   * @param state the state that was entered
   */
  default Transition.Stay<S, D> enter(S from, S state, D data, Self<E> self) throws Exception {
    return Transition.keepStateAndData();
  }

  /**
   * The last thing the process does. Called when a callback stopped or threw, when it is asked to
   * stop through the system protocol, and when its parent ends while it traps exits.
   * <strong>Not</strong> called when an exit signal ends it that it does not trap: a supervisor's
   * shutdown reaches this only with {@link ServerOptions#withTrapExits trapExits}.
   *
   * @param reason why; the process ends with it whatever this does, unless this throws
   */
  default void terminate(ExitReason reason, S state, D data, Self<E> self) throws Exception {}

  /**
   * Converts state and data of another version of this code. Called while the process is suspended;
   * no state enter call is made, and timers go on.
   *
   * @param oldVersion the version they are of
   * @param extra what the upgrade instruction carries
   * @return both for this version; the same by default
   * @throws Exception the change is refused, and the old ones stay
   */
  default StateData<S, D> codeChange(
      String oldVersion, S state, D data, @Nullable Object extra, Self<E> self) throws Exception {
    return new StateData<>(state, data);
  }

  /**
   * What of the machine may be shown in reports and tools. Everything by default: hide secrets
   * here. If this throws, nothing but that is shown.
   */
  default Status formatStatus(Status status) {
    return status;
  }

  @Override
  default StartResult startLink(Self<?> self, A args, StartOptions options) {
    return StateMachines.startLink(self, this, args, options);
  }

  @Override
  default StartResult start(ProcessRuntime runtime, A args, StartOptions options) {
    return StateMachines.start(runtime, this, args, options);
  }

  /**
   * What reports and tools show of a machine.
   *
   * @param state the state, or what is shown of it
   * @param data the data, or what is shown of it
   * @param queue the events that were not handled yet, that in progress first
   * @param postponed the events that wait for another state, oldest first
   * @param timeouts the timers that run
   * @param reason why it ended, {@code null} if it has not
   */
  record Status(
      @Nullable Object state,
      @Nullable Object data,
      List<Event> queue,
      List<Event> postponed,
      List<Event> timeouts,
      @Nullable ExitReason reason) {

    /** Copies the lists. */
    public Status {
      queue = List.copyOf(queue);
      postponed = List.copyOf(postponed);
      timeouts = List.copyOf(timeouts);
    }

    /**
     * An event that waits.
     *
     * @param type OTP's event type: <code>call</code>, <code>cast</code>, <code>info</code>, <code>
     *     internal</code>, <code>state_timeout</code>, <code>timeout</code>, <code>{timeout,Name}
     *     </code>
     * @param content the event, or what is shown of it
     */
    public record Event(String type, Object content) {

      @Override
      public String toString() {
        return "{" + type + "," + content + "}";
      }
    }

    /** With another text or value for the state. */
    public Status withState(@Nullable Object shown) {
      return new Status(shown, data, queue, postponed, timeouts, reason);
    }

    /** With another text or value for the data. */
    public Status withData(@Nullable Object shown) {
      return new Status(state, shown, queue, postponed, timeouts, reason);
    }

    /** With other events: those in the queue, the postponed ones and those of the timers. */
    public Status withEvents(List<Event> queue, List<Event> postponed, List<Event> timeouts) {
      return new Status(state, data, queue, postponed, timeouts, reason);
    }

    /**
     * With another reason, in reports only: what the process ends with, and what others see of it,
     * stays.
     */
    public Status withReason(@Nullable ExitReason shown) {
      return new Status(state, data, queue, postponed, timeouts, shown);
    }
  }
}
