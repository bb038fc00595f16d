package io.otp.store;

/** What a lock of a transaction keeps others from. */
enum LockMode {
  /** From writing. */
  READ,
  /** From reading and writing. */
  WRITE
}
