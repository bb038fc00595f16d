package io.otp.application;

/**
 * What the end of an application means to the node: OTP's start types. A start that fails counts as
 * an end; being stopped does not.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/kernel/application.html#start/2">application:start/2</a>
 */
public enum ApplicationType {
  /** However it ends, the node ends. */
  PERMANENT,
  /**
   * If it ends with anything but {@code normal}, the node ends. A supervisor never ends {@code
   * normal} by itself.
   */
  TRANSIENT,
  /** Its end is reported and nothing else happens. OTP's default. */
  TEMPORARY
}
