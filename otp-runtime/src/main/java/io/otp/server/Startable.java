package io.otp.server;

import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;

/**
 * Code that processes are started with and that is then addressed by a {@link ServerRef}: a {@link
 * GenServer} or a state machine. It is what supervisors, trees and tests start without knowing
 * which of both it is; applications implement one of those.
 *
 * @param <A> the start arguments
 * @param <M> the messages it is sent
 */
public interface Startable<A, M> {

  /**
   * Starts a process that is linked to the calling one and waits until it has initialised itself;
   * see {@link GenServers#startLink}.
   */
  StartResult startLink(Self<?> self, A args, StartOptions options);

  /** Starts a process from a thread that is no process; else as the other one. */
  StartResult start(ProcessRuntime runtime, A args, StartOptions options);

  /**
   * How its processes are set up; {@link ServerOptions#DEFAULT} by default. Asked once, not at each
   * start.
   */
  default ServerOptions options() {
    return ServerOptions.DEFAULT;
  }
}
