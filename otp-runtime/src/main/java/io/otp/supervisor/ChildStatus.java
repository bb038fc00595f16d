package io.otp.supervisor;

/** Whether a child has a process: what {@code which_children} shows in place of the pid. */
public enum ChildStatus {
  /** It has one. */
  RUNNING,
  /** Its restart failed and will be tried again. */
  RESTARTING,
  /** It has none and gets none by itself: it is done, was stopped, or did not want to run. */
  UNDEFINED
}
