package io.otp.supervisor;

/** Why a supervisor refused what it was asked to do with a child; nothing changed. */
public enum ChildError {
  /** A child with this id is known and not running; {@code restart_child} starts it. */
  ALREADY_PRESENT,
  /** There is no such child. */
  NOT_FOUND,
  /** The child runs; it must be stopped first. */
  RUNNING,
  /** The child's restart failed and will be tried again; {@code terminate_child} ends that. */
  RESTARTING,
  /** The children of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor are known by pid only. */
  SIMPLE_ONE_FOR_ONE,
  /** The supervisor has as many children as it may have. */
  MAX_CHILDREN
}
