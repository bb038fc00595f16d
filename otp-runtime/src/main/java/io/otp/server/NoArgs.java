package io.otp.server;

/** The start argument of a server that takes none. */
public enum NoArgs {
  /** The only one. */
  NO_ARGS
}
