package io.otp.stage;

import io.otp.process.ExitReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a callback decides: the events it emits, the next state, and whether that was all.
 *
 * @param events in order; may be fewer or more than were asked for
 * @param state the next state
 * @param stop the reason to end with once all events that were emitted have been taken, {@code
 *     null} to go on
 * @param <O> the events
 * @param <S> the state
 */
public record Emit<O, S>(List<O> events, S state, @Nullable ExitReason stop) {

  /** Copies the events. */
  public Emit {
    events = List.copyOf(events);
  }

  /** Emits events. */
  public static <O, S> Emit<O, S> of(List<O> events, S state) {
    return new Emit<>(events, state, null);
  }

  /** Emits nothing. */
  public static <O, S> Emit<O, S> none(S state) {
    return new Emit<>(List.of(), state, null);
  }

  /** Emits the last events; the process ends when they, and those in its buffer, are taken. */
  public static <O, S> Emit<O, S> stop(ExitReason reason, List<O> events, S state) {
    return new Emit<>(events, state, reason);
  }
}
