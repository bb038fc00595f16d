package io.otp.statem;

import io.otp.process.Call;
import io.otp.process.Deadline;
import io.otp.process.ExitReason;
import io.otp.statem.Actions.ChangeModule;
import io.otp.statem.Actions.Setting;
import io.otp.statem.Actions.TimerName;
import io.otp.statem.StateMachine.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides what comes of a transition and which event is next: the rules of {@code gen_statem},
 * without threads, clocks or processes. A process asks and does the steps in order:
 *
 * <pre>
 *   steps = begin(actions) | handled(event, transition)
 *   Enter, always last: make the state enter call, then steps = entered(what it returned)
 *   no Enter or Stop:   event = next(), null: wait for a message
 *   a timer fired:      event = expired(number), null: it was stopped before
 * </pre>
 *
 * <p>Invariants: E1 state and data change when a transition is complete, not before, so a callback
 * that throws, a state enter call too, leaves them as they were before the event. E2 a timer has a
 * number that is never used again; the number of a timer that was stopped, set anew or has fired is
 * known no more, so its event can never come, whatever is in the mailbox. E3 a timeout of zero has
 * no timer and no number.
 *
 * @param <M> what runs the callbacks
 */
final class Engine<M extends Engine.Module> {

  /** What the engine asks of a callback module. */
  interface Module {

    /** Whether it has state enter calls. */
    boolean entersStates();
  }

  /** Makes a callback module of what an action names. */
  interface Modules<M> {
    M of(StateMachine<?, ?, ?, ?> callbacks);
  }

  /** Where an event comes from. */
  enum Kind {
    CALL,
    CAST,
    INFO,
    INTERNAL,
    TIMEOUT
  }

  /**
   * An event.
   *
   * @param kind where it comes from
   * @param timer which timeout, {@code null} if it is none
   * @param content the machine's event, or an {@link io.otp.process.Info}
   * @param from the request, {@code null} unless it is a call
   */
  record Event(Kind kind, @Nullable TimerName timer, Object content, @Nullable Object from) {

    static Event call(Object content, Object from) {
      return new Event(Kind.CALL, null, content, from);
    }

    static Event cast(Object content) {
      return new Event(Kind.CAST, null, content, null);
    }

    static Event info(Object content) {
      return new Event(Kind.INFO, null, content, null);
    }

    static Event internal(Object content) {
      return new Event(Kind.INTERNAL, null, content, null);
    }

    static Event timeout(TimerName timer, Object content) {
      return new Event(Kind.TIMEOUT, timer, content, null);
    }

    Status.Event shown() {
      return new Status.Event(
          switch (kind) {
            case CALL -> "call";
            case CAST -> "cast";
            case INFO -> "info";
            case INTERNAL -> "internal";
            case TIMEOUT -> String.valueOf(timer);
          },
          content);
    }
  }

  /** What is to be done. */
  sealed interface Step {

    /** Answer; {@code to} is the request of an event or a {@link io.otp.process.From}. */
    record Answer(Object to, Object reply) implements Step {}

    /** Make the state enter call; always the last step. */
    record Enter(Object from, Object state, Object data) implements Step {}

    /** Start a timer that fires after a time, or at a point in time. */
    record StartTimer(long number, @Nullable Duration after, @Nullable Deadline at)
        implements Step {}

    /** Stop a timer. */
    record StopTimer(long number) implements Step {}

    /** End with {@code reason}; always the last step. */
    record Stop(ExitReason reason) implements Step {}
  }

  /** A timer that runs, or a timeout of zero that waits: then the number is 0. */
  private record Timer(long number, Object event) {}

  private final Modules<M> factory;
  private final List<M> modules = new ArrayList<>(1);

  private Object state;
  private Object data;

  private final Deque<Event> queue = new ArrayDeque<>(1);
  private final Deque<Event> postponed = new ArrayDeque<>(1);

  /** By name; those of zero in the order in which they were set. */
  private final SequencedMap<TimerName, Timer> timers = new LinkedHashMap<>(4);

  private long numbers;

  /** The transition that a state enter call interrupts. */
  private @Nullable Pending pending;

