package io.otp.statem;

import io.otp.process.Call;
import io.otp.process.Deadline;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.statem.Actions.ChangeModule;
import io.otp.statem.Actions.Setting;
import io.otp.statem.Actions.TimerName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a callback decides: which state comes next, with what data, whether the machine goes on, and
 * what is done besides.
 *
 * {@snippet :
 * return switch (on) {
 *   case On(Dark _, Press p) -> nextState(new Lit(), presses + 1, reply(p, true), stateTimeout(TEN_SECONDS, new TurnOff()));
 *   case On(Lit _, Press _) -> keepStateAndData(postpone());
 *   case On(Lit _, TurnOff _) -> nextState(new Dark(), presses);
 *   case On(Dark _, TurnOff _) -> keepStateAndData();
 * };
 * }
 *
 * <p>After a transition come, in this order: the state enter call if the state changed; the events
 * that {@link #nextEvent} inserted; if the state changed, the postponed events, oldest first; what
 * was inserted earlier; timeouts of zero; the mailbox.
 *
 * <p>Values compare, so a callback is tested as a function:
 *
 * {@snippet :
 * assertThat(turnstile.handle(new On<>(new Locked(), new Coin(20)), 100, self))
 *     .isEqualTo(nextState(new Unlocked(), 120));
 * }
 *
 * @param <S> the machine's states
 * @param <D> the machine's data
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#t:event_handler_result/2">
 *     gen_statem:event_handler_result()</a>
 */
public abstract sealed class Transition<S, D> {

  /** What becomes of the state. */
  enum Kind {
    NEXT_STATE,
    KEEP_STATE,
    REPEAT_STATE,
    STOP
  }

  private final Kind kind;
  private final @Nullable S state;
  private final boolean hasData;
  private final @Nullable D data;
  private final @Nullable ExitReason reason;
  private final List<Action> actions;

  private Transition(
      Kind kind,
      @Nullable S state,
      boolean hasData,
      @Nullable D data,
      @Nullable ExitReason reason,
      Action[] actions) {
    this.kind = kind;
    this.state = state;
    this.hasData = hasData;
    this.data = data;
    this.reason = reason;
    this.actions = List.of(actions);
  }

  /**
   * A transition that stays in its state, or ends the machine: all that a state enter call may
   * return.
   *
   * @param <S> the machine's states
   * @param <D> the machine's data
   */
  public static final class Stay<S, D> extends Transition<S, D> {
    private Stay(
        Kind kind,
        boolean hasData,
        @Nullable D data,
        @Nullable ExitReason reason,
        Action[] actions) {
      super(kind, null, hasData, data, reason, actions);
    }
  }

  /** One that only an event may cause. */
  private static final class OnEvent<S, D> extends Transition<S, D> {
    private OnEvent(
        Kind kind, @Nullable S state, boolean hasData, @Nullable D data, Action[] actions) {
      super(kind, state, hasData, data, null, actions);
    }
  }

  // --- what becomes of the state

  /**
   * Goes to {@code state}. If it equals the one the machine is in, that is no change: it is the
   * same as {@link #keepState}. If not, the state timeout ends, postponed events are tried again,
   * and the state enter call is made.
   */
  public static <S, D> Transition<S, D> nextState(S state, D data, Action... actions) {
    return new OnEvent<>(
        Kind.NEXT_STATE,
        Objects.requireNonNull(state, "a state cannot be null"),
        true,
        data,
        actions);
  }

  /** Stays in the state, with other data. */
  public static <S, D> Stay<S, D> keepState(D data, EnterAction... actions) {
    return new Stay<>(Kind.KEEP_STATE, true, data, null, actions);
  }

  /** Stays in the state, with other data. */
  public static <S, D> Transition<S, D> keepState(D data, Action... actions) {
    return new OnEvent<>(Kind.KEEP_STATE, null, true, data, actions);
  }

  /** Stays in the state, with the same data. */
  public static <S, D> Stay<S, D> keepStateAndData(EnterAction... actions) {
    return new Stay<>(Kind.KEEP_STATE, false, null, null, actions);
  }

  /** Stays in the state, with the same data. */
  public static <S, D> Transition<S, D> keepStateAndData(Action... actions) {
    return new OnEvent<>(Kind.KEEP_STATE, null, false, null, actions);
  }

  /**
   * Stays in the state and makes its state enter call again. The state timeout goes on and
   * postponed events stay postponed.
   */
  public static <S, D> Stay<S, D> repeatState(D data, EnterAction... actions) {
    return new Stay<>(Kind.REPEAT_STATE, true, data, null, actions);
  }

  /** As the other one, with actions that a state enter call may not return. */
  public static <S, D> Transition<S, D> repeatState(D data, Action... actions) {
    return new OnEvent<>(Kind.REPEAT_STATE, null, true, data, actions);
  }

  /** As {@link #repeatState}, with the same data. */
  public static <S, D> Stay<S, D> repeatStateAndData(EnterAction... actions) {
    return new Stay<>(Kind.REPEAT_STATE, false, null, null, actions);
  }

  /** As the other one, with actions that a state enter call may not return. */
  public static <S, D> Transition<S, D> repeatStateAndData(Action... actions) {
    return new OnEvent<>(Kind.REPEAT_STATE, null, false, null, actions);
  }

  /** Ends the process; calls that were not answered fail with {@code reason}. */
  public static <S, D> Stay<S, D> stop(ExitReason reason) {
    return new Stay<>(Kind.STOP, false, null, Objects.requireNonNull(reason), new EnterAction[0]);
  }

  /** Ends the process; {@code terminate} gets {@code data}. */
  public static <S, D> Stay<S, D> stop(ExitReason reason, D data) {
    return new Stay<>(Kind.STOP, true, data, Objects.requireNonNull(reason), new EnterAction[0]);
  }

  /**
   * Sends the replies, then runs {@code terminate}, then ends the process. Unlike a server, whose
   * {@code terminate} runs before its last reply: in both cases as OTP does.
   */
  public static <S, D> Stay<S, D> stopAndReply(ExitReason reason, D data, Reply... replies) {
    return new Stay<>(Kind.STOP, true, data, Objects.requireNonNull(reason), replies);
  }

  // --- actions

  /**
   * Answers the call that is being handled. The reply is sent when its turn among the actions
   * comes, before the state enter call.
   *
   * @param request the call, the very object that was handed in
   * @param reply immutable, not {@code null}
   */
  public static <R> Reply reply(Call<?, R> request, R reply) {
    return new Reply(Objects.requireNonNull(request), notNull(reply));
  }

  /** Answers an earlier call, whose {@code From} {@link io.otp.process.Self#from} gave. */
  public static <R> Reply reply(From<R> from, R reply) {
    return new Reply(Objects.requireNonNull(from), notNull(reply));
  }

  private static Object notNull(@Nullable Object reply) {
    return Objects.requireNonNull(
        reply, "a reply cannot be null; Call.Ok.OK is there for calls with nothing to say");
  }

  /** Puts the event aside until the state changes; then it is handled as if it came then. */
  public static Action postpone() {
    return postpone(true);
  }

  /** Postpones or not; of several the last one counts. */
  public static Action postpone(boolean postpone) {
    return new Actions.Postpone(postpone);
  }

  /**
   * Has {@code event} handled next, before all that waits. Several are handled in their order. The
   * call that is being handled may be given too: then it is still to be answered.
   *
   * @param event one of the machine's events; the compiler does not check that
   */
  public static Action nextEvent(Object event) {
    return new Actions.NextEvent(Objects.requireNonNull(event));
  }

  /**
   * Says that nothing will happen for a while. Unlike in OTP nothing comes of it: an idle process
   * here holds no stack and no heap of its own that could be given back.
   */
  public static EnterAction hibernate() {
    return Actions.HIBERNATE;
  }

  // --- timeouts

  /**
   * An {@code event} if the state does not change for {@code after}. A machine has one such timer:
   * setting it again starts it anew.
   *
   * @param after zero: once all events that are there have been handled, but before any message
   *     that waits; more than a century: never
   * @param event one of the machine's events; the compiler does not check that
   * @throws IllegalArgumentException if {@code after} is negative
   */
  public static EnterAction stateTimeout(Duration after, Object event) {
    return set(TimerName.State.STATE_TIMEOUT, after(after, event));
  }

  /** As the other one, at a point in time; at once if that has passed. */
  public static EnterAction stateTimeout(Deadline at, Object event) {
    return set(TimerName.State.STATE_TIMEOUT, at(at, event));
  }

  /** Gives the running state timeout another event; at once if none is running. */
  public static EnterAction updateStateTimeout(Object event) {
    return set(TimerName.State.STATE_TIMEOUT, update(event));
  }

  /** Ends the state timeout. */
  public static EnterAction cancelStateTimeout() {
    return set(TimerName.State.STATE_TIMEOUT, Actions.CANCEL);
  }

  /**
   * An {@code event} if no other comes for {@code after}: any event ends it, also an inserted one,
   * a retried one or another timeout. System messages do not.
   *
   * @throws IllegalArgumentException if {@code after} is negative
   */
  public static EnterAction eventTimeout(Duration after, Object event) {
    return set(TimerName.Event.EVENT_TIMEOUT, after(after, event));
  }

  /** As the other one, at a point in time; at once if that has passed. */
  public static EnterAction eventTimeout(Deadline at, Object event) {
    return set(TimerName.Event.EVENT_TIMEOUT, at(at, event));
  }

  /** The same as an event timeout of zero: the event that is being handled has ended any other. */
  public static EnterAction updateEventTimeout(Object event) {
    return set(TimerName.Event.EVENT_TIMEOUT, update(event));
  }

  /** Does nothing, as the event that is being handled has ended it; for symmetry with OTP. */
  public static EnterAction cancelEventTimeout() {
    return set(TimerName.Event.EVENT_TIMEOUT, Actions.CANCEL);
  }

  /**
   * An {@code event} after {@code after}, whatever happens meanwhile. A machine may have many; one
   * of the same name is started anew.
   *
   * @param name immutable, compared with {@code equals}
   * @throws IllegalArgumentException if {@code after} is negative
   */
  public static EnterAction timeout(Object name, Duration after, Object event) {
    return set(new TimerName.Generic(Objects.requireNonNull(name)), after(after, event));
  }

  /** As the other one, at a point in time; at once if that has passed. */
  public static EnterAction timeout(Object name, Deadline at, Object event) {
    return set(new TimerName.Generic(Objects.requireNonNull(name)), at(at, event));
  }

  /** Gives a running timeout another event; at once if it is not running. */
  public static EnterAction updateTimeout(Object name, Object event) {
    return set(new TimerName.Generic(Objects.requireNonNull(name)), update(event));
  }

  /** Ends a timeout; nothing happens if it is not running. */
  public static EnterAction cancelTimeout(Object name) {
    return set(new TimerName.Generic(Objects.requireNonNull(name)), Actions.CANCEL);
  }

  private static EnterAction set(TimerName timer, Setting setting) {
    return new Actions.SetTimeout(timer, setting);
  }

  private static Setting after(Duration after, Object event) {
    if (after.isNegative()) {
      throw new IllegalArgumentException(
          "A timeout of " + after + " is not allowed, it must not be negative");
    }
    return new Setting.After(after, Objects.requireNonNull(event));
  }

  private static Setting at(Deadline at, Object event) {
    return new Setting.At(Objects.requireNonNull(at), Objects.requireNonNull(event));
  }

  private static Setting update(Object event) {
    return new Setting.Update(Objects.requireNonNull(event));
  }

  // --- callback modules

  /**
   * Has another machine's code handle whatever comes next, beginning with the state enter call of
   * this transition.
   *
   * @param module its events, states and data are those of this one; the compiler does not check
   *     that
   */
  public static Action changeCallbackModule(StateMachine<?, ?, ?, ?> module) {
    return new ChangeModule(ChangeModule.Kind.CHANGE, Objects.requireNonNull(module));
  }

  /** As {@link #changeCallbackModule}; {@link #popCallbackModule} comes back to this one. */
  public static Action pushCallbackModule(StateMachine<?, ?, ?, ?> module) {
    return new ChangeModule(ChangeModule.Kind.PUSH, Objects.requireNonNull(module));
  }

  /** Goes back to the code before the last push; where there was none that ends the process. */
  public static Action popCallbackModule() {
    return new ChangeModule(ChangeModule.Kind.POP, null);
  }

  // --- for the machine, and for tools

  Kind kind() {
    return kind;
  }

  boolean hasData() {
    return hasData;
  }

  /** The state it names; {@code null} if it stays in its state or ends the machine. */
  public @Nullable S state() {
    return state;
  }

  /** The data it names; {@code null} if it keeps the data. */
  public @Nullable D data() {
    return data;
  }

  /** Why it ends the machine; {@code null} if it does not. */
  public @Nullable ExitReason stopReason() {
    return reason;
  }

  /** What it does besides, in order. */
  public List<Action> actions() {
    return actions;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Transition<?, ?> that
        && kind == that.kind
        && hasData == that.hasData
        && Objects.equals(state, that.state)
        && Objects.equals(data, that.data)
        && Objects.equals(reason, that.reason)
        && actions.equals(that.actions);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, hasData, state, data, reason, actions);
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    text.append(
        switch (kind) {
          case NEXT_STATE -> "nextState(" + state + ", " + data;
          case KEEP_STATE -> hasData ? "keepState(" + data : "keepStateAndData(";
          case REPEAT_STATE -> hasData ? "repeatState(" + data : "repeatStateAndData(";
          case STOP -> "stop(" + reason + (hasData ? ", " + data : "");
        });
    for (Action action : actions) {
      text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ").append(action);
    }
    return text.append(')').toString();
  }
}
