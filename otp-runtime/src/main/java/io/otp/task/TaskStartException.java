package io.otp.task;

import io.otp.supervisor.ChildError;
import io.otp.supervisor.StartChildResult;

/** A supervisor of tasks did not start one. */
public final class TaskStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient StartChildResult result;

  TaskStartException(String supervisor, StartChildResult result) {
    super(
        "Task supervisor '"
            + supervisor
            + "' started no task: "
            + (result.equals(new StartChildResult.Refused(ChildError.MAX_CHILDREN))
                ? "it has as many children as it may have. Wait for some to end, or raise"
                    + " max-children."
                : result + "."));
    this.result = result;
  }

  /** What the supervisor answered. */
  public StartChildResult result() {
    return result;
  }
}
