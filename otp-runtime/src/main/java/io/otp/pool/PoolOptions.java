package io.otp.pool;

/**
 * How large a pool is and whom it lends first.
 *
 * @param size how many workers there always are, 0 or more; default 5
 * @param maxOverflow how many more there may be while all are lent, 0 or more; default 10. They end
 *     when they are given back and nobody waits
 * @param order which idle worker is lent; default {@link Order#LIFO}
 */
public record PoolOptions(int size, int maxOverflow, Order order) {

  /** Which idle worker is lent. */
  public enum Order {
    /** The one that came back last: the others may go cold. */
    LIFO,
    /** The one that has been idle for longest: all have the same work. */
    FIFO
  }

  /** 5 workers, up to 10 more, last in first out: poolboy's defaults. */
  public static final PoolOptions DEFAULT = new PoolOptions(5, 10, Order.LIFO);

  /** Checks the numbers. */
  public PoolOptions {
    if (size < 0 || maxOverflow < 0 || size + (long) maxOverflow < 1) {
      throw new IllegalArgumentException(
          "A pool of "
              + size
              + " workers and an overflow of "
              + maxOverflow
              + " is not possible: neither may be negative, and both together are 1 or more");
    }
  }

  /** With another size. */
  public PoolOptions withSize(int size) {
    return new PoolOptions(size, maxOverflow, order);
  }

  /** With another overflow. */
  public PoolOptions withMaxOverflow(int maxOverflow) {
    return new PoolOptions(size, maxOverflow, order);
  }

  /** With another order. */
  public PoolOptions withOrder(Order order) {
    return new PoolOptions(size, maxOverflow, order);
  }
}
