package io.otp.pool;

/**
 * What a pool is doing.
 *
 * @param state whether the next client gets a worker
 * @param idle workers that are not lent
 * @param overflow workers there are beyond the pool's size
 * @param lent workers that are lent
 * @param waiting clients that wait for one
 */
public record PoolStatus(State state, int idle, int overflow, int lent, int waiting) {

  /** Whether the next client gets a worker. */
  public enum State {
    /** One that is idle. */
    READY,
    /** One that is started for it. */
    OVERFLOW,
    /** None; it waits, or is refused if it does not want to. */
    FULL
  }
}
