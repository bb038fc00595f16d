package io.otp.test;

import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Self;
import io.otp.server.ServerOptions;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateData;
import io.otp.statem.StateMachine;
import io.otp.statem.Transition;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a state machine does with which event in which state, as seen in tests. It fails while a
 * pair of a state and an event has not been tried, and it draws the machine.
 *
 * {@snippet :
 * static final TransitionTable TABLE = new TransitionTable();
 * final StateMachine<NoArgs, Event, State, Integer> turnstile = TABLE.recording(new Turnstile());
 *
 * @Test void coinUnlocks() {
 *   assertThat(turnstile.handle(new On<>(new Locked(), new Coin(20)), 0, new TestSelf<>()))
 *       .isEqualTo(nextState(new Unlocked(), 20));
 * }
 *
 * @AfterAll static void everyPairIsTried() {
 *   TABLE.assertComplete(State.class, Event.class);
 *   Files.writeString(Path.of("target/turnstile.mmd"), TABLE.toMermaid());
 * }
 * }
 *
 * <p>States and events are told apart by their class, enum constants by their name: two records of
 * one class are one row. It holds what was seen and nothing more: a transition that depends on data
 * that no test had is neither missed nor drawn.
 *
 * <p>For use by several threads, so a recorded machine may run in processes.
 */
public final class TransitionTable {

  private static final Comparator<Row> ORDER =
      Comparator.comparing(Row::state).thenComparing(Row::event).thenComparing(Row::outcome);

  private final Set<String> first = new TreeSet<>();
  private final Set<Row> rows = new TreeSet<>(ORDER);

  /** An empty table. */
  public TransitionTable() {}

  /** What came of an event. */
  public enum Kind {
    /** The machine stayed in its state. */
    KEPT,
    /** It went to another state, perhaps of the same name. */
    CHANGED,
    /** It ended. */
    STOPPED,
    /** Its callback threw. */
    CRASHED
  }

  /**
   * A transition that was seen.
   *
   * @param state the state in which the event was handled
   * @param event the event
   * @param kind what came of it
   * @param next the state after it, {@code null} if the machine ended
   */
  public record Row(String state, String event, Kind kind, @Nullable String next) {

    private String outcome() {
      return kind + " " + next;
    }
  }

  // --- fill

  /**
   * The same machine, whose transitions are written into this table; for direct calls, for {@link
   * OtpExtension#start} and for trees.
   */
  public <A, E, S, D> StateMachine<A, E, S, D> recording(StateMachine<A, E, S, D> machine) {
    return new Recorded<>(machine);
  }

  /**
   * Tries each event in each state and writes down what comes of it.
   *
   * @param data the data that each of them meets
   * @param self usually a {@link TestSelf}
   * @return this table
   */
  public <E, S, D> TransitionTable sample(
      StateMachine<?, E, S, D> machine,
      Collection<? extends S> states,
      Collection<? extends E> events,
      D data,
      Self<E> self) {
    StateMachine<?, E, S, D> recorded = recording(machine);
    for (S state : states) {
      for (E event : events) {
        try {
          recorded.handle(new On<>(state, event), data, self);
        } catch (Exception e) {
          // written down as CRASHED
        }
      }
    }
    return this;
  }

  private synchronized void begin(Object state) {
    first.add(nameOf(state));
  }

  private synchronized void add(Object state, Object event, Kind kind, @Nullable String next) {
    rows.add(new Row(nameOf(state), nameOf(event), kind, next));
  }

  private void add(Object state, Object event, Transition<?, ?> transition) {
    Object next = transition.state();
    if (transition.stopReason() != null) {
      add(state, event, Kind.STOPPED, null);
    } else if (next == null || next.equals(state)) {
      add(state, event, Kind.KEPT, nameOf(state));
    } else {
      add(state, event, Kind.CHANGED, nameOf(next));
    }
  }

  // --- read

  /** What was seen so far, by name of state and event. */
  public synchronized List<Row> rows() {
    return List.copyOf(rows);
  }

  /**
   * The pairs that were not tried yet, as {@code State × Event}.
   *
   * @param states the states' type: sealed, an enum, or final
   * @param events the events' type
   * @throws IllegalArgumentException if not all subtypes of one of them are known
   */
  public List<String> missing(Class<?> states, Class<?> events) {
    var missing = new ArrayList<String>();
    for (String state : names(states)) {
      for (String event : names(events)) {
        if (rows().stream().noneMatch(r -> r.state().equals(state) && r.event().equals(event))) {
          missing.add(state + " × " + event);
        }
      }
    }
    return missing;
  }

