package io.otp.task;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import java.time.Duration;

/**
 * The result of a task did not come. A process that does not catch this ends with <code>
 * {Reason, {Task, await, [Task, Timeout]}}</code>, see {@link Failed}.
 */
public abstract sealed class AwaitException extends ProcessExit {

  private static final long serialVersionUID = 1L;

  private final transient Failed failed;

  AwaitException(Failed failed, String message) {
    super(new ExitReason.Other(failed), message);
    this.failed = failed;
  }

  /**
   * The reason of a process that waited in vain, in an {@link ExitReason.Other}.
   *
   * @param reason {@link ExitReason#TIMEOUT}, or why the task ended
   * @param task the task
   * @param timeout how long it waited at most
   */
  public record Failed(ExitReason reason, Pid task, Duration timeout) {
    @Override
    public String toString() {
      return "{" + reason + ",{await,[" + task + "," + timeout + "]}}";
    }
  }

  /** {@link ExitReason#TIMEOUT}, or why the task ended. */
  public ExitReason cause() {
    return failed.reason();
  }

  /** The task. */
  public Pid task() {
    return failed.task();
  }

  /** The result did not come in time. A late one is dropped. */
  public static final class AwaitTimeoutException extends AwaitException {
    private static final long serialVersionUID = 1L;

    AwaitTimeoutException(Failed failed) {
      super(
          failed,
          "Task "
              + failed.task()
              + " has no result after "
              + failed.timeout().toMillis()
              + " ms, its result is not waited for any more. Raise the timeout, or use yield, which"
              + " lets the task go on.");
    }
  }

  /** The task ended without a result; {@link #cause()} is why. */
  public static final class TaskExitException extends AwaitException {
    private static final long serialVersionUID = 1L;

    TaskExitException(Failed failed) {
      super(
          failed,
          "Task " + failed.task() + " ended without a result, reason: " + failed.reason() + ".");
    }
  }
}
