package io.otp.application;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.server.StartResult;
import java.util.Objects;

/**
 * What {@link Application#start} returns: <code>{ok, Pid, State}</code> or <code>{error, Reason}
 * </code>.
 *
 * @param <S> the application's state
 */
public sealed interface ApplicationStart<S> {

  /**
   * The tree runs.
   *
   * @param supervisor its top supervisor
   * @param state what {@link Application#prepStop} gets
   */
  record Started<S>(Pid supervisor, S state) implements ApplicationStart<S> {

    /** Checks that both are there. */
    public Started {
      Objects.requireNonNull(supervisor, "supervisor");
      Objects.requireNonNull(state, "state");
    }
  }

  /**
   * It cannot be started.
   *
   * @param reason why
   */
  record Failed<S>(ExitReason reason) implements ApplicationStart<S> {}

  /**
   * What the start of the top supervisor came to.
   *
   * @param result what {@code Supervisor.startLink} returned; one that ignored its start has
   *     failed, with <code>{bad_return, ignore}</code>
   * @param state what {@link Application#prepStop} gets
   */
  static <S> ApplicationStart<S> of(StartResult result, S state) {
    return switch (result) {
      case StartResult.Started(var pid, _) -> new Started<>(pid, state);
      case StartResult.Failed(var reason) -> new Failed<>(reason);
      case StartResult.AlreadyStarted taken -> new Failed<>(ExitReason.other(taken));
      case StartResult.Ignored _ -> new Failed<>(BadReturn.reason("ignore"));
    };
  }
}
