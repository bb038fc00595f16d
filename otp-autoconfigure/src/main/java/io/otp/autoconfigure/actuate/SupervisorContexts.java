package io.otp.autoconfigure.actuate;

import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/** Knows which application contexts supervisors own; for tools. */
@FunctionalInterface
public interface SupervisorContexts {

  /** The id of the context that a supervisor owns, {@code null} if it owns none. */
  @Nullable String contextOf(Pid supervisor);
}
