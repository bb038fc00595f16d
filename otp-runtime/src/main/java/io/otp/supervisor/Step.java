package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.StartResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a supervisor's process does next. It executes a list in order; {@link Start}, {@link
 * Terminate} and {@link TerminateAll} have a result, of which the {@link RestartPlan} makes the
 * next list. At most one of them is in a list, and then it is the last.
 */
sealed interface Step {

  /**
   * Start a child and tell {@link RestartPlan#onStarted}. What it throws is a {@link
   * StartResult.Failed} too.
   *
   * @param args the arguments of a template, else {@code null}
   */
  record Start(ChildSpec child, @Nullable Object args) implements Step {

    /** Calls the start function. */
    @SuppressWarnings("unchecked")
    StartResult run(Self<Object> supervisor) throws Exception {
      StartResult result =
          child.start() instanceof DynamicStart<?> start
              ? ((DynamicStart<@Nullable Object>) start).start(args, supervisor)
              : child.start().start(supervisor);
      return Objects.requireNonNull(
          result, () -> "The start function of child '" + child.id() + "' returned null");
    }
  }

  /**
   * Stop a child as its shutdown says, wait until it is down, take its exit signal out of the
   * mailbox, and tell {@link RestartPlan#onTerminated} the reason: that of the exit signal if there
   * was one, else that of the down message.
   */
  record Terminate(Pid pid, ChildSpec child) implements Step {}

  /**
   * Stop every child that {@link RestartPlan#forEachRunning} shows, all at once, each as its
   * shutdown says; tell {@link RestartPlan#onTerminated} for each one that is down. When the time
   * of a shutdown is over, send {@code kill} to those that it then still shows.
   */
  record TerminateAll() implements Step {}

  /** Report what went wrong. */
  record Report(SupervisorReport report) implements Step {}

  /** Report that a child runs. */
  record Progress(ProgressReport report) implements Step {}

  /**
   * Send this to oneself, behind what waits in the mailbox, and tell {@link RestartPlan#onTryAgain}
   * when it arrives.
   *
   * @param child id of the child, or the pid it had
   */
  record TryAgain(Object child) implements Step {}

  /**
   * Answer the call that is being handled.
   *
   * @param answer a {@link StartChildResult}; or an {@code Optional<ChildError>}, empty for OTP's
   *     {@code ok}
   */
  record Reply(Object answer) implements Step {}

  /** End with this reason. No child runs any more. */
  record Exit(ExitReason reason) implements Step {}
}
