package io.otp.process;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a clause of {@link Self#receive} says of a message: take it, with a result, or skip it.
 *
 * @param <T> the result
 */
public final class Receive<T> {

  private static final Receive<?> SKIP = new Receive<>(null);

  final @Nullable T value;

  private Receive(@Nullable T value) {
    this.value = value;
  }

  /**
   * Takes the message out of the mailbox; {@code value} is the result of the receive, never {@code
   * null}.
   */
  public static <T> Receive<T> take(T value) {
    return new Receive<>(java.util.Objects.requireNonNull(value, "a receive cannot take null"));
  }

  /** Leaves the message in the mailbox, at its place. */
  @SuppressWarnings("unchecked")
  public static <T> Receive<T> skip() {
    return (Receive<T>) SKIP;
  }

  /** The result if the message is taken, empty if it is skipped. */
  public Optional<T> taken() {
    return Optional.ofNullable(value);
  }

  boolean skips() {
    return this == SKIP;
  }
}
