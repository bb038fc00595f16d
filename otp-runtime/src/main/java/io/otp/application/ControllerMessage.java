package io.otp.application;

import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessSummary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the application controller is asked. */
sealed interface ControllerMessage {

  @Immutable
  record Load(ApplicationSpec spec)
      implements ControllerMessage, Call<ControllerMessage, Optional<ApplicationError>> {}

  record Unload(String application)
      implements ControllerMessage, Call<ControllerMessage, Optional<ApplicationError>> {}

  record Start(String application, ApplicationType type)
      implements ControllerMessage, Call<ControllerMessage, Optional<ApplicationError>> {}

  /**
   * @param whenStarted whether an application that is starting is stopped as soon as it runs;
   *     otherwise it counts as not started
   */
  record Stop(String application, boolean whenStarted)
      implements ControllerMessage, Call<ControllerMessage, Stopped> {}

  /** Kills an application that is being stopped. */
  record Kill(String application)
      implements ControllerMessage, Call<ControllerMessage, List<ProcessSummary>> {}

  /** Starts nothing any more and lists what is to be stopped, the one started last first. */
  record BeginStopAll() implements ControllerMessage, Call<ControllerMessage, List<String>> {}

  /** Starts may begin again. */
  record EndStopAll() implements ControllerMessage, Call<ControllerMessage, Boolean> {}

  /** Makes new environments of a new configuration and tells running applications. */
  @Immutable
  record Configure(
      List<Map<String, Map<String, Object>>> files, Map<String, Map<String, Object>> commandLine)
      implements ControllerMessage, Call<ControllerMessage, Map<String, ExitReason>> {}

  /**
   * How a stop went.
   *
   * @param left what lived on and was killed
   */
  record Stopped(@Nullable ApplicationError error, List<ProcessSummary> left) {}

  // --- between the controller and the masters

  /** To a master: stop your application. */
  record StopNow() {}

  /** To a master: tell your application. */
  record Change(ConfigChange change, long round) {}

  /** From a master: the application runs. */
  record Running(Pid master, Pid supervisor) {}

  /** From a master: the application did not start. */
  record NotRunning(Pid master, ApplicationError.StartFailed error) {}

  /** From a master: the application has ended by itself. */
  record Ended(Pid master, ExitReason reason) {}

  /**
   * From a master: the application has been told; {@code failure} is {@code null} if all is well.
   */
  record Changed(Pid master, long round, @Nullable ExitReason failure) {}
}
