package io.otp.application;

import io.otp.process.ExitReason;

/** What happens when an application takes the node down, see {@link ApplicationType}. */
@FunctionalInterface
public interface NodeEnd {

  /**
   * Ends the node. The other applications still run; {@link ApplicationController#stopAll} stops
   * them. Called once, on a thread of its own, until all applications have been stopped.
   */
  void end(Cause cause);

  /**
   * Why the node ends.
   *
   * @param application whose end or failed start takes it down
   * @param reason why that ended
   * @param atStart whether it did not start; who started it has been told too
   */
  record Cause(String application, ExitReason reason, boolean atStart) {}
}
