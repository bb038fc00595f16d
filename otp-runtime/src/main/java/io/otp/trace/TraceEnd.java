package io.otp.trace;

/** Why a session ended. */
public enum TraceEnd {
  /** As many events as allowed. */
  COUNT,
  /** More events in a second than allowed. */
  RATE,
  /** The time is over. */
  TIME,
  /** Who got the events has ended, or threw. */
  CONSUMER,
  /** It was closed. */
  CLOSED,
  /** The runtime was closed. */
  RUNTIME
}
