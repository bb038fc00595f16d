package io.otp.port;

/** Where goes what a program writes to its standard error. */
public enum Stderr {
  /** To the standard error of this JVM: the default, as in OTP. */
  INHERIT,
  /** To the port, among its output, in the order in which it is written: stderr_to_stdout. */
  TO_PORT,
  /** Nowhere. */
  DROP
}
