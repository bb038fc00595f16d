package io.otp.autoconfigure.tree;

/**
 * What the end of an application means to the node: OTP's start types.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/kernel/application.html#start/2">application:start/2</a>
 */
public enum ApplicationType {
  /** However it ends, the node ends. The default here; OTP's default is {@link #TEMPORARY}. */
  PERMANENT,
  /**
   * If it ends with anything but {@code normal}, the node ends. A supervisor never ends {@code
   * normal} by itself.
   */
  TRANSIENT,
  /** Its end is reported and shown as DOWN in health. */
  TEMPORARY
}
