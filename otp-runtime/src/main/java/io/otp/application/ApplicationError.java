package io.otp.application;

import io.otp.process.ExitReason;
import java.util.List;

/** Why something could not be done with an application; OTP's <code>{error, Reason}</code>. */
public sealed interface ApplicationError {

  /** The application that could not be loaded, started, stopped or unloaded. */
  String application();

  /** What is wrong and what to do, for people. */
  String message();

  /** <code>{already_loaded, App}</code>. */
  record AlreadyLoaded(String application) implements ApplicationError {
    @Override
    public String message() {
      return "Application '" + application + "' is loaded already. Unload it first.";
    }
  }

  /**
   * It has not been loaded: <code>{not_loaded, App}</code>, and where OTP finds no {@code .app}
   * file.
   *
   * @param missing which one: the application itself or one that it needs
   */
  record NotLoaded(String application, String missing) implements ApplicationError {
    @Override
    public String message() {
      return missing.equals(application)
          ? "Application '" + application + "' is not loaded. Load its ApplicationSpec first."
          : "Application '"
              + application
              + "' needs '"
              + missing
              + "', which is not loaded. Load its ApplicationSpec first.";
    }
  }

  /**
   * Another application includes what this one wants to include.
   *
   * @param included what both include
   * @param by who does already
   */
  record AlreadyIncluded(String application, String included, String by)
      implements ApplicationError {
    @Override
    public String message() {
      return "Application '"
          + application
          + "' includes '"
          + included
          + "', which '"
          + by
          + "' includes already. Make it a dependency of both.";
    }
  }

  /** <code>{running, App}</code>: it cannot be unloaded. */
  record Running(String application) implements ApplicationError {
    @Override
    public String message() {
      return "Application '" + application + "' runs. Stop it first.";
    }
  }

  /** <code>{already_started, App}</code>. */
  record AlreadyStarted(String application) implements ApplicationError {
    @Override
    public String message() {
      return "Application '" + application + "' runs already.";
    }
  }

  /**
   * <code>{not_started, App}</code>.
   *
   * @param missing which one does not run: the application itself, which was to be stopped, or one
   *     that it depends on
   */
  record NotStarted(String application, String missing) implements ApplicationError {
    @Override
    public String message() {
      return missing.equals(application)
          ? "Application '" + application + "' does not run."
          : "Application '"
              + application
              + "' depends on '"
              + missing
              + "', which does not run. Start that first, or start both with ensureAllStarted.";
    }
  }

  /**
   * Its code did not start it.
   *
   * @param callback who failed: {@code Shop.start}, {@code Shop.startPhase(warm-up)}
   * @param reason why
   */
  record StartFailed(String application, String callback, ExitReason reason)
      implements ApplicationError {
    @Override
    public String message() {
      return "Application '"
          + application
          + "' did not start: "
          + callback
          + " failed with "
          + reason
          + ".";
    }
  }

  /**
   * Applications depend on each other.
   *
   * @param circle each depends on the next and the last on the first
   */
  record Circular(String application, List<String> circle) implements ApplicationError {

    /** Copies the list. */
    public Circular {
      circle = List.copyOf(circle);
    }

    @Override
    public String message() {
      return "Applications depend on each other in a circle: "
          + String.join(" → ", circle)
          + " → "
          + circle.getFirst()
          + ". Remove one dependency.";
    }
  }

  /** All applications are being stopped; none is started meanwhile. */
  record NodeStops(String application) implements ApplicationError {
    @Override
    public String message() {
      return "Application '"
          + application
          + "' was not started: all applications are being stopped.";
    }
  }
}
