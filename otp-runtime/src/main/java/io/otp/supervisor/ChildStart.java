package io.otp.supervisor;

import io.otp.process.Self;
import io.otp.server.StartResult;

/**
 * Starts a child: OTP's <code>start => {M, F, A}</code>.
 *
 * <p>It runs in the supervisor's process, which answers nobody until it returns. The process it
 * returns must be linked to the supervisor, else its end is never seen.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:mfargs/0">supervisor:mfargs()</a>
 */
@FunctionalInterface
public interface ChildStart {

  /**
   * Starts a process and links it to the supervisor.
   *
   * @param supervisor the supervisor's own process
   * @return {@link StartResult.Ignored} keeps the child without a process; {@link
   *     StartResult.Failed} and {@link StartResult.AlreadyStarted} are failures to start
   * @throws Exception a failure to start too
   */
  StartResult start(Self<Object> supervisor) throws Exception;
}
