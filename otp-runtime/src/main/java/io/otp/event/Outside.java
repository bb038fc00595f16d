package io.otp.event;

import io.otp.process.Pid;
import io.otp.process.Report;
import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/** What an operation on {@link Handlers} does besides; a test writes it down instead. */
interface Outside {

  /** For callbacks. */
  Self<Object> self();

  /** The callbacks of {@code code}, perhaps told to somebody. */
  default EventHandler<Object, Object, Object> code(EventHandler<Object, Object, Object> code) {
    return code;
  }

  /** The manager. */
  Pid manager();

  /** The manager's name. */
  @Nullable String name();

  /** Refuses what cannot be shown immutable. */
  void checkMessage(Object message);

  /** Refuses what cannot be shown immutable. */
  void checkState(@Nullable Object state);

  /** Tells who supervises a handler that it has gone. */
  void tell(Pid supervisor, HandlerExit exit);

  void report(Report report);

  /** Whether the manager was ended from outside; what a callback throws then means nothing. */
  boolean hasEnded();

  /**
   * Links the manager to who supervises a handler.
   *
   * @return whether it was not linked before
   */
  boolean link(Pid supervisor);

  void unlink(Pid supervisor);
}
