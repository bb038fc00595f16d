package io.otp.autoconfigure.context;

import io.otp.process.Immutable;
import io.otp.process.Thrown;

/**
 * Why a supervisor could not have its context: what it ends with, as the term of an {@link
 * io.otp.process.ExitReason.Other}. Data: it holds nothing of the context.
 *
 * @param supervisor the name of the supervisor
 * @param context the id of the context
 * @param where what declares the context
 * @param description what is wrong
 * @param action what to do
 * @param cause what was thrown
 */
@Immutable
public record ContextFailure(
    String supervisor,
    String context,
    String where,
    String description,
    String action,
    Thrown cause) {

  @Override
  public String toString() {
    return "{context_failed,"
        + context
        + "}: "
        + description
        + (action.isEmpty() ? "" : " " + action);
  }
}
