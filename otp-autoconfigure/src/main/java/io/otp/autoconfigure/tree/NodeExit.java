package io.otp.autoconfigure.tree;

import io.otp.process.ExitReason;

/** What happens when a permanent application has given up: the node ends. */
@FunctionalInterface
public interface NodeExit {

  /**
   * Ends the node. The other applications still run, so that the web server can drain before they
   * stop, which they do when the context closes. Called on a thread of its own.
   *
   * @param application the application that gave up
   * @param reason why
   */
  void exit(String application, ExitReason reason);
}