  /**
   * Fails unless each pair of a state and an event was tried.
   *
   * @param states the states' type: sealed, an enum, or final
   * @param events the events' type
   * @throws AssertionError with the list of the pairs that are missing
   * @throws IllegalArgumentException if not all subtypes of one of them are known
   */
  public void assertComplete(Class<?> states, Class<?> events) {
    List<String> missing = missing(states, events);
    if (!missing.isEmpty()) {
      throw new AssertionError(
          missing.size()
              + " of "
              + names(states).size() * names(events).size()
              + " pairs of a state and an event are not exercised:\n  "
              + String.join("\n  ", missing)
              + "\nHandle each event in each state in a test.");
    }
  }

  /**
   * The machine as a Mermaid state diagram: first states, changes of state, ends. Events that keep
   * the state are not drawn.
   */
  public synchronized String toMermaid() {
    var text = new StringBuilder("stateDiagram-v2\n");
    first.forEach(state -> text.append("    [*] --> ").append(state).append('\n'));
    for (Row row : rows) {
      if (row.kind() != Kind.KEPT) {
        text.append("    ")
            .append(row.state())
            .append(" --> ")
            .append(row.next() == null ? "[*]" : row.next())
            .append(": ")
            .append(row.event())
            .append(row.kind() == Kind.CRASHED ? " (crash)" : "")
            .append('\n');
      }
    }
    return text.toString();
  }

  // --- names

  private static String nameOf(Object value) {
    return value instanceof Enum<?> constant ? constant.name() : value.getClass().getSimpleName();
  }

  private static Set<String> names(Class<?> type) {
    var names = new LinkedHashSet<String>();
    addNames(type, names);
    return names;
  }

  private static void addNames(Class<?> type, Set<String> names) {
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        names.add(((Enum<?>) constant).name());
      }
    } else if (type.isSealed()) {
      for (Class<?> sub : type.getPermittedSubclasses()) {
        addNames(sub, names);
      }
      if (!type.isInterface() && !Modifier.isAbstract(type.getModifiers())) {
        names.add(type.getSimpleName());
      }
    } else if (Modifier.isFinal(type.getModifiers())) {
      names.add(type.getSimpleName());
    } else {
      throw new IllegalArgumentException(
          type.getName()
              + " is neither sealed nor final nor an enum, so nobody can say what there is of it."
              + " Make it sealed.");
    }
  }

  /** Writes down what the machine does. */
  private final class Recorded<A, E, S, D> implements StateMachine<A, E, S, D> {

    private final StateMachine<A, E, S, D> machine;

    Recorded(StateMachine<A, E, S, D> machine) {
      this.machine = machine;
    }

    @Override
    public Initial<S, D> init(A args, Self<E> self) throws Exception {
      Initial<S, D> initial = machine.init(args, self);
      begin(initial.state());
      return initial;
    }

    @Override
    public Transition<S, D> handle(On<S, E> on, D data, Self<E> self) throws Exception {
      Transition<S, D> transition;
      try {
        transition = machine.handle(on, data, self);
      } catch (Throwable t) {
        add(on.state(), on.event(), Kind.CRASHED, null);
        throw t;
      }
      add(on.state(), on.event(), transition);
      return transition;
    }

    @Override
    public Transition<S, D> handleInfo(Info info, S state, D data, Self<E> self) throws Exception {
      return machine.handleInfo(info, state, data, self);
    }

    @Override
    public Transition.Stay<S, D> enter(S from, S state, D data, Self<E> self) throws Exception {
      return machine.enter(from, state, data, self);
    }

    @Override
    public void terminate(ExitReason reason, S state, D data, Self<E> self) throws Exception {
      machine.terminate(reason, state, data, self);
    }

    @Override
    public StateData<S, D> codeChange(
        String oldVersion, S state, D data, @Nullable Object extra, Self<E> self) throws Exception {
      return machine.codeChange(oldVersion, state, data, extra, self);
    }

    @Override
    public Status formatStatus(Status status) {
      return machine.formatStatus(status);
    }

    @Override
    public ServerOptions options() {
      return machine.options();
    }
  }
}