  /** A transition whose actions are being collected. */
  private static final class Pending {
    final @Nullable Event event;
    Object state;
    Object data;
    boolean postpone;
    final List<Event> inserted = new ArrayList<>(2);
    final List<Actions.SetTimeout> timeouts = new ArrayList<>(2);

    Pending(@Nullable Event event, Object state, Object data) {
      this.event = event;
      this.state = state;
      this.data = data;
    }
  }

  Engine(M module, Modules<M> factory, Object state, Object data) {
    this.factory = factory;
    this.modules.add(module);
    this.state = state;
    this.data = data;
  }

  M module() {
    return modules.getLast();
  }

  Object state() {
    return state;
  }

  Object data() {
    return data;
  }

  /** From outside: no state enter call, and no timer or postponed event minds (3.14). */
  void replace(Object state, Object data) {
    this.state = state;
    this.data = data;
  }

  // --- transitions

  /** The first state was chosen. */
  List<Step> begin(List<Action> actions) {
    var begin = new Pending(null, state, data);
    return decide(begin, actions, true);
  }

  /** {@code event} was handled. */
  List<Step> handled(Event event, Transition<?, ?> transition) {
    return decide(new Pending(event, state, data), transition);
  }

  /** The state enter call was made. */
  List<Step> entered(Transition.Stay<?, ?> transition) {
    return decide(Objects.requireNonNull(pending), transition);
  }

  private List<Step> decide(Pending now, Transition<?, ?> transition) {
    if (transition.hasData()) {
      now.data = data(transition);
    }
    ExitReason stop = transition.stopReason();
    if (stop != null) {
      var steps = new ArrayList<Step>();
      collect(now, transition.actions(), steps);
      return stop(now, steps, stop);
    }
    Object next = transition.state();
    boolean enter = transition.kind() == Transition.Kind.REPEAT_STATE;
    if (next != null) {
      enter = !next.equals(state);
      now.state = next;
    }
    return decide(now, transition.actions(), enter);
  }

  @SuppressWarnings("NullAway") // a machine may have no data; then it is null by its own choice
  private static Object data(Transition<?, ?> transition) {
    return transition.data();
  }

  private List<Step> decide(Pending now, List<Action> actions, boolean enter) {
    var steps = new ArrayList<Step>(actions.size() + 1);
    ExitReason bad = collect(now, actions, steps);
    if (bad != null) {
      return stop(now, steps, bad);
    }
    if (enter && module().entersStates()) {
      pending = now;
      steps.add(new Step.Enter(state, now.state, now.data));
    } else {
      complete(now, steps);
    }
    return steps;
  }

  private List<Step> stop(Pending now, List<Step> steps, ExitReason reason) {
    state = now.state;
    data = now.data;
    steps.add(new Step.Stop(reason));
    return steps;
  }

  /** From left to right (3.40); returns why not, if one cannot be done. */
  private @Nullable ExitReason collect(Pending now, List<Action> actions, List<Step> steps) {
    for (Action action : actions) {
      switch (action) {
        case Reply reply -> {
          Object to = receiver(reply.to(), now.event);
          if (to == null) {
            return BadTransition.action(
                action,
                module(),
                "it replies to "
                    + reply.to()
                    + ", which is not the call that is being handled; answer an earlier call"
                    + " through the From that self.from gave");
          }
          steps.add(new Step.Answer(to, reply.reply()));
        }
        case Actions.Postpone(var postpone) -> now.postpone = postpone;
        case Actions.NextEvent(var content) -> now.inserted.add(inserted(content, now.event));
        case Actions.SetTimeout timeout -> now.timeouts.add(timeout);
        case Actions.Hibernate _ -> {}
        case ChangeModule(var kind, var callbacks) -> {
          if (kind != ChangeModule.Kind.PUSH) {
            if (kind == ChangeModule.Kind.POP && modules.size() == 1) {
              return BadTransition.action(
                  action, module(), "there is no callback module below it; push one first");
            }
            modules.removeLast();
          }
          if (callbacks != null) {
            modules.add(factory.of(callbacks));
          }
        }
      }
    }
    return null;
  }

  private static @Nullable Object receiver(Object to, @Nullable Event event) {
    if (!(to instanceof Call<?, ?>)) {
      return to;
    }
    return event != null && event.content == to ? event.from : null;
  }

