package io.otp.statem;

import io.otp.process.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What actions are made of. */
final class Actions {

  private Actions() {}

  /** One of the timers of a machine: it has one of each name. */
  sealed interface TimerName {

    /** Ends with the state. */
    enum State implements TimerName {
      STATE_TIMEOUT;

      @Override
      public String toString() {
        return "state_timeout";
      }
    }

    /** Ends with any event. */
    enum Event implements TimerName {
      EVENT_TIMEOUT;

      @Override
      public String toString() {
        return "timeout";
      }
    }

    /** Ends only when it is told to. */
    record Generic(Object name) implements TimerName {
      @Override
      public String toString() {
        return "{timeout," + name + "}";
      }
    }
  }

  /** What is done with a timer. */
  sealed interface Setting {

    /** Fires after a time, at once and without a timer for zero. */
    record After(Duration time, Object event) implements Setting {}

    /** Fires at a point in time. */
    record At(Deadline time, Object event) implements Setting {}

    /** Fires when it would have, with another event; at once if it is not running. */
    record Update(Object event) implements Setting {}

    /** Fires no more. */
    record Cancel() implements Setting {}
  }

  static final Setting CANCEL = new Setting.Cancel();
  static final Hibernate HIBERNATE = new Hibernate();

  record SetTimeout(TimerName timer, Setting setting) implements EnterAction {
    @Override
    public String toString() {
      return timer + ":" + setting;
    }
  }

  record Hibernate() implements EnterAction {}

  record Postpone(boolean postpone) implements Action {}

  record NextEvent(Object event) implements Action {}

  /** Changes the top of the stack of callback modules, puts one on it, or takes it away. */
  record ChangeModule(Kind kind, @Nullable StateMachine<?, ?, ?, ?> module) implements Action {
    enum Kind {
      CHANGE,
      PUSH,
      POP
    }

    @Override
    public String toString() {
      return switch (kind) {
        case CHANGE -> "change_callback_module " + module;
        case PUSH -> "push_callback_module " + module;
        case POP -> "pop_callback_module";
      };
    }
  }
}
