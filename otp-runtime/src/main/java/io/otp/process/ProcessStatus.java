package io.otp.process;

/** What a process is doing: the {@code status} item of {@code process_info}. */
public enum ProcessStatus {
  /** On a thread. */
  RUNNING,
  /** Has something to do and waits for a thread. */
  RUNNABLE,
  /** Waits for messages. */
  WAITING,
  /** Handles nothing but system messages. */
  SUSPENDED,
  /** Dead to everybody, its end is being told, or its thread has not noticed yet. */
  EXITING
}