  /** The call that is being handled stays a call. */
  private static Event inserted(Object content, @Nullable Event event) {
    return event != null && event.content == content && event.kind == Kind.CALL
        ? event
        : Event.internal(content);
  }

  /** After the state enter call, if there is one: E1. */
  private void complete(Pending now, List<Step> steps) {
    pending = null;
    if (now.postpone && now.event != null) {
      postponed.add(now.event);
    }
    cancel(TimerName.Event.EVENT_TIMEOUT, steps);
    if (!now.state.equals(state)) {
      cancel(TimerName.State.STATE_TIMEOUT, steps);
      while (!postponed.isEmpty()) {
        queue.addFirst(postponed.removeLast());
      }
    }
    for (Event event : now.inserted.reversed()) {
      queue.addFirst(event);
    }
    setTimers(now.timeouts, steps);
    state = now.state;
    data = now.data;
  }

  // --- timers

  /** Of several for one timer only the last counts, in its place (3.34). */
  private void setTimers(List<Actions.SetTimeout> timeouts, List<Step> steps) {
    for (int i = 0; i < timeouts.size(); i++) {
      TimerName timer = timeouts.get(i).timer();
      boolean last = true;
      for (int j = i + 1; j < timeouts.size() && last; j++) {
        last = !timeouts.get(j).timer().equals(timer);
      }
      if (last) {
        set(timer, timeouts.get(i).setting(), steps);
      }
    }
  }

  private void set(TimerName timer, Setting setting, List<Step> steps) {
    switch (setting) {
      case Setting.Cancel _ -> cancel(timer, steps);
      case Setting.Update(var event) -> {
        Timer running = timers.get(timer);
        timers.put(timer, new Timer(running == null ? 0 : running.number, event));
      }
      case Setting.At(var at, var event) -> {
        cancel(timer, steps);
        timers.put(timer, new Timer(++numbers, event));
        steps.add(new Step.StartTimer(numbers, null, at));
      }
      case Setting.After(var after, var event) -> {
        cancel(timer, steps);
        if (after.isZero()) {
          timers.put(timer, new Timer(0, event)); // E3
        } else if (!isNever(after)) {
          timers.put(timer, new Timer(++numbers, event));
          steps.add(new Step.StartTimer(numbers, after, null));
        }
      }
    }
  }

  static boolean isNever(Duration after) {
    return after.getSeconds() > 100L * 365 * 24 * 3600;
  }

  private void cancel(TimerName timer, List<Step> steps) {
    Timer running = timers.remove(timer);
    if (running != null && running.number != 0) {
      steps.add(new Step.StopTimer(running.number));
    }
  }

  /** Timer {@code number} has fired; {@code null} if it was stopped before: E2. */
  @Nullable Event expired(long number) {
    for (Map.Entry<TimerName, Timer> entry : timers.entrySet()) {
      if (entry.getValue().number == number) {
        return fire(entry.getKey());
      }
    }
    return null;
  }

  private Event fire(TimerName timer) {
    return Event.timeout(timer, Objects.requireNonNull(timers.remove(timer)).event);
  }

  // --- events

  /** The event to handle before any message, {@code null} if there is none (3.20, 3.23). */
  @Nullable Event next() {
    Event first = queue.poll();
    if (first != null) {
      return first;
    }
    for (Map.Entry<TimerName, Timer> entry : timers.entrySet()) {
      if (entry.getValue().number == 0) {
        return fire(entry.getKey());
      }
    }
    return null;
  }

  /** The events that wait, {@code current} first. */
  List<Status.Event> queued(@Nullable Event current) {
    var events = new ArrayList<Status.Event>();
    if (current != null) {
      events.add(current.shown());
    }
    queue.forEach(event -> events.add(event.shown()));
    return events;
  }

  /** Oldest first. */
  List<Status.Event> postponed() {
    return postponed.stream().map(Event::shown).toList();
  }

  /** The timers that run. */
  List<Status.Event> timeouts() {
    return timers.entrySet().stream()
        .map(entry -> Event.timeout(entry.getKey(), entry.getValue().event).shown())
        .toList();
  }

  /** The callback modules, that in use first. */
  List<String> moduleNames() {
    return modules.reversed().stream().map(Object::toString).toList();
  }
}
