package io.otp.autoconfigure;

import java.util.concurrent.CompletionStage;

/**
 * A bean that owns connections which stay open by themselves, such as WebSockets. When the
 * application stops it is asked, before the web server's graceful shutdown, to tell the other side
 * and let go; else an open connection holds that shutdown up.
 */
@FunctionalInterface
public interface DrainListener {

  /**
   * Begins to let go of connections, and takes no new ones.
   *
   * @return completes when there are none left; waited for at most {@code
   *     otp.shutdown.drain-timeout}
   */
  CompletionStage<?> drain();
}
