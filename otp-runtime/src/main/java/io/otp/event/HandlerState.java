package io.otp.event;

import io.otp.process.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * A handler as {@link io.otp.process.Sys} shows it: OTP's <code>{Module, Id, State}</code>. {@code
 * Sys.getState} of a manager returns a list of these, the handler added last first; {@code
 * Sys.replaceState} hands them to its function one by one, and a handler whose function throws, or
 * returns another id, stays as it was.
 *
 * @param id what it is addressed by
 * @param state its state
 */
@Immutable
public record HandlerState(HandlerId<?> id, @Nullable Object state) {

  /** With another state. */
  public HandlerState withState(@Nullable Object changed) {
    return new HandlerState(id, changed);
  }
}
